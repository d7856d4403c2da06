"""Runs the long tests: `python -m tests.soak`. Prints a table and writes `var/soak.json`. Exits 1 where one failed.

Each part is a choice of tests, run by pytest in a process of its own. With `--minutes` the parts are run again, with
other seeds, until the time is over.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as Xml
from dataclasses import asdict, dataclass
from pathlib import Path

FAULTS = "tests/field/faults"
PARTS = {
    "outage": [f"{FAULTS}/test_soak.py", "-k", "fault_10", "-m", "soak"],
    "ledger": [f"{FAULTS}/test_soak.py", "-k", "fault_04", "-m", "soak"],
    "phone": [f"{FAULTS}/test_soak.py", "-k", "fault_34 and forty", "-m", "soak"],
    "many": [f"{FAULTS}/test_soak.py", "-k", "five_hundred", "-m", "soak"],
    "steps": [f"{FAULTS}/test_server_deaths.py", f"{FAULTS}/test_phone_deaths.py", "-m", ""],
    "disk": [*[f"{FAULTS}/test_full_disk.py"] * 3, "--keep-duplicates", "-m", ""],
    "faults": ["tests/field", "-k", "fault_", "-m", "not soak"],
}


@dataclass
class Result:
    """One run of one part."""

    part: str
    seed: int
    n_passed: int
    n_failed: int
    n_skipped: int
    seconds: float
    failed: list[str]
    skipped: list[str]


def run(part: str, *, seed: int, options: argparse.Namespace) -> Result:
    """Run a part once; pytest's own words go to the terminal."""
    began = time.monotonic()
    environment = os.environ | {
        "SOAK_SEED": str(seed),
        "SOAK_KILLS": str(options.kills),
        "SOAK_OUTAGE": str(options.outage),
    }
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", f"--junitxml={report}", *PARTS[part]]
        done = subprocess.run(command, env=environment)
        cases = list(Xml.parse(report).getroot().iter("testcase")) if report.exists() else []
    failed = [name_of(case) for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [why for case in cases if (one := case.find("skipped")) is not None and (why := one.get("message", ""))]
    if done.returncode and not failed:
        failed = [f"pytest ended with {done.returncode}"]
    n_passed = len(cases) - len(failed) - len(skipped) if cases else 0
    return Result(part, seed, n_passed, len(failed), len(skipped), round(time.monotonic() - began, 1), failed, skipped)


def name_of(case: Xml.Element) -> str:
    return f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name', '')}"


def main() -> int:
    options = _options()
    results: list[Result] = []
    end = time.monotonic() + 60 * options.minutes
    seed = options.seed
    while not results or time.monotonic() < end:
        for part in options.only:
            results.append(run(part, seed=seed, options=options))
            if results[1:] and options.minutes and time.monotonic() > end:
                break
        seed += 5
    tell(results)
    folder = Path(os.environ.get("VAR_DIR", "var"))
    report = {"at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "runs": [asdict(result) for result in results]}
    (folder / "soak.json").write_text(json.dumps(report, indent=1))
    return 1 if any(result.n_failed or not result.n_passed + result.n_skipped for result in results) else 0


def tell(results: list[Result]) -> None:
    print(f"\n{'part':<10}{'seed':>6}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>10}")
    for one in results:
        print(f"{one.part:<10}{one.seed:>6}{one.n_passed:>8}{one.n_failed:>8}{one.n_skipped:>9}{one.seconds:>10.1f}")
        for name in one.failed:
            print(f"    failed: {name}")
        for why in sorted({re.sub(r"\s+", " ", why) for why in one.skipped}):
            print(f"    skipped: {why}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/soak", description="Run the long tests; minutes to hours.")
    parser.add_argument("--minutes", type=float, default=0, help="go on, with other seeds, for so long (once)")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), help="which parts (all)")
    parser.add_argument("--seed", type=int, default=1, help="the first of five seeds (1)")
    parser.add_argument("--kills", type=int, default=20, help="how often the server dies in one ledger (20)")
    parser.add_argument("--outage", type=float, default=900, help="how many seconds the real outage lasts (900)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""The runner of the long tests: what it starts, what it writes, how it ends."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import soak

CASES = {
    "good": '<testcase classname="a.b" name="one"/><testcase classname="a.b" name="two"/>',
    "bad": '<testcase classname="a.b" name="one"/><testcase classname="a.b" name="two"><failure/></testcase>',
    "skipped": '<testcase classname="a.b" name="one"><skipped message="no small disk"/></testcase>',
    "none": "",
}


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))

    def run(cases: str, *arguments: str, status: int = 0) -> tuple[int, dict[str, Any], list[dict[str, str]]]:
        started: list[dict[str, str]] = []

        def pretend(command: list[str], env: dict[str, str]) -> Any:
            started.append(env)
            path = next(one for one in command if one.startswith("--junitxml=")).partition("=")[2]
            Path(path).write_text(f"<testsuites><testsuite>{CASES[cases]}</testsuite></testsuites>")
            return subprocess.CompletedProcess(command, status)

        monkeypatch.setattr(soak.subprocess, "run", pretend)
        monkeypatch.setattr("sys.argv", ["script/soak", *arguments])
        return soak.main(), json.loads((tmp_path / "soak.json").read_text()), started

    return run


def test_all_parts_run_once_with_the_seed_that_was_asked_for(report):
    status, written, started = report("good", "--seed", "7", "--kills", "3")
    assert status == 0
    assert [run["part"] for run in written["runs"]] == list(soak.PARTS)
    assert {(env["SOAK_SEED"], env["SOAK_KILLS"]) for env in started} == {("7", "3")}


@pytest.mark.parametrize(("cases", "pytest_status", "expected"), [("bad", 1, 1), ("skipped", 0, 0), ("none", 5, 1)])
def test_it_ends_with_1_where_a_test_failed_or_none_ran(report, capsys, cases, pytest_status, expected):
    status, written, _started = report(cases, "--only", "disk", status=pytest_status)
    assert status == expected
    run = written["runs"][0]
    assert run["n_failed"] == expected
    said = capsys.readouterr().out
    assert ("test_soak::two" in said or "b::two" in said) == (cases == "bad")
    assert ("no small disk" in said) == (cases == "skipped")


def test_the_tests_of_each_part_exist():
    for arguments in soak.PARTS.values():
        assert (Path(soak.__file__).parent.parent / arguments[0]).exists()

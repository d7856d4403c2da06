"""What is measured against its limit, as a table and in `var/bench.json`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone


@dataclass(frozen=True)
class Check:
    """One number with its unit, and the most (or, with `at_least`, the least) it may be; None where it only informs."""

    name: str
    value: float
    unit: str = ""
    limit: float | None = None
    at_least: bool = False

    @property
    def is_fine(self) -> bool:
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def limit_words(self) -> str:
        return "" if self.limit is None else f"{'≥' if self.at_least else '≤'} {_short(self.limit)}"

    @property
    def verdict(self) -> str:
        return "" if self.limit is None else "ok" if self.is_fine else "MISSED"


def judge(title: str, checks: Sequence[Check]) -> bool:
    """Print the table. Returns whether every limit holds."""
    print(f"\n{title}")
    print(f"  {'':44} {'measured':>12}  {'limit':>10}")
    for one in checks:
        value = f"{_short(one.value)} {one.unit}".strip()
        print(f"  {one.name:44} {value:>12}  {one.limit_words:>10}  {one.verdict}".rstrip())
    missed = [one.name for one in checks if not one.is_fine]
    print(f"  {'all limits hold' if not missed else 'missed: ' + ', '.join(missed)}")
    return not missed


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.2f}"


def save(name: str, checks: Sequence[Check], **more: Any) -> None:
    """Keep the numbers as the part `name` of `var/bench.json`; the other parts stay as they are."""
    numbers = {
        one.name: {"value": round(one.value, 3), "unit": one.unit, "limit": one.limit, "ok": one.is_fine}
        for one in checks
    }
    merge({name: {"at": timezone.now().isoformat(), **more, "checks": numbers}})


def merge(parts: dict[str, Any]) -> None:
    path = settings.VAR_DIR / "bench.json"
    try:
        known = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        known = {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known | parts, indent=1))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all stay below or at; 0.0 where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

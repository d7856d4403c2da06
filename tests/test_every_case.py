"""The adversarial cases A to E: each has a test that carries its number, or a reason why it can't have one yet."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
NAMED = re.compile(r"^ *def (test_\w+)\(", re.M)
NUMBER = re.compile(r"_o(\d{1,2})(?=_)")
CASES = range(1, 48)
# What isn't built yet. A case leaves this table with the room it belongs to.
NOT_YET = {
    20: "requests for help on the phone keep a sealed queue; their pages come with outreach",
}


@pytest.fixture(scope="module")
def covered() -> dict[int, list[str]]:
    """Case → the tests that carry its number."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name in NAMED.findall(path.read_text()):
            for number in NUMBER.findall(name):
                found.setdefault(int(number), []).append(f"{path.relative_to(TESTS)}::{name}")
    return found


@pytest.mark.parametrize("number", CASES)
def test_each_case_has_a_test_or_a_reason(covered: dict[int, list[str]], number: int) -> None:
    assert number in covered or number in NOT_YET, f"no test is called test_o{number:02d}_…, and no reason is given"


def test_the_table_of_cases_is_printed(covered: dict[int, list[str]]) -> None:
    """`pytest tests/test_every_case.py -s` shows which test covers what."""
    for number in CASES:
        print(f"O{number}: {', '.join(covered.get(number, [])) or 'not yet: ' + NOT_YET.get(number, '?')}")
    assert covered


def test_no_test_carries_a_number_that_no_case_has(covered: dict[int, list[str]]) -> None:
    assert set(covered) <= set(range(1, 51))

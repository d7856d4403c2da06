"""The list of what can go wrong with a phone has 36 lines, and each has a test that carries its number."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent.parent
NAMED = re.compile(r"^ *(?:async )?def test_fault_(\d\d)_\w{10,}\(", re.M)


@pytest.fixture(scope="module")
def numbers() -> set[int]:
    sources = "\n".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    return {int(number) for number in NAMED.findall(sources)}


@pytest.mark.parametrize("number", range(1, 37))
def test_each_fault_of_the_phone_has_a_test_of_its_own(numbers: set[int], number: int) -> None:
    assert number in numbers, f"no test is called test_fault_{number:02d}_…"


def test_no_test_carries_a_number_that_no_fault_has(numbers: set[int]) -> None:
    assert numbers <= set(range(1, 37))

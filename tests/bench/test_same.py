"""Real cases, replayed as reports: what matches is suggested, twice the same. All of them: `script/bench same`."""

from pathlib import Path

import pytest
from django.db import transaction

from bench.same import CASES, Case, join_all, read_cases, replay, shared_folder

SLICE = 160


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    path: Path = shared_folder() / CASES
    if not path.is_file():
        pytest.skip(f"the city’s real cases aren’t at {path}; set SAFEROUTES_SHARED")
    return read_cases(path)


@pytest.mark.shared_data
def test_all_704_are_read(cases: list[Case]) -> None:
    assert len(cases) == 704
    assert {case.code for case in cases} == {"VACANT_OPEN", "VACANT_BLD", "DANGER_BLD", "LIGHT_OUT"}


@pytest.mark.shared_data
@pytest.mark.django_db
def test_whatever_matches_in_time_is_suggested_and_again_in_a_second_run(cases: list[Case]) -> None:
    part = cases[:SLICE]
    with transaction.atomic():
        first = replay(part)
        transaction.set_rollback(True)
    second = replay(part)
    assert (first.n_cases, first.missing, second.missing) == (SLICE, [], [])
    assert first.n_matching > 10
    assert first.suggestions == second.suggestions
    assert first.n_elsewhere / first.n_cases < 0.1
    assert join_all() < SLICE - 10

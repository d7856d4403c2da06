from datetime import UTC, datetime

import pytest
import time_machine

from office.limits import seconds_to_wait

NOON = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)


@pytest.mark.django_db
def test_it_counts_up_to_the_limit_and_then_says_how_long_to_wait() -> None:
    with time_machine.travel(NOON, tick=False):
        answers = [seconds_to_wait(key="report:1.2.3.4", limit=3, per_seconds=60) for _ in range(5)]
    assert answers == [0, 0, 0, 50, 50]


@pytest.mark.django_db
def test_a_new_window_starts_from_nothing_and_keys_do_not_share() -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(4):
            seconds_to_wait(key="a", limit=3, per_seconds=60)
        assert seconds_to_wait(key="b", limit=3, per_seconds=60) == 0
    with time_machine.travel(NOON.replace(minute=1), tick=False):
        assert seconds_to_wait(key="a", limit=3, per_seconds=60) == 0

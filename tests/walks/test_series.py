"""Walks made out of a series: ahead of time, once for each day, changed with it only where they still agree."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connections

from office.models import AuditEvent, OutboxMessage
from office.refused import Refused
from tests import factories
from walks.actions import WALK_FIELDS, call_off_walk, change_walk
from walks.mending import delete_walk
from walks.models import Walk, WalkSeries
from walks.models.planned import Planned
from walks.series import SeriesChangedMeanwhile, change_series, end_series, make_due_walks, schedule_series
from walks.series_plan import PLANNED_FIELDS

pytestmark = pytest.mark.django_db

# A Monday: the clocks of Kansas City went back the day before.
NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
SATURDAYS = [date(2026, 11, 7), date(2026, 11, 14), date(2026, 11, 21), date(2026, 11, 28)]


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(NOW, tick=False):
        yield


def _fields(**other):
    fields = {
        "title": "Saturday walk",
        "corridor": factories.make_corridor(),
        "meeting_place": "Fire Station 23, at Lawn",
        "rule": "FREQ=WEEKLY;BYDAY=SA",
        "starts_on": date(2026, 11, 2),
        "meet_clock": time(14),
        "step_off_minutes": 30,
        "walk_minutes": 150,
        "weeks_ahead": 4,
    }
    return fields | other


@pytest.fixture
def series(organizer):
    """Saturdays at 2 p.m.; four walks are there, as drafts."""
    return schedule_series(by=organizer, **_fields())


@pytest.fixture
def shown(organizer):
    """The same, published at once."""
    return schedule_series(by=organizer, **_fields(publishes=True))


def _walks(series):
    return list(Walk.objects.filter(series=series, deleted_at=None).order_by("slot_on"))


def _slots(series):
    return [walk.slot_on for walk in _walks(series)]


# --- Making ---


def test_every_planned_field_of_a_walk_comes_from_its_series():
    assert set(PLANNED_FIELDS) == {field.name for field in Planned._meta.get_fields()}
    assert set(PLANNED_FIELDS) < WALK_FIELDS


def test_walks_are_made_some_weeks_ahead(series):
    assert _slots(series) == SATURDAYS
    walk = _walks(series)[0]
    assert walk.meet_at == datetime(2026, 11, 7, 20, tzinfo=UTC)
    assert walk.end_at - walk.meet_at == timedelta(minutes=150)
    assert (walk.title, walk.state, walk.meeting_place) == ("Saturday walk", "draft", "Fire Station 23, at Lawn")
    assert AuditEvent.objects.filter(action="walk.schedule").count() == 4


def test_two_in_the_afternoon_stays_across_the_clock_change(organizer):
    with time_machine.travel(datetime(2027, 2, 22, 15, tzinfo=UTC), tick=False):
        series = schedule_series(by=organizer, **_fields(starts_on=date(2027, 2, 22)))
    assert [walk.meet_at.hour for walk in _walks(series)] == [20, 20, 20, 19]


def test_the_job_adds_only_what_is_missing(series):
    assert make_due_walks() == 0
    with time_machine.travel(NOW + timedelta(days=7), tick=False):
        assert make_due_walks() == 1
        assert make_due_walks() == 0
    assert _slots(series) == [*SATURDAYS, date(2026, 12, 5)]


def test_new_walks_are_published_if_the_series_says_so(shown):
    assert {walk.state for walk in _walks(shown)} == {"published"}
    assert all(walk.published_at == NOW for walk in _walks(shown))


def test_a_walk_that_began_today_is_not_made(organizer):
    with time_machine.travel(datetime(2026, 11, 7, 21, tzinfo=UTC), tick=False):
        series = schedule_series(by=organizer, **_fields())
    assert _slots(series)[0] == date(2026, 11, 14)


def test_the_last_day_of_a_series_is_its_last(organizer):
    series = schedule_series(by=organizer, **_fields(ends_on=date(2026, 11, 14)))
    assert _slots(series) == SATURDAYS[:2]
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        assert make_due_walks() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rule": "FREQ=SECONDLY"}, "rule"),
        ({"rule": "FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2"}, "rule"),
        ({"publishes": True, "meeting_place": ""}, "meeting_place"),
        ({"starts_on": date(1926, 11, 2)}, "starts_on"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"ends_on": date(2026, 11, 1)}, "__all__"),
        ({"walk_minutes": 20}, "__all__"),
        ({"weeks_ahead": 1000}, "__all__"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(organizer, wrong, field):
    with pytest.raises(ValidationError) as refused:
        schedule_series(by=organizer, **_fields(**wrong))
    assert field in refused.value.message_dict
    assert not WalkSeries.objects.exists()


def test_one_series_that_cannot_be_made_does_not_stop_the_others(series):
    WalkSeries.objects.filter(pk=factories.make_series().pk).update(rule="FREQ=NEVER")
    Walk.objects.filter(series=series, slot_on=SATURDAYS[3]).delete()
    assert make_due_walks() == 1


# --- One walk of a series ---


def test_a_walk_that_was_moved_is_not_made_again(series, organizer):
    walk = _walks(series)[0]
    day = timedelta(days=1)
    change_walk(walk=walk, by=organizer, meet_at=walk.meet_at + day, step_off_at=walk.step_off_at + day,
                end_at=walk.end_at + day)  # fmt: skip
    assert make_due_walks() == 0
    assert _slots(series) == SATURDAYS


def test_a_walk_that_was_called_off_or_deleted_is_not_made_again(shown, organizer, admin):
    off, gone = _walks(shown)[:2]
    call_off_walk(walk=off, by=organizer, reason="Ice")
    delete_walk(walk=gone, by=admin)
    assert make_due_walks() == 0
    assert Walk.objects.filter(series=shown).count() == 4


# --- Changing the series ---


def test_only_what_still_agrees_is_changed(shown, organizer):
    usual, other, renamed, _last = _walks(shown)
    later = timedelta(hours=1)
    change_walk(walk=other, by=organizer, meet_at=other.meet_at + later, step_off_at=other.step_off_at + later,
                end_at=other.end_at + later)  # fmt: skip
    change_walk(walk=renamed, by=organizer, title="The big one", note="Bring a lamp")
    plan = change_series(series=shown, by=organizer, title="Walk on Saturday", note="Bring water", meet_clock=time(13))
    usual, other, renamed, last = _walks(shown)
    assert [walk.title for walk in (usual, other, renamed, last)] == [
        "Walk on Saturday", "Walk on Saturday", "The big one", "Walk on Saturday",
    ]  # fmt: skip
    assert (renamed.note, last.note) == ("Bring a lamp", "Bring water")
    assert [walk.meet_at.hour for walk in (usual, other, renamed, last)] == [19, 21, 19, 19]
    assert usual.end_at - usual.meet_at == timedelta(minutes=150)
    assert {change.walk.pk for change in plan.keeping} == {other.pk, renamed.pk}
    assert len(plan.changing) == 4


def test_a_walk_keeps_its_own_end_while_its_start_follows(shown, organizer):
    walk = _walks(shown)[0]
    change_walk(walk=walk, by=organizer, end_at=walk.end_at + timedelta(hours=1))
    change_series(series=shown, by=organizer, meet_clock=time(13))
    walk.refresh_from_db()
    assert (walk.meet_at.hour, walk.step_off_at.hour, walk.end_at.hour) == (19, 19, 23)


def test_times_that_do_not_fit_together_stay_as_they_are(shown, organizer):
    walk = _walks(shown)[0]
    before = walk.meet_at
    change_walk(walk=walk, by=organizer, end_at=walk.meet_at + timedelta(minutes=45))
    plan = change_series(series=shown, by=organizer, meet_clock=time(16))
    walk.refresh_from_db()
    assert walk.meet_at == before
    assert any(change.walk.pk == walk.pk and "meet_at" in change.kept for change in plan.keeping)


def test_people_are_told_of_another_time_and_not_of_another_note(shown, organizer):
    walk = _walks(shown)[0]
    factories.make_signup(walk=walk)
    change_series(series=shown, by=organizer, note="Bring water")
    assert not OutboxMessage.objects.exists()
    change_series(series=shown, by=organizer, meet_clock=time(13))
    assert OutboxMessage.objects.count() == 1
    walk.refresh_from_db()
    assert walk.sequence == 1
    change_series(series=shown, by=organizer, meet_clock=time(12), tell=False)
    assert OutboxMessage.objects.count() == 1


def test_walks_that_were_stay_as_they_were(shown, organizer):
    with time_machine.travel(NOW + timedelta(days=6), tick=False):
        change_series(series=shown, by=organizer, title="Another name")
    assert [walk.title for walk in _walks(shown)][:2] == ["Saturday walk", "Another name"]


def test_days_that_left_the_rule_go_only_where_nobody_signed_up(shown, organizer):
    kept = _walks(shown)[1]
    factories.make_signup(walk=kept)
    plan = change_series(series=shown, by=organizer, rule="FREQ=WEEKLY;BYDAY=SU")
    assert [one.walk.pk for one in plan.staying] == [kept.pk]
    assert plan.staying[0].why == "1 sign-up"
    assert len(plan.leaving) == 3
    assert _slots(shown) == [
        date(2026, 11, 8),
        kept.slot_on,
        date(2026, 11, 15),
        date(2026, 11, 22),
        date(2026, 11, 29),
    ]


def test_who_withdrew_does_not_keep_a_walk(shown, organizer):
    factories.make_signup(walk=_walks(shown)[0], state="withdrawn", withdrawn_at=NOW)
    plan = change_series(series=shown, by=organizer, rule="FREQ=WEEKLY;BYDAY=SU")
    assert not plan.staying


def test_what_somebody_planned_by_hand_stays(series, organizer):
    edited, published, planned, _plain = _walks(series)
    change_walk(walk=edited, by=organizer, title="The big one")
    Walk.objects.filter(pk=published.pk).update(state="published", published_at=NOW)
    factories.make_team(walk=planned)
    plan = change_series(series=series, by=organizer, rule="FREQ=WEEKLY;BYDAY=SU")
    assert {one.walk.pk for one in plan.staying} == {edited.pk, published.pk, planned.pk}


def test_a_rule_taken_back_brings_its_days_back(series, organizer):
    change_series(series=series, by=organizer, rule="FREQ=WEEKLY;BYDAY=SU")
    change_series(series=series, by=organizer, rule="FREQ=WEEKLY;BYDAY=SA")
    assert _slots(series) == SATURDAYS


def test_the_second_of_two_people_sees_both(series, organizer):
    seen = series.updated_at
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        change_series(series=series, by=organizer, expected=seen, title="First")
    with pytest.raises(SeriesChangedMeanwhile) as conflict:
        change_series(series=series, by=organizer, expected=seen, title="Second")
    assert conflict.value.series.title == "First"
    assert {walk.title for walk in _walks(series)} == {"First"}


def test_saving_the_same_changes_nothing(shown, organizer):
    before = AuditEvent.objects.count()
    assert change_series(series=shown, by=organizer, title="Saturday walk").changing == []
    assert AuditEvent.objects.count() == before


# --- Ending ---


def test_at_the_end_walks_that_nobody_waits_for_go(shown, organizer):
    waited, edited, plain, off = _walks(shown)
    factories.make_signup(walk=waited)
    change_walk(walk=edited, by=organizer, note="Bring a lamp")
    call_off_walk(walk=off, by=organizer, reason="Ice")
    plan = end_series(series=shown, by=organizer)
    assert {one.walk.pk: one.why for one in plan.staying} == {
        waited.pk: "1 sign-up", edited.pk: "somebody changed it", off.pk: "it is called off",
    }  # fmt: skip
    assert [walk.pk for walk in plan.leaving] == [plain.pk]
    plain.refresh_from_db()
    assert plain.deleted_at == NOW
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        assert make_due_walks() == 0
    with pytest.raises(Refused, match="ended"):
        end_series(series=shown, by=organizer)
    with pytest.raises(Refused, match="ended"):
        change_series(series=shown, by=organizer, title="Again")


# --- Two at once ---


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_each_walk_once():
    """Over connections of their own; each round takes the walks away again."""
    series = factories.make_series(rule="FREQ=DAILY", starts_on=date(2026, 11, 2), weeks_ahead=3)
    start = Barrier(4)

    def work(_n: int) -> int:
        try:
            start.wait(30)
            return make_due_walks()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(work, range(4)))
    assert sum(made) == Walk.objects.filter(series=series).count() == 22
    assert AuditEvent.objects.filter(action="walk.schedule").count() == 22

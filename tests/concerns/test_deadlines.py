"""By when something should be fixed: working days, holidays, promises, and the local day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from concerns import actions
from concerns.deadlines import fix_dates
from concerns.features import desk_features
from concerns.models import Category, Concern
from concerns.panels import panels
from concerns.templatetags.concerns_look import lateness
from office.models import ClosedDay
from office.working_days import add_working_days
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")
WEDNESDAY_BEFORE = date(2026, 11, 25)
THANKSGIVING, DAY_AFTER = date(2026, 11, 26), date(2026, 11, 27)


def kind(code: str, **fields: Any) -> Category:
    category = Category.objects.get(code=code)
    for name, value in fields.items():
        setattr(category, name, value)
    category.save()
    return category


def moved(concern: Concern, by: User, *steps: str, at: datetime) -> Concern:
    for step in steps:
        actions.move_concern(concern=concern, to=step, by=by, at=at)
    concern.refresh_from_db()
    return concern


# Counting.


@pytest.mark.parametrize(
    ("start", "n", "closed", "expected"),
    [
        (date(2026, 11, 23), 1, [], date(2026, 11, 24)),
        (date(2026, 11, 27), 1, [], date(2026, 11, 30)),  # Friday → Monday
        (date(2026, 11, 28), 1, [], date(2026, 11, 30)),  # found on a Saturday
        (WEDNESDAY_BEFORE, 1, [THANKSGIVING, DAY_AFTER], date(2026, 11, 30)),
        (WEDNESDAY_BEFORE, 3, [THANKSGIVING, DAY_AFTER], date(2026, 12, 2)),
        (WEDNESDAY_BEFORE, 1, [date(2026, 11, 28)], THANKSGIVING),  # a holiday on a Saturday takes nothing away
        (date(2026, 11, 23), 10, [], date(2026, 12, 7)),
        (date(2026, 11, 23), 0, [], date(2026, 11, 23)),
    ],
)
def test_working_days(start: date, n: int, closed: list[date], expected: date) -> None:
    assert add_working_days(start, n, frozenset(closed)) == expected


def test_far_overdue_is_the_same_time_once_more() -> None:
    for day in (THANKSGIVING, DAY_AFTER):
        ClosedDay.objects.create(on=day, name="Thanksgiving")
    working = kind("DUMPING", fix_days=3, fix_in_working_days=True)
    assert fix_dates(working, WEDNESDAY_BEFORE) == (date(2026, 12, 2), date(2026, 12, 7))
    calendar = kind("NEEDLES", fix_days=2, fix_in_working_days=False)
    assert fix_dates(calendar, WEDNESDAY_BEFORE) == (date(2026, 11, 27), date(2026, 11, 29))
    assert fix_dates(kind("OTHER", fix_days=None), WEDNESDAY_BEFORE) == (None, None)


# The clock.


def test_the_clock_runs_while_it_is_with_somebody(organizer: User) -> None:
    kind("LIGHT_OUT", fix_days=10, fix_in_working_days=False)
    concern = factories.make_concern()
    monday = datetime(2026, 11, 2, 12, 0, tzinfo=CHICAGO)
    moved(concern, organizer, "triaged", at=monday)
    assert concern.due_on is None
    moved(concern, organizer, "reported", at=monday)
    assert (concern.due_on, concern.far_due_on) == (date(2026, 11, 12), date(2026, 11, 22))
    moved(concern, organizer, "in_progress", at=monday + timedelta(days=3))
    assert concern.due_on == date(2026, 11, 12)
    moved(concern, organizer, "claimed_fixed", at=monday + timedelta(days=5))
    assert (concern.due_on, concern.far_due_on, concern.lateness(date(2027, 1, 1))) == (None, None, "")
    moved(concern, organizer, "reopened", at=monday + timedelta(days=14))
    assert concern.due_on == date(2026, 11, 26)


def test_half_past_eleven_at_night_is_still_that_day_here(organizer: User) -> None:
    kind("LIGHT_OUT", fix_days=1, fix_in_working_days=False)
    late_evening = datetime(2026, 11, 3, 5, 30, tzinfo=UTC)  # 2 November, 23:30 in Kansas City
    assert moved(factories.make_concern(), organizer, "triaged", "reported", at=late_evening).due_on == date(
        2026, 11, 3
    )
    before_the_change = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)  # 31 October, 23:30, still summer time
    concern = moved(factories.make_concern(), organizer, "triaged", "reported", at=before_the_change)
    assert concern.due_on == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("now", "late"),
    [
        (datetime(2026, 11, 3, 5, 59, tzinfo=UTC), ""),  # 2 November, one minute before midnight in Kansas City
        (datetime(2026, 11, 3, 6, 0, tzinfo=UTC), "late"),
        (datetime(2026, 11, 6, 5, 59, tzinfo=UTC), "late"),
        (datetime(2026, 11, 6, 6, 0, tzinfo=UTC), "far"),
    ],
)
def test_it_gets_late_at_midnight_here(now: datetime, late: str) -> None:
    concern = factories.make_published_concern(
        status="reported", due_on=date(2026, 11, 2), far_due_on=date(2026, 11, 5)
    )
    with time_machine.travel(now, tick=False):
        today = timezone.localdate()
        assert concern.lateness(today) == late
        assert Concern.objects.overdue(today).exists() == bool(late)
        assert Concern.objects.far_overdue(today).exists() == (late == "far")
        (feature,) = desk_features([concern])
        assert feature["properties"].get("late", "") == late


def test_the_day_they_promised_counts(organizer: User) -> None:
    concern = factories.make_concern()
    today = timezone.localdate()
    case = actions.add_case(
        concern=concern, by=organizer, system="311", number="1", expected_on=today + timedelta(days=30)
    )
    concern.refresh_from_db()
    assert (concern.due_on, concern.far_due_on) == (today + timedelta(days=30), today + timedelta(days=60))
    actions.correct_case(case=case, by=organizer, system="311", number="1", expected_on=today + timedelta(days=3))
    concern.refresh_from_db()
    assert (concern.due_on, concern.far_due_on) == (today + timedelta(days=3), today + timedelta(days=10))
    actions.correct_case(case=case, by=organizer, system="311", number="1", expected_on=None)
    concern.refresh_from_db()
    assert (concern.due_on, concern.far_due_on) == fix_dates(concern.category, today)


def test_a_promise_that_is_gone_leaves_the_time_since_it_came_to_them(organizer: User) -> None:
    kind("LIGHT_OUT", fix_days=10, fix_in_working_days=False)
    start = timezone.now() - timedelta(days=20)
    concern = moved(factories.make_concern(), organizer, "triaged", at=start)
    day = timezone.localdate() + timedelta(days=9)
    case = actions.add_case(concern=concern, by=organizer, system="311", number="1", expected_on=day, at=start)
    moved(concern, organizer, "in_progress", at=timezone.now())
    assert concern.due_on == day
    actions.correct_case(case=case, by=organizer, system="311", number="1")
    concern.refresh_from_db()
    assert concern.due_on == timezone.localtime(start).date() + timedelta(days=10)


@pytest.mark.parametrize("promised", [False, True])
def test_another_kind_has_another_time_unless_somebody_promised_a_day(organizer: User, promised: bool) -> None:
    kind("LIGHT_OUT", fix_days=10, fix_in_working_days=False)
    needles = kind("NEEDLES", fix_days=2, fix_in_working_days=False)
    today = timezone.localdate()
    day = today + timedelta(days=30) if promised else None
    concern = factories.make_concern()
    actions.add_case(concern=concern, by=organizer, system="311", number="1", expected_on=day)
    actions.recategorise(concern=concern, category=needles, by=organizer)
    concern.refresh_from_db()
    assert concern.due_on == (day or today + timedelta(days=2))


# What is seen of it.


def test_words_say_how_late_it_is() -> None:
    today = timezone.localdate()
    for days, far, words in [
        (-1, 5, "1 day overdue"),
        (-3, 5, "3 days overdue"),
        (-20, -2, "far overdue, 20 days"),
        (0, 5, ""),
    ]:
        concern = Concern(due_on=today + timedelta(days=days), far_due_on=today + timedelta(days=far))
        assert (words in lateness(concern)) if words else lateness(concern) == ""
    assert lateness(Concern()) == ""


def test_the_desk_is_told_how_many_are_overdue(desk: Client, organizer: User) -> None:
    today = timezone.localdate()
    for far in (5, 5, -1):
        factories.make_published_concern(
            status="reported", due_on=today - timedelta(days=3), far_due_on=today + timedelta(days=far)
        )
    told = {str(one.text): one for one in panels(user=organizer, now=timezone.now()) if one.n}
    overdue = told["concerns overdue"]
    assert (overdue.n, str(overdue.detail)) == (3, "1 of them far overdue")
    assert len(desk.get(f"{overdue.url}&show=all").context["page"]) == 3
    assert len(desk.get("/desk/concerns/?overdue=far&show=all").context["page"]) == 1


def test_the_page_shows_the_state_in_words(desk: Client) -> None:
    concern = factories.make_published_concern(
        status="reported", due_on=timezone.localdate() - timedelta(days=4), far_due_on=timezone.localdate()
    )
    page = desk.get(f"/desk/concerns/{concern.public_id}/").content.decode()
    assert "4 days overdue" in page
    assert "Should be fixed by" in page

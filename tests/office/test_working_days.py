"""When an answer is due: weekends, public holidays and the coalition's own days off, on the clock of its zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office.models import ClosedDay, Coalition
from office.working_days import add_working_days, closed_days, end_of_working_day

KANSAS_CITY = ZoneInfo("America/Chicago")
pytestmark = pytest.mark.django_db


def due(sent: str, n: int = 2) -> str:
    """Both on the clock of the coalition's zone."""
    moment = datetime.fromisoformat(sent).replace(tzinfo=KANSAS_CITY)
    return end_of_working_day(moment, n).astimezone(KANSAS_CITY).strftime("%a %Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("sent", "until"),
    [
        ("2026-11-16 09:00", "Wed 2026-11-18"),
        ("2026-11-19 17:00", "Mon 2026-11-23"),
        ("2026-11-20 17:00", "Tue 2026-11-24"),
        ("2026-11-21 12:00", "Tue 2026-11-24"),
        ("2026-11-22 23:59", "Tue 2026-11-24"),
        ("2026-12-30 10:00", "Mon 2027-01-04"),
    ],
    ids=["Monday", "Thursday", "Friday", "Saturday", "Sunday night", "over New Year"],
)
def test_two_working_days_leave_out_the_weekend(sent, until):
    assert due(sent) == f"{until} 23:59:59"


@pytest.mark.parametrize(
    ("name", "eve", "next_working_day"),
    [
        ("New Year’s Day, a Friday", "2026-12-31", "2027-01-04"),
        ("Martin Luther King Day", "2026-01-16", "2026-01-20"),
        ("Washington’s Birthday", "2026-02-13", "2026-02-17"),
        ("Memorial Day", "2026-05-22", "2026-05-26"),
        ("Juneteenth, a Friday", "2026-06-18", "2026-06-22"),
        ("Juneteenth on a Saturday, kept on Friday", "2027-06-17", "2027-06-21"),
        ("Independence Day on a Saturday, kept on Friday", "2026-07-02", "2026-07-06"),
        ("Independence Day on a Sunday, kept on Monday", "2027-07-02", "2027-07-06"),
        ("Labor Day", "2026-09-04", "2026-09-08"),
        ("Columbus Day", "2026-10-09", "2026-10-13"),
        ("Veterans Day", "2026-11-10", "2026-11-12"),
        ("Thanksgiving", "2026-11-25", "2026-11-27"),
        ("Christmas", "2026-12-24", "2026-12-28"),
        ("New Year’s Day of 2028 on a Saturday, kept in the year before", "2027-12-30", "2028-01-03"),
    ],
)
def test_every_federal_holiday_is_left_out(name, eve, next_working_day):
    assert due(f"{eve} 12:00", n=1)[4:14] == next_working_day, name


def test_the_coalitions_own_days_off_count_as_well():
    ClosedDay.objects.create(on=date(2026, 11, 17), name="Staff day")
    assert due("2026-11-16 09:00") == "Thu 2026-11-19 23:59:59"
    assert date(2026, 11, 17) in closed_days(date(2026, 11, 16))
    assert date(2026, 11, 17) not in closed_days(date(2026, 11, 17))


def test_another_country_has_other_holidays(settings):
    settings.HOLIDAYS = "MX"
    assert due("2026-11-25 12:00", n=1)[4:14] == "2026-11-26"
    assert due("2026-11-13 12:00", n=1)[4:14] == "2026-11-17"  # Revolution Day, the third Monday of November
    settings.HOLIDAYS = ""
    assert due("2026-12-24 12:00", n=1)[4:14] == "2026-12-25"


def test_the_day_is_the_coalitions_and_not_that_of_greenwich():
    """Friday 11:30 PM in Kansas City is Saturday in Greenwich; sent on Sunday there it is still Saturday here."""
    friday_night = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
    assert end_of_working_day(friday_night, 1).astimezone(KANSAS_CITY).date() == date(2026, 11, 23)
    Coalition.objects.filter(pk=Coalition.current().pk).update(time_zone="Pacific/Auckland")
    assert end_of_working_day(friday_night, 1).astimezone(ZoneInfo("Pacific/Auckland")).date() == date(2026, 11, 23)
    thursday_there = datetime(2026, 11, 18, 12, 30, tzinfo=UTC)
    assert end_of_working_day(thursday_there, 1).astimezone(ZoneInfo("Pacific/Auckland")).date() == date(2026, 11, 20)


@pytest.mark.parametrize(("sent", "until"), [("2026-10-30 17:00", "2026-11-03"), ("2026-03-06 17:00", "2026-03-10")])
def test_the_days_on_which_the_clock_is_changed_are_as_long_as_others(sent, until):
    assert due(sent) == f"{'Tue'} {until} 23:59:59"
    moment = datetime.fromisoformat(sent).replace(tzinfo=KANSAS_CITY)
    last = end_of_working_day(moment, 2)
    assert (last + timedelta(seconds=1)).astimezone(KANSAS_CITY).strftime("%H:%M") == "00:00"


DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(start=DAYS, n=st.integers(0, 15), closed=st.frozensets(DAYS, max_size=5))
def test_between_start_and_end_lie_exactly_so_many_working_days(start, n, closed):
    end = add_working_days(start, n, closed)
    between = [start + timedelta(days=k) for k in range(1, (end - start).days + 1)]
    assert sum(day.weekday() < 5 and day not in closed for day in between) == n
    assert n == 0 or (end.weekday() < 5 and end not in closed)

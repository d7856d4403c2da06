"""Days that come again, read from a rule and put on the clock of a place, across the nights when clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from walks.recurrence import (
    DAYS,
    MOST_TIMES,
    check_comes,
    in_words,
    moment_of,
    read_rule,
    slot_days,
    times_of,
)

CHICAGO = ZoneInfo("America/Chicago")
ZONES = [
    ZoneInfo(name)
    for name in ("America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu")
]
FIRST = date(2026, 1, 1)

first_days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
clocks = st.times(max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))
zones = st.sampled_from(ZONES)
week_days = st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True)


def _weekly(parts):
    days, interval = parts
    return f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={','.join(days)}"


weekly = st.tuples(week_days, st.integers(1, 4)).map(_weekly)
monthly = st.tuples(st.sampled_from([1, 2, 3, 4, -1]), st.sampled_from(DAYS)).map(
    lambda one: f"FREQ=MONTHLY;BYDAY={one[0]}{one[1]}"
)
rules = st.one_of(weekly, monthly, st.sampled_from(["FREQ=DAILY", "FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=WEEKLY"]))


def _days(text, *, starts_on=FIRST, until=date(2028, 1, 31), since=None):
    return slot_days(read_rule(text), starts_on=starts_on, since=since or starts_on, until=until)


# --- Properties ---


@settings(max_examples=60)
@given(rule=rules, starts_on=first_days, clock=clocks, zone=zones)
def test_two_in_the_afternoon_stays_two_in_the_afternoon(rule, starts_on, clock, zone):
    """Whatever the clocks did, every walk of 2026 and 2027 meets when they show that time, on the day of its slot."""
    for day in _days(rule, starts_on=starts_on, until=date(2028, 1, 31)):
        at = moment_of(day, clock, zone)
        local = at.astimezone(zone)
        assert at.tzinfo is UTC
        shown = datetime.combine(day, clock)
        if _is_skipped(shown, zone):
            assert local.replace(tzinfo=None) == shown + _gap(shown, zone)
        else:
            assert local.replace(tzinfo=None) == shown
            assert local.fold == 0, "of an hour that comes twice it is the first"


def _is_skipped(shown: datetime, zone: ZoneInfo) -> bool:
    back = shown.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return back != shown


def _gap(shown: datetime, zone: ZoneInfo) -> timedelta:
    """How far the clocks jump: from their offset the day before to the one the day after."""
    before, after = ((shown + timedelta(days=n)).replace(tzinfo=zone).utcoffset() for n in (-1, 1))
    assert before is not None
    assert after is not None
    return after - before


@settings(max_examples=60)
@given(rule=rules, starts_on=first_days, ahead=st.integers(0, 250), length=st.integers(0, 140))
def test_a_window_shows_what_the_whole_shows_there(rule, starts_on, ahead, length):
    """Asking for a few weeks again and again finds each day once, and never another than asking at once."""
    since = starts_on + timedelta(days=ahead)
    until = since + timedelta(days=length)
    whole = _days(rule, starts_on=starts_on, until=until)
    assert _days(rule, starts_on=starts_on, since=since, until=until) == [day for day in whole if day >= since]
    assert whole == sorted(set(whole))
    assert all(day >= starts_on for day in whole)


@settings(max_examples=40)
@given(parts=st.tuples(week_days, st.integers(1, 4)), starts_on=first_days)
def test_weeks_are_so_far_apart(parts, starts_on):
    days, interval = parts
    found = _days(_weekly(parts), starts_on=starts_on, until=starts_on + timedelta(days=200))
    week = starts_on - timedelta(days=starts_on.weekday())
    assert found
    for day in found:
        assert DAYS[day.weekday()] in days
        assert (day - week).days // 7 % interval == 0


@settings(max_examples=40)
@given(nth=st.sampled_from([1, 2, 3, 4]), day=st.integers(0, 6), starts_on=first_days)
def test_the_second_saturday_is_between_the_eighth_and_the_fourteenth(nth, day, starts_on):
    found = _days(f"FREQ=MONTHLY;BYDAY={nth}{DAYS[day]}", starts_on=starts_on, until=starts_on + timedelta(days=400))
    assert len(found) >= 12
    assert all(one.weekday() == day and (one.day - 1) // 7 + 1 == nth for one in found)


@settings(max_examples=60)
@given(text=st.one_of(st.text(max_size=60), st.text("FREQDAILYWEKMONTHSUP=;,0123456789-+T", max_size=60), rules))
def test_any_text_is_a_rule_or_a_sentence(text):
    try:
        rule = read_rule(text)
        check_comes(rule, date(2026, 11, 2))
    except ValidationError as refused:
        said = refused.messages
    else:
        said = [in_words(rule, starts_on=date(2026, 11, 2))]
        assert read_rule(str(rule)) == rule
    assert all(len(words) > 8 for words in said)


# --- Nights when clocks change ---


@pytest.mark.parametrize(
    ("zone", "day", "clock", "expected"),
    [
        # Skipped hours move forward by what is skipped …
        ("America/Chicago", date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 8, 30, tzinfo=UTC)),
        ("America/Chicago", date(2027, 3, 14), time(2, 0), datetime(2027, 3, 14, 8, 0, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # … on Lord Howe Island by half an hour …
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 10), datetime(2026, 10, 3, 15, 40, tzinfo=UTC)),
        # … and of hours that come twice it is the first.
        ("America/Chicago", date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        ("America/Chicago", date(2027, 11, 7), time(1, 30), datetime(2027, 11, 7, 6, 30, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 10, 31), time(2, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45), datetime(2027, 4, 3, 14, 45, tzinfo=UTC)),
        # No summer time any more.
        ("America/Sao_Paulo", date(2026, 11, 1), time(0, 30), datetime(2026, 11, 1, 3, 30, tzinfo=UTC)),
    ],
)
def test_gaps_and_folds(zone, day, clock, expected):
    assert moment_of(day, clock, ZoneInfo(zone)) == expected


def test_the_afternoon_walk_of_kansas_city_over_both_changes():
    days = _days("FREQ=MONTHLY;BYDAY=2SA", starts_on=date(2026, 2, 1), until=date(2026, 12, 31))
    hours = {day: moment_of(day, time(14), CHICAGO).hour for day in days}
    assert hours[date(2026, 2, 14)] == 20
    assert hours[date(2026, 3, 14)] == 19
    assert hours[date(2026, 10, 10)] == 19
    assert hours[date(2026, 11, 14)] == 20


def test_a_walk_over_the_night_lasts_as_long_as_it_lasts():
    """Two hours on the legs are two hours, though the clocks show one."""
    times = times_of(date(2026, 11, 1), meet=time(0, 30), step_off_minutes=30, walk_minutes=120, zone=CHICAGO)
    assert times.end_at - times.meet_at == timedelta(hours=2)
    assert times.end_at.astimezone(CHICAGO).time() == time(1, 30)


# --- Ends ---


def test_so_many_times_count_from_the_first_day():
    text = "FREQ=WEEKLY;BYDAY=SA;COUNT=3"
    assert _days(text, starts_on=date(2026, 11, 1)) == [date(2026, 11, 7), date(2026, 11, 14), date(2026, 11, 21)]
    assert _days(text, starts_on=date(2026, 11, 1), since=date(2026, 11, 15)) == [date(2026, 11, 21)]


def test_until_is_a_day_of_the_place():
    rule = read_rule("FREQ=DAILY;UNTIL=20270101T055959Z", zone=CHICAGO)
    assert rule.until == date(2026, 12, 31)
    days = slot_days(rule, starts_on=date(2026, 12, 30), since=date(2026, 12, 1), until=date(2027, 2, 1))
    assert days == [date(2026, 12, 30), date(2026, 12, 31)]


# --- Refusals ---


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "one rule"),
        ("every tuesday", "one rule"),
        ("FREQ=SECONDLY", "one walk a day"),
        ("FREQ=HOURLY;COUNT=2", "one walk a day"),
        ("FREQ=YEARLY", "INTERVAL=12"),
        ("INTERVAL=2", "how often"),
        ("FREQ=WEEKLY;FREQ=DAILY", "twice"),
        ("FREQ=WEEKLY;INTERVAL=0", "from 1"),
        ("FREQ=WEEKLY;INTERVAL=99999999999999999999", "from 1"),
        ("FREQ=WEEKLY;INTERVAL=-1", "from 1"),
        (f"FREQ=WEEKLY;COUNT={MOST_TIMES + 1}", str(MOST_TIMES)),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "not both"),
        ("FREQ=WEEKLY;UNTIL=tomorrow", "20261231"),
        ("FREQ=WEEKLY;UNTIL=20261332", "20261231"),
        ("FREQ=WEEKLY;BYDAY=XX", "isn’t a day"),
        ("FREQ=MONTHLY;BYDAY=6SA", "isn’t a day"),
        ("FREQ=MONTHLY;BYDAY=0SA", "isn’t a day"),
        ("FREQ=WEEKLY;BYDAY=2SA", "FREQ=MONTHLY"),
        ("FREQ=DAILY;BYDAY=SA;INTERVAL=7", "FREQ=WEEKLY"),
        ("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=13", "not both"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "to 31"),
        ("FREQ=MONTHLY;BYMONTH=13", "to 12"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2", "BYDAY=2SA"),
        ("FREQ=DAILY;BYHOUR=1,2,3", "BYHOUR"),
        ("FREQ=DAILY\nEXDATE:20261201", "one rule"),
        ("FREQ=DAILY;BYDAY=" + "MO," * 200, "one rule"),
    ],
)
def test_it_refuses_with_a_sentence(text, words):
    with pytest.raises(ValidationError) as refused:
        read_rule(text)
    assert words in refused.value.messages[0]


@pytest.mark.parametrize(
    ("text", "starts_on"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2", date(2026, 11, 2)),
        ("FREQ=MONTHLY;BYMONTHDAY=-31;BYMONTH=2,4,6", date(2026, 11, 2)),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=2", date(2026, 11, 2)),
        # February 29 of odd years.
        ("FREQ=MONTHLY;INTERVAL=24;BYMONTHDAY=29", date(2027, 2, 1)),
        ("FREQ=DAILY;UNTIL=20261101", date(2026, 11, 2)),
    ],
)
def test_a_day_that_never_comes_is_refused_at_once(text, starts_on):
    rule = read_rule(text)
    with pytest.raises(ValidationError) as refused:
        check_comes(rule, starts_on)
    assert refused.value.code == "never"
    assert slot_days(rule, starts_on=starts_on, since=starts_on, until=date(2030, 1, 1)) == []


def test_an_endless_rule_gives_no_more_than_is_asked():
    assert len(_days("FREQ=DAILY", until=date(9999, 12, 31))) == 400


# --- Words ---


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=10", "every 10 days"),
        ("FREQ=WEEKLY", "every week, on Monday"),
        ("FREQ=WEEKLY;BYDAY=SA,TU", "every week, on Tuesday and Saturday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "every second week, on Saturday"),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=SA", "every 3 weeks, on Saturday"),
        ("FREQ=MONTHLY;BYDAY=2SA", "on the second Saturday of each month"),
        ("FREQ=MONTHLY;BYDAY=SA;BYSETPOS=-1", "on the last Saturday of each month"),
        ("FREQ=MONTHLY;BYDAY=1TU,3TU", "on the first Tuesday and the third Tuesday of each month"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;INTERVAL=2", "on the last day of every second month"),
        ("FREQ=MONTHLY", "on day 2 of each month"),
        ("FREQ=MONTHLY;BYDAY=2SA;BYMONTH=4,5", "on the second Saturday of each month, in April and May"),
        ("FREQ=WEEKLY;COUNT=6", "every week, on Monday, 6 times"),
        ("FREQ=WEEKLY;UNTIL=20261231", "every week, on Monday, until 31 December 2026"),
    ],
)
def test_it_is_said_back_in_words(text, words):
    assert in_words(read_rule(text), starts_on=date(2026, 11, 2)) == words


def test_days_are_said_in_the_language_of_the_person():
    with translation.override("es"):
        assert "sábado" in in_words(read_rule("FREQ=WEEKLY;BYDAY=SA"), starts_on=FIRST)

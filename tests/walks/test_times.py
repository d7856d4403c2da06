"""Clocks of a walk's own zone, and the sun there."""

import math
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from walks.sun import light_of, sunset
from walks.times import read_later, read_local
from walks.when_bar import LABEL, WIDTH, bar

CHICAGO = ZoneInfo("America/Chicago")
FIRE_STATION = {"lat": 39.1052, "lon": -94.5267, "zone": CHICAGO}


def _sunset_by_noaa(day: date, lat: float, lon: float) -> datetime:
    """NOAA's general solar position formulas (gml.noaa.gov/grad/solcalc/solareqns.PDF), good to about two minutes."""
    g = 2 * math.pi / 365 * (day.timetuple().tm_yday - 1 + 0.75)
    minutes = 229.18 * (
        0.000075
        + 0.001868 * math.cos(g)
        - 0.032077 * math.sin(g)
        - 0.014615 * math.cos(2 * g)
        - 0.040849 * math.sin(2 * g)
    )
    tilt = 0.006918 - 0.399912 * math.cos(g) + 0.070257 * math.sin(g) - 0.006758 * math.cos(2 * g)
    tilt += 0.000907 * math.sin(2 * g) - 0.002697 * math.cos(3 * g) + 0.00148 * math.sin(3 * g)
    phi = math.radians(lat)
    hour = math.acos(math.cos(math.radians(90.833)) / (math.cos(phi) * math.cos(tilt)) - math.tan(phi) * math.tan(tilt))
    utc = 720 - 4 * (lon - math.degrees(hour)) - minutes
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=utc)


@pytest.mark.parametrize("day", [date(2026, 12, 2), date(2026, 6, 21), date(2026, 11, 1), date(2026, 3, 8)])
def test_it_knows_sunset_in_kansas_city(day):
    found = sunset(day=day, **FIRE_STATION)
    expected = _sunset_by_noaa(day, FIRE_STATION["lat"], FIRE_STATION["lon"])
    assert abs((found - expected).total_seconds()) <= 180
    assert found.astimezone(CHICAGO).date() == day


def test_it_says_nothing_where_the_sun_does_not_set():
    assert sunset(lat=78.2, lon=15.6, day=date(2026, 6, 21), zone=ZoneInfo("Arctic/Longyearbyen")) is None


def test_it_tells_a_walk_by_day_from_one_after_dark():
    def at(hour):
        return datetime(2026, 12, 2, hour, tzinfo=UTC)

    assert light_of(step_off_at=at(14), end_at=at(16), sunset_at=at(17)) == "day"
    assert light_of(step_off_at=at(16), end_at=at(18), sunset_at=at(17)) == "into_dark"
    assert light_of(step_off_at=at(18), end_at=at(19), sunset_at=at(17)) == "dark"
    assert light_of(step_off_at=at(18), end_at=at(19), sunset_at=None) == "day"


def test_an_hour_that_is_skipped_gets_a_sentence():
    with pytest.raises(ValidationError, match="clocks go forward") as refused:
        read_local(date(2026, 3, 8), time(2, 30), CHICAGO)
    assert refused.value.code == "nonexistent"


def test_an_hour_that_comes_twice_gets_a_sentence():
    with pytest.raises(ValidationError, match="happens twice") as refused:
        read_local(date(2026, 11, 1), time(1, 30), CHICAGO)
    assert refused.value.code == "ambiguous"


def test_times_around_the_changes_are_read_right():
    assert read_local(date(2026, 3, 8), time(3, 0), CHICAGO) == datetime(2026, 3, 8, 8, tzinfo=UTC)
    assert read_local(date(2026, 11, 1), time(2, 0), CHICAGO) == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert read_local(date(2026, 7, 1), time(14, 0), CHICAGO) == datetime(2026, 7, 1, 19, tzinfo=UTC)


def test_just_past_midnight_belongs_to_the_next_day():
    start = read_local(date(2026, 7, 1), time(22, 0), CHICAGO)
    assert read_later(date(2026, 7, 1), time(0, 30), CHICAGO, after=start) == datetime(2026, 7, 2, 5, 30, tzinfo=UTC)


def test_a_time_that_is_simply_too_early_stays_on_the_day():
    start = read_local(date(2026, 7, 1), time(14, 0), CHICAGO)
    assert read_later(date(2026, 7, 1), time(13, 30), CHICAGO, after=start) < start


def _bar(meet, step_off, end, sun=None):
    def at(minutes):
        return datetime(2026, 12, 2, 20 + minutes // 60, minutes % 60, tzinfo=UTC)

    return bar(
        meet_at=at(meet), step_off_at=at(step_off), end_at=at(end), sunset_at=at(sun) if sun is not None else None
    )


def test_the_drawing_keeps_moments_in_order():
    drawn = _bar(0, 30, 150, 175)
    assert 0 < drawn.meet < drawn.step_off < drawn.end < drawn.sunset < WIDTH


@pytest.mark.parametrize("times", [(0, 0, 150, 5), (0, 30, 35, 36), (0, 10, 20, 0), (100, 130, 200, 30)])
def test_labels_never_overlap_or_leave_the_drawing(times):
    drawn = _bar(*times)
    assert abs(drawn.meet_label - drawn.sunset_label) >= LABEL - 0.2
    assert abs(drawn.step_off_label - drawn.end_label) >= LABEL - 0.2
    labels = (drawn.meet_label, drawn.sunset_label, drawn.step_off_label, drawn.end_label)
    assert all(LABEL / 2 - 0.2 <= label <= WIDTH - LABEL / 2 + 0.2 for label in labels)


def test_a_sunset_hours_away_is_not_drawn():
    drawn = bar(
        meet_at=datetime(2026, 7, 1, 15, tzinfo=UTC),
        step_off_at=datetime(2026, 7, 1, 15, 30, tzinfo=UTC),
        end_at=datetime(2026, 7, 1, 17, tzinfo=UTC),
        sunset_at=datetime(2026, 7, 2, 1, 50, tzinfo=UTC),
    )
    assert drawn.sunset is None
    assert drawn.dark == 0

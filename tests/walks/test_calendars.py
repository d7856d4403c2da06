"""Calendars, read back by the library that phones' calendars resemble."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from tests import factories
from walks.actions import call_off_walk, change_walk

pytestmark = pytest.mark.django_db


def _read(client, url):
    response = client.get(url)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return response.content, Calendar.from_ical(response.content)


def _one(client, walk):
    _raw, calendar = _read(client, reverse("walks:ics", args=[walk.public_id]))
    (event,) = calendar.walk("VEVENT")
    return event


def test_it_starts_when_people_meet(client):
    walk = factories.make_walk()
    event = _one(client, walk)
    assert event.start == walk.meet_at
    assert event.end == walk.end_at
    assert str(event["SUMMARY"]) == walk.title
    assert str(event["LOCATION"]) == walk.meeting_place
    assert str(event["STATUS"]) == "CONFIRMED"
    assert str(event["URL"]).endswith(reverse("walks:detail", args=[walk.public_id]))


def test_the_time_zone_comes_along(client):
    raw, calendar = _read(client, reverse("walks:ics", args=[factories.make_walk().public_id]))
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["America/Chicago"]
    assert b"DTSTART;TZID=America/Chicago:" in raw


def test_the_night_the_clocks_go_back(client):
    """1 Nov 2026 in Kansas City: from midnight (CDT) to 4 AM (CST) are five hours."""
    walk = factories.make_walk(
        meet_at=datetime(2026, 11, 1, 5, 0, tzinfo=UTC),
        step_off_at=datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        end_at=datetime(2026, 11, 1, 10, 0, tzinfo=UTC),
    )
    raw, _calendar = _read(client, reverse("walks:ics", args=[walk.public_id]))
    assert b"DTSTART;TZID=America/Chicago:20261101T000000" in raw
    assert b"DTEND;TZID=America/Chicago:20261101T040000" in raw
    event = _one(client, walk)
    assert event.start.astimezone(UTC) == walk.meet_at
    assert event.end.astimezone(UTC) == walk.end_at


def test_changes_raise_the_sequence_and_keep_the_name(client, organizer):
    walk = factories.make_walk()
    before = _one(client, walk)
    change_walk(walk=walk, by=organizer, meet_at=walk.meet_at - timedelta(minutes=15))
    after = _one(client, walk)
    assert before["UID"] == after["UID"]
    assert (int(before["SEQUENCE"]), int(after["SEQUENCE"])) == (0, 1)


def test_a_walk_called_off_stays_and_says_so(client, organizer):
    walk = factories.make_walk()
    call_off_walk(walk=walk, by=organizer, reason="Ice, everywhere")
    _raw, calendar = _read(client, reverse("walks:calendar"))
    (event,) = calendar.walk("VEVENT")
    assert str(event["STATUS"]) == "CANCELLED"
    assert int(event["SEQUENCE"]) == 1
    assert "Ice, everywhere" in str(event["DESCRIPTION"])


def test_all_public_walks_and_no_others(client):
    shown = factories.make_walk()
    factories.make_walk(state="draft", published_at=None)
    gone = factories.make_walk(deleted_at=timezone.now())
    _raw, calendar = _read(client, reverse("walks:calendar"))
    titles = {str(event["SUMMARY"]): str(event["STATUS"]) for event in calendar.walk("VEVENT")}
    assert titles.pop(shown.title) == "CONFIRMED"
    # A deleted one stays for a while, without its words: see test_series_calendars.py.
    assert set(titles.values()) == {"CANCELLED"}
    assert gone.title not in titles


def test_hostile_titles_and_long_lines_come_back_as_they_were(client):
    title = "A;B,C\\D\nBEGIN:VEVENT “ü” " + "x" * 80
    walk = factories.make_walk(title=title, note="One\nTwo; three, four \\ five")
    raw, calendar = _read(client, reverse("walks:ics", args=[walk.public_id]))
    assert len(calendar.walk("VEVENT")) == 1
    assert str(calendar.walk("VEVENT")[0]["SUMMARY"]) == title
    assert "One\nTwo; three, four \\ five" in str(calendar.walk("VEVENT")[0]["DESCRIPTION"])
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))


def test_it_holds_nothing_internal(client, lead):
    walk = factories.make_walk(lead=lead.person, internal_note="The key is under the stone")
    factories.make_signup(walk=walk, person=factories.make_person(name="Zebulon Marker"))
    raw, _calendar = _read(client, reverse("walks:calendar"))
    for secret in (b"Zebulon", b"stone", lead.person.name.encode()):
        assert secret not in raw


def test_an_empty_calendar_is_one(client):
    _raw, calendar = _read(client, reverse("walks:calendar"))
    assert not calendar.walk("VEVENT")


def test_it_costs_the_same_for_many(client, django_assert_max_num_queries):
    for _ in range(5):
        factories.make_walk()
    with django_assert_max_num_queries(6):
        client.get(reverse("walks:calendar"))

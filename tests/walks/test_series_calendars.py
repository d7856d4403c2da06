"""Calendars as strict readers take them: zones, hostile words, what was called off or deleted, a person's own."""

import logging
import re
import uuid
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import get_resolver, reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from office.log_masks import mask
from tests import factories
from walks.actions import call_off_walk, change_walk, take_back_call_off
from walks.calendars import calendar_of, clean
from walks.feeds import feed_token, feed_url, person_from_feed_token, renew_feed, webcal_url
from walks.links import signup_token
from walks.mending import delete_walk, restore_walk
from walks.models import Walk
from walks.zone_parts import changes, zone_part

pytestmark = pytest.mark.django_db

NAMES = ["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca"]


def _events(raw):
    return Calendar.from_ical(raw).walk("VEVENT")


def _public(client):
    return client.get(reverse("walks:calendar")).content


def _mine(client, person):
    return client.get(reverse("walks:my_calendar", args=[feed_token(person)]))


# --- Zones ---


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(minute=st.integers(0, 2 * 365 * 24 * 60))
def test_a_strict_reader_finds_the_same_moment(name, minute):
    """RFC 5545 3.6.5 by hand: the observance whose onset, on the clock before it, came last."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    assert _offset_by_the_part(_part(name), moment) == moment.astimezone(ZoneInfo(name)).utcoffset()


@pytest.mark.parametrize("name", NAMES)
def test_the_minute_before_and_after_each_change(name):
    zone, part = ZoneInfo(name), _part(name)
    for at in changes(zone, datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)):
        for moment in (at - timedelta(minutes=1), at, at + timedelta(minutes=1)):
            assert _offset_by_the_part(part, moment) == moment.astimezone(zone).utcoffset()


def test_summer_time_begins_at_two_on_the_old_clock():
    raw = _part("America/Chicago").to_ical().decode()
    assert "20270314T020000" in raw
    assert "20261101T020000" in raw


_parts: dict[str, Calendar] = {}


def _part(name):
    if name not in _parts:
        day = datetime(2026, 11, 2, tzinfo=UTC)
        _parts[name] = Calendar.from_ical(
            zone_part(ZoneInfo(name), since=day, until=day + timedelta(days=400)).to_ical()
        )
    return _parts[name]


def _offset_by_the_part(part, moment):
    onsets = []
    for one in part.subcomponents:
        was, becomes = one["TZOFFSETFROM"].td, one["TZOFFSETTO"].td
        starts = [one["DTSTART"].dt]
        if "RDATE" in one:
            starts += [each.dt for each in one["RDATE"].dts]
        onsets += [((start - was).replace(tzinfo=UTC), becomes) for start in starts]
    return max((onset for onset in onsets if onset[0] <= moment), key=lambda onset: onset[0])[1]


def test_a_walk_in_the_hour_after_the_change_is_at_its_time(client):
    """3:30 on 14 March 2027, when two o'clock was three o'clock."""
    at = datetime(2027, 3, 14, 8, 30, tzinfo=UTC)
    with time_machine.travel(at - timedelta(days=2), tick=False):
        factories.make_walk(meet_at=at, step_off_at=at, end_at=at + timedelta(hours=1))
        (event,) = _events(_public(client))
    assert event.start.astimezone(UTC) == at


# --- Hostile words ---


HOSTILE = [
    "A\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:B",
    "A\rBEGIN:VEVENT",
    "A\x0bB\x0cC\x1cD\x85E\u2028F\u2029G",
    "A;B,C:D\\nE\\\\",
    "\x07\x1b[31mbell\x7f",
    "\u202egnirts\u2066 اختبار السلامة",
    'DTSTART;TZID="x":20200101T000000',
    "🔦" * 60,
]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_one_event(client, words):
    walk = factories.make_walk(title=words[:120], note=words * 20, meeting_place=words[:100])
    raw = _public(client)
    (event,) = _events(raw)
    assert event.start == walk.meet_at
    assert str(event["SUMMARY"]) == clean(words[:120])
    lines = raw.split(b"\r\n")
    assert raw.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert [line for line in lines if line.startswith(b"BEGIN:VEVENT")] == [b"BEGIN:VEVENT"]
    assert not any(byte < 0x20 and byte not in b"\r\n\t" for byte in raw)
    assert b"\n" not in raw.replace(b"\r\n", b"")


@settings(max_examples=60)
@given(title=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=120))
def test_any_title_is_one_event(title):
    at = datetime(2026, 12, 2, 20, tzinfo=UTC)
    walk = Walk(title=title, meet_at=at, step_off_at=at, end_at=at + timedelta(hours=2), updated_at=at, note=title)
    (event,) = _events(calendar_of([walk], name=title))
    assert str(event["SUMMARY"]) == clean(title)


def test_letters_of_every_script_stay_as_they_are():
    assert clean("مسيرة السلامة, Đi bộ an toàn, कदम") == "مسيرة السلامة, Đi bộ an toàn, कदम"


# --- What changes ---


def test_every_change_that_matters_raises_the_sequence(client, organizer, admin):
    walk = factories.make_walk()
    seen = []

    def look():
        (event,) = _events(_public(client))
        seen.append((int(event["SEQUENCE"]), str(event["STATUS"])))

    look()
    change_walk(walk=walk, by=organizer, meeting_place="The other gate")
    look()
    call_off_walk(walk=walk, by=organizer, reason="Ice")
    look()
    take_back_call_off(walk=walk, by=organizer)
    look()
    delete_walk(walk=walk, by=admin)
    look()
    restore_walk(walk=walk, by=admin)
    look()
    assert [status for _n, status in seen] == [
        "CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED", "CANCELLED", "CONFIRMED",
    ]  # fmt: skip
    numbers = [n for n, _status in seen]
    assert numbers == sorted(set(numbers))


def test_a_deleted_walk_says_only_that_it_does_not_take_place(client, admin):
    walk = factories.make_walk(title="Marker title", note="Marker note", meeting_place="Marker place")
    delete_walk(walk=walk, by=admin)
    alone = client.get(reverse("walks:ics", args=[walk.public_id]))
    assert alone.status_code == 200
    for raw in (_public(client), alone.content):
        (event,) = _events(raw)
        assert str(event["STATUS"]) == "CANCELLED"
        assert b"Marker" not in raw
    Walk.objects.filter(pk=walk.pk).update(deleted_at=timezone.now() - timedelta(days=100))
    assert not _events(_public(client))
    assert client.get(reverse("walks:ics", args=[walk.public_id])).status_code == 404


def test_what_was_never_public_never_is(client, admin):
    draft = factories.make_walk(state="draft", published_at=None)
    delete_walk(walk=draft, by=admin)
    assert not _events(_public(client))
    assert client.get(reverse("walks:ics", args=[draft.public_id])).status_code == 404


# --- A person's own ---


@pytest.fixture
def signup(db):
    return factories.make_signup(walk=factories.make_walk(title="Mine"))


def test_it_holds_the_walks_they_come_to_and_no_others(client, signup, organizer):
    person = signup.person
    off = factories.make_signup(walk=factories.make_walk(title="Off"), person=person).walk
    call_off_walk(walk=off, by=organizer, reason="Ice")
    for state, more in (
        ("withdrawn", {"withdrawn_at": timezone.now()}),
        ("guardian", {}),
        ("waitlist", {"waiting_since": timezone.now()}),
    ):
        factories.make_signup(walk=factories.make_walk(title=state), person=person, state=state, **more)
    factories.make_signup(walk=factories.make_walk(state="draft", published_at=None), person=person)
    factories.make_signup(walk=factories.make_walk(title="Somebody else’s"))
    response = _mine(client, person)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    found = {str(event["SUMMARY"]): str(event["STATUS"]) for event in _events(response.content)}
    assert found == {"Mine": "CONFIRMED", "Called off: Off": "CANCELLED"}


def test_it_holds_no_name(client, signup):
    raw = _mine(client, signup.person).content
    assert signup.name.encode() not in raw
    assert signup.person.email.encode() not in raw


def test_an_event_is_the_same_one_as_in_the_public_calendar(client, signup):
    (mine,), (public,) = _events(_mine(client, signup.person).content), _events(_public(client))
    assert mine["UID"] == public["UID"]


def test_o33_a_new_link_ends_the_old_one_at_once(client, signup):
    old = feed_token(signup.person)
    page = client.post(reverse("walks:my_new_calendar", args=[signup_token(signup)]))
    assert page.status_code == 302
    assert client.get(reverse("walks:my_calendar", args=[old])).status_code == 404
    signup.person.refresh_from_db()
    assert _mine(client, signup.person).status_code == 200


def test_looking_changes_nothing(client, signup):
    version = signup.person.feed_version
    assert client.get(reverse("walks:my_new_calendar", args=[signup_token(signup)])).status_code == 405
    client.get(reverse("walks:my", args=[signup_token(signup)]))
    _mine(client, signup.person)
    signup.person.refresh_from_db()
    assert signup.person.feed_version == version


@pytest.mark.parametrize("wrong", ["forged", "tail", "nothing", "signup", "huge"])
def test_a_wrong_link_is_refused_after_as_much_work_as_an_old_one(signup, wrong, django_assert_num_queries):
    good = feed_token(signup.person)
    renewed = feed_token(renew_feed(person=signup.person))
    token = {
        "forged": good[:-4] + "AAAA",
        "tail": good.partition(".")[0],
        "nothing": "x",
        "signup": signup_token(signup),
        "huge": "A" * 5000 + "~99999999999999999999.x",
    }[wrong]
    for one in (token, good):
        with django_assert_num_queries(1):
            assert person_from_feed_token(one) is None
    with django_assert_num_queries(1):
        assert person_from_feed_token(renewed) == signup.person


def test_the_link_of_a_record_merged_into_another_shows_that_ones_walks(client, signup):
    old = factories.make_person()
    token = feed_token(old)
    old.merged_into = signup.person
    old.save()
    raw = client.get(reverse("walks:my_calendar", args=[token])).content
    assert [str(event["SUMMARY"]) for event in _events(raw)] == ["Mine"]
    renew_feed(person=signup.person)
    assert client.get(reverse("walks:my_calendar", args=[token])).status_code == 404


def test_who_is_forgotten_has_no_calendar(client, signup):
    signup.person.anonymized_at = timezone.now()
    signup.person.save()
    assert _mine(client, signup.person).status_code == 404


def test_their_page_offers_it(client, signup):
    page = client.get(reverse("walks:my", args=[signup_token(signup)])).content.decode()
    assert webcal_url(signup.person) in page
    assert webcal_url(signup.person).startswith("webcal://")
    assert feed_url(signup.person) in page


def test_their_language_is_the_calendars(client, signup, organizer):
    signup.person.language = "es"
    signup.person.save()
    call_off_walk(walk=signup.walk, by=organizer, reason="Hielo")
    (event,) = _events(_mine(client, signup.person).content)
    assert "Called off" not in str(event["SUMMARY"])


def test_it_costs_the_same_for_many(client, signup, django_assert_max_num_queries):
    for _ in range(5):
        factories.make_signup(walk=factories.make_walk(), person=signup.person)
    with django_assert_max_num_queries(6):
        _mine(client, signup.person)


# --- Logs ---


def test_o33_o46_logs_show_stars_in_place_of_a_token(client, signup):
    token = feed_token(signup.person)
    renew_feed(person=signup.person)
    assert client.get(reverse("walks:my_calendar", args=[token])).status_code == 404
    for address in (reverse("walks:my_calendar", args=[token]), reverse("walks:my", args=[signup_token(signup)])):
        line = mask(f'Not Found: {address} "GET {address} HTTP/1.1"')
        assert "***" in line
        assert token not in line
        assert signup_token(signup) not in line
    assert mask("/my/calendar/wrong.ics") == "/my/calendar/***"
    assert mask("/my/lost/ and /desk/walks/7/") == "/my/lost/ and /desk/walks/7/"


def _routes(resolver, before=""):
    for one in resolver.url_patterns:
        route = f"{before}{one.pattern}"
        yield from _routes(one, route) if hasattr(one, "url_patterns") else [route]


def test_every_address_with_a_token_is_masked():
    routes = [route for route in _routes(get_resolver()) if "<str:token>" in route and "open311" not in route]
    assert len(routes) > 20
    for route in routes:
        filled = f"/{re.sub('<uuid:.*?>', str(uuid.UUID(int=7)), route)}".replace("<str:token>", "marker")
        assert "marker" not in mask(f"Not Found: {filled}"), route


def test_every_line_that_is_written_passes_the_stars(settings):
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["tokens"]
    stars = import_string(settings.LOGGING["filters"]["tokens"]["()"])()
    args = ("/my/calendar/secret.ics",)
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "Not Found: %s", args, None)
    assert stars.filter(record)
    assert record.getMessage() == "Not Found: /my/calendar/***"


def test_dates_of_the_clock_are_those_of_the_walk(client):
    walk = factories.make_walk(time_zone="Australia/Lord_Howe")
    (event,) = _events(_public(client))
    local = walk.meet_at.astimezone(ZoneInfo("Australia/Lord_Howe"))
    assert (event.start.date(), event.start.time()) == (date(local.year, local.month, local.day), local.time())
    assert isinstance(local.time(), time)

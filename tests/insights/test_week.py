"""The week on one page: what is counted, that it stays as it was, and that nobody gets it unread."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import translation

from concerns.models import ConcernUpdate
from insights import week_keeping
from insights.models import Snapshot
from insights.week import count_week
from insights.week_days import Week
from insights.week_words import sheet_of, slots_of
from office.models import Coalition
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/Chicago")
MONDAY = date(2026, 11, 16)
WEEK = Week(MONDAY, ZONE)
# Monday after the week, 6:00 AM in Kansas City.
SIX = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=ZONE)


@pytest.fixture
def coalition() -> Coalition:
    coalition = Coalition.current()
    coalition.set_up_at = at(1)
    coalition.save()
    return coalition


def walked(day: int, **fields: Any) -> Any:
    times = {"meet_at": at(day, 18), "step_off_at": at(day, 18), "end_at": at(day, 20)}
    return factories.make_walk(**times | fields)


def numbers() -> dict[str, Any]:
    return count_week(WEEK, now=SIX)


def sheet(snapshot: Snapshot, *, with_help: bool = True, language: str = "en") -> dict[str, Any]:
    with translation.override(language):
        return sheet_of(snapshot, coalition=Coalition.current(), with_help=with_help)


# --- What is counted ---


def test_a_week_runs_from_monday_to_sunday_on_the_coalitions_clock() -> None:
    sunday_night = walked(22, meet_at=at(22, 22), step_off_at=at(22, 22), end_at=at(22, 23), title="Sunday night")
    walked(23, meet_at=at(23, 0), step_off_at=at(23, 0), end_at=at(23, 1), title="Next week")
    assert [one["title"] for one in numbers()["walks"]] == [sunday_night.title]


def test_people_and_heads_stand_apart_and_unknown_ages_beside_the_share() -> None:
    walk = walked(19)
    for band in ["13_17", "18_24", "18_24", "25_34", "25_34", "25_34", "unknown", "unknown", "unknown"]:
        factories.make_presence(walk=walk, age_band=band, arrived_at=at(19, 18))
    factories.make_presence(walk=walk, age_band="25_34", n_people=4, arrived_at=at(19, 18))
    factories.make_head_count(walk=walk, n_25_34=2)
    people = numbers()["people"]
    assert (people["checked_in"], people["heads"]) == (13, 2)
    # A group's one age isn't the age of its people.
    assert (people["youth"], people["unknown"], people["known"]) == (3, 7, 6)


def test_no_count_of_an_age_below_three_stands_on_the_page() -> None:
    walk = walked(19)
    for band in ["13_17", *["25_34"] * 6, *["unknown"] * 5]:
        factories.make_presence(walk=walk, age_band=band, arrived_at=at(19, 18))
    people = numbers()["people"]
    assert people["youth"] is None
    assert people["unknown"] is None, "the one hidden could be computed"


def test_concerns_are_counted_as_everybody_may_see_them() -> None:
    factories.make_published_concern(first_seen_at=at(18))
    factories.make_concern(first_seen_at=at(18))
    factories.make_published_concern(first_seen_at=at(15))
    factories.make_published_concern(first_seen_at=at(18), category="VACANT_OPEN")
    fixed = factories.make_published_concern(first_seen_at=at(1), status="verified_fixed")
    for to, day in [("claimed_fixed", 17), ("reopened", 18), ("claimed_fixed", 18), ("verified_fixed", 20)]:
        ConcernUpdate.objects.create(concern=fixed, kind="status", to_value=to, at=at(day))
    ConcernUpdate.objects.create(concern=fixed, kind="status", to_value="reopened", at=at(23))
    factories.make_look(
        concern=factories.make_published_concern(first_seen_at=at(2)), publication="published", received_at=at(18)
    )
    assert numbers()["concerns"] == {"new": 1, "repeat": 0, "still": 1, "claimed": 1, "seen_fixed": 1, "back": 1}


def test_promises_are_told_without_a_persons_name() -> None:
    parks = factories.make_organization(name="Parks")
    factories.make_commitment(text="Light at Askew", organization=parks, due_on=date(2026, 11, 20), state="kept",
                              kept_on=date(2026, 11, 19), settled_at=at(19), first_due_on=date(2026, 11, 20),
                              created_at=at(2))  # fmt: skip
    factories.make_commitment(text="Benches", organization=parks, owner_name="Odessa Quill", created_at=at(18),
                              due_on=date(2026, 11, 18), first_due_on=date(2026, 11, 18))  # fmt: skip
    told = numbers()["promises"]
    assert {key: told[key] for key in ("made", "kept", "kept_late", "late")} == {
        "made": 1, "kept": 1, "kept_late": 0, "late": 1,
    }  # fmt: skip
    assert [(one["text"], one["state"], one["days"]) for one in told["lines"]] == [
        ("Light at Askew", "kept", 3),
        ("Benches", "late", 5),
    ]
    assert "Odessa" not in str(told)


def test_a_promise_about_something_that_is_not_public_is_only_counted() -> None:
    house = factories.make_concern(category="VACANT_OPEN")
    factories.make_commitment(text="Board up 3512", concern=house, due_on=date(2026, 11, 18), created_at=at(2),
                              organization=factories.make_organization(), first_due_on=date(2026, 11, 18))  # fmt: skip
    told = numbers()
    assert told["promises"]["late"] == 1
    assert "3512" not in str(told)


# --- Help ---


def ask_for_help(day: int, n: int) -> None:
    for _one in range(n):
        request = factories.make_help_request()
        type(request).objects.filter(pk=request.pk).update(created_at=at(day))
        factories.make_consent(help_request=request)


def test_a_count_of_help_below_three_waits_for_the_next_week(coalition: Coalition) -> None:
    ask_for_help(17, 2)
    first = week_keeping.make_week(MONDAY, now=SIX)
    assert first.numbers["help"]["asked"] == {"n": None, "since": "2026-11-16"}
    ask_for_help(24, 1)
    second = week_keeping.make_week(MONDAY + timedelta(days=7), now=SIX + timedelta(days=7))
    assert second.numbers["help"]["asked"] == {"n": 3, "since": "2026-11-16"}
    ask_for_help(24, 5)
    third = week_keeping.make_week(MONDAY + timedelta(days=14), now=SIX + timedelta(days=14))
    assert third.numbers["help"]["asked"] == {"n": None, "since": "2026-11-30"}


def test_help_is_never_counted_a_second_time(coalition: Coalition) -> None:
    ask_for_help(17, 3)
    first = week_keeping.make_week(MONDAY, now=SIX)
    ask_for_help(17, 1)
    again = week_keeping.make_week(MONDAY, now=SIX)
    assert again.version == 2
    assert again.numbers["help"] == first.numbers["help"]


def test_behind_the_wall_nothing_is_said_about_help(coalition: Coalition) -> None:
    ask_for_help(17, 4)
    kept = week_keeping.make_week(MONDAY, now=SIX)
    assert [slot.is_help for slot in slots_of(kept)] == [True]
    assert sheet(kept)["help"][0].value == "4"
    walled = sheet(kept, with_help=False)
    assert walled["help"] is None
    assert walled["stuck"] == []
    assert not {"asked", "got_help"} & set(walled["definitions"])


# --- What is stuck ---


def test_what_waits_longest_is_named_with_whom_to_ask(coalition: Coalition) -> None:
    works = factories.make_organization(name="Public Works")
    for place in ("4100 block", "4700 block"):
        lamp = factories.make_published_concern(status="reported", public_place=place)
        factories.make_assignment(concern=lamp, organization=works, from_at=SIX - timedelta(days=42))
    kept = week_keeping.make_week(MONDAY, now=SIX)
    said = sheet(kept)["stuck"][0]
    assert said.head == "2 lights, 42 days."
    assert "4100 block; 4700 block" in said.text
    assert said.ask == "Ask Public Works: a date."


def test_three_kinds_come_before_a_second_of_one_kind(coalition: Coalition) -> None:
    works = factories.make_organization(name="Public Works")
    lamp = factories.make_published_concern(status="reported")
    factories.make_assignment(concern=lamp, organization=works, from_at=SIX - timedelta(days=400))
    for n in range(3):
        factories.make_published_concern(
            category="DUMPING",
            walk=lamp.walk,
            first_seen_at=at(10 + n),
            public_point=Point(-94.539, 39.1061, srid=4326),
        )
    for n in range(3):
        factories.make_commitment(
            text=f"Benches {n}", organization=works, due_on=date(2026, 8, 1), first_due_on=date(2026, 8, 1)
        )
    kept = week_keeping.make_week(MONDAY, now=SIX)
    kinds = [one["kind"] for one in kept.numbers["stuck"]]
    assert sorted(kinds[:3]) == ["dumped", "promise", "waiting"]
    assert kinds[3:] == ["promise", "promise"]


def test_a_second_person_never_overwrites_words_unseen(coalition: Coalition, organizer: User) -> None:
    kept = week_keeping.make_week(MONDAY, now=SIX)
    seen = week_keeping.words_version(kept)
    own = [{"key": "own", "en": {"head": "The gate", "text": "", "ask": "Ask: who?"}}]
    week_keeping.write_words(snapshot=kept, slots=own, note={}, by=organizer, expected=seen)
    with pytest.raises(week_keeping.WordsChanged):
        week_keeping.write_words(snapshot=kept, slots=[], note={}, by=organizer, expected=seen)
    kept.refresh_from_db()
    assert [slot.said.head for slot in slots_of(kept)] == ["The gate"]


# --- Kept as it was ---


def test_the_draft_is_made_on_monday_at_six_and_only_once(coalition: Coalition) -> None:
    assert week_keeping.make_due(SIX - timedelta(seconds=1)) == 1, "the week before that one"
    assert week_keeping.make_due(SIX) == 1
    assert week_keeping.make_due(SIX + timedelta(days=3)) == 0
    assert [one.starts_on for one in Snapshot.objects.weeks().order_by("starts_on")] == [date(2026, 11, 9), MONDAY]
    assert not Snapshot.objects.exclude(sent_at=None).exists()


def test_weeks_missed_while_it_stood_still_are_made_up_for(coalition: Coalition) -> None:
    week_keeping.make_due(SIX)
    assert week_keeping.make_due(SIX + timedelta(weeks=3, days=2)) == 3
    assert week_keeping.make_due(SIX + timedelta(weeks=30)) == week_keeping.MOST_WEEKS_MADE_UP


def test_a_kept_week_stays_as_it_was_when_things_change(coalition: Coalition) -> None:
    lamp = factories.make_published_concern(first_seen_at=at(18), status="reported", public_place="4100 block")
    works = factories.make_organization(name="Public Works")
    factories.make_assignment(concern=lamp, organization=works, from_at=SIX - timedelta(days=40))
    kept = week_keeping.make_week(MONDAY, now=SIX)
    before = sheet(kept)
    type(lamp).objects.filter(pk=lamp.pk).update(status="verified_fixed", publication="hidden", hidden_reason="a name")
    works.name = "Streets"
    works.save()
    again = sheet(Snapshot.objects.get(pk=kept.pk))
    assert {key: again[key] for key in ("tally", "stuck", "promises")} == {
        key: before[key] for key in ("tally", "stuck", "promises")
    }
    assert week_keeping.make_week(MONDAY, now=SIX).version == 2
    assert Snapshot.objects.get(pk=kept.pk).numbers == kept.numbers


def test_a_good_thing_leaves_kept_pages_when_it_is_hidden(coalition: Coalition) -> None:
    good = factories.make_published_concern(category="ASSET", first_seen_at=at(18), published_at=at(19),
                                            public_text="Lantern Bakery leaves its lights on")  # fmt: skip
    kept = week_keeping.make_week(MONDAY, now=SIX)
    assert sheet(kept)["good"]["text"].startswith("Lantern Bakery")
    type(good).objects.filter(pk=good.pk).update(publication="hidden", hidden_reason="a name")
    assert sheet(kept)["good"] is None


def test_a_week_that_is_not_over_is_refused(client: Client, organizer: User, coalition: Coalition) -> None:
    client.force_login(organizer)
    with time_machine.travel(at(18), tick=False):
        client.post("/desk/insights/week/count/", {"monday": "2026-11-16"})
        for monday in ("soon", "2026-11-17", "0001-01-01", "9999-12-27"):
            assert client.post("/desk/insights/week/count/", {"monday": monday}).status_code == 302
    assert not Snapshot.objects.exists()


def test_an_empty_week_says_so_and_what_comes_next(coalition: Coalition) -> None:
    factories.make_walk(title="Elmwood to Brighton", meet_at=at(28), step_off_at=at(28), end_at=at(28, 14))
    told = sheet(week_keeping.make_week(MONDAY, now=SIX))
    assert told["is_empty"]
    assert [one["title"] for one in told["next"]] == ["Elmwood to Brighton, by day"]

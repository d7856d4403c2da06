"""The end of a walk: two phones at one table, promises, thanks, and what the next walk carries."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from concerns import promising
from concerns.debrief_numbers import found_on, numbers_of
from concerns.debrief_views import line_of
from concerns.models import Commitment
from office.models import OutboxMessage
from office.refused import Refused
from people.models import User
from tests import factories
from walks.debriefing import finish_debrief, part_of, take_over_top, version_of, write_debrief
from walks.models import Debrief, Notice, Team, TeamSegment, TeamTop, Walk

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(lead: User) -> Walk:
    now = timezone.now()
    times = {"meet_at": now - timedelta(hours=4), "step_off_at": now - timedelta(hours=3)}
    return factories.make_walk(
        lead=lead.person, state="published", published_at=now, end_at=now - timedelta(hours=1), **times
    )


@pytest.fixture
def team(walk: Walk) -> Team:
    return factories.make_team(walk=walk, number=1)


def page_of(walk: Walk) -> str:
    return reverse("concerns:debrief", args=[walk.public_id])


def hidden(html: str) -> dict[str, str]:
    """The versions that a form carries."""
    return {f"seen:{name}": seen for name, seen in re.findall(r'name="seen:([^"]+)" value="([^"]*)"', html)}


def opened(client: Client, walk: Walk) -> dict[str, str]:
    return hidden(client.get(page_of(walk)).content.decode())


# --- Writing ----------------------------------------------------------------------------------------------------------


def test_a_walk_lead_writes_it_down(client: Client, lead: User, walk: Walk, team: Team) -> None:
    client.force_login(lead, backend=BACKEND)
    typed = {"highlights": "Shops knew us", "lessons": "More lamps", part_of(team): ["Dark bus stop", "", "Open house"]}
    assert client.post(page_of(walk), typed | opened(client, walk)).status_code == 302
    debrief = Debrief.objects.get(walk=walk)
    assert (debrief.highlights, debrief.lessons, debrief.by) == ("Shops knew us", "More lamps", lead)
    assert list(team.tops.values_list("rank", "text")) == [(1, "Dark bus stop"), (2, "Open house")]
    told = client.get(page_of(walk)).content.decode()
    assert "Shops knew us" in told
    assert "Open house" in told


def test_looking_at_it_writes_nothing(desk: Client, walk: Walk, team: Team) -> None:
    for method in ("get", "head"):
        assert getattr(desk, method)(page_of(walk)).status_code == 200
    assert not Debrief.objects.exists()


def test_two_phones_that_write_in_different_places_keep_both(desk: Client, walk: Walk, team: Team) -> None:
    seen = opened(desk, walk)
    desk.post(page_of(walk), seen | {"highlights": "Sun", "lessons": "", part_of(team): ["", "", ""]})
    answer = desk.post(page_of(walk), seen | {"highlights": "", "lessons": "Bring water", part_of(team): ["Lamp"]})
    assert answer.status_code == 302
    debrief = Debrief.objects.get()
    assert (debrief.highlights, debrief.lessons) == ("Sun", "Bring water")
    assert list(team.tops.values_list("text", flat=True)) == ["Lamp"]


def test_two_who_write_in_the_same_place_see_both_versions(desk: Client, walk: Walk, team: Team) -> None:
    seen = opened(desk, walk)
    desk.post(page_of(walk), seen | {"highlights": "Sun", "lessons": "L", part_of(team): ["Lamp"]})
    answer = desk.post(page_of(walk), seen | {"highlights": "Rain", "lessons": "", part_of(team): ["House"]})
    told = answer.content.decode()
    assert answer.status_code == 409
    for words in ("Sun", "Rain", "Lamp", "House", "Somebody else wrote meanwhile"):
        assert words in told
    assert Debrief.objects.get().highlights == "Sun"
    # What the second didn't touch shows as it is now, so that the next press doesn't empty it.
    assert re.search(r'id="id_lessons"[^>]*>L</textarea>', told)
    both = {"highlights": "Rain, then sun", "lessons": "L", part_of(team): ["House", "Lamp"]}
    assert desk.post(page_of(walk), hidden(told) | both).status_code == 302
    assert Debrief.objects.get().highlights == "Rain, then sun"
    assert list(team.tops.values_list("text", flat=True)) == ["House", "Lamp"]


def test_what_is_too_long_is_refused_and_still_there(desk: Client, walk: Walk, team: Team) -> None:
    seen = opened(desk, walk)
    answer = desk.post(page_of(walk), seen | {"highlights": "y" * 3001, "lessons": "Kept here"})
    assert answer.status_code == 400
    assert "Kept here" in answer.content.decode()
    assert "3000 letters at most" in answer.content.decode()
    assert not Debrief.objects.exists()
    # Nothing was saved, so the form still carries what was seen at first: who wrote meanwhile isn't overwritten.
    write_debrief(
        walk=walk, by=factories.make_user(), seen={"lessons": version_of("")}, words={"lessons": "B"}, tops={}
    )
    again = desk.post(page_of(walk), seen | {"highlights": "y" * 3001, "lessons": "Kept here"}).content.decode()
    both = desk.post(page_of(walk), hidden(again) | {"highlights": "y", "lessons": "Kept here"})
    assert both.status_code == 409
    assert Debrief.objects.get().lessons == "B"


def test_another_walk_s_team_is_left_alone(desk: Client, walk: Walk) -> None:
    other = factories.make_team()
    desk.post(page_of(walk), {part_of(other): ["Not here"], "seen:" + part_of(other): version_of([])})
    desk.post(page_of(walk), {"top:not-a-number": "x", "do": "take:x:y"})
    desk.post(page_of(walk), {"do": "keep:nothing"})
    assert not TeamTop.objects.exists()


def test_a_tap_takes_over_what_the_team_wrote_down(desk: Client, walk: Walk, team: Team) -> None:
    noted = [factories.make_concern(walk=walk, team=team, category=code, address="12 Secret Rd", note="words of theirs")
             for code in ("LIGHT_OUT", "DUMPING", "SIDEWALK", "GRAFFITI")]  # fmt: skip
    seen = opened(desk, walk)
    tap = {"do": f"take:{team.public_id}:{noted[0].public_id}", "highlights": "Typed before the tap"}
    assert desk.post(page_of(walk), seen | tap)["Location"].endswith("#team-1")
    assert list(team.tops.values_list("text", flat=True)) == [line_of(noted[0])]
    assert Debrief.objects.get().highlights == "Typed before the tap"
    assert "Secret" not in line_of(noted[0])
    never = factories.make_concern(walk=walk, team=team, category="NUISANCE")
    assert line_of(never) not in desk.get(page_of(walk)).content.decode()  # a whole group looks on
    desk.post(page_of(walk), {"do": f"take:{team.public_id}:{never.public_id}"})
    assert team.tops.count() == 1
    for one in noted[1:]:
        desk.post(page_of(walk), {"do": f"take:{team.public_id}:{one.public_id}"})
    assert team.tops.count() == 3


def test_a_promise_is_made_at_the_table_whichever_button_is_pressed(desk: Client, walk: Walk) -> None:
    promise = {"promise-text": "Bring gloves", "promise-owner_name": "Rosa", "promise-when": "7"}
    desk.post(page_of(walk), promise | {"do": "promise"})
    desk.post(page_of(walk), promise | {"promise-text": "Bring tea", "do": "save"})
    assert list(walk.commitments.values_list("text", flat=True)) == ["Bring gloves", "Bring tea"]
    assert set(walk.commitments.values_list("due_on", flat=True)) == {timezone.localdate() + timedelta(days=7)}
    wrong = desk.post(page_of(walk), promise | {"promise-owner_name": "", "do": "finish"})
    assert wrong.status_code == 400
    assert "Say who promised it" in wrong.content.decode()
    assert not Debrief.objects.exclude(finished_at=None).exists()


def test_a_promise_about_a_thing_that_was_noticed_shows_there(desk: Client, walk: Walk) -> None:
    concern = factories.make_concern(walk=walk)
    desk.post(
        page_of(walk),
        {"promise-text": "Call about it", "promise-owner_name": "Rosa", "promise-when": "7",
         "promise-concern": str(concern.public_id), "do": "promise"},
    )  # fmt: skip
    assert Commitment.objects.get().concern == concern
    told = desk.get(reverse("concerns:desk_detail", args=[concern.public_id])).content.decode()
    assert "Call about it" in told


# --- Numbers ----------------------------------------------------------------------------------------------------------


def test_what_nobody_told_is_unknown_and_not_zero(walk: Walk) -> None:
    numbers = numbers_of(walk, [])
    assert (numbers.n_checked_in, numbers.n_heads, numbers.n_faces, numbers.n_found, numbers.n_met) == (None,) * 5


def test_the_day_in_numbers(walk: Walk, team: Team) -> None:
    device = factories.make_device(walk=walk, team=team)
    factories.make_presence(walk=walk, age_band="18_24")
    factories.make_presence(walk=walk, age_band="35_54")
    factories.make_presence(walk=walk, n_people=4)
    factories.make_presence(walk=walk, withdrawn_at=timezone.now())
    factories.make_head_count(walk=walk, device=device, counted_at=walk.meet_at, n_25_34=3)
    factories.make_head_count(walk=walk, device=device, n_25_34=9)
    for _n in range(2):  # taps at the table
        factories.make_head_count(walk=walk, device=None, n_25_34=0, n_13_17=1)
    segment = walk.corridor.segments.first()
    TeamSegment.objects.create(team=team, segment=segment)
    for side in ("left", "right", "left"):
        factories.make_pass(walk=walk, segment=segment, side=side)
    for code in ("LIGHT_OUT", "ASSET"):
        factories.make_concern(walk=walk, category=code)
    factories.make_concern(walk=walk, status="withdrawn")
    factories.make_look(concern=factories.make_concern(), walk=walk, result="fixed")
    factories.make_contact(walk=walk)
    numbers = numbers_of(walk, found_on(walk))
    assert (numbers.n_checked_in, numbers.n_heads) == (6, 11)
    assert (numbers.n_youth, numbers.n_age_known) == (1, 2)
    assert (numbers.n_faces, numbers.n_faces_planned) == (2, 2)
    assert (numbers.n_found, numbers.n_good, numbers.n_looks, numbers.n_seen_fixed, numbers.n_met) == (1, 1, 1, 1, 1)


def test_the_page_asks_the_same_few_questions_however_much_was_noted(desk: Client, walk: Walk, team: Team) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(page_of(walk)).status_code == 200
        return len(asked)

    for _n in range(2):
        factories.make_concern(walk=walk, team=team)
        factories.make_commitment(walk=walk, organization=factories.make_organization())
    count()
    few = count()
    for _n in range(5):
        factories.make_concern(walk=walk, team=factories.make_team(walk=walk))
        factories.make_commitment(walk=walk, organization=factories.make_organization())
    assert count() == few <= 17


# --- Thanks -----------------------------------------------------------------------------------------------------------


def test_thanks_wait_a_minute_and_tell_only_what_is_public(desk: Client, organizer: User, walk: Walk) -> None:
    came, stayed = factories.make_signup(walk=walk), factories.make_signup(walk=walk)
    factories.make_presence(walk=walk, signup=came)
    for signup in (came, stayed):
        signup.person.email = f"p{signup.pk}@example.org"
        signup.person.save()
    factories.make_published_concern(walk=walk, category="LIGHT_OUT", address="77 Marker Ln")
    factories.make_concern(walk=walk, category="DUMPING", note="held marker words")
    thanks = reverse("concerns:debrief_thanks", args=[walk.public_id])
    desk.post(thanks, {"do": "send"})
    assert not Notice.objects.exists()  # not before the debrief is finished
    finish_debrief(walk=walk, by=organizer)
    desk.post(thanks, {"do": "send", "words": "You were great"})
    desk.post(thanks, {"do": "send"})
    mail = OutboxMessage.objects.get()
    assert mail.to_address == came.person.email
    assert mail.due_at > timezone.now() + timedelta(seconds=50)
    assert "You were great" in mail.body_text
    assert "Street light not working: 1" in mail.body_text
    for marker in ("77 marker", "held marker", "dumped trash"):
        assert marker not in (mail.body_text + mail.body_html).lower()
    assert "List-Unsubscribe" in mail.headers
    assert "Take it back" in desk.get(page_of(walk)).content.decode()
    desk.post(thanks, {"do": "undo"})
    mail.refresh_from_db()
    assert mail.status == OutboxMessage.Status.CANCELLED
    desk.post(thanks, {"do": "send"})
    assert OutboxMessage.objects.filter(status=OutboxMessage.Status.QUEUED).count() == 1


def test_a_debrief_is_not_finished_before_the_walk_began(desk: Client) -> None:
    walk = factories.make_walk()
    desk.post(page_of(walk), {"do": "finish"})
    assert not Debrief.objects.exclude(finished_at=None).exists()


# --- What the next walk carries ---------------------------------------------------------------------------------------


def test_the_next_walk_carries_what_is_open_claimed_and_promised(desk: Client, walk: Walk) -> None:
    def make(**fields: Any) -> Any:
        return factories.make_concern(walk=walk, triaged_at=timezone.now(), **fields)

    claimed = make(status="claimed_fixed", address="1 Claimed St")
    make(status="triaged", address="2 Open St")
    make(status="verified_fixed", address="3 Done St")
    factories.make_concern(walk=walk, address="4 Unread St")
    soon = timezone.now() + timedelta(days=7)
    times = {"meet_at": soon, "step_off_at": soon, "end_at": soon + timedelta(hours=2)}
    coming = factories.make_walk(corridor=walk.corridor, **times)
    factories.make_contact(walk=walk, segment=claimed.segment, needs=["food"])
    factories.make_commitment(walk=walk, text="Due before it", due_on=timezone.localdate() + timedelta(days=3))
    factories.make_commitment(walk=walk, text="Due much later", due_on=timezone.localdate() + timedelta(days=60))
    page = reverse("concerns:carries", args=[coming.public_id])
    told = desk.get(page).content.decode()
    for words in ("1 Claimed St", "2 Open St", "Due before it", "asked for something"):
        assert words in told
    for words in ("3 Done St", "4 Unread St", "Due much later"):
        assert words not in told
    few = _queries(desk, page)
    for n in range(5):
        make(status="triaged", address=f"{n} More St", segment=walk.corridor.segments.last())
        factories.make_commitment(walk=walk, due_on=timezone.localdate())
    assert _queries(desk, page) == few <= 12


def _queries(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return len(asked)


def test_a_walk_that_carries_nothing_says_so(desk: Client) -> None:
    told = desk.get(reverse("concerns:carries", args=[factories.make_walk().public_id])).content.decode()
    assert "carries nothing yet" in told


# --- Two at once, for real --------------------------------------------------------------------------------------------


@pytest.fixture
def closing() -> Iterator[None]:
    yield
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_the_same_moment_never_make_four_lines(closing: None) -> None:
    user, walk = factories.make_user(), factories.make_running_walk()
    team = factories.make_team(walk=walk)
    barrier = threading.Barrier(6)
    seen = {"highlights": version_of("")}

    def tap(n: int) -> None:
        barrier.wait()
        try:
            write_debrief(walk=walk, by=user, seen=seen, words={"highlights": f"words {n}"}, tops={})
            take_over_top(walk=walk, team=team, text=f"line {n}", by=user)
        except Exception:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tap, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert team.tops.count() == 3
    assert list(team.tops.order_by("rank").values_list("rank", flat=True)) == [1, 2, 3]
    assert Debrief.objects.get(walk=walk).highlights.startswith("words ")


@pytest.mark.django_db(transaction=True)
def test_a_link_pressed_twice_at_the_same_moment_answers_once(closing: None) -> None:
    promise = factories.make_commitment()
    barrier, refused = threading.Barrier(4), []

    def answer(says: str) -> None:
        barrier.wait()
        try:
            promising.answer_commitment(commitment=Commitment.objects.get(), says=says, link_version=1)
        except Refused:
            refused.append(says)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer, args=(says,)) for says in ("done", "cannot", "done", "cannot")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    promise.refresh_from_db()
    assert len(refused) == 3
    assert promise.link_version == 2
    assert promise.state in ("kept", "broken")

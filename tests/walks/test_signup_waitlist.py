"""A full walk: waiting, being offered a place, taking it in time or not, also when many do it at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from office.models import OutboxMessage
from tests import factories
from walks.actions import Refused, change_signup, come_after_all, sign_up, withdraw
from walks.links import signup_token
from walks.models import Signup, Walk
from walks.places import kept_until, offer_places
from walks.waitlist import ask_the_next, claim

pytestmark = pytest.mark.django_db


def _wait(walk: Walk, n_people: int = 1, name: str = "Wren") -> Signup:
    result = sign_up(walk=walk, name=name, email=f"{name}{n_people}@example.org".lower(), n_people=n_people, wait=True)
    assert result.signup is not None
    return result.signup


def _state(signup: Signup) -> str:
    signup.refresh_from_db()
    return signup.state


@pytest.fixture
def full(db: None) -> Walk:
    """A walk with two places, both taken by Teo and Odessa."""
    walk = factories.make_walk(capacity=2)
    for name in ("Teo", "Odessa"):
        factories.make_signup(walk=walk, name=name)
    return walk


def _withdraw(walk: Walk, name: str) -> None:
    withdraw(signup=walk.signups.get(name=name))


def test_who_waits_holds_no_place_and_is_told_so(full: Walk) -> None:
    signup = _wait(full)
    assert (signup.state, full.places_taken) == (Signup.State.WAITLIST, 2)
    assert "You are on the waitlist" in OutboxMessage.objects.get().subject


def test_a_freed_place_is_kept_for_the_first_and_mailed(full: Walk) -> None:
    first, second = _wait(full, name="First"), _wait(full, name="Second")
    _withdraw(full, "Teo")
    assert (_state(first), _state(second)) == (Signup.State.OFFERED, Signup.State.WAITLIST)
    assert full.places_taken == 2
    mail = OutboxMessage.objects.get(kind="walks.place")
    assert mail.to_address == "first1@example.org"
    assert signup_token(first) in mail.body_text
    assert sign_up(walk=full, name="New", email="new@example.org").outcome == "full"


def test_taking_it_twice_is_taking_it_once(full: Walk) -> None:
    signup = _wait(full)
    _withdraw(full, "Teo")
    for _ in range(2):
        claim(signup=signup)
    assert (_state(signup), full.places_taken) == (Signup.State.GOING, 2)


def test_who_says_no_passes_it_on(full: Walk) -> None:
    first, second = _wait(full, name="First"), _wait(full, name="Second")
    _withdraw(full, "Teo")
    withdraw(signup=first)
    assert (_state(first), _state(second)) == (Signup.State.WITHDRAWN, Signup.State.OFFERED)


def test_a_group_waits_for_room_and_does_not_hold_up_who_fits(full: Walk) -> None:
    three = factories.make_walk(capacity=3)
    for name in ("a", "b", "c"):
        factories.make_signup(walk=three, name=name)
    group, single = _wait(three, 3, "Group"), _wait(three, 1, "Single")
    _withdraw(three, "a")
    assert (_state(group), _state(single)) == (Signup.State.WAITLIST, Signup.State.OFFERED)
    _withdraw(three, "b")
    assert _state(group) == Signup.State.WAITLIST
    change_signup(signup=group, n_people=1)
    assert _state(group) == Signup.State.OFFERED


def test_who_does_not_answer_is_off_the_list_and_the_next_is_asked(full: Walk) -> None:
    first, second = _wait(full, name="First"), _wait(full, name="Second")
    _withdraw(full, "Teo")
    first.refresh_from_db()
    assert first.offer_until is not None
    assert ask_the_next(first.offer_until - timedelta(seconds=1)) == 0
    assert ask_the_next(first.offer_until) == 1
    assert (_state(first), _state(second)) == (Signup.State.WITHDRAWN, Signup.State.OFFERED)
    assert come_after_all(signup=first, wait=True).state == Signup.State.WAITLIST


def test_too_late_goes_to_the_next_and_back_only_where_nobody_waits(full: Walk) -> None:
    first, second = _wait(full, name="First"), _wait(full, name="Second")
    _withdraw(full, "Teo")
    past = timezone.now() - timedelta(minutes=1)
    Signup.objects.filter(pk=first.pk).update(offer_until=past)
    with pytest.raises(Refused, match="somebody else"):
        claim(signup=first)
    assert (_state(first), _state(second)) == (Signup.State.WAITLIST, Signup.State.OFFERED)
    withdraw(signup=first)
    Signup.objects.filter(pk=second.pk).update(offer_until=past)
    assert claim(signup=second).state == Signup.State.GOING


def test_a_larger_walk_asks_those_who_wait(full: Walk) -> None:
    signup = _wait(full)
    Walk.objects.filter(pk=full.pk).update(capacity=3)
    assert ask_the_next() == 1
    assert _state(signup) == Signup.State.OFFERED


def test_before_anybody_new_those_who_wait_are_asked(full: Walk) -> None:
    signup = _wait(full)
    Walk.objects.filter(pk=full.pk).update(capacity=3)
    assert sign_up(walk=full, name="New", email="new@example.org").outcome == "full"
    assert _state(signup) == Signup.State.OFFERED


@pytest.mark.parametrize("change", [{"state": "called_off", "call_off_reason": "Ice"}, {"deleted_at": timezone.now()}])
def test_a_walk_that_does_not_take_place_offers_nothing(full: Walk, change: dict[str, Any]) -> None:
    signup = _wait(full)
    Walk.objects.filter(pk=full.pk).update(capacity=9, called_off_at=timezone.now(), **change)
    assert ask_the_next() == 0
    assert _state(signup) == Signup.State.WAITLIST


def test_once_people_meet_the_table_gives_the_places_out(full: Walk) -> None:
    _wait(full)
    walk = Walk.objects.get(pk=full.pk)
    walk.capacity = 9
    assert offer_places(walk, walk.meet_at) == []


ZONES = ["America/Chicago", "Asia/Kolkata", "Europe/Berlin", "Pacific/Auckland"]
# Both years' clock changes of all four zones lie in it.
MOMENTS = st.integers(0, 2 * 365 * 24 * 4).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * n))


@settings(max_examples=60)
@given(now=MOMENTS, ahead=st.integers(1, 400), zone=st.sampled_from(ZONES))
def test_a_place_is_never_lost_in_the_night(now: datetime, ahead: int, zone: str) -> None:
    walk = Walk(meet_at=now + timedelta(hours=ahead), time_zone=zone)
    until = kept_until(walk, now)
    local = until.astimezone(ZoneInfo(zone))
    assert now < until <= walk.meet_at
    assert until == walk.meet_at or 8 <= local.hour < 21
    assert until == walk.meet_at or until - now >= timedelta(hours=2)
    assert until - now <= timedelta(hours=24 + 13 + 1)


# --- Pages ---


def _my(signup: Signup, what: str = "") -> str:
    return reverse(f"walks:my{what}", args=[signup_token(signup)])


def test_the_public_form_offers_the_waitlist_only_where_it_is_full(client: Client, full: Walk) -> None:
    address = reverse("walks:sign_up", args=[full.public_id])
    page = client.get(address).content.decode()
    assert "Put me on the waitlist" in page
    assert "I’ll be there" not in page
    data = {"name": "Wren", "contact": "wren@example.org", "language": "en", "n_people": "1"}
    assert "Put me on the waitlist" in client.post(address, data).content.decode()
    assert not full.signups.filter(name="Wren").exists()
    receipt = client.get(client.post(address, data | {"wait": "1"})["Location"]).content.decode()
    assert "You are on the waitlist" in receipt
    assert full.signups.get(name="Wren").state == Signup.State.WAITLIST
    open_walk = factories.make_walk(capacity=5)
    assert "waitlist" not in client.get(reverse("walks:sign_up", args=[open_walk.public_id])).content.decode()


def test_a_group_larger_than_the_walk_never_waits(client: Client, full: Walk) -> None:
    data = {"name": "Wren", "contact": "wren@example.org", "language": "en", "n_people": "3", "wait": "1"}
    page = client.post(reverse("walks:sign_up", args=[full.public_id]), data).content.decode()
    assert "2 places in all, 0 left" in page
    signup = _wait(full)
    with pytest.raises(Refused, match="in all"):
        change_signup(signup=signup, n_people=3)


def test_opening_the_page_takes_nothing_and_its_buttons_do(client: Client, full: Walk) -> None:
    signup = _wait(full)
    _withdraw(full, "Teo")
    for method in (client.get, client.head):
        assert method(_my(signup)).status_code == 200
        assert method(_my(signup, "_claim")).status_code == 405
    assert "Take the place" in client.get(_my(signup)).content.decode()
    assert _state(signup) == Signup.State.OFFERED
    client.post(_my(signup, "_claim"))
    assert _state(signup) == Signup.State.GOING


def test_who_withdrew_from_a_full_walk_goes_on_the_waitlist(client: Client, full: Walk) -> None:
    signup = full.signups.get(name="Teo")
    withdraw(signup=signup)
    factories.make_signup(walk=full)
    assert "Put me on the waitlist" in client.get(_my(signup)).content.decode()
    client.post(_my(signup, "_back"), {"wait": "1"})
    assert _state(signup) == Signup.State.WAITLIST


# --- Many at once ---


# A database takes a hundred connections, and other tests run beside these.
MOST_AT_ONCE = 20


def _at_once(jobs: list[Any]) -> list[str]:
    """Run each in a thread with its own connection, the first ones from the same moment; its answer or `refused`."""
    n_first = min(len(jobs), MOST_AT_ONCE)
    start = Barrier(n_first)

    def run(number: int, job: Any) -> str:
        try:
            if number < n_first:
                start.wait(30)
            return str(job())
        except Refused:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(n_first) as pool:
        return list(pool.map(run, range(len(jobs)), jobs))


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_for_the_last_place_give_one_place_and_an_orderly_list() -> None:
    walk = factories.make_walk(capacity=1)

    def come(n: int) -> str:
        mine = Walk.objects.get(pk=walk.pk)
        return sign_up(walk=mine, name=f"W{n}", email=f"w{n}@example.org", wait=True).outcome

    outcomes = Counter(_at_once([lambda n=n: come(n) for n in range(50)]))
    assert outcomes == {"going": 1, "waiting": 49}
    assert walk.places_taken == 1
    ahead = walk.signups.get(state="going")
    withdraw(signup=ahead)
    first = walk.signups.filter(waiting_since__isnull=False).order_by("waiting_since").first()
    assert first is not None
    assert first.state == Signup.State.OFFERED
    assert walk.places_taken == 1


@pytest.mark.django_db(transaction=True)
def test_two_claims_a_withdrawal_and_the_job_at_once_never_give_a_place_twice() -> None:
    walk = factories.make_walk(capacity=2)
    going, other = (factories.make_signup(walk=walk) for _ in range(2))
    waiting = [_wait(walk, name=f"w{n}") for n in range(4)]
    withdraw(signup=going)
    offered = next(one for one in waiting if _state(one) == Signup.State.OFFERED)

    def own(signup: Signup) -> Signup:
        return Signup.objects.select_related("walk", "person").get(pk=signup.pk)

    _at_once(
        [
            lambda: claim(signup=own(offered)).state,
            lambda: claim(signup=own(offered)).state,
            lambda: withdraw(signup=own(other)).state,
            lambda: ask_the_next(),
            lambda: sign_up(walk=Walk.objects.get(pk=walk.pk), name="New", email="n@example.org").outcome,
        ]
    )
    assert walk.places_taken == 2
    assert _state(offered) == Signup.State.GOING
    assert Counter(walk.signups.values_list("state", flat=True))["offered"] == 1

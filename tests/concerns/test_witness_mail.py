"""“The light is back on”: each witness hears once, by day, after a while, and of what isn't public only that it is."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from concerns.models import Concern, FixedNews
from concerns.witness_mail import NEWS_FOR, tell_witnesses, untold
from office.models import OutboxMessage
from tests import factories
from walks.links import signup_token
from walks.models import Walk

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("America/Chicago"))


@pytest.fixture
def walk() -> Walk:
    return factories.make_walk()


def phone_of(walk: Walk, email: str, **person: Any) -> Any:
    """The phone of somebody who signed up."""
    somebody = factories.make_person(email=email, **person)
    return factories.make_device(walk=walk, signup=factories.make_signup(walk=walk, person=somebody))


def light(walk: Walk, **fields: Any) -> Concern:
    """A public light that was seen fixed yesterday."""
    when = {"status_changed_at": NOON - timedelta(days=1), "status": "verified_fixed"}
    return factories.make_published_concern(**when | {"walk": walk, "public_place": "4700 block"} | fields)


def told() -> list[str]:
    return sorted(OutboxMessage.objects.values_list("to_address", flat=True))


def test_who_noted_it_and_who_looked_hear_of_it_once(walk: Walk) -> None:
    one = light(walk, device=phone_of(walk, "first@example.org"))
    factories.make_look(concern=one, device=phone_of(walk, "looked@example.org"))
    second = factories.make_concern(
        walk=walk, status="duplicate", duplicate_of=one, device=phone_of(walk, "same@example.org"),
        triaged_at=timezone.now(),
    )  # fmt: skip
    assert second.duplicate_of == one
    assert tell_witnesses(NOON) == 3
    assert told() == ["first@example.org", "looked@example.org", "same@example.org"]
    mail = OutboxMessage.objects.first()
    assert mail is not None
    assert mail.subject == "The light is back on: 4700 block"
    assert "List-Unsubscribe" in mail.headers
    for days in range(3):
        assert tell_witnesses(NOON + timedelta(days=days, hours=1)) == 0
    # Back again and fixed again: who was told before isn't told twice.
    Concern.objects.filter(pk=one.pk).update(status_changed_at=NOON + timedelta(days=4))
    assert tell_witnesses(NOON + timedelta(days=5)) == 0


def test_several_things_of_a_day_are_one_mail_and_the_next_day_another(walk: Walk) -> None:
    phone = phone_of(walk, "first@example.org")
    for _n in range(3):
        light(walk, device=phone)
    assert tell_witnesses(NOON) == 1
    assert OutboxMessage.objects.get().subject == "3 things you saw are fixed"
    light(walk, device=phone)
    assert tell_witnesses(NOON + timedelta(hours=1)) == 0
    assert tell_witnesses(NOON + timedelta(days=1)) == 1
    assert FixedNews.objects.count() == 4


def test_who_saw_it_fixed_reported_it_or_wants_no_mail_gets_none(walk: Walk) -> None:
    saw = light(walk, device=phone_of(walk, "saw@example.org"))
    factories.make_look(concern=saw, device=saw.device, result="fixed")
    own = light(walk, device=phone_of(walk, "own@example.org"))
    now = timezone.now()
    factories.make_reporter(concern=own, email="Own@example.org", wants_mail=True, mail_confirmed_at=now)
    light(walk, device=phone_of(walk, "no@example.org", unsubscribed_at=now))
    light(walk, device=phone_of(walk, ""))
    light(walk, device=factories.make_device(walk=walk))
    assert tell_witnesses(NOON) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "claimed_fixed"},
        {"status_changed_at": NOON - timedelta(minutes=30)},
        {"status_changed_at": NOON - NEWS_FOR - timedelta(days=1)},
        {"publication": "hidden", "hidden_reason": "It is about a person"},
    ],
)
def test_it_waits_for_our_own_eyes_and_a_while_and_is_no_old_news(walk: Walk, fields: dict[str, Any]) -> None:
    light(walk, device=phone_of(walk, "first@example.org"), **fields)
    assert untold(NOON) == set()


def test_nobody_is_told_in_the_night(walk: Walk) -> None:
    light(walk, device=phone_of(walk, "first@example.org"))
    assert tell_witnesses(NOON.replace(hour=6)) == 0
    assert tell_witnesses(NOON.replace(hour=21)) == 0


def test_a_house_is_counted_and_not_named(walk: Walk) -> None:
    factories.make_concern(
        walk=walk, category="VACANT_OPEN", status="verified_fixed", triaged_at=timezone.now(), address="99 Marker Rd",
        status_changed_at=NOON - timedelta(days=1), device=phone_of(walk, "first@example.org"),
    )  # fmt: skip
    assert tell_witnesses(NOON) == 1
    mail = OutboxMessage.objects.get()
    assert "1 thing that we don’t name in mails" in mail.body_text
    for words in ("Marker", "acant"):
        assert words not in mail.body_text + mail.subject + mail.body_html


def test_their_own_page_says_what_became_of_it_to_nobody_else(client: Client) -> None:
    walk = factories.make_running_walk()
    phone = phone_of(walk, "first@example.org")
    other = phone_of(walk, "other@example.org")
    light(walk, device=phone, note="private words", address="99 Marker Rd")
    factories.make_look(concern=factories.make_concern(walk=walk, category="DUMPING"), device=phone, result="worse")
    mine = client.get(f"/my/{signup_token(phone.signup)}/").content.decode()
    for words in ("What you found", "We saw it fixed", "You looked again"):
        assert words in mine
    for words in ("private words", "99 Marker"):
        assert words not in mine
    assert "What you found" not in client.get(f"/my/{signup_token(other.signup)}/").content.decode()

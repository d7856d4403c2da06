"""News of a corridor by mail: nobody is subscribed by somebody else, one click stops it, only public things in it."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns import actions
from concerns.following import (
    ask_to_follow,
    confirm_following,
    follow_token,
    last_monday,
    news_of,
    send_digests,
    stop_following,
)
from concerns.models import Concern, Follower
from corridors.models import Corridor
from office.models import OutboxMessage
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
KANSAS = ZoneInfo("America/Chicago")
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=KANSAS)
LINK = re.compile(r"https?://[^/]+(/follow/[^/\s]+/)")


@pytest.fixture
def corridor() -> Corridor:
    return factories.make_corridor()


def ask(client: Client, corridor: Corridor, /, **fields: Any) -> Any:
    return client.post(reverse("concerns:follow"), {"corridor": corridor.slug, "email": "rosa@example.org"} | fields)


def link_in(message: OutboxMessage) -> str:
    found = LINK.search(message.body_text)
    assert found
    return found.group(1)


# --- Yes, and stop ----------------------------------------------------------------------------------------------------


def test_the_mail_s_link_and_a_button_make_a_follower(client: Client, corridor: Corridor) -> None:
    assert ask(client, corridor).status_code == 200
    message = OutboxMessage.objects.get()
    assert (message.kind, message.to_address) == ("follow.confirm", "rosa@example.org")
    link = link_in(message)
    assert "Yes, send me news" in client.get(link).content.decode()
    assert not Follower.objects.to_tell().exists()
    assert client.post(link).status_code == 302
    assert Follower.objects.to_tell().get().corridor == corridor
    assert "Stop the mail" in client.get(link).content.decode()


@pytest.mark.parametrize("method", ["get", "head"])
def test_o31_a_mail_scanner_that_opens_the_links_changes_nothing(
    client: Client, corridor: Corridor, method: str
) -> None:
    ask(client, corridor)
    link = link_in(OutboxMessage.objects.get())
    for address in (link, f"{link}stop/"):
        assert getattr(client, method)(address).status_code == 200
    follower = Follower.objects.get()
    assert (follower.confirmed_at, follower.stopped_at) == (None, None)


def test_who_asks_learns_nothing_and_an_address_is_asked_once_a_day(client: Client, corridor: Corridor) -> None:
    factories.make_follower(corridor=corridor, email="known@example.org")
    answers = {re.sub(r'(nonce|value)="[^"]*"', "", ask(client, corridor, email=email).content.decode())
               for email in ("new@example.org", "Known@example.org", "new@example.org", "NEW@example.org")}  # fmt: skip
    assert len(answers) == 1
    assert [message.to_address for message in OutboxMessage.objects.all()] == ["new@example.org"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": ""}, "Give an e-mail address"),
        ({"email": "rosa"}, "whole e-mail address"),
        ({"email": "x\r\nBcc: all@example.org"}, "whole e-mail address"),
        ({"corridor": "no-such"}, "Choose one of the corridors"),
        ({"corridor": "'; drop"}, "Choose one of the corridors"),
    ],
)
def test_bad_input_is_named_and_stays(client: Client, corridor: Corridor, fields: dict[str, str], words: str) -> None:
    response = ask(client, corridor, **fields)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not OutboxMessage.objects.exists()


def test_a_corridor_that_is_not_public_can_not_be_followed(client: Client) -> None:
    assert ask(client, factories.make_corridor(is_public=False)).status_code == 400


def test_a_machine_in_the_trap_looks_accepted_and_causes_no_mail(client: Client, corridor: Corridor) -> None:
    assert ask(client, corridor, website="x").status_code == 200
    assert not Follower.objects.exists()


def test_o22_the_eleventh_of_an_hour_waits_and_keeps_what_was_typed(client: Client, corridor: Corridor) -> None:
    for n in range(10):
        assert ask(client, corridor, email=f"r{n}@example.org").status_code == 200
    response = ask(client, corridor)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert 'value="rosa@example.org"' in response.content.decode()


def test_one_click_of_a_mail_program_stops_it_and_forgets_the_address(corridor: Corridor) -> None:
    """RFC 8058: a POST from elsewhere, without cookies or a token of the form."""
    ask_to_follow(corridor=corridor, email="rosa@example.org")
    message = OutboxMessage.objects.get()
    assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = LINK.search(message.headers["List-Unsubscribe"])
    assert found
    program = Client(enforce_csrf_checks=True)
    response = program.post(f"{found.group(1)}stop/", {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert "forgotten your address" in response.content.decode()
    follower = Follower.objects.get()
    assert (follower.email, follower.gets_mail) == ("", False)
    message.refresh_from_db()
    assert (message.to_address, message.status) == ("", "cancelled")
    assert response["Referrer-Policy"] == "no-referrer"


def test_a_link_that_was_stopped_does_not_start_again(client: Client, corridor: Corridor) -> None:
    follower = stop_following(follower=factories.make_follower(corridor=corridor))
    client.post(reverse("concerns:follow_link", args=[follow_token(follower)]))
    follower.refresh_from_db()
    assert not follower.gets_mail
    ask(client, corridor)
    assert OutboxMessage.objects.filter(kind="follow.confirm").count() == 1


@pytest.mark.parametrize("token", ["x", "x.y", "AAAA~1.abc"])
def test_a_forged_link_leads_nowhere(client: Client, token: str) -> None:
    for name in ("concerns:follow_link", "concerns:follow_stop"):
        assert client.post(reverse(name, args=[token])).status_code == 404


def test_the_corridor_s_page_has_the_form_and_rss_beside_it(client: Client, corridor: Corridor) -> None:
    page = client.get(reverse("corridors:detail", args=[corridor.slug])).content.decode()
    assert f'action="{reverse("concerns:follow")}"' in page
    assert "Or follow by RSS" in page


# --- The weekly mail --------------------------------------------------------------------------------------------------


def at_home(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=KANSAS)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at_home(11, 23, 7), at_home(11, 23, 7)),
        (at_home(11, 23, 6, 59), at_home(11, 16, 7)),
        (at_home(11, 29, 23), at_home(11, 23, 7)),
        # The clocks went back on Sunday 1 November: Monday begins at seven all the same.
        (at_home(11, 2, 7, 30), at_home(11, 2, 7)),
        (at_home(11, 1, 12), at_home(10, 26, 7)),
    ],
)
def test_o49_it_is_seven_on_monday_where_the_coalition_is(now: datetime, expected: datetime) -> None:
    assert last_monday(now) == expected


def a_week_ago(**fields: Any) -> Follower:
    heard = MONDAY - timedelta(days=7)
    return factories.make_follower(**{"told_until": heard, "confirmed_at": heard} | fields)


def published(corridor: Corridor, at: datetime, **fields: Any) -> Concern:
    return factories.make_published_concern(
        walk=factories.make_walk(corridor=corridor), published_at=at, public_place="3500 block, north side", **fields
    )


def test_it_comes_once_a_week_with_what_happened(corridor: Corridor, organizer: User) -> None:
    follower, other = a_week_ago(corridor=corridor, language="es"), a_week_ago()
    new = published(corridor, MONDAY - timedelta(days=2))
    old = published(corridor, MONDAY - timedelta(days=90))
    actions.move_concern(concern=old, to="claimed_fixed", by=organizer, at=MONDAY - timedelta(days=1))
    long_ago = published(corridor, MONDAY - timedelta(days=80))
    assert send_digests(MONDAY) == 1
    message = OutboxMessage.objects.get(kind="follow.digest")
    assert (message.to_address, message.language) == (follower.email, "es")
    for part in (message.body_text, message.body_html):
        assert str(new.public_id) in part
        assert str(old.public_id) in part
        assert str(long_ago.public_id) not in part
    assert send_digests(MONDAY + timedelta(hours=1)) == 0
    other.refresh_from_db()
    assert other.told_until == last_monday(MONDAY)


def test_where_nothing_happened_nothing_is_sent(corridor: Corridor) -> None:
    a_week_ago(corridor=corridor)
    published(corridor, MONDAY - timedelta(days=30))
    assert send_digests(MONDAY) == 0
    assert not OutboxMessage.objects.exists()


def test_only_who_said_yes_and_did_not_stop_gets_it(corridor: Corridor) -> None:
    published(corridor, MONDAY - timedelta(days=2))
    a_week_ago(corridor=corridor, confirmed_at=None)
    stop_following(follower=a_week_ago(corridor=corridor))
    assert send_digests(MONDAY) == 0


def test_a_worker_that_stood_still_on_monday_sends_it_on_tuesday_and_only_once(corridor: Corridor) -> None:
    a_week_ago(corridor=corridor)
    published(corridor, MONDAY - timedelta(days=2))
    tuesday = MONDAY + timedelta(days=1)
    assert [send_digests(tuesday), send_digests(tuesday), send_digests(MONDAY)] == [1, 0, 0]


def test_what_happened_after_the_hour_comes_next_week(corridor: Corridor) -> None:
    a_week_ago(corridor=corridor)
    published(corridor, MONDAY - timedelta(minutes=30))  # half past seven
    assert send_digests(MONDAY) == 0
    assert send_digests(MONDAY + timedelta(days=7)) == 1


def test_o10_o11_only_what_is_public_stands_in_it(corridor: Corridor, organizer: User) -> None:
    follower = a_week_ago(corridor=corridor)
    walk = factories.make_walk(corridor=corridor)
    at = MONDAY - timedelta(days=2)
    shown = published(corridor, at)
    secrets = [
        factories.make_concern(walk=walk, note="zebramarker", address="7771 Marker Ave"),
        published(corridor, at, publication="hidden", hidden_reason="x", public_text="yakmarker"),
        published(corridor, at, category="VACANT_OPEN", address="7774 Marker Ave", public_point=None, public_text=""),
        published(corridor, at, publication="spam"),
    ]
    assert send_digests(MONDAY) == 1
    message = OutboxMessage.objects.get(kind="follow.digest", to_address=follower.email)
    told = message.subject + message.body_text + message.body_html
    assert str(shown.public_id) in told
    found = [mark for mark in ("Marker", "zebramarker", "yakmarker", shown.address) if mark in told]
    assert found + [str(one.public_id) for one in secrets if str(one.public_id) in told] == []


def waiting_digests() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind="follow.digest", status="queued"))


def test_what_is_hidden_before_the_mail_goes_out_is_not_in_it(corridor: Corridor, organizer: User) -> None:
    a_week_ago(corridor=corridor)
    stays = published(corridor, MONDAY - timedelta(days=2))
    goes = published(corridor, MONDAY - timedelta(days=2))
    send_digests(MONDAY)
    assert str(goes.public_id) in waiting_digests()[0].body_text
    actions.hide_concern(concern=goes, by=organizer, reason="a face")
    assert waiting_digests() == []
    assert [send_digests(MONDAY + timedelta(hours=1)), send_digests(MONDAY + timedelta(hours=2))] == [1, 0]
    [mail] = waiting_digests()
    assert str(stays.public_id) in mail.body_text
    assert str(goes.public_id) not in mail.subject + mail.body_text + mail.body_html


def test_a_mail_that_held_nothing_else_is_not_sent_at_all(corridor: Corridor, organizer: User) -> None:
    a_week_ago(corridor=corridor)
    only = published(corridor, MONDAY - timedelta(days=2))
    send_digests(MONDAY)
    actions.take_down(concern=only, by=organizer, reason="a face")
    assert send_digests(MONDAY + timedelta(hours=1)) == 0
    assert waiting_digests() == []


def test_a_mail_written_anew_tells_nothing_of_the_week_before(corridor: Corridor, organizer: User) -> None:
    follower = a_week_ago(corridor=corridor, told_until=MONDAY - timedelta(days=14))
    Follower.objects.filter(pk=follower.pk).update(confirmed_at=MONDAY - timedelta(days=14))
    old = published(corridor, MONDAY - timedelta(days=9))
    send_digests(MONDAY - timedelta(days=7))
    OutboxMessage.objects.filter(kind="follow.digest").update(status="sent", sent_at=timezone.now())
    published(corridor, MONDAY - timedelta(days=2))
    goes = published(corridor, MONDAY - timedelta(days=2))
    send_digests(MONDAY)
    actions.mark_spam(concern=goes, by=organizer)
    assert send_digests(MONDAY + timedelta(hours=1)) == 1
    assert str(old.public_id) not in waiting_digests()[0].body_text


def test_mail_that_went_out_already_stays_as_it_was(corridor: Corridor, organizer: User) -> None:
    a_week_ago(corridor=corridor)
    goes = published(corridor, MONDAY - timedelta(days=2))
    send_digests(MONDAY)
    OutboxMessage.objects.update(status="sent", sent_at=timezone.now())
    actions.hide_concern(concern=goes, by=organizer)
    assert OutboxMessage.objects.get(kind="follow.digest").status == "sent"
    assert send_digests(MONDAY + timedelta(hours=1)) == 0


def test_a_concern_stands_under_the_last_thing_that_happened(corridor: Corridor, organizer: User) -> None:
    concern = published(corridor, timezone.now() - timedelta(days=3))
    since = timezone.now() - timedelta(days=4)
    actions.move_concern(concern=concern, to="claimed_fixed", by=organizer)
    actions.move_concern(concern=concern, to="reopened", by=organizer)
    news = news_of(corridor, since, timezone.now())
    assert [len(part) for part in (news.found, news.claimed, news.verified, news.reopened)] == [0, 0, 0, 1]


def test_saying_yes_twice_is_once(corridor: Corridor) -> None:
    ask_to_follow(corridor=corridor, email="rosa@example.org")
    first = confirm_following(follower=Follower.objects.get())
    assert confirm_following(follower=first).confirmed_at == first.confirmed_at


def test_its_query_count_does_not_grow_with_what_happened(
    corridor: Corridor, django_assert_max_num_queries: Any
) -> None:
    for _n in range(15):
        published(corridor, MONDAY - timedelta(days=2))
    with django_assert_max_num_queries(3):
        assert len(news_of(corridor, MONDAY - timedelta(days=7), MONDAY).found) == 15

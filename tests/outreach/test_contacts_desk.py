"""Contacts at the desk: the list and its filters, one typed in, a yes beside it, words about people."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns import report_forms
from office.models import AuditEvent
from outreach.cards import code_on, make_cards
from outreach.models import Card, Consent, Contact, HelpRequest
from people.models import Organization, User
from tests import factories

pytestmark = pytest.mark.django_db

SAYS_WHO = "Ask for Mrs. Quarles, 816-555-0142"
CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")


def listed(client: Client, **asked: str) -> str:
    return client.get(reverse("outreach:contacts"), asked).content.decode()


def told(**fields: Any) -> dict[str, Any]:
    data = {"form_token": report_forms.new_token(), "kind": "business", "result": "talked", "needs": ["food"]}
    return data | {"day": timezone.localdate().isoformat()} | fields


def said_yes(**fields: Any) -> dict[str, Any]:
    words = {"form_token": report_forms.new_token(), "scope": "call_me", "how": "spoken", "language": "es"}
    words |= {"phone": "816 555 0142", "name": "Nadia Quarles"} | fields
    return {"wants_help": "on", **{f"help-{name}": value for name, value in words.items()}}


def send(client: Client, **fields: Any) -> Any:
    return client.post(reverse("outreach:contact_new"), told(**fields))


# --- The list ---


def test_the_address_narrows_the_list_and_counts_by_result(desk: Client) -> None:
    walk = factories.make_walk()
    shop = factories.make_contact(walk=walk, needs=["food"], note="behind the bakery")
    factories.make_contact(kind="resident", result="declined", note="a second floor")
    factories.make_contact(note="long ago", captured_at=timezone.now() - timedelta(days=200))
    page = listed(desk)
    assert "behind the bakery" in page
    assert "a second floor" in page
    assert "long ago" not in page
    assert "long ago" in listed(desk, days="all")
    for asked in ({"walk": str(walk.public_id)}, {"kind": "business"}, {"result": "talked"}, {"need": "food"}):
        narrowed = listed(desk, **asked)
        assert "behind the bakery" in narrowed, asked
        assert "a second floor" not in narrowed, asked
    assert re.search(r"<b>1</b> <span>didn’t want to talk", page)
    shop.withdrawn_at = timezone.now()
    shop.save()
    assert "behind the bakery" not in listed(desk)


def test_a_block_narrows_it_and_is_said_in_words(desk: Client) -> None:
    corridor = factories.make_corridor()
    block = corridor.segments.all()[0]
    factories.make_contact(segment=block, side="left", note="on that block")
    factories.make_contact(note="elsewhere")
    page = listed(desk, block=str(block.public_id))
    assert block.name in page
    assert "on that block" in page
    assert "elsewhere" not in page


@pytest.mark.parametrize("asked", [{"walk": "7"}, {"kind": "person"}, {"days": "-1"}, {"page": "x"}, {"block": "'"}])
def test_nonsense_in_the_address_is_left_out(desk: Client, asked: dict[str, str]) -> None:
    factories.make_contact(note="still here")
    assert "still here" in listed(desk, **asked)


def test_an_empty_list_says_what_to_do(desk: Client) -> None:
    assert "Nobody was met yet" in listed(desk)
    factories.make_contact()
    assert "Take a filter away" in listed(desk, kind="door")


def test_a_walk_lead_sees_own_walks_and_nobody_else_sees_any(client: Client, lead: User, volunteer: User) -> None:
    factories.make_contact(walk=factories.make_walk(lead=lead.person), note="own walk")
    factories.make_contact(walk=factories.make_walk(), note="another walk")
    client.force_login(lead)
    page = listed(client)
    assert "own walk" in page
    assert "another walk" not in page
    client.force_login(volunteer)
    for name in ("contacts", "contact_new"):
        assert client.get(reverse(f"outreach:{name}")).status_code == 403


def test_who_asked_for_help_is_never_in_the_list(client: Client, coordinator: User) -> None:
    factories.make_help_request(contact=factories.make_contact())
    client.force_login(coordinator)
    for marker in ("Nadia Quarles", "5550142", "nadia@example.org", "Two children"):
        assert marker not in listed(client)


def test_the_list_asks_the_database_as_often_for_many(desk_of: Client, django_assert_max_num_queries: Any) -> None:
    block = factories.make_corridor().segments.all()[0]
    shop = factories.make_landmark(kind="business")
    for n in range(8):
        walk = factories.make_walk()
        factories.make_contact(walk=walk, segment=block, side="left", landmark=shop, note=f"{SAYS_WHO} {n}")
    listed(desk_of)  # makes the coalition's row
    with django_assert_max_num_queries(12):
        listed(desk_of)


# --- Words about people ---


def test_words_that_say_who_it_is_are_warned_about_once_and_then_kept_for_coordinators_alone(
    client: Client, organizer: User, coordinator: User, walled_organizer: User
) -> None:
    client.force_login(organizer)
    data = told(note=SAYS_WHO)
    warned = client.post(reverse("outreach:contact_new"), data)
    assert warned.status_code == 400
    html = warned.content.decode()
    assert "leave it out, or ask for a yes" in html
    assert SAYS_WHO in html
    assert not Contact.objects.exists()
    found = re.search(r'name="said_seal" value="([0-9a-f]{64})"', html)
    assert found is not None
    assert client.post(reverse("outreach:contact_new"), data | {"said_seal": found[1]}).status_code == 302
    contact = Contact.objects.get()
    assert contact.note == SAYS_WHO
    for user in (organizer, walled_organizer):
        client.force_login(user)
        assert "Quarles" not in listed(client)
        assert "words for coordinators only" in listed(client)
    client.force_login(coordinator)
    assert "1 note seems to say who it is" in listed(client)
    assert AuditEvent.objects.get(action="read_words").detail == {"n": 1}
    client.post(reverse("outreach:contact_clear", args=[contact.public_id]))
    contact.refresh_from_db()
    assert contact.note == ""
    cleared = AuditEvent.objects.get(action="contact.clear")
    assert "Quarles" not in str(cleared.detail) + cleared.reason


def test_only_coordinators_clear_words(client: Client, organizer: User, walled_organizer: User) -> None:
    contact = factories.make_contact(note=SAYS_WHO)
    for user in (organizer, walled_organizer):
        client.force_login(user)
        assert client.post(reverse("outreach:contact_clear", args=[contact.public_id])).status_code == 403
    contact.refresh_from_db()
    assert contact.note


def test_the_wall_hides_shops_and_words(client: Client, walled_organizer: User) -> None:
    shop = factories.make_landmark(kind="business", name="Lopez Bakery")
    factories.make_contact(landmark=shop, note="wants the light back")
    client.force_login(walled_organizer)
    page = listed(client)
    assert "Lopez Bakery" not in page
    assert "wants the light back" not in page


# --- One typed in ---


def test_one_is_written_down_with_who_wrote_it(desk: Client, organizer: User) -> None:
    walk = factories.make_walk(meet_at=timezone.now() - timedelta(days=3))
    day = timezone.localtime(walk.meet_at).date().isoformat()
    assert send(desk, walk=str(walk.public_id), day=day, note="ring twice").status_code == 302
    contact = Contact.objects.get()
    assert (contact.source, contact.recorded_by, contact.walk) == ("desk", organizer, walk)
    assert (contact.captured_at, contact.note, contact.needs) == (walk.meet_at, "ring twice", ["food"])


def test_a_shop_brings_its_block(desk: Client) -> None:
    corridor = factories.make_corridor()
    block = corridor.segments.all()[0]
    shop = factories.make_landmark(kind="business", location=block.line.interpolate_normalized(0.5))
    send(desk, landmark=str(shop.public_id))
    contact = Contact.objects.get()
    assert (contact.landmark, contact.segment) == (shop, block)


def test_a_form_sent_twice_is_one_contact_and_the_next_one_knows_the_walk(desk: Client) -> None:
    walk = factories.make_walk(meet_at=timezone.now() - timedelta(days=1))
    data = told(walk=str(walk.public_id), next="1")
    answers = [desk.post(reverse("outreach:contact_new"), data) for _n in range(2)]
    assert Contact.objects.count() == 1
    assert str(walk.public_id) in answers[0]["Location"]
    assert f'value="{walk.public_id}" selected' in desk.get(answers[0]["Location"]).content.decode()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kind": ""}, "Choose whom"),
        ({"result": "angry"}, ""),
        ({"day": "tomorrow"}, "This isn’t a day"),
        ({"day": "2999-01-01"}, "still to come"),
        ({"card": "ABCD"}, "We don’t find this card"),
        ({"walk": "7"}, ""),
        ({"landmark": "\x00"}, ""),
    ],
)
def test_a_mistake_is_named_and_nothing_is_kept(desk: Client, wrong: dict[str, str], says: str) -> None:
    answer = send(desk, note="ring twice", **wrong)
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert "ring twice" in answer.content.decode()
    assert not Contact.objects.exists()


def test_a_walk_lead_writes_only_for_own_walks(client: Client, lead: User) -> None:
    past = timezone.now() - timedelta(days=1)
    own, other = factories.make_walk(lead=lead.person, meet_at=past), factories.make_walk(meet_at=past)
    client.force_login(lead)
    assert send(client).status_code == 400
    assert send(client, walk=str(other.public_id)).status_code == 400
    assert send(client, walk=str(own.public_id)).status_code == 302
    assert [one.walk for one in Contact.objects.all()] == [own]


# --- With a yes ---


def test_a_coordinator_keeps_the_request_with_it_and_reads_out_the_code(desk_of: Client, coordinator: User) -> None:
    assert "holds what you tell us" in desk_of.get(reverse("outreach:contact_new")).content.decode()
    answer = send(desk_of, **said_yes())
    assert CODE.search(answer.content.decode())
    asked, yes = HelpRequest.objects.get(), Consent.objects.get()
    assert (asked.contact, asked.needs, asked.source) == (Contact.objects.get(), ["food"], "desk")
    assert (yes.scope, yes.how, yes.recorded_by, asked.language) == ("call_me", "spoken", coordinator, "es")
    assert asked.contact is not None
    assert "Nadia" not in asked.contact.note


def test_a_mistake_in_the_yes_keeps_neither(desk_of: Client) -> None:
    answer = send(desk_of, **said_yes(phone=""))
    assert answer.status_code == 400
    assert "Give a number" in answer.content.decode()
    assert "Nadia Quarles" in answer.content.decode()
    assert send(desk_of, **said_yes(), needs=[]).status_code == 400
    assert not Contact.objects.exists()
    assert not HelpRequest.objects.exists()


def test_who_is_no_coordinator_sees_and_keeps_no_yes(client: Client, organizer: User, walled_organizer: User) -> None:
    for user in (organizer, walled_organizer):
        client.force_login(user)
        assert "wants_help" not in client.get(reverse("outreach:contact_new")).content.decode()
        send(client, **said_yes())
    assert Contact.objects.count() == 2
    assert not HelpRequest.objects.exists()
    assert not Consent.objects.exists()


# --- Cards ---


def test_a_cards_code_is_the_requests_code_and_goes_to_one_person_only(desk_of: Client, coordinator: User) -> None:
    make_cards(n=1, walk=None, languages=["en"], by=coordinator)
    card = Card.objects.get()
    code = code_on(card)
    answer = send(desk_of, card=code.lower(), **said_yes())
    assert code in answer.content.decode()
    card.refresh_from_db()
    assert (card.contact, card.help_request) == (Contact.objects.get(), HelpRequest.objects.get())
    again = send(desk_of, card=code)
    assert again.status_code == 400
    assert "given to somebody already" in again.content.decode()
    assert "a request with this card already" in send(desk_of, card=code, **said_yes()).content.decode()
    assert Contact.objects.count() == 1


def test_a_card_without_a_yes_only_points_at_the_contact(desk: Client, coordinator: User, agency: Organization) -> None:
    make_cards(n=1, walk=None, languages=["en"], by=coordinator)
    send(desk, card=code_on(Card.objects.get()))
    card = Card.objects.get()
    assert card.contact == Contact.objects.get()
    assert card.help_request is None

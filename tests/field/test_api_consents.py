"""A yes that somebody gives on the street: it arrives once, is kept whole or not at all, and stays forgotten."""

import logging
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from field.models import Receipt, Tombstone
from field.purging import purge
from office.models import AuditEvent, OutboxMessage
from outreach import helping, referring
from outreach.cards import code_on, give_card_its_request, make_cards
from outreach.help_links import help_of_code
from outreach.helping import Asked, Yes
from outreach.models import Card, Consent, Contact, HelpRequest, Referral, Shop
from people.models import Organization, User
from people.roles import OrganizationKind
from tests import factories
from tests.field.phone import Phone, error_codes

pytestmark = pytest.mark.django_db
MARKERS = ("Zebulon Okafor", "8165550199", "815 555", "zeb@example.org", "after the MARKER shift", "MARKER stairs")


@pytest.fixture
def phone(db: None) -> Phone:
    return Phone()


@pytest.fixture
def agency(db: None) -> Organization:
    return factories.make_organization(name="Open Pantry", email="intake@example.org")


def yes(**changes: Any) -> dict[str, Any]:
    """A whole `consent` as contract.md has it: Zebulon may be called."""
    return {
        "scope": "call_me",
        "how": "spoken",
        "language": "es",
        "wording_version": 1,
        "organization": None,
        "name": "Zebulon Okafor",
        "phone": "(816) 555-0199",
        "email": "zeb@example.org",
        "best_time": "after the MARKER shift",
        "note": "MARKER stairs",
        "wants_mail": False,
        "card": "",
    } | changes


def nobody(**changes: Any) -> dict[str, Any]:
    """A yes of somebody who tells nothing of themselves."""
    return yes(**dict.fromkeys(("name", "phone", "email", "best_time", "note"), "") | changes)


def put(phone: Phone, client_id: Any = None, **changes: Any) -> Any:
    return phone.put_day("contacts", client_id, **changes)


def a_card(user: User) -> Card:
    make_cards(n=1, walk=None, languages=["en"], by=user)
    return Card.objects.latest("pk")


# --- It arrives once --------------------------------------------------------------------------------------------------


def test_a_yes_makes_contact_request_and_consent_at_once(phone: Phone) -> None:
    response = put(phone, consent=yes())
    assert (response.status_code, response.json()["state"]) == (201, "complete")
    asked, consent = HelpRequest.objects.get(), Consent.objects.get()
    assert (asked.contact, asked.source, asked.needs) == (Contact.objects.get(), "walk", ["food", "safety"])
    assert (asked.name, asked.phone, asked.email) == ("Zebulon Okafor", "+18165550199", "zeb@example.org")
    assert (asked.best_time, asked.note, asked.language) == ("after the MARKER shift", "MARKER stairs", "es")
    assert (consent.scope, consent.how, consent.language, consent.wording_version) == ("call_me", "spoken", "es", 1)
    assert (consent.device, consent.recorded_by, consent.given_at) == (
        phone.device, None, Contact.objects.get().captured_at
    )  # fmt: skip


def test_the_answer_has_the_code_that_opens_their_page(phone: Phone, client: Client) -> None:
    code = put(phone, consent=yes()).json()["code"]
    assert len(code) == 19
    assert help_of_code(code) == HelpRequest.objects.get()


def test_without_a_yes_there_is_no_code_and_no_request(phone: Phone) -> None:
    response = put(phone, note="The door by the alley")
    assert "code" not in response.json()
    assert (HelpRequest.objects.count(), Contact.objects.get().note) == (0, "The door by the alley")


def test_the_same_again_gets_the_same_answer_and_doubles_nothing(phone: Phone) -> None:
    client_id, body = uuid.uuid4(), phone.day_body("contacts", consent=yes())
    first, again = (phone.send(f"contacts/{client_id}/", body) for _try in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["code"] == again.json()["code"]
    assert [model.objects.count() for model in (Contact, HelpRequest, Consent)] == [1, 1, 1]


def test_the_code_is_not_told_again_the_day_after(phone: Phone) -> None:
    client_id, body = uuid.uuid4(), phone.day_body("contacts", consent=yes())
    phone.send(f"contacts/{client_id}/", body)
    Receipt.objects.update(received_at=timezone.now() - timezone.timedelta(hours=25))
    assert "code" not in phone.send(f"contacts/{client_id}/", body).json()


def test_a_newer_state_without_the_yes_keeps_the_request(phone: Phone) -> None:
    client_id = uuid.uuid4()
    put(phone, client_id, consent=yes())
    assert put(phone, client_id, rev=2, result="left_material").json()["state"] == "complete"
    assert (HelpRequest.objects.get().name, Contact.objects.get().result) == ("Zebulon Okafor", "left_material")
    assert Consent.objects.in_force(timezone.now()).count() == 1


def test_a_newer_state_changes_the_number_and_the_need(phone: Phone) -> None:
    client_id = uuid.uuid4()
    put(phone, client_id, consent=yes())
    put(phone, client_id, rev=2, needs=["housing"], consent=yes(phone="816 555 0123", name="Zeb"))
    asked = HelpRequest.objects.get()
    assert (asked.needs, asked.phone, asked.name) == (["housing"], "+18165550123", "Zeb")
    assert Consent.objects.count() == 1


def test_a_narrower_yes_takes_the_wider_one_back_and_empties_what_it_allowed(
    phone: Phone, agency: Organization, coordinator: User
) -> None:
    client_id = uuid.uuid4()
    put(phone, client_id, consent=yes(scope="named", organization=str(agency.public_id)))
    referring.refer(help_request=HelpRequest.objects.get(), organization=agency, need="food", by=coordinator)
    put(phone, client_id, rev=2, consent=nobody(scope="nothing"))
    asked = HelpRequest.objects.get()
    assert (asked.name, asked.phone, asked.note) == ("", "", "")
    assert [one.scope for one in Consent.objects.in_force(timezone.now())] == ["nothing"]
    assert Referral.objects.get().state == "cancelled"


def test_taken_back_before_anybody_began_it_is_forgotten(phone: Phone) -> None:
    client_id = uuid.uuid4()
    put(phone, client_id, consent=yes())
    undo = {"rev": 2, "walk": str(phone.walk.public_id), "deleted": True}
    assert phone.send(f"contacts/{client_id}/", undo).json()["state"] == "closed"
    asked = HelpRequest.objects.get()
    assert (asked.name, asked.phone, asked.closed_at is None, asked.forgotten_at is None) == ("", "", False, False)
    assert Contact.objects.get().withdrawn_at is not None


def test_taken_back_after_an_agency_was_asked_it_stays_with_a_line(
    phone: Phone, agency: Organization, coordinator: User
) -> None:
    client_id = uuid.uuid4()
    put(phone, client_id, consent=yes(scope="named", organization=str(agency.public_id)))
    referring.refer(help_request=HelpRequest.objects.get(), organization=agency, need="food", by=coordinator)
    undo = {"rev": 2, "walk": str(phone.walk.public_id), "deleted": True}
    phone.send(f"contacts/{client_id}/", undo)
    asked = HelpRequest.objects.get()
    assert (asked.closed_at, asked.name) == (None, "Zebulon Okafor")
    assert "took this back" in asked.note


# --- What was forgotten stays so --------------------------------------------------------------------------------------


def test_what_was_forgotten_or_withdrawn_does_not_come_back_to_life(phone: Phone) -> None:
    for over in (
        lambda asked: helping.forget_help(help_request=asked),
        lambda asked: helping.withdraw_consent(consent=asked.consents.get()),
        lambda asked: helping.close_help(help_request=asked, party="person"),
    ):
        client_id = uuid.uuid4()
        put(phone, client_id, consent=yes())
        asked = HelpRequest.objects.latest("pk")
        over(asked)
        before = HelpRequest.objects.values().get(pk=asked.pk)
        answers = [put(phone, client_id, rev=rev, consent=yes(name="Back")) for rev in (1, 2)]
        assert [(one.status_code, one.json()["state"]) for one in answers] == [(200, "closed")] * 2
        assert HelpRequest.objects.values().get(pk=asked.pk) == before
    assert HelpRequest.objects.count() == 3


def test_a_phone_that_joined_anew_brings_no_forgotten_request_back(phone: Phone) -> None:
    client_id, device_id = uuid.uuid4(), phone.device.client_id
    put(phone, client_id, consent=yes())
    helping.forget_help(help_request=HelpRequest.objects.get())
    phone.device.delete()  # its receipts go with it
    put(Phone(phone.walk, client_id=device_id), client_id, consent=yes())
    assert HelpRequest.objects.get().name == ""


def test_a_purged_contact_takes_the_request_along(phone: Phone, organizer: User) -> None:
    client_id = uuid.uuid4()
    put(phone, client_id, consent=yes())
    purge(record=Contact.objects.get(), by=organizer)
    asked = HelpRequest.objects.get()
    assert (asked.name, asked.forgotten_at is None, Tombstone.objects.count()) == ("", False, 1)
    assert put(phone, client_id, rev=2, consent=yes()).json()["state"] == "closed"
    assert (HelpRequest.objects.get().name, Contact.objects.count()) == ("", 0)


# --- Who may have it --------------------------------------------------------------------------------------------------


def test_a_yes_for_one_agency_is_for_that_one(phone: Phone, agency: Organization) -> None:
    put(phone, consent=yes(scope="named", organization=str(agency.public_id)))
    assert Consent.objects.get().organization == agency


def test_the_person_may_name_the_police(phone: Phone) -> None:
    police = factories.make_organization(name="East Patrol", kind=OrganizationKind.POLICE)
    put(phone, consent=yes(scope="named", organization=str(police.public_id)))
    assert Consent.objects.get().organization == police


def test_an_organization_that_was_merged_since_is_refused(phone: Phone, agency: Organization) -> None:
    gone = factories.make_organization(name="Old Pantry", merged_into=agency)
    response = put(phone, consent=yes(scope="named", organization=str(gone.public_id)))
    assert (response.status_code, error_codes(response)) == (400, [("consent.organization", "unknown")])
    assert Contact.objects.count() == 0


def test_who_stands_there_from_the_agency_takes_it_at_once(phone: Phone, agency: Organization) -> None:
    client_id, consent = uuid.uuid4(), yes(scope="named", organization=str(agency.public_id), taken=True)
    body = phone.day_body("contacts", consent=consent)
    for _try in range(2):
        assert phone.send(f"contacts/{client_id}/", body).json()["state"] == "complete"
    taken = Referral.objects.order_by("need")
    assert [(one.need, one.state, one.organization) for one in taken] == [
        ("food", "accepted", agency), ("safety", "accepted", agency)
    ]  # fmt: skip
    assert OutboxMessage.objects.count() == 0


# --- Cards ------------------------------------------------------------------------------------------------------------


def test_with_a_card_the_code_is_the_cards_and_is_not_told(phone: Phone, organizer: User) -> None:
    card = a_card(organizer)
    answer = put(phone, consent=yes(card=code_on(card).lower())).json()
    card.refresh_from_db()
    assert "code" not in answer
    assert help_of_code(code_on(card)) == HelpRequest.objects.get() == card.help_request
    assert card.contact == Contact.objects.get()


def test_a_card_may_be_left_without_any_yes_and_said_yes_to_later(phone: Phone, organizer: User) -> None:
    card, client_id = a_card(organizer), uuid.uuid4()
    put(phone, client_id, card=code_on(card))
    put(phone, client_id, rev=2, card=code_on(card))
    card.refresh_from_db()
    assert (card.contact, card.help_request) == (Contact.objects.get(), None)
    put(phone, client_id, rev=3, consent=yes(card=code_on(card)))
    card.refresh_from_db()
    assert card.help_request == HelpRequest.objects.get()


def at_home(card: Card) -> HelpRequest:
    """They asked with their card before the team's phone had a signal."""
    asked = Asked(
        name="Zeb Okafor",
        phone="+18165550188",
        email="",
        best_time="",
        note="MY OWN WORDS",
        language="es",
        wants_mail=False,
    )
    yes_to = Yes(Consent.Scope.CALL_ME, Consent.How.TICKED)
    kept = helping.ask_for_help(form_token=card.token, needs=["housing"], source="page", yes=yes_to, **asked)
    give_card_its_request(kept.help_request)
    return kept.help_request


def test_who_asked_at_home_before_the_phone_had_a_signal_keeps_what_they_said(phone: Phone, organizer: User) -> None:
    card, client_id = a_card(organizer), uuid.uuid4()
    theirs = at_home(card)
    body = phone.day_body("contacts", consent=yes(card=code_on(card)))
    for newer in (body, body, body | {"rev": 2}):
        answer = phone.send(f"contacts/{client_id}/", newer)
        assert answer.json()["state"] == "complete"
        assert "code" not in answer.json()
    theirs.refresh_from_db()
    card.refresh_from_db()
    assert (HelpRequest.objects.count(), Contact.objects.count(), Consent.objects.count()) == (1, 1, 1)
    assert theirs.contact == card.contact == Contact.objects.get()
    assert (theirs.note, theirs.needs, theirs.name) == ("MY OWN WORDS", ["housing"], "Zeb Okafor")
    put(phone, client_id, rev=3, deleted=True)
    theirs.refresh_from_db()
    assert (theirs.note, theirs.closed_at) == ("MY OWN WORDS", None)


def test_who_took_their_yes_back_at_home_is_not_asked_for_again(phone: Phone, organizer: User) -> None:
    card, client_id = a_card(organizer), uuid.uuid4()
    theirs = at_home(card)
    helping.withdraw_consent(consent=theirs.consents.get())
    for rev in (1, 2):
        assert put(phone, client_id, rev=rev, consent=yes(card=code_on(card))).json()["state"] == "complete"
    card.refresh_from_db()
    assert card.contact == Contact.objects.get()
    assert not Consent.objects.in_force(timezone.now()).exists()
    # Another contact can't come by the same card.
    assert error_codes(put(phone, consent=yes(card=code_on(card)))) == [("card", "refused")]


def test_a_card_that_somebody_else_has_is_refused_and_nothing_is_kept(phone: Phone, organizer: User) -> None:
    card = a_card(organizer)
    put(phone, consent=yes(card=code_on(card)))
    for changes in ({"consent": yes(card=code_on(card))}, {"card": code_on(card)}):
        response = put(phone, **changes)
        assert (response.status_code, error_codes(response)) == (400, [("card", "refused")])
    assert (Contact.objects.count(), Receipt.objects.count()) == (1, 1)


# --- Shops ------------------------------------------------------------------------------------------------------------


def test_a_contact_may_be_about_a_shop_that_wants_no_visit(phone: Phone) -> None:
    shop = factories.make_landmark(name="Corner Market", kind="business")
    put(phone, landmark=str(shop.public_id), do_not_visit=True)
    assert Contact.objects.get().landmark == shop
    kept = Shop.objects.get()
    assert (kept.landmark, kept.do_not_visit, kept.do_not_visit_since) == (shop, True, timezone.localdate())


def test_a_shop_that_is_gone_since_holds_up_nothing(phone: Phone) -> None:
    assert put(phone, landmark=str(uuid.uuid4()), do_not_visit=True).status_code == 201
    assert (Contact.objects.get().landmark, Shop.objects.count()) == (None, 0)


# --- Refusals ---------------------------------------------------------------------------------------------------------

BAD: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"needs": [], "consent": yes()}, [("needs", "missing")]),
    ({"consent": yes(scope=None)}, [("consent.scope", "missing")]),
    ({"consent": yes(scope="anybody")}, [("consent.scope", "unknown")]),
    ({"consent": yes(how=None)}, [("consent.how", "missing")]),
    ({"consent": yes(language="tlh")}, [("consent.language", "unknown")]),
    ({"consent": yes(wording_version=99)}, [("consent.wording_version", "unknown")]),
    ({"consent": yes(wording_version=None)}, [("consent.wording_version", "missing")]),
    ({"consent": nobody(scope="nothing", name="Zeb")}, [("consent.name", "no_yes")]),
    ({"consent": nobody(scope="nothing", phone="816 555 0199")}, [("consent.phone", "no_yes")]),
    ({"consent": nobody(scope="call_me")}, [("consent.phone", "missing")]),
    ({"consent": yes(scope="named")}, [("consent.organization", "missing")]),
    ({"consent": yes(organization=str(uuid.uuid4()))}, [("consent.organization", "not_named")]),
    ({"consent": yes(taken=True)}, [("consent.taken", "not_named")]),
    ({"consent": yes(phone="555")}, [("consent.phone", "not_a_number")]),
    ({"consent": yes(email="zeb@")}, [("consent.email", "not_an_address")]),
    ({"consent": yes(email="", wants_mail=True)}, [("consent.email", "missing")]),
    ({"consent": yes(name="x" * 121)}, [("consent.name", "too_long")]),
    ({"consent": yes(papers="no")}, [("consent.papers", "unknown")]),
    ({"consent": yes(card="KHT4")}, [("consent.card", "unknown")]),
    ({"landmark": "shop"}, [("landmark", "not_an_id")]),
]


@pytest.mark.parametrize(("changes", "errors"), BAD)
def test_what_cannot_be_is_refused_by_its_name(
    phone: Phone, changes: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    response = put(phone, **changes)
    assert (response.status_code, error_codes(response)) == (400, errors)
    assert all(len(error["message"]) > 10 for error in response.json()["errors"])
    assert (Contact.objects.count(), Receipt.objects.count()) == (0, 0)


# --- The wall ---------------------------------------------------------------------------------------------------------


def test_no_log_receipt_or_audit_line_knows_who_it_was(phone: Phone, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client_id = uuid.uuid4()
    put(phone, client_id, consent=yes(), note="MARKER stairs")
    put(phone, client_id, rev=2, consent=yes(email="zeb@example.org, 815 555"))
    put(phone, client_id, rev=2, consent=yes(phone="815 555"))
    assert HelpRequest.objects.get().phone == "+18165550199"
    kept = caplog.text + str(list(Receipt.objects.values())) + str(list(AuditEvent.objects.values()))
    assert [marker for marker in MARKERS if marker in kept] == []


def test_who_it_was_cannot_be_found_by_trying_hashes(phone: Phone) -> None:
    at = timezone.now().isoformat()
    for consent in (None, yes(), yes(phone="816 555 0100", name="")):
        assert put(phone, captured_at=at, consent=consent).status_code == 201
    assert Receipt.objects.values("body_sha256").distinct().count() == 1

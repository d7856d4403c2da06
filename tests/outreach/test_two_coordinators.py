"""Two people who do something about the same thing at the same moment: one is first, the other gets a sentence."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns import report_forms
from office.models import AuditEvent, Coalition, OutboxMessage
from office.refused import Refused
from outreach import agency_clock, helping, referring
from outreach.card_links import card_token
from outreach.cards import code_on, use_card
from outreach.help_links import help_token, referral_token
from outreach.models import Card, Contact, HelpRequest, Referral
from outreach.workflow import Outcome, Party, State
from people.models import Organization, User
from people.roles import Role
from tests import factories
from tests.at_once import Overtaking, at_once

pytestmark = pytest.mark.django_db(transaction=True)

MARKERS = ("Nadia Quarles", "5550142", "nadia@example.org", "Two children at home")


@pytest.fixture(autouse=True)
def coalition(db: None) -> Coalition:
    """Made beforehand: else whoever needs it second waits for whoever makes it, whatever they do."""
    return Coalition.current()


@pytest.fixture
def other(agency: Organization) -> Organization:
    organization = factories.make_organization(name="Second Pantry", email="second@example.org")
    factories.make_service(organization=organization)
    return organization


@pytest.fixture
def asked(agency: Organization, other: Organization) -> HelpRequest:
    """Nadia said yes to both agencies."""
    asked = factories.make_help_request()
    for organization in (agency, other):
        factories.make_consent(help_request=asked, organization=organization)
    return asked


@pytest.fixture
def second_coordinator() -> User:
    return factories.make_user(name="Ruth Calloway", role=Role.ORGANIZER, is_outreach_coordinator=True)


@pytest.fixture
def staff(agency: Organization) -> User:
    user = factories.make_user(name="Petra Oakes")
    factories.make_membership(user.person, agency)
    return user


def window(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def press(user: User, asked: HelpRequest, **posted: str) -> Callable[[], str]:
    """One of a request's buttons at the desk; gives the page that comes then."""
    client = window(user)
    return lambda: client.post(
        reverse("outreach:request_do", args=[asked.public_id]), posted, follow=True
    ).content.decode()  # fmt: skip


def said(job: Callable[[], Any]) -> Callable[[], str]:
    """The sentence by which it is refused, or nothing."""

    def run() -> str:
        try:
            job()
        except Refused as refused:
            return str(refused.message)
        return ""

    return run


def shows_nobody(html: str) -> bool:
    return not any(marker in html for marker in MARKERS)


def waiting_mails() -> list[str]:
    return list(OutboxMessage.objects.filter(status="queued").order_by("id").values_list("to_address", flat=True))


# --- Referring --------------------------------------------------------------------------------------------------------


def test_two_coordinators_refer_one_need_to_one_agency_once(
    asked: HelpRequest, agency: Organization, coordinator: User, second_coordinator: User, monkeypatch
) -> None:
    button = {"act": "refer", "need": "food", "organization": str(agency.public_id)}
    jobs = [press(user, asked, **button) for user in (coordinator, second_coordinator)]
    first, second = Overtaking(monkeypatch, "outreach.referring._refuse_refer").run(*jobs)
    assert Referral.objects.open().count() == 1
    assert "Sent." in first
    assert "Sent." not in second
    assert "Open Pantry has this already." in second
    assert waiting_mails() == ["intake@example.org"]


def test_many_at_once_refer_it_once(asked: HelpRequest, agency: Organization, coordinator: User) -> None:
    refer = said(lambda: referring.refer(help_request=asked, organization=agency, need="food", by=coordinator))
    assert sorted(at_once([refer] * 6)) == ["", *["Open Pantry has this already."] * 5]
    assert Referral.objects.count() == 1


def test_two_requests_at_once_are_one_mail_to_the_agency_that_day(
    agency: Organization, coordinator: User, second_coordinator: User, monkeypatch
) -> None:
    jobs = []
    for user in (coordinator, second_coordinator):
        one = factories.make_help_request()
        factories.make_consent(help_request=one, organization=agency)
        jobs.append(press(user, one, act="refer", need="food", organization=str(agency.public_id)))
    Overtaking(monkeypatch, "outreach.agency_mail._heard_today").run(*jobs)
    assert Referral.objects.open().count() == 2
    assert waiting_mails() == ["intake@example.org"], "the other one is in the morning's mail"
    assert Referral.objects.filter(mailed_at=None).count() == 1


# --- Passing it on while the agency answers ---------------------------------------------------------------------------


@pytest.fixture
def sent(asked: HelpRequest, agency: Organization) -> Referral:
    return factories.make_referral(consent=None, help_request=asked, organization=agency)


def by_link(referral: Referral) -> tuple[str, dict[str, str]]:
    return reverse("outreach:referral_link", args=[referral_token(referral)]), {"act": "accepted"}


def by_page(referral: Referral) -> tuple[str, dict[str, str]]:
    return reverse("outreach:partner_referral", args=[referral.public_id]), {"act": "accepted"}


@pytest.mark.parametrize("way", [by_link, by_page])
@pytest.mark.parametrize("answers_first", [True, False])
def test_what_is_passed_on_was_answered_before_or_is_not_answered(
    sent: Referral, other: Organization, coordinator: User, staff: User, monkeypatch, way, answers_first: bool
) -> None:
    where, posted = way(sent)
    agencys = window(staff)
    pass_on = press(coordinator, sent.help_request, act="pass_on", referral=str(sent.public_id),
                    organization=str(other.public_id))  # fmt: skip
    jobs: list[Any] = [pass_on, lambda: agencys.post(where, posted | {"seen": "requested"})]
    order = -1 if answers_first else 1
    done = Overtaking(monkeypatch, "outreach.referring._refuse_unseen").run(*jobs[::order])
    _page, answer = done[::order]

    sent.refresh_from_db()
    assert (sent.state, sent.outcome) == (State.CANCELLED, Outcome.PASSED_ON)
    assert Referral.objects.open().get().organization == other
    lines = list(sent.updates.values_list("to_state", flat=True))
    assert (answer.status_code, sent.answered_at is not None, lines) == (
        (302, True, ["accepted", "cancelled"]) if answers_first else (404, False, ["cancelled"])
    )
    assert shows_nobody(answer.content.decode())
    for address, client in ((by_link(sent)[0], Client()), (by_page(sent)[0], agencys)):
        assert client.get(address).status_code == 404
    assert waiting_mails() == ["second@example.org"]


def test_no_code_goes_to_an_agency_that_just_lost_it(
    sent: Referral, other: Organization, coordinator: User, monkeypatch
) -> None:
    asks = reverse("outreach:referral_code", args=[referral_token(sent)])
    pass_on = press(coordinator, sent.help_request, act="pass_on", referral=str(sent.public_id),
                    organization=str(other.public_id))  # fmt: skip
    _page, answer = Overtaking(monkeypatch, "outreach.referring._refuse_unseen").run(
        pass_on, lambda: Client().post(asks)
    )
    assert answer.status_code == 404
    assert waiting_mails() == ["second@example.org"]


def test_a_code_that_was_asked_for_just_before_does_not_go_out(
    sent: Referral, other: Organization, coordinator: User, monkeypatch
) -> None:
    asks = reverse("outreach:referral_code", args=[referral_token(sent)])
    pass_on = press(coordinator, sent.help_request, act="pass_on", referral=str(sent.public_id),
                    organization=str(other.public_id))  # fmt: skip
    Overtaking(monkeypatch, "outreach.referral_views._queue_code").run(lambda: Client().post(asks), pass_on)
    assert Referral.objects.open().get().organization == other
    assert waiting_mails() == ["second@example.org"]


# --- Closing by the person's code -------------------------------------------------------------------------------------


@pytest.mark.parametrize("closes_first", [True, False])
def test_nothing_stays_open_at_an_agency_of_what_its_person_closed(
    asked: HelpRequest, agency: Organization, coordinator: User, monkeypatch, closes_first: bool
) -> None:
    own = reverse("outreach:help_act", args=[help_token(asked)])
    refer = press(coordinator, asked, act="refer", need="food", organization=str(agency.public_id))
    jobs: list[Any] = [refer, lambda: Client().post(own, {"act": "close"}, follow=True).content.decode()]
    order = -1 if closes_first else 1
    middle = "outreach.helping._lock" if closes_first else "outreach.referring._refuse_refer"
    done = Overtaking(monkeypatch, middle).run(*jobs[::order])
    desk, persons = done[::order]

    asked.refresh_from_db()
    assert asked.closed_by == "person"
    assert "It is closed." in persons
    assert not Referral.objects.open().exists()
    assert waiting_mails() == []
    assert ("This request is closed." in desk) is closes_first


def test_two_who_close_it_at_once_end_each_referral_once(sent: Referral, coordinator: User, monkeypatch) -> None:
    own = reverse("outreach:help_act", args=[help_token(sent.help_request)])
    Overtaking(monkeypatch, "outreach.helping._lock").run(
        press(coordinator, sent.help_request, act="close"), lambda: Client().post(own, {"act": "close"})
    )
    sent.help_request.refresh_from_db()
    assert sent.help_request.closed_by == "coordinator"
    assert sent.updates.count() == 1
    assert AuditEvent.objects.filter(action="help.close").count() == 1


def test_help_that_comes_while_the_person_closes_it_is_one_end(sent: Referral, coordinator: User, monkeypatch) -> None:
    helped = said(
        lambda: referring.move_referral(
            referral=sent, to=State.COMPLETED, party=Party.COORDINATOR, by=coordinator, outcome=Outcome.GOT_HELP
        )
    )
    close = said(lambda: helping.close_help(help_request=sent.help_request, party="person"))
    Overtaking(monkeypatch, "outreach.referring._refuse_unseen").run(helped, close)
    sent.refresh_from_db()
    assert (sent.state, sent.updates.count()) == (State.COMPLETED, 1)


# --- The job of the morning -------------------------------------------------------------------------------------------


def test_the_job_twice_at_once_writes_each_mailbox_one_mail(
    agency: Organization, other: Organization, coordinator: User, monkeypatch
) -> None:
    monkeypatch.setattr(agency_clock, "_is_office_time", lambda _now: True)
    for organization in (agency, other):
        for _n in range(2):
            factories.make_referral(organization=organization, due_at=timezone.now() - timedelta(days=1))
    n = Overtaking(monkeypatch, "outreach.agency_mail._context").run(agency_clock.run, agency_clock.run)
    assert sum(n) == 2
    assert sorted(waiting_mails()) == ["intake@example.org", "second@example.org"]
    assert not Referral.objects.filter(mailed_at=None).exists()


# --- One card ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def card() -> Card:
    return factories.make_card()


def test_of_two_people_one_gets_the_card(card: Card, monkeypatch) -> None:
    contacts = [factories.make_contact() for _n in range(2)]
    jobs = [said(lambda one=one: use_card(card=card, contact=one, at=timezone.now())) for one in contacts]
    assert sorted(bool(words) for words in at_once(jobs)) == [False, True]
    card.refresh_from_db()
    assert card.contact in contacts


def typed_at_desk(user: User, card: Card, name: str) -> Callable[[], Any]:
    """A contact with a yes, written down at the desk with this card."""
    client = window(user)
    data = {"form_token": report_forms.new_token(), "kind": "resident", "result": "talked", "needs": ["food"],
            "day": timezone.localdate().isoformat(), "card": code_on(card), "wants_help": "on",
            "help-form_token": report_forms.new_token(), "help-scope": "call_me", "help-how": "spoken",
            "help-language": "en", "help-phone": "816 555 0142", "help-name": name}  # fmt: skip
    return lambda: client.post(reverse("outreach:contact_new"), data)


def typed_at_home(card: Card, name: str) -> Callable[[], Any]:
    """The help page, opened from this card's own page."""
    client = Client()
    form_token = client.get("/help/", {"card": card_token(card)}).context["form"]["form_token"].value()
    data = {"form_token": form_token, "needs": ["food"], "scope": "call_me", "phone": "816 555 0142", "name": name}
    return lambda: client.post("/help/", data)


Way = Callable[[User, Card, str], Callable[[], Any]]
WAYS: list[Way] = [typed_at_desk, lambda _user, card, name: typed_at_home(card, name)]


@pytest.mark.parametrize("seconds", WAYS, ids=["desk", "home"])
@pytest.mark.parametrize("firsts", WAYS, ids=["desk", "home"])
def test_two_who_ask_with_one_card_never_read_each_others_page(
    card: Card, coordinator: User, second_coordinator: User, monkeypatch, firsts: Way, seconds: Way
) -> None:
    jobs = [firsts(coordinator, card, "Nadia Quarles"), seconds(second_coordinator, card, "Omar Belfield")]
    first, second = Overtaking(monkeypatch, "outreach.helping._refuse_wrong").run(*jobs)
    # Nobody holds the card before it is kept: who writes first has it.
    answers = {"Nadia Quarles": first, "Omar Belfield": second}
    kept = HelpRequest.objects.get()
    refused = answers[next(name for name in answers if name != kept.name)]
    assert answers[kept.name].status_code == 200
    assert code_on(card) in answers[kept.name].content.decode()
    assert refused.status_code == 400
    html = refused.content.decode()
    assert kept.name not in html
    assert help_token(kept) not in html
    assert "already" in html
    assert Contact.objects.count() == int(kept.contact_id is not None), "of the second nothing is kept"
    card.refresh_from_db()
    assert card.help_request == kept


def test_one_form_of_the_desk_pressed_twice_is_one_contact(coordinator: User, monkeypatch) -> None:
    client = window(coordinator)
    data = {"form_token": report_forms.new_token(), "kind": "business", "result": "talked", "needs": ["food"],
            "day": timezone.localdate().isoformat()}  # fmt: skip
    answers = Overtaking(monkeypatch, "outreach.contacting._sent_before").run(
        *[lambda: client.post(reverse("outreach:contact_new"), data)] * 2
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Contact.objects.count() == 1


def test_nobody_gets_two_cards(card: Card) -> None:
    contact = factories.make_contact()
    use_card(card=card, contact=contact, at=timezone.now())
    with pytest.raises(Refused, match="They have a card already"):
        use_card(card=factories.make_card(), contact=contact, at=timezone.now())

"""The weekly page on its way: to readers by mail and link, to partners by sign-in, on one sheet of paper."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from insights import week_keeping, week_readers, week_sending
from insights.models import Reader, Snapshot
from insights.week_days import DAYS, monday_of
from insights.week_pdf import week_pdf
from insights.week_readers import reader_token
from office.models import AuditEvent, Coalition, OutboxMessage
from office.outbox import send_one
from office.refused import Refused
from people.actions import change_organization
from people.models import User
from people.roles import OrganizationKind
from tests import factories

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 16)
HELP = {name: {"n": 7, "since": "2026-11-16"} for name in ("asked", "in_time", "got_help", "never_answered")}
NEED = {"kind": "need", "key": "need:housing", "weight": 80, "need": "housing", "is_help": True}
DUMPED = {"kind": "dumped", "key": "dumped:1", "weight": 60, "n": 4, "block": "Independence Avenue, 3800", "who": "311"}


@pytest.fixture
def draft() -> Snapshot:
    numbers = {"help": HELP, "stuck": [NEED, DUMPED]}
    return factories.make_week(starts_on=MONDAY, sent_at=None, numbers=numbers)


@pytest.fixture
def sent(draft: Snapshot) -> Snapshot:
    draft.sent_at = timezone.now() - timedelta(hours=1)
    draft.save()
    return draft


@pytest.fixture
def desk(client: Client, organizer: User) -> Client:
    client.force_login(organizer)
    return client


def send(draft: Snapshot, by: User) -> int:
    return week_sending.send_week(snapshot=draft, by=by, expected=week_keeping.words_version(draft))


def partner(kind: str = OrganizationKind.SERVICE_PROVIDER) -> Client:
    user = factories.make_user()
    factories.make_membership(user.person, factories.make_organization(kind=kind))
    client = Client()
    client.force_login(user)
    return client


def mails() -> dict[str, OutboxMessage]:
    return {one.to_address: one for one in OutboxMessage.objects.filter(kind=week_sending.KIND)}


# --- Sending ---


def test_each_reader_gets_one_mail_a_minute_later_in_their_language(draft: Snapshot, organizer: User) -> None:
    factories.make_reader(email="rosa@example.org", language="es")
    factories.make_reader(email="lou@example.org")
    factories.make_reader(email="gone@example.org", stopped_at=timezone.now())
    assert send(draft, organizer) == 2
    sent = mails()
    assert {address: mail.language for address, mail in sent.items()} == {
        "rosa@example.org": "es",
        "lou@example.org": "en",
    }
    mail = sent["lou@example.org"]
    assert mail.due_at >= timezone.now() + timedelta(seconds=50)
    for body in (mail.body_text, mail.body_html):
        assert "Dumped trash, 4 times" in body
        assert "/week/" in body
    assert "asked this week, with consent: 7" in mail.body_text


def test_nobody_behind_the_wall_is_told_about_help(draft: Snapshot, organizer: User) -> None:
    police = factories.make_organization(kind=OrganizationKind.POLICE)
    factories.make_reader(email="chief@example.org", organization=police)
    officer = factories.make_person(email="officer@example.org")
    factories.make_membership(officer, police)
    factories.make_reader(email="Officer@example.org", organization=factories.make_organization())
    send(draft, organizer)
    assert len(mails()) == 2
    for mail in mails().values():
        assert "asked this week" not in mail.body_text + mail.body_html
        assert "housing" not in mail.body_text + mail.body_html
        assert "Dumped trash" in mail.body_text


def test_who_comes_behind_the_wall_while_the_mail_waits_is_not_sent_what_it_says_about_help(
    draft: Snapshot, organizer: User, admin: User
) -> None:
    office, stays = factories.make_organization(), factories.make_organization()
    factories.make_reader(email="chief@example.org", organization=office)
    factories.make_reader(email="lou@example.org", organization=stays)
    officer = factories.make_person(email="officer@example.org")
    factories.make_reader(email="officer@example.org")
    send(draft, organizer)
    change_organization(organization=office, by=admin, kind="police")
    factories.make_membership(officer, office)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        while send_one() is not None:
            pass
    status = {address: mail.status for address, mail in mails().items()}
    assert status == {
        "chief@example.org": OutboxMessage.Status.CANCELLED,
        "officer@example.org": OutboxMessage.Status.CANCELLED,
        "lou@example.org": OutboxMessage.Status.SENT,
    }


def test_a_page_is_sent_once_and_only_as_it_was_read(draft: Snapshot, organizer: User) -> None:
    seen = week_keeping.words_version(draft)
    factories.make_reader()
    week_keeping.write_words(snapshot=draft, slots=[], note={"en": "Come"}, by=organizer, expected=seen)
    with pytest.raises(Refused, match="changed after you read"):
        week_sending.send_week(snapshot=draft, by=organizer, expected=seen)
    draft.refresh_from_db()
    send(draft, organizer)
    draft.refresh_from_db()
    with pytest.raises(Refused, match="sent already"):
        send(draft, organizer)
    assert len(mails()) == 1


def test_it_can_be_taken_back_for_a_minute_and_sent_again(draft: Snapshot, organizer: User) -> None:
    factories.make_reader()
    send(draft, organizer)
    assert not week_sending.out(timezone.now()).exists()
    week_sending.take_back_week(snapshot=draft, by=organizer)
    assert [mail.status for mail in mails().values()] == ["cancelled"]
    with time_machine.travel(timezone.now() + timedelta(seconds=30), tick=False):
        draft.refresh_from_db()
        assert send(draft, organizer) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
        assert week_sending.out(timezone.now()).exists()
        with pytest.raises(Refused, match="too late"):
            week_sending.take_back_week(snapshot=draft, by=organizer)


def test_a_week_that_was_counted_again_is_not_sent_in_its_old_version(draft: Snapshot, organizer: User) -> None:
    factories.make_week(starts_on=MONDAY, version=2, sent_at=None)
    with pytest.raises(Refused, match="counted again"):
        send(draft, organizer)


# --- At the desk ---


def form(draft: Snapshot, **typed: str) -> dict[str, str]:
    blank = {f"slot{n}-{name}": "" for n in range(3) for name in ("pick", "was", "head_en", "text_en", "ask_en")}
    return {**blank, "seen": week_keeping.words_version(draft), **typed}


def test_an_organizer_words_the_page(desk: Client, draft: Snapshot) -> None:
    own = {"slot0-pick": "own", "slot0-head_en": "The gate stands open", "slot0-ask_en": "Ask: who has the key?"}
    swapped = {"slot1-pick": "dumped:1", "slot1-was": "need:housing", "slot1-head_en": "Old words"}
    page = desk.post(f"/desk/insights/week/{MONDAY}/", form(draft, **own, **swapped), follow=True)
    said = [one.head for one in page.context["stuck"]]
    assert said == ["The gate stands open", "Dumped trash, 4 times in half a year."]


def test_own_words_without_a_head_are_refused_and_kept(desk: Client, draft: Snapshot) -> None:
    typed = form(draft, **{"slot0-pick": "own", "slot0-text_en": "A long story", "slot0-ask_en": ""})
    page = desk.post(f"/desk/insights/week/{MONDAY}/", typed)
    assert page.status_code == 400
    assert "Say in a few words what is stuck." in page.content.decode()
    assert "A long story" in page.content.decode()


def test_the_second_of_two_tabs_is_told_and_loses_nothing(desk: Client, draft: Snapshot) -> None:
    late = form(draft, **{"slot0-pick": "own", "slot0-head_en": "Mine"})
    desk.post(f"/desk/insights/week/{MONDAY}/", form(draft, **{"slot0-pick": "own", "slot0-head_en": "Theirs"}))
    page = desk.post(f"/desk/insights/week/{MONDAY}/", late)
    assert page.status_code == 400
    text = page.content.decode()
    assert "Mine" in text
    assert "Theirs" in text


def test_a_walled_organizer_edits_around_what_is_about_help(client: Client, draft: Snapshot) -> None:
    client.force_login(factories.make_walled_organizer())
    page = client.get(f"/desk/insights/week/{MONDAY}/").content.decode()
    assert "housing" not in page
    assert "asked this week" not in page
    client.post(f"/desk/insights/week/{MONDAY}/", form(draft, **{"slot0-pick": "own", "slot0-head_en": "The gate"}))
    draft.refresh_from_db()
    assert [slot["key"] for slot in draft.words["stuck"]] == ["need:housing", "own"]


def test_an_earlier_version_stays_readable(desk: Client, draft: Snapshot) -> None:
    factories.make_week(starts_on=MONDAY, version=2, sent_at=None, numbers={"stuck": []})
    assert "Dumped trash" not in desk.get(f"/desk/insights/week/{MONDAY}/").content.decode()
    old = desk.get(f"/desk/insights/week/{MONDAY}/?version=1").content.decode()
    assert "Dumped trash" in old
    assert "exactly as it was" in old
    assert desk.get(f"/desk/insights/week/{MONDAY}/?version=9").status_code == 404
    assert desk.get("/desk/insights/week/2026-11-17/").status_code == 404


def test_pages_of_the_week_take_few_queries(
    desk: Client, sent: Snapshot, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _one in range(5):
        factories.make_week()
        factories.make_reader(organization=factories.make_organization())
    addresses = ["/desk/insights/week/", f"/desk/insights/week/{MONDAY}/", "/desk/insights/week/readers/"]
    for address in [*addresses, "/partner/week/", f"/week/{reader_token(Reader.objects.all()[0])}/"]:
        with django_assert_max_num_queries(12):
            assert desk.get(address).status_code == 200, address


def test_a_counted_week_asks_to_be_read_until_it_is_sent(desk: Client, organizer: User) -> None:
    last = monday_of(timezone.localdate()) - DAYS
    kept = factories.make_week(starts_on=last, sent_at=None)
    assert "week to read and send to the table" in desk.get("/desk/").content.decode()
    send(kept, organizer)
    assert "week to read and send to the table" not in desk.get("/desk/").content.decode()


# --- Readers ---


def test_all_contacts_of_partners_become_readers_in_one_step(desk: Client, organizer: User) -> None:
    with_contact = factories.make_organization(email="office@example.org")
    person = factories.make_person(email="call@example.org", language="es")
    factories.make_membership(person, with_contact, is_contact=True)
    factories.make_membership(factories.make_person(email="other@example.org"), with_contact)
    factories.make_organization(email="front@example.org")
    factories.make_reader(email="STOPPED@example.org", stopped_at=timezone.now())
    factories.make_organization(email="stopped@example.org")
    for _twice in range(2):
        desk.post("/desk/insights/week/readers/contacts/")
    listening = Reader.objects.listening().values_list("email", "language").order_by("email")
    assert list(listening) == [("call@example.org", "es"), ("front@example.org", "en")]


def test_a_reader_is_added_once_whatever_the_case_of_the_address(desk: Client) -> None:
    typed = {"email": "rosa@example.org", "language": "es", "name": "Rosa"}
    desk.post("/desk/insights/week/readers/", typed)
    page = desk.post("/desk/insights/week/readers/", typed | {"email": "ROSA@example.org"})
    assert page.status_code == 400
    assert "gets the weekly page already" in page.content.decode()
    assert Reader.objects.count() == 1
    assert "rosa" not in str(list(AuditEvent.objects.values_list("detail", "reason")))


def test_a_link_shows_sent_weeks_only_and_stops_by_post(client: Client, sent: Snapshot) -> None:
    factories.make_week(starts_on=MONDAY + timedelta(days=7), sent_at=None)
    reader = factories.make_reader()
    link = reverse("insights:week_link", args=[reader_token(reader)])
    page = client.get(link)
    assert page["Referrer-Policy"] == "no-referrer"
    assert page.context["snapshot"] == sent
    assert client.get(f"{link}?week=2026-11-23").status_code == 404
    client.head(link)
    reader.refresh_from_db()
    assert reader.stopped_at is None
    client.post(link, {"do": "stop"})
    reader.refresh_from_db()
    assert reader.stopped_at is not None
    assert client.get(link).status_code == 200


def test_a_replaced_link_leads_nowhere(client: Client, organizer: User, sent: Snapshot) -> None:
    reader = factories.make_reader()
    link = reverse("insights:week_link", args=[reader_token(reader)])
    week_readers.renew_link(reader=reader, by=organizer)
    assert client.get(link).status_code == 404
    assert client.get("/week/forged/").status_code == 404


# --- Partners ---


def test_partners_see_sent_weeks_and_the_walled_without_help(sent: Snapshot) -> None:
    page = partner().get("/partner/week/").content.decode()
    assert "asked this week" in page
    assert "housing" in page
    walled = partner(OrganizationKind.POLICE)
    for address in ("/partner/week/", f"/partner/week/{MONDAY}/"):
        page = walled.get(address).content.decode()
        assert "Dumped trash" in page
        assert "asked this week" not in page
        assert "housing" not in page
    text = _text(walled.get(f"/partner/week/{MONDAY}.pdf").content)
    assert "Dumped trash" in text
    assert "housing" not in text


def test_an_unread_week_is_nowhere_but_at_the_desk(draft: Snapshot) -> None:
    client = partner()
    assert "No page was sent yet" in client.get("/partner/week/").content.decode()
    assert client.get(f"/partner/week/{MONDAY}/").status_code == 404
    assert client.get(f"/partner/week/{MONDAY}.pdf").status_code == 404


# --- Paper ---


def _text(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 1
    width, height = (float(side) for side in pages[0].mediabox[2:])
    assert (round(width), round(height)) == (612, 792), "Letter"
    return " ".join(pages[0].extract_text().split())


def _busiest() -> dict[str, Any]:
    """Two long streets, every list full, every text as long as it may be, in Spanish."""
    long = "Cambiar la lámpara quemada frente a la parada del autobús y revisar el cable de toda la cuadra, "
    block: dict[str, Any] = {"name": "x", "from_name": "Avenida Independencia", "to_name": "Calle", "length_m": 90}
    walk = {"title": long, "street": "x", "at": "2026-11-19T17:15:00-06:00", "light": "dark"}
    works = "Departamento de Obras Públicas de la Ciudad"
    line = {"text": long * 3, "who": works, "state": "late", "days": 412, "due_on": "2026-01-15", "was_late": False}
    waiting = {"kind": "waiting", "weight": 9, "n": 31, "days": 412, "group": "light", "who": works}
    where = [f"{n}00 block of Independence Avenue, north side" for n in (41, 47, 49)]
    waiting |= {"places": where, "cases": ["311 2026-114477"]}
    return {
        "walks": [walk | {"checked_in": 64, "heads": 12}] * 3,
        "people": {"n_walks": 7, "checked_in": 212, "heads": 31, "youth": 61, "unknown": 40, "known": 172},
        "concerns": {"new": 411, "repeat": 55, "still": 317, "claimed": 86, "seen_fixed": 97, "back": 42},
        "promises": {"made": 35, "kept": 24, "kept_late": 11, "late": 44, "lines": [line] * 4},
        "help": {name: {"n": None, "since": "2026-10-05"} for name in HELP},
        "table": {"at": "2026-11-18T09:00:00-06:00", "organizations": 38, "of": 64, "people": 61, "youth": 9,
                  "twenties": None, "unknown": None, "known": None, "missing": {"es": [long] * 4, "en": [long] * 4},
                  "youth_places": {"n": 2, "at": "2026-12-02T14:00:00-06:00"}},
        "next": [walk | {"taken": 26, "capacity": 40}] * 3,
        "strips": [{"name": "Avenida Independencia", "blocks": [block | {"left": 3, "right": None}] * 17}] * 2,
        "stuck": [waiting | {"key": f"waiting:{n}"} for n in range(3)],
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_busiest_week_fits_on_exactly_one_letter_page(language: str) -> None:
    week = factories.make_week(numbers=_busiest(), words={"note": {"en": "Vengan. " * 30}})
    with translation.override(language):
        text = _text(week_pdf(week, coalition=Coalition.current(), with_help=True))
    assert "2026-114477" in text
    assert "Vengan." in text, "the last words of the page were cut off"


def test_the_paper_fetches_no_address_that_a_text_names(draft: Snapshot, organizer: User) -> None:
    own = [{"key": "own", "en": {"head": "<img src='file:///etc/passwd'>", "text": "", "ask": ""}}]
    draft.words = {"stuck": own}
    draft.save()
    assert "<img" in _text(week_pdf(draft, coalition=Coalition.current(), with_help=True))

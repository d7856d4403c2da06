"""What partners pledged and did: counted, kept once, shown at the desk, public by the switch alone, and their own."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from insights import keeping, record_notes
from insights.definitions import HELP_KEYS
from insights.models import RecordNote, Snapshot
from insights.partners import help_shown, partner_rows
from insights.quarters import Quarter
from office.coalition import change_coalition
from office.models import AuditEvent, Coalition, OutboxMessage
from office.refused import Refused
from outreach.models import Consent, Referral
from outreach.workflow import Outcome, Party, State
from people.models import Organization, User
from tests import factories

Q3 = Quarter(2026, 3)
IN_AUGUST = datetime(2026, 8, 12, 17, tzinfo=UTC)
IN_NOVEMBER = datetime(2026, 11, 23, 17, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_november() -> Iterator[None]:
    with time_machine.travel(IN_NOVEMBER, tick=False):
        yield


@pytest.fixture
def hearth() -> Organization:
    return factories.make_organization(name="Hearth and Key Housing")


def ask(
    organization: Organization, n: int, *, in_time: bool = True, outcome: str = "", at: datetime = IN_AUGUST
) -> None:
    """Hand `n` requests to an agency. Without an outcome they are open, and answered if in time."""
    for _n in range(n):
        ended: dict[str, Any] = {}
        if outcome:
            state = State.COMPLETED if outcome == Outcome.GOT_HELP else State.FAILED
            ended = {"state": state, "outcome": outcome, "closed_at": at + timedelta(days=9), "closed_by": Party.AGENCY}
        factories.make_referral(
            organization=organization,
            sent_at=at,
            due_at=at + timedelta(days=2),
            answered_at=at + timedelta(days=1 if in_time else 5),
            **ended,
        )


def row_of(rows: list[dict[str, Any]], organization: Organization) -> dict[str, Any]:
    return next(row for row in rows if row["id"] == str(organization.public_id))


def early_on() -> None:
    """There was something before the quarter: it isn't the first one of all."""
    ask(factories.make_organization(), 1, at=datetime(2026, 6, 2, 17, tzinfo=UTC))


# --- Quarters ---


@pytest.mark.parametrize("text", ["", "2026", "2026-Q5", "2026-Q0", "0000-Q1", "9999-Q4", "2026-Q٣", "x", "2026-Q4'"])
def test_what_is_no_quarter_is_none(text: str) -> None:
    assert Quarter.parse(text) is None


def test_a_quarter_ends_the_day_before_the_next_one() -> None:
    found = Quarter.parse("2026-q4")
    assert found is not None
    assert (found.starts_on, found.ends_on) == (date(2026, 10, 1), date(2026, 12, 31))
    assert found.after == Quarter(2027, 1)
    assert Quarter(2027, 1).before == found
    assert found.words == "October to December 2026"


# --- What is counted ---


def test_pledged_against_came(hearth: Organization) -> None:
    times = {"meet_at": IN_AUGUST, "step_off_at": IN_AUGUST, "end_at": IN_AUGUST + timedelta(hours=2)}
    held = factories.make_walk(**times, state="published")
    off = factories.make_walk(**times, state="called_off", called_off_at=IN_AUGUST, call_off_reason="Ice")
    for walk in (held, off):
        factories.make_pledge(walk=walk, organization=hearth, n_people=5, answered_at=IN_AUGUST)
    factories.make_presence(walk=held, organization=hearth, n_people=3)
    factories.make_presence(walk=held, organization=hearth, withdrawn_at=IN_AUGUST)
    walks = row_of(partner_rows(Q3, Coalition.current().zone), hearth)["walks"]
    assert walks == {"walks_pledged": 1, "walks_came": 1, "people_pledged": 5, "people_came": 3}


def test_promises_by_how_they_went(hearth: Organization) -> None:
    due = date(2026, 9, 30)
    for fields in (
        {"state": "kept", "kept_on": due},
        {"state": "kept", "kept_on": due + timedelta(days=1)},
        {"state": "broken"},
        {"state": "dropped"},
        {},
    ):
        factories.make_commitment(organization=hearth, due_on=due, **fields)
    factories.make_commitment(organization=hearth, due_on=due + timedelta(days=1))
    promises = row_of(partner_rows(Q3, Coalition.current().zone), hearth)["promises"]
    assert promises == {"kept": 1, "kept_late": 1, "open": 1, "not_kept": 1}


def test_help_is_counted_by_the_day_it_was_asked_and_none_below_three_is_shown(hearth: Organization) -> None:
    early_on()
    ask(hearth, 4, outcome=Outcome.GOT_HELP)
    ask(hearth, 3, outcome=Outcome.NO_CAPACITY)
    ask(hearth, 2, outcome=Outcome.NOT_REACHED, in_time=False)
    ask(hearth, 1, in_time=False)
    ask(hearth, 2, at=datetime(2026, 10, 1, 5, tzinfo=UTC), outcome=Outcome.GOT_HELP)
    small = factories.make_organization()
    ask(small, 2)
    third = factories.make_organization()
    ask(third, 9)
    told = help_shown(Q3, Coalition.current().zone)
    assert small.pk not in told
    # The small agency takes the next one with it, and of that one nothing else is said either.
    assert set(told) == {hearth.pk} or set(told) == {third.pk}
    ask(small, 2)
    told = help_shown(Q3, Coalition.current().zone)
    assert told[hearth.pk]["asked"] == 10
    assert told[hearth.pk]["not_reached"] is None
    assert told[small.pk]["asked"] == 4


def test_of_who_took_the_yes_back_nothing_is_counted(hearth: Organization) -> None:
    early_on()
    ask(hearth, 3, outcome=Outcome.GOT_HELP)
    Referral.objects.filter(organization=hearth).update(outcome=Outcome.WITHDRAWN)
    assert not help_shown(Q3, Coalition.current().zone)


# --- Kept once ---


def test_a_quarter_is_kept_two_weeks_after_its_end_and_once() -> None:
    Coalition.current()
    Coalition.objects.update(set_up_at=IN_AUGUST)
    assert keeping.make_due(datetime(2026, 10, 14, 17, tzinfo=UTC)) == 0
    assert keeping.make_due(datetime(2026, 10, 15, 17, tzinfo=UTC)) == 1
    assert keeping.make_due(datetime(2026, 10, 15, 18, tzinfo=UTC)) == 0
    snapshot = Snapshot.objects.quarters().get()
    assert (snapshot.starts_on, snapshot.ends_on) == (date(2026, 7, 1), date(2026, 9, 30))
    assert snapshot.numbers["public_on"] == "2026-10-22"


def test_help_is_never_counted_again_promises_are(hearth: Organization, organizer: User) -> None:
    early_on()
    ask(hearth, 5, outcome=Outcome.GOT_HELP)
    first = row_of(keeping.keep_quarter(quarter=Q3).numbers["organizations"], hearth)
    ask(hearth, 1, outcome=Outcome.GOT_HELP)
    factories.make_commitment(organization=hearth, due_on=date(2026, 9, 1))
    again = keeping.keep_quarter(quarter=Q3, by=organizer)
    second = row_of(again.numbers["organizations"], hearth)
    assert again.version == 2
    assert first["help"]["asked"] == second["help"]["asked"] == 5
    assert (first["promises"], second["promises"]["open"]) == (None, 1)


def test_an_agency_that_was_hidden_first_stays_hidden(hearth: Organization) -> None:
    early_on()
    ask(hearth, 2)
    keeping.keep_quarter(quarter=Q3)
    ask(hearth, 5)
    again = keeping.keep_quarter(quarter=Q3)
    assert row_of(again.numbers["organizations"], hearth)["help"] is None


def test_a_quarter_that_isnt_over_is_refused() -> None:
    with pytest.raises(Refused, match="isn’t counted yet"):
        keeping.keep_quarter(quarter=Quarter(2026, 4))
    assert not Snapshot.objects.exists()


# --- The desk ---


def test_a_running_quarter_says_nothing_about_help(desk: Client, hearth: Organization) -> None:
    factories.make_commitment(organization=hearth, due_on=date(2026, 12, 1))
    ask(hearth, 7, at=IN_NOVEMBER - timedelta(days=5))
    page = desk.get(reverse("insights:partners"), {"quarter": "2026-Q4"}).content.decode()
    assert hearth.name in page
    assert "from 15 Jan 2027" in page
    assert not re.search(r"<dt>asked for help</dt><dd>(\d|not shown)", page)


def test_a_kept_quarter_shows_what_may_be_said(desk: Client, hearth: Organization) -> None:
    early_on()
    ask(hearth, 4, outcome=Outcome.GOT_HELP)
    ask(hearth, 4, outcome=Outcome.NO_CAPACITY)
    silent = factories.make_service(organization=factories.make_organization(name="A Quiet Pantry")).organization
    desk.post(reverse("insights:partners_count"), {"quarter": "2026-Q3"})
    page = desk.get(reverse("insights:partners"), {"quarter": "2026-Q3"}).content.decode()
    assert "<dt>asked for help</dt><dd>8</dd>" in page
    assert page.index(silent.name) < page.index(hearth.name)
    assert "asked fewer than 3 times, or not at all" in page
    # All eight were answered: that nobody waited isn't said either.
    file = desk.get(reverse("insights:partners_file"), {"quarter": "2026-Q3"})
    assert file["Content-Type"].startswith("text/csv")
    assert "Hearth and Key Housing,2026-Q3,0,0,0,0,0,0,0,0,8,not shown" in file.content.decode().replace("\r", "")


def test_behind_the_wall_a_kept_quarter_says_nothing_about_help(client: Client, hearth: Organization) -> None:
    early_on()
    ask(hearth, 4, outcome=Outcome.GOT_HELP)
    ask(hearth, 4, outcome=Outcome.NO_CAPACITY)
    walled = factories.make_walled_organizer()
    keeping.keep_quarter(quarter=Q3, by=walled)
    client.force_login(walled)
    for address in (reverse("insights:partners"), reverse("insights:own_record", args=[hearth.public_id])):
        page = client.get(address, {"quarter": "2026-Q3"}).content.decode()
        assert "Numbers about help are left out" in page
        assert not re.search(r"<dt>asked for help</dt><dd>(\d|not shown)", page)
        assert "asked fewer than 3 times" not in page
    file = client.get(reverse("insights:partners_file"), {"quarter": "2026-Q3"}).content.decode()
    hidden = ",".join(["not shown"] * len(HELP_KEYS))
    assert f"Hearth and Key Housing,2026-Q3,0,0,0,0,0,0,0,0,{hidden}" in file.replace("\r", "")


def test_a_name_that_is_a_formula_is_a_word_in_the_file(desk: Client) -> None:
    factories.make_organization(name="=cmd()")
    file = desk.get(reverse("insights:partners_file"), {"quarter": "2026-Q3"}).content.decode()
    assert "'=cmd()" in file


@pytest.mark.parametrize("quarter", ["2026-Q9", "'", "1e9", ""])
def test_a_strange_quarter_leads_to_this_one(desk: Client, quarter: str) -> None:
    page = desk.get(reverse("insights:partners"), {"quarter": quarter})
    assert page.status_code == 200
    assert "October to December 2026" in page.content.decode()


def test_the_page_asks_the_database_as_often_for_many(desk: Client, django_assert_max_num_queries: Any) -> None:
    for _n in range(12):
        one = factories.make_organization()
        factories.make_commitment(organization=one, due_on=date(2026, 11, 30))
        factories.make_record_note(organization=one)
    for quarter in ("2026-Q4", "2026-Q3"):
        with django_assert_max_num_queries(12):
            assert desk.get(reverse("insights:partners"), {"quarter": quarter}).status_code == 200


# --- The public ---


def public() -> Any:
    return Client().get(reverse("insights:partners_public"))


def test_the_public_sees_nothing_until_an_admin_says_so(admin: User, hearth: Organization) -> None:
    early_on()
    ask(hearth, 6, outcome=Outcome.GOT_HELP)
    with time_machine.travel(datetime(2026, 10, 15, 17, tzinfo=UTC), tick=False):
        keeping.keep_quarter(quarter=Q3)
        assert public().status_code == 404
        change_coalition(by=admin, publish_partner_record=True)
        assert public().status_code == 404, "partners look at it first"
    assert AuditEvent.objects.filter(resource="coalition", detail__fields=["publish_partner_record"]).exists()
    page = public().content.decode()
    assert hearth.name in page
    assert "July to September 2026" in page
    change_coalition(by=admin, publish_partner_record=False)
    assert public().status_code == 404


def test_their_words_are_public_once_they_were_read(admin: User, organizer: User, hearth: Organization) -> None:
    change_coalition(by=admin, publish_partner_record=True)
    keeping.keep_quarter(quarter=Q3)
    Snapshot.objects.update(
        numbers={"organizations": partner_rows(Q3, Coalition.current().zone), "public_on": "2026-10-22"}
    )
    record_notes.write_note(organization=hearth, text="Our van broke down.", seen="", by=organizer)
    assert "van" not in public().content.decode()
    note = RecordNote.objects.get()
    with pytest.raises(Refused, match="changed their words"):
        record_notes.mark_read(note=note, text="Something else.", by=organizer)
    record_notes.mark_read(note=note, text="Our van broke down.", by=organizer)
    assert "van" in public().content.decode()
    record_notes.write_note(organization=hearth, text="It runs again, van!", seen="Our van broke down.", by=organizer)
    assert "van" not in public().content.decode()


# --- An organization's own ---


def test_their_own_record_is_exact_and_theirs_alone(
    client: Client, partner: User, partner_organization: Organization, coordinator: User
) -> None:
    ask(partner_organization, 2, outcome=Outcome.GOT_HELP)
    client.force_login(partner)
    page = client.get("/partner/").content.decode()
    assert "Your record since August" in page
    assert "<dt>asked</dt><dd>2</dd>" in page
    own = reverse("insights:own_record", args=[partner_organization.public_id])
    assert "<dt>asked</dt><dd>2</dd>" in client.get(own).content.decode()
    client.force_login(coordinator)
    for address in (own, f"/partner/?organization={partner_organization.public_id}"):
        assert "<dt>asked</dt>" not in client.get(address).content.decode()
    other = reverse("insights:own_record", args=[factories.make_organization().public_id])
    client.force_login(partner)
    assert client.get(other).status_code == 404


def test_behind_the_wall_only_what_may_be_seen_now_is_counted(client: Client) -> None:
    police = factories.make_organization(kind="police")
    officer = factories.make_user()
    factories.make_membership(officer.person, police)
    ask(police, 2)
    Consent.objects.filter(help_request=Referral.objects.first().help_request).update(withdrawn_at=IN_NOVEMBER)  # type: ignore[union-attr]
    client.force_login(officer)
    assert "<dt>asked</dt><dd>1</dd>" in client.get("/partner/").content.decode()


def test_two_colleagues_write_their_words_at_once(
    client: Client, partner: User, partner_organization: Organization
) -> None:
    client.force_login(partner)
    own = reverse("insights:own_record", args=[partner_organization.public_id])
    assert client.post(own, {"text": "First", "seen": ""}).status_code == 302
    second = client.post(own, {"text": "Second", "seen": ""})
    assert second.status_code == 400
    page = second.content.decode()
    assert "First" in page
    assert "Second" in page
    assert RecordNote.objects.get().text == "First"
    client.post(own, {"text": "Second", "seen": "First"})
    assert RecordNote.objects.get().text == "Second"
    client.post(own, {"text": "", "seen": "Second"})
    assert not RecordNote.objects.exists()


def test_an_agency_says_how_it_is_reached_and_its_old_address_hears_of_it(
    client: Client, partner: User, partner_organization: Organization
) -> None:
    Organization.objects.filter(pk=partner_organization.pk).update(email="old@agency.example")
    client.force_login(partner)
    address = reverse("insights:own_contact", args=[partner_organization.public_id])
    seen = client.get(address).context["form"]["seen"].value()
    wrong = client.post(address, {"public_phone": "816", "website": "", "email": "old@agency.example", "seen": seen})
    assert wrong.status_code == 400
    typed = {"public_phone": "816 555 0123", "website": "https://agency.example", "email": "new@agency.example"}
    assert client.post(address, typed | {"seen": seen, "is_walled": "", "name": "Mine"}).status_code == 302
    partner_organization.refresh_from_db()
    assert (partner_organization.email, partner_organization.public_phone) == ("new@agency.example", "+18165550123")
    assert partner_organization.name != "Mine"
    assert OutboxMessage.objects.get(kind="organization.address").to_address == "old@agency.example"
    late = client.post(address, typed | {"email": "third@agency.example", "seen": seen})
    assert late.status_code == 400
    assert "new@agency.example" in late.content.decode()
    partner_organization.refresh_from_db()
    assert partner_organization.email == "new@agency.example"


def test_a_partners_page_with_everything_takes_twelve_queries(
    client: Client, partner: User, partner_organization: Organization, django_assert_max_num_queries: Any
) -> None:
    client.force_login(partner)
    walk = factories.make_walk()
    for _n in range(3):
        factories.make_commitment(organization=partner_organization)
        factories.make_service(organization=partner_organization)
        concern = factories.make_concern(walk=walk)
        factories.make_photo(
            concern=factories.make_assignment(organization=partner_organization, concern=concern).concern
        )
    factories.make_pledge(walk=walk, organization=partner_organization)
    ask(partner_organization, 2)
    client.get("/partner/")
    with django_assert_max_num_queries(12):
        assert client.get("/partner/").status_code == 200

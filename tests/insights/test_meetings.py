"""Meetings: planned once, changed by two without loss, counted by hand, decided, called off, put into calendars."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from concerns.models import Commitment
from insights import meetings
from insights.counting import Cell, cells_of, count_table
from insights.meeting_links import meeting_token
from insights.offering import offered_at
from office.models import AuditEvent, Coalition
from office.refused import Refused
from people.merging import merge_organizations
from people.models import Organization, User
from tests import factories
from walks.models import Attendance, Meeting

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
FACTS: dict[str, Any] = {
    "title": "Coalition table",
    "day": "2026-12-02",
    "clock": "9:30 am",
    "minutes": "90",
    "place": "Library",
    "agenda": "Lights\nBudget",
}


@pytest.fixture
def meeting() -> Meeting:
    return factories.make_meeting()


@pytest.fixture
def school() -> Organization:
    return factories.make_organization(name="Lincoln High", kind="school", email="office@lincoln.example")


def page_of(meeting: Meeting, part: str = "") -> str:
    return reverse(f"insights:meeting{part}", args=[meeting.public_id])


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return found.group(1)


# --- Planning ---------------------------------------------------------------------------------------------------------


def test_a_meeting_is_planned_on_the_coalitions_clock_and_once(desk: Client, time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 11, 23, 15, tzinfo=UTC), tick=False)
    new = reverse("insights:meeting_new")
    token = hidden(desk.get(new).content.decode(), "public_id")
    for _twice in range(2):
        assert desk.post(new, FACTS | {"public_id": token}).status_code == 302
    meeting = Meeting.objects.get()
    assert meeting.starts_at == datetime(2026, 12, 2, 15, 30, tzinfo=UTC)
    assert meeting.ends_at - meeting.starts_at == timedelta(minutes=90)
    assert AuditEvent.objects.filter(action="meeting.plan").count() == 1
    told = desk.get(page_of(meeting)).content.decode()
    assert "Wed 2 Dec 2026, 9:30 AM" in told
    assert "<li>Budget</li>" in told


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": " "}, "Give the meeting a name"),
        ({"day": "soon"}, "Write it like 2026-12-24"),
        ({"day": "9999-12-31", "clock": "23:59"}, "day"),
        ({"day": "0001-01-01", "clock": "00:00"}, "day"),
        ({"day": "2029-12-01"}, "two years ahead"),
        ({"day": "2024-01-01"}, "more than a year ago"),
        ({"clock": "noonish"}, "Write a time like"),
        ({"day": "2027-03-14", "clock": "2:30"}, "the clocks go forward"),
        ({"minutes": "0"}, "5 to 720"),
        ({"minutes": "1e3"}, "whole number of minutes"),
        ({"public_id": "nonsense"}, "valid UUID"),
    ],
)
def test_what_cannot_be_planned_is_said_and_what_was_typed_stays(
    desk: Client, time_machine: Any, typed: dict[str, str], words: str
) -> None:
    time_machine.move_to(datetime(2026, 11, 23, 15, tzinfo=UTC), tick=False)
    answer = desk.post(reverse("insights:meeting_new"), FACTS | typed)
    told = answer.content.decode()
    assert answer.status_code == 400
    assert words in told
    assert "Budget" in told
    assert not Meeting.objects.exists()


def test_two_who_change_it_see_both_versions(desk: Client, organizer: User, meeting: Meeting) -> None:
    change = page_of(meeting, "_change")
    seen = hidden(desk.get(change).content.decode(), "seen")
    day = timezone.localdate().isoformat()
    meetings.change_meeting(
        meeting=meeting, by=organizer, expected=meetings.version_of(meeting, ["place"]), place="Fire Station 23"
    )
    mine = FACTS | {"day": day, "place": "City Hall", "seen": seen}
    answer = desk.post(change, mine)
    told = answer.content.decode()
    assert answer.status_code == 400
    assert "Fire Station 23" in told
    assert "City Hall" in told
    meeting.refresh_from_db()
    assert meeting.place == "Fire Station 23"
    assert desk.post(change, mine | {"seen": hidden(told, "seen")}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.place, meeting.sequence) == ("City Hall", 2)


def test_notes_and_facts_do_not_get_in_each_others_way(desk: Client, organizer: User, meeting: Meeting) -> None:
    seen = meetings.version_of(meeting, meetings.NOTE)
    meetings.change_meeting(
        meeting=meeting, by=organizer, expected=meetings.version_of(meeting, ["title"]), title="Table"
    )
    assert desk.post(page_of(meeting, "_note"), {"note": "Lamps first", "seen": seen}).status_code == 302
    answer = desk.post(page_of(meeting, "_note"), {"note": "Trees first", "seen": seen})
    told = answer.content.decode()
    assert answer.status_code == 400
    assert "Lamps first" in told
    assert "Trees first" in told
    meeting.refresh_from_db()
    assert (meeting.title, meeting.note) == ("Table", "Lamps first")


def test_the_same_notes_sent_twice_are_no_conflict(desk: Client, meeting: Meeting) -> None:
    seen = meetings.version_of(meeting, meetings.NOTE)
    for _twice in range(2):
        answer = desk.post(page_of(meeting, "_note"), {"note": "One\r\nTwo", "seen": seen})
        assert answer.status_code == 302
    meeting.refresh_from_db()
    assert meeting.note == "One\nTwo"
    assert meeting.sequence == 0


# --- Counting ---------------------------------------------------------------------------------------------------------


def line(organization: Organization | None, role: str = "attended", band: str = "unknown") -> str:
    return f"{organization.public_id if organization else 'none'}:{role}:{band}"


def test_a_table_is_counted_without_script(desk: Client, meeting: Meeting, school: Organization) -> None:
    count = page_of(meeting, "_count")
    desk.post(count, {"do": "bring", "organization": str(school.public_id)})
    key = line(school)
    desk.post(count, {f"n:{key}": "1", f"was:{key}": "1", "do": f"plus:{key}"})
    desk.post(
        count,
        {f"n:{key}": "2", f"was:{key}": "2", f"role:{school.public_id}": "led", "do": f"add:{school.public_id}:13_17"},
    )
    assert cells_of(meeting) == {Cell(school.pk): 2, Cell(school.pk, "led", "13_17"): 1}
    meeting.refresh_from_db()
    assert meeting.counted_at is not None
    told = desk.get(page_of(meeting)).content.decode()
    assert "led it, 13–17" in told
    desk.post(count, {f"n:{key}": "0", f"was:{key}": "2", "do": "save"})
    assert cells_of(meeting) == {Cell(school.pk, "led", "13_17"): 1}


def test_an_empty_table_was_not_counted(organizer: User, meeting: Meeting) -> None:
    count_table(meeting=meeting, by=organizer, wanted={Cell(None): (0, 4)})
    assert Meeting.objects.held().count() == 1
    count_table(meeting=meeting, by=organizer, wanted={Cell(None): (4, 0)})
    assert Meeting.objects.held().count() == 0
    assert not Attendance.objects.exists()


def test_two_who_count_other_lines_keep_both(organizer: User, meeting: Meeting, school: Organization) -> None:
    count_table(meeting=meeting, by=organizer, wanted={Cell(None): (0, 4), Cell(school.pk): (0, 0)})
    count_table(meeting=meeting, by=organizer, wanted={Cell(None): (0, 0), Cell(school.pk): (0, 2)})
    assert cells_of(meeting) == {Cell(None): 4, Cell(school.pk): 2}


def test_two_who_count_the_same_line_see_both_numbers(desk: Client, organizer: User, meeting: Meeting) -> None:
    count_table(meeting=meeting, by=organizer, wanted={Cell(None): (0, 4)})
    key = line(None)
    answer = desk.post(page_of(meeting, "_count"), {f"n:{key}": "6", f"was:{key}": "0", "do": "save"})
    told = answer.content.decode()
    assert answer.status_code == 400
    assert "Somebody else counted 4 here." in told
    assert f'name="n:{key}" value="6"' in told
    assert cells_of(meeting) == {Cell(None): 4}
    desk.post(page_of(meeting, "_count"), {f"n:{key}": "6", f"was:{key}": hidden(told, f"was:{key}"), "do": "save"})
    assert cells_of(meeting) == {Cell(None): 6}


def test_who_comes_in_while_somebody_else_counts_is_added_to_what_is_there(organizer: User, meeting: Meeting) -> None:
    for _one in range(3):
        count_table(meeting=meeting, by=organizer, wanted={Cell(None): (0, 0)}, one_more=Cell(None))
    assert cells_of(meeting) == {Cell(None): 3}


@pytest.mark.parametrize("number", ["-1", "501", "many", "1.5", "٣", "99999999999"])
def test_a_wrong_number_is_named_and_nothing_is_saved(
    desk: Client, meeting: Meeting, school: Organization, number: str
) -> None:
    fields = {f"n:{line(school)}": number, f"was:{line(school)}": "0", f"n:{line(None)}": "3", "do": "save"}
    answer = desk.post(page_of(meeting, "_count"), fields)
    told = answer.content.decode()
    assert answer.status_code == 400
    assert "Lincoln High: write a whole number from 0 to 500." in told
    assert f'value="{number}"' in told
    assert f'name="n:{line(None)}" value="3"' in told
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"n:none:king:unknown": "3"},
        {"n:none:attended:old": "3"},
        {"n:7:attended:unknown": "3"},
        {"do": "plus:"},
        {"do": "add:none:old"},
        {"do": "add"},
        {"role:none": "king", "do": "add:none:13_17"},
        {"was:none:attended:unknown": "x", "do": "save"},
    ],
)
def test_what_is_no_line_of_ours_counts_nobody(desk: Client, meeting: Meeting, fields: dict[str, str]) -> None:
    assert desk.post(page_of(meeting, "_count"), fields).status_code == 302
    assert not Attendance.objects.exists()


def test_nobody_is_counted_before_the_day_or_at_what_was_called_off(organizer: User) -> None:
    later = factories.make_meeting(starts_at=timezone.now() + timedelta(days=2))
    off = factories.make_meeting(called_off_at=timezone.now())
    for one, words in ((later, "hasn’t begun"), (off, "called off")):
        with pytest.raises(Refused, match=words):
            count_table(meeting=one, by=organizer, wanted={Cell(None): (0, 1)})
    assert not Attendance.objects.exists()


def test_who_was_there_last_time_or_pledged_is_offered_as_what_it_became(
    desk: Client, organizer: User, meeting: Meeting, school: Organization
) -> None:
    before = factories.make_meeting(starts_at=meeting.starts_at - timedelta(days=7))
    factories.make_attendance(meeting=before, organization=school)
    pledged = factories.make_organization(name="Oak Church")
    factories.make_pledge(organization=pledged, n_people=4, answered_at=meeting.starts_at - timedelta(days=3))
    factories.make_pledge(n_people=0, answered_at=meeting.starts_at - timedelta(days=3))
    stays = factories.make_organization(name="Lincoln High School", kind="school")
    Organization.objects.filter(pk=school.pk).update(merged_into=stays)
    assert offered_at(meeting) == {stays.pk, pledged.pk}
    told = desk.get(page_of(meeting)).content.decode()
    assert f'name="n:{line(stays)}" value="0"' in told
    assert f'name="n:{line(school)}"' not in told


# --- Deciding ---------------------------------------------------------------------------------------------------------


def test_a_decision_is_a_promise_with_a_link_and_says_where_it_was_made(
    desk: Client, meeting: Meeting, school: Organization
) -> None:
    fields = {"text": "Bring a poster to each class", "organization": str(school.public_id), "when": "7"}
    assert desk.post(page_of(meeting, "_decide"), fields).status_code == 302
    made = Commitment.objects.get()
    assert (made.meeting, made.owner_email) == (meeting, "office@lincoln.example")
    told = desk.get(page_of(meeting)).content.decode()
    assert "Bring a poster to each class" in told
    for page in (reverse("concerns:commitments"), reverse("concerns:commitment", args=[made.public_id])):
        assert "Decided at" in desk.get(page).content.decode()
    undo = reverse("concerns:commitment_do", args=[made.public_id])
    desk.post(undo, {"do": "drop", "seen": made.version, "back": page_of(meeting)})
    made.refresh_from_db()
    assert made.state == "dropped"


def test_a_decision_without_an_owner_is_refused_and_stays_typed(desk: Client, meeting: Meeting) -> None:
    answer = desk.post(page_of(meeting, "_decide"), {"text": "Paint the underpass", "when": "7"})
    assert answer.status_code == 400
    assert "Paint the underpass" in answer.content.decode()
    assert not Commitment.objects.exists()


def test_a_decision_of_a_meeting_that_was_may_have_been_due_since(organizer: User) -> None:
    meeting = factories.make_meeting(starts_at=timezone.now() - timedelta(days=9))
    yesterday = timezone.localdate() - timedelta(days=1)
    meetings.decide(meeting=meeting, by=organizer, text="Call", owner_name="Rosa", due_on=yesterday)
    with pytest.raises(Refused, match="in the past"):
        meetings.decide(
            meeting=meeting,
            by=organizer,
            text="Call",
            owner_name="Rosa",
            due_on=timezone.localdate() - timedelta(days=12),
        )


# --- The agenda, the pages, the calendar ------------------------------------------------------------------------------


def test_the_agenda_names_what_is_late_first(desk: Client, meeting: Meeting) -> None:
    today = timezone.localdate()
    factories.make_commitment(text="Mend the gate", due_on=today + timedelta(days=3))
    factories.make_commitment(text="Trim the elm", due_on=today - timedelta(days=4))
    factories.make_commitment(text="Next spring", due_on=today + timedelta(days=90))
    factories.make_commitment(text="Decided here", due_on=today, meeting=meeting)
    concern = factories.make_concern(
        status="reported",
        triaged_at=timezone.now(),
        due_on=today - timedelta(days=50),
        far_due_on=today - timedelta(days=20),
    )
    works = factories.make_organization(name="Public Works")
    factories.make_assignment(concern=concern, organization=works)
    factories.make_gap(plan="Call the principal")
    told = desk.get(page_of(meeting)).content.decode()
    order = [
        told.index(words) for words in ("Trim the elm", "Mend the gate", "Call the principal", "Public Works is far")
    ]
    assert order == sorted(order)
    assert "Next spring" not in told
    assert told.count("Decided here</a>") == 1


def test_calling_off_strikes_it_out_in_calendars(desk: Client, client: Client, meeting: Meeting) -> None:
    address = reverse("insights:meeting_calendar", args=[meeting_token(meeting)])
    assert event_of(client, address)["status"] == "CONFIRMED"
    desk.post(page_of(meeting, "_call_off"), {"do": "off"})
    event = event_of(client, address)
    assert (event["status"], event["sequence"]) == ("CANCELLED", 1)
    desk.post(page_of(meeting, "_call_off"), {"do": "on"})
    assert event_of(client, address)["sequence"] == 2


def event_of(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    return next(iter(Calendar.from_ical(answer.content).walk("VEVENT")))


def test_a_calendar_says_when_and_where_and_nothing_else(client: Client) -> None:
    meeting = factories.make_meeting(
        starts_at=datetime(2026, 12, 2, 15, 30, tzinfo=UTC), minutes=45, agenda="MARKER agenda", note="MARKER note"
    )
    address = reverse("insights:meeting_calendar", args=[meeting_token(meeting)])
    body = client.get(address).content.decode()
    assert "MARKER" not in body
    assert "DTSTART;TZID=America/Chicago:20261202T093000" in body
    assert "DTEND;TZID=America/Chicago:20261202T101500" in body
    assert "LOCATION:Library" in body
    assert client.get(address.replace("/meeting.ics", "x/meeting.ics")).status_code == 404


def test_a_meeting_where_people_were_counted_cannot_be_called_off(organizer: User, meeting: Meeting) -> None:
    factories.make_attendance(meeting=meeting)
    with pytest.raises(Refused, match="was held"):
        meetings.call_off_meeting(meeting=meeting, by=organizer)


def test_looking_changes_nothing(desk: Client, meeting: Meeting) -> None:
    for name in ("meeting", "meeting_change"):
        for method in ("get", "head"):
            assert getattr(desk, method)(reverse(f"insights:{name}", args=[meeting.public_id])).status_code == 200
    for name in ("count", "note", "decide", "call_off"):
        assert desk.get(page_of(meeting, f"_{name}")).status_code == 405
    assert not AuditEvent.objects.filter(resource="meeting").exists()


@pytest.mark.parametrize("n", [2, 9])
def test_pages_ask_the_database_a_constant_number_of_times(client: Client, coordinator: User, n: int) -> None:
    Coalition.current()
    factories.make_membership(coordinator.person, factories.make_organization())
    client.force_login(coordinator, backend=BACKEND)
    for i in range(n):
        meeting = factories.make_meeting(starts_at=timezone.now() - timedelta(days=i + 1))
        for band in ("unknown", "13_17"):
            factories.make_attendance(meeting=meeting, organization=factories.make_organization(), age_band=band)
        factories.make_commitment(meeting=meeting, organization=factories.make_organization())
        factories.make_gap(organization=factories.make_organization(), walk=factories.make_walk())
    last = Meeting.objects.order_by("-starts_at")[0]
    for address in (reverse("insights:meetings"), page_of(last)):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        assert len(asked) <= 12, [one["sql"][:150] for one in asked.captured_queries]


def test_a_merge_moves_who_was_counted(organizer: User, meeting: Meeting, school: Organization) -> None:
    stays = factories.make_organization(kind="school")
    factories.make_attendance(meeting=meeting, organization=school, n_people=3)
    merge_organizations(keep=stays, drop=school, by=organizer, reason="same school")
    assert cells_of(meeting) == {Cell(stays.pk): 3}

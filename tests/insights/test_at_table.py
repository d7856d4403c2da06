"""Who is at the table and who isn't: the youth share with unknowns, by part and month, and what is missing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import filling
from insights.age_bands import Bands, together
from insights.at_table import last_table, open_youth_places, year_before
from insights.missing import say_when
from insights.over_time import FEW, Gathering, months, of_walks, stretches
from insights.panels import panels
from insights.templatetags.table_look import age_bar, youth_words
from insights.youth_walks import PARTS_OF_ROLES, Part, walks_between
from office.models import AuditEvent, Coalition, OutboxMessage
from office.refused import Refused
from people.models import Organization, User
from people.roles import AgeBand
from tests import factories
from walks.models import YOUTH_COUNTS_AS_LED, Gap, GroupMember, RoleNeed, Walk

KC = ZoneInfo("America/Chicago")
PAGE = "/desk/insights/table/"


# --- The youth share --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "youth", "known", "unknown", "percent", "words"),
    [
        ({}, 0, 0, 0, None, "–"),
        ({"unknown": 7}, 0, 0, 7, None, "7, ages unknown"),
        ({"unknown": 1}, 0, 0, 1, None, "1, age unknown"),
        ({"35_54": 4}, 0, 4, 0, 0, "0 of 4 (0%)"),
        ({"13_17": 1, "18_24": 2, "25_34": 1, "unknown": 9}, 3, 4, 9, 75, "3 of 4 (75%), 9 unknown"),
        # Children under 13 are of known age, and no youth by the definition.
        ({"under_13": 1, "13_17": 1}, 1, 2, 0, 50, "1 of 2 (50%)"),
        ({"25_34": 3, "65_plus": 3, "unknown": 1}, 0, 6, 1, 0, "0 of 6 (0%), 1 unknown"),
    ],
)
def test_the_youth_share_is_of_those_whose_age_is_known(
    counts: dict[str, int], youth: int, known: int, unknown: int, percent: int | None, words: str
) -> None:
    bands = Bands(counts)
    assert (bands.youth, bands.known, bands.unknown, bands.percent) == (youth, known, unknown, percent)
    assert youth_words(bands) == words


@settings(max_examples=50)
@given(st.lists(st.dictionaries(st.sampled_from(AgeBand.values), st.integers(0, 40)), max_size=4))
def test_nobody_is_lost_when_counts_are_put_together(several: list[dict[str, int]]) -> None:
    whole = together(map(Bands, several))
    assert whole.n == sum(sum(one.values()) for one in several)
    assert whole.youth + whole.late_twenties + whole.others + whole.unknown == whole.n
    assert whole.share is None or 0 <= whole.share <= 1


def test_a_bar_is_as_long_as_its_people_and_unknown_is_hatched() -> None:
    drawn = age_bar(Bands({"13_17": 1, "unknown": 3}))
    assert drawn.count("<rect") == 2
    assert 'width="50.0"' in drawn
    assert 'x="50.0" y="0" width="150.0" height="14" fill="url(#age-unknown)"' in drawn
    assert age_bar(Bands()) == ""


def test_what_counts_as_a_part_of_their_own_is_never_only_coming_along() -> None:
    parts = {role for part, roles in PARTS_OF_ROLES.items() if part != Part.CAME for role in roles}
    assert parts >= YOUTH_COUNTS_AS_LED


# --- Walks ------------------------------------------------------------------------------------------------------------


def past_walk(days: int = 3, **fields: Any) -> Walk:
    at = timezone.now() - timedelta(days=days)
    times = {"meet_at": at, "step_off_at": at, "end_at": at + timedelta(hours=2)}
    return factories.make_walk(**times | fields)


def came(walk: Walk, band: str = "unknown", *, role: str = "", n_people: int = 1, **fields: Any) -> Any:
    signup = factories.make_signup(walk=walk, age_band=band, role=role, n_people=n_people)
    factories.make_presence(walk=walk, signup=signup, age_band=band, n_people=n_people, **fields)
    return signup


def parts_of(walk: Walk) -> dict[str, dict[str, int]]:
    tables = {one.walk.pk: one for one in walks_between(timezone.now() - timedelta(days=300), timezone.now())}
    return {part: dict(bands.counts) for part, bands in tables[walk.pk].by_part.items()}


@pytest.mark.django_db
def test_people_count_at_the_part_that_carries_most() -> None:
    walk = past_walk()
    came(walk, "13_17", role="youth_lead")
    came(walk, "18_24", role="scribe")
    came(walk, "35_54", role="greeter")
    came(walk, "65_plus")
    factories.make_presence(walk=walk, age_band="25_34")
    writes, talks, leads = came(walk, "18_24"), came(walk, "25_34"), came(walk, "55_64")
    factories.make_concern(walk=walk, device=factories.make_device(walk=walk, signup=writes))
    factories.make_contact(walk=walk, device=factories.make_device(walk=walk, signup=talks))
    factories.make_team(walk=walk, lead=leads)
    factories.make_presence(walk=walk, age_band="13_17", withdrawn_at=timezone.now())
    assert parts_of(walk) == {
        "led": {"13_17": 1, "55_64": 1},
        "logged": {"18_24": 2},
        "greeted": {"35_54": 1, "25_34": 1},
        "came": {"65_plus": 1, "25_34": 1},
    }


@pytest.mark.django_db
def test_of_a_group_only_what_was_said_is_known() -> None:
    walk = past_walk()
    group = came(walk, "35_54", role="navigator", n_people=6)
    for band in ("13_17", "13_17", "unknown"):
        GroupMember.objects.create(signup=group, name="", age_band=band)
    assert parts_of(walk) == {"led": {"35_54": 1}, "came": {"13_17": 2, "unknown": 3}}


@pytest.mark.django_db
def test_heads_are_the_newest_of_each_phone_and_stand_apart() -> None:
    walk = past_walk()
    phone, at = factories.make_device(walk=walk), timezone.now()
    factories.make_head_count(walk=walk, device=phone, counted_at=at - timedelta(hours=1), n_25_34=9)
    factories.make_head_count(walk=walk, device=phone, counted_at=at, n_25_34=2, n_13_17=1)
    factories.make_head_count(walk=walk, n_25_34=1)
    [table] = walks_between(at - timedelta(days=9), at)
    assert not table.is_counted
    assert table.heads is not None
    assert (table.heads.late_twenties, table.heads.youth) == (3, 1)


@pytest.mark.django_db
def test_only_walks_that_were_held_are_looked_at() -> None:
    held = past_walk()
    past_walk(state="draft")
    past_walk(state="called_off", call_off_reason="storm", called_off_at=timezone.now())
    past_walk(deleted_at=timezone.now())
    factories.make_walk()
    tables = walks_between(timezone.now() - timedelta(days=300), timezone.now())
    assert [one.walk for one in tables] == [held]


# --- Months -----------------------------------------------------------------------------------------------------------


def test_months_run_over_the_year() -> None:
    assert months(date(2025, 11, 5), date(2026, 2, 1)) == [date(2025, n, 1) for n in (11, 12)] + [
        date(2026, n, 1) for n in (1, 2)
    ]


def test_few_are_shown_by_day_and_many_by_month_with_the_empty_months() -> None:
    led = {"led": Bands({"13_17": 1})}
    few = [Gathering(date(2026, 9, 1 + n), led) for n in range(FEW)]
    first, last = date(2026, 8, 1), date(2026, 10, 3)
    assert stretches(few, first=first, last=last)[0].label == "Tue 8 Sep"
    many = [*few, Gathering(date(2026, 10, 1))]
    rows = stretches(many, first=first, last=last)
    assert [(row.label, row.n_held, row.n_counted, row.everybody.n) for row in rows] == [
        ("Oct 2026", 1, 0, 0),
        ("Sep 2026", FEW, FEW, FEW),
        ("Aug 2026", 0, 0, 0),
    ]


@pytest.mark.django_db
def test_an_evening_belongs_to_the_month_of_its_own_zone() -> None:
    late = datetime(2026, 10, 1, 2, 30, tzinfo=UTC)  # still 30 September in Kansas City
    times = {"meet_at": late, "step_off_at": late, "end_at": late + timedelta(hours=1)}
    factories.make_walk(**times)
    factories.make_walk(**times, time_zone="Europe/Madrid")
    tables = walks_between(late - timedelta(days=1), late + timedelta(days=1))
    assert [one.day for one in of_walks(tables)] == [date(2026, 9, 30), date(2026, 10, 1)]


@pytest.mark.django_db
def test_a_year_begins_with_the_month_eleven_months_ago() -> None:
    for now, first in [
        (datetime(2026, 11, 23, 18, tzinfo=UTC), date(2025, 12, 1)),
        (datetime(2026, 12, 31, 18, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2027, 1, 1, 3, tzinfo=UTC), date(2026, 1, 1)),  # New Year's Eve in Kansas City
    ]:
        assert year_before(now, KC).first == first


# --- What is missing --------------------------------------------------------------------------------------------------


def missing() -> list[str]:
    return [one.words for one in year_before(timezone.now(), KC).missing]


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2026, 11, 3), "3 Nov"), (date(2026, 9, 3), "September"), (date(2025, 12, 9), "December 2025")],
)
def test_a_day_long_ago_is_said_by_its_month(day: date, words: str) -> None:
    assert say_when(day, date(2026, 11, 23)) == words


@pytest.mark.django_db
def test_it_says_since_when_nobody_young_led_and_where_a_place_is_open() -> None:
    young = past_walk(days=60)
    came(young, "18_24", role="youth_lead")
    came(past_walk(days=40), "35_54", role="navigator")
    assert missing() == []  # one walk says nothing
    last = past_walk(days=10)
    came(last, "65_plus", role="navigator")
    came(last, "unknown", role="marshal")
    next_walk = factories.make_walk()
    RoleNeed.objects.create(walk=next_walk, role="youth_lead", n_min=1, n_max=2)
    day = next_walk.meet_at.astimezone(KC)
    since = young.meet_at.astimezone(KC)
    [words] = missing()
    assert words.startswith(f"Nobody under 25 led on a walk since {since:%B}")
    assert "1 of 3 gave no age." in words
    assert f"2 youth lead places are open on {day:%a} {day.day} {day:%b}." in words
    came(next_walk, "13_17", role="youth_lead")
    assert open_youth_places(timezone.now())[0].n_open == 1


@pytest.mark.django_db
def test_what_is_not_known_is_never_said_to_be_missing() -> None:
    for days in (3, 9):
        came(past_walk(days=days), "unknown", role="navigator")
        factories.make_attendance(
            meeting=factories.make_meeting(starts_at=timezone.now() - timedelta(days=days)), n_people=6
        )
    told = " ".join(missing())
    assert "Nobody under 25" not in told
    assert "Of the 2 people who led on the last 2 walks nobody’s age is known." in told
    assert "Nobody’s age is known of the 12 people at the last 2 meetings." in told


@pytest.mark.django_db
def test_it_says_which_kinds_of_organizations_were_not_there() -> None:
    school = factories.make_organization(kind="school")
    shops = factories.make_organization(kind="business_association")
    now = timezone.now()
    factories.make_attendance(meeting=factories.make_meeting(starts_at=now - timedelta(days=100)), organization=school)
    for days in (28, 21, 14, 7):
        meeting = factories.make_meeting(starts_at=now - timedelta(days=days))
        factories.make_attendance(meeting=meeting, organization=shops, age_band="25_34", n_people=3)
        factories.make_attendance(meeting=meeting, age_band="13_17")
    factories.make_attendance(
        meeting=factories.make_meeting(starts_at=now - timedelta(days=1), called_off_at=now), organization=school
    )
    told = missing()
    month = (now - timedelta(days=100)).astimezone(KC)
    assert f"No school or college was at the last 4 meetings. Last time: {say_when(month.date(), now.date())}." in told
    assert "No faith community was at the last 4 meetings. None was there in the last 12 months." in told
    assert not [words for words in told if "business" in words or "under 25" in words or "25 to 34" in words]


@pytest.mark.django_db
def test_the_last_table_counts_a_merged_organization_as_the_one_it_became() -> None:
    stays = factories.make_organization(kind="school")
    merged = factories.make_organization(kind="other", merged_into=stays)
    twice = factories.make_organization(kind="other", merged_into=merged)
    meeting = factories.make_meeting(starts_at=datetime(2026, 11, 17, 2, tzinfo=UTC))  # Monday evening in Kansas City
    for organization in (stays, merged, twice):
        factories.make_attendance(meeting=meeting, organization=organization, n_people=2, age_band="13_17")
    factories.make_attendance(meeting=meeting)
    assert last_table(date(2026, 11, 16)) is None
    assert last_table(date(2026, 11, 23), since=date(2026, 11, 17)) is None
    with CaptureQueriesContext(connection) as asked:
        table = last_table(date(2026, 11, 17), since=date(2026, 11, 16))
    assert len(asked) <= 8
    assert table is not None
    assert (table.n_organizations, table.n_people, table.n_unknown) == (1, 7, 1)
    assert dict(table.by_band) == {"13_17": 6, "unknown": 1}


# --- Steps ------------------------------------------------------------------------------------------------------------


def soon(days: int = 9) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def school(db: None) -> Organization:
    organization = factories.make_organization(name="Lincoln High", kind="school")
    contact = factories.make_person(email="luz@example.org", language="es")
    factories.make_membership(contact, organization, is_contact=True)
    return organization


@pytest.mark.django_db
def test_an_invitation_is_mailed_once_in_the_language_of_the_contact(desk: Client, school: Organization) -> None:
    meeting = factories.make_meeting(starts_at=timezone.now() + timedelta(days=4))
    fields = {"who": "schools", "how": "invited", "organization": str(school.public_id), "mail": "on", "plan": ""}
    fields |= {"due_on": soon().isoformat(), "public_id": "5e7f1c9a-8f0e-4b52-9a55-0a8f4a1f6a11"}
    for _twice in range(2):
        assert desk.post(PAGE + "gaps/", fields).status_code == 302
    mail = OutboxMessage.objects.get(kind="meeting.invite")
    assert (mail.to_address, mail.language) == ("luz@example.org", "es")
    assert meeting.title in mail.body_text
    assert "/meeting.ics" in mail.body_text
    assert Gap.objects.get().organization == school
    assert "Lincoln" not in str(list(AuditEvent.objects.filter(resource="gap").values_list("detail", flat=True)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"how": ""}, "Choose what you do"),
        ({"who": "martians"}, "Choose who is missing"),
        ({"how": "plan", "plan": " "}, "Say in words what you do"),
        ({"how": "invited", "organization": ""}, "Choose the organization that is invited"),
        ({"organization": "5e7f1c9a-8f0e-4b52-9a55-0a8f4a1f6a11"}, "Choose one of the organizations"),
        ({"organization": "7"}, "is not a valid UUID"),
        ({"how": "role_open"}, "Choose the walk"),
        ({"due_on": "2020-01-01"}, "choose today or a later day"),
        ({"due_on": "3000-01-01"}, "more than a year ahead"),
        ({"due_on": "soon"}, "Write it like 2026-12-24"),
        ({"mail": "on"}, "no next meeting"),
    ],
)
def test_a_step_that_cannot_be_is_refused_and_stays_typed(
    desk: Client, school: Organization, fields: dict[str, str], words: str
) -> None:
    typed = {"who": "schools", "how": "invited", "organization": str(school.public_id), "plan": "Ask the principal"}
    answer = desk.post(PAGE + "gaps/", typed | {"due_on": soon().isoformat()} | fields)
    told = answer.content.decode()
    assert answer.status_code == 400
    assert words in told
    assert "plan" in fields or "Ask the principal" in told
    assert not Gap.objects.exists()


@pytest.mark.django_db
def test_who_has_no_address_cannot_be_mailed_but_can_be_written_down(organizer: User) -> None:
    factories.make_meeting(starts_at=timezone.now() + timedelta(days=4))
    mute = factories.make_organization(kind="faith", email="")
    said: dict[str, Any] = {"who": "faith", "how": "invited", "plan": "", "organization": mute, "due_on": soon()}
    with pytest.raises(Refused, match="no e-mail address"):
        filling.add_gap(by=organizer, mail=True, **said)
    assert not Gap.objects.exists()
    assert filling.add_gap(by=organizer, **said).organization == mute


@pytest.mark.django_db
def test_a_role_kept_open_stands_in_the_walks_plan(desk: Client, organizer: User) -> None:
    walk = factories.make_walk()
    fields = {"who": "teens", "how": "role_open", "walk": str(walk.public_id), "due_on": soon().isoformat()}
    assert desk.post(PAGE + "gaps/", fields).status_code == 302
    need = RoleNeed.objects.get(walk=walk)
    assert (need.role, need.n_min) == ("youth_lead", 1)
    told = desk.get(PAGE).content.decode()
    assert reverse("walks:desk_plan", args=[walk.public_id]) in told
    assert "1 youth lead place is open" in told
    # What the plan asks for already stays.
    RoleNeed.objects.update(n_min=3, n_max=4)
    filling.add_gap(by=organizer, who="teens", how="role_open", walk=walk, plan="", due_on=soon())
    assert RoleNeed.objects.get().n_max == 4


@pytest.mark.django_db
def test_a_step_from_a_meeting_says_where_it_was_decided(desk: Client) -> None:
    meeting = factories.make_meeting(starts_at=datetime(2026, 11, 17, 2, tzinfo=UTC))
    address = f"{PAGE}?meeting={meeting.public_id}"
    assert f'name="meeting" value="{meeting.public_id}"' in desk.get(address).content.decode()
    fields = {"who": "faith", "how": "plan", "plan": "Go to a service", "due_on": soon().isoformat()}
    for typed in (str(meeting.public_id), "00000000-0000-0000-0000-000000000007"):
        assert desk.post(PAGE + "gaps/", fields | {"meeting": typed}).status_code == 302
    assert [gap.meeting for gap in Gap.objects.order_by("pk")] == [meeting, None]
    assert "decided at the meeting of Mon 16 Nov" in desk.get(PAGE).content.decode()
    assert desk.get(PAGE + "?meeting=nonsense").status_code == 200


@pytest.mark.django_db
def test_two_who_close_it_differently_do_not_overwrite_each_other(desk: Client, organizer: User) -> None:
    gap = factories.make_gap()
    do = reverse("insights:gap_do", args=[gap.public_id])
    for _twice in range(2):
        assert "Somebody else" not in desk.post(do, {"do": "came"}, follow=True).content.decode()
    told = desk.post(do, {"do": "not"}, follow=True).content.decode()
    assert "Somebody else closed this already: they came." in told
    gap.refresh_from_db()
    assert gap.came is True
    desk.post(do, {"do": "reopen"})
    assert Gap.objects.open().count() == 1
    desk.post(do, {"do": "nonsense"})
    desk.post(do, {"do": "drop"})
    assert not Gap.objects.exists()
    with pytest.raises(Refused, match="took this off"):
        filling.close_gap(gap=gap, by=organizer, came=True)


@pytest.mark.django_db
def test_a_late_step_stands_on_today(organizer: User, volunteer: User, desk: Client) -> None:
    now = timezone.now()
    assert not [one for one in panels(user=organizer, now=now) if one.n]
    factories.make_gap(due_on=timezone.localdate() - timedelta(days=1))
    factories.make_gap(due_on=timezone.localdate())
    factories.make_gap(due_on=timezone.localdate() - timedelta(days=5), closed_at=now)
    [panel] = panels(user=organizer, now=now)
    assert panel.n == 1
    assert panel.due_at is not None
    assert panel.due_at < now
    assert list(panels(user=volunteer, now=now)) == []
    assert "gap at the table is overdue" in desk.get("/desk/").content.decode()


# --- The page ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_empty_page_says_what_to_do_next(desk: Client) -> None:
    told = desk.get(PAGE + "?who=nobody&x=1").content.decode()
    assert "Too little was counted" in told
    assert "Use the sign-in table on the day" in told
    assert "No meeting was counted" in told


@pytest.mark.django_db
def test_heads_are_shown_where_nobody_was_checked_in(desk: Client) -> None:
    factories.make_head_count(walk=past_walk(), n_25_34=8, n_13_17=2)
    told = desk.get(PAGE).content.decode()
    assert "2 of 10 (20%)" in told
    assert "(1 not counted)" in told


@pytest.mark.django_db
@pytest.mark.parametrize("n", [2, 10])
def test_the_page_asks_the_database_a_constant_number_of_times(client: Client, coordinator: User, n: int) -> None:
    Coalition.current()
    factories.make_membership(coordinator.person, factories.make_organization())
    client.force_login(coordinator, backend="allauth.account.auth_backends.AuthenticationBackend")
    for i in range(n):
        walk = past_walk(days=3 * i + 1)
        came(walk, "13_17", role="youth_lead")
        factories.make_head_count(walk=walk)
        meeting = factories.make_meeting(starts_at=timezone.now() - timedelta(days=3 * i + 1))
        factories.make_attendance(meeting=meeting, organization=factories.make_organization(), age_band="18_24")
        factories.make_gap(organization=factories.make_organization(), walk=walk)
        factories.make_gap(organization=factories.make_organization(), walk=walk, closed_at=timezone.now(), came=True)
    with CaptureQueriesContext(connection) as asked:
        told = client.get(PAGE + "?who=schools").content.decode()
    assert len(asked) <= 12, [one["sql"][:120] for one in asked.captured_queries]
    assert "url(#age-youth)" in told
    assert f"{n} of {n} (100%)" in told

"""The directory: found by need, place, age, language, hours and words; kept by the agency itself without an account."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from office.models import AuditEvent, Coalition, OutboxMessage
from office.refused import Refused
from outreach import directory_actions as actions
from outreach.directory import Asked, find, hours_in_words, is_open_at
from outreach.directory_links import directory_token, listing_from_token
from outreach.models import Listing, Service, ServiceHours
from people.models import Organization, User
from tests import factories

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/Chicago")
# A Wednesday, 10:30 in the morning.
MORNING = datetime(2026, 12, 2, 10, 30, tzinfo=ZONE)
TODAY = date(2026, 12, 2)


@pytest.fixture
def pantry() -> Service:
    """A pantry of Hearth and Key, Monday to Friday from nine to five."""
    organization = factories.make_organization(name="Hearth and Key", email="desk@hearth.example.org")
    factories.make_listing(organization=organization)
    service = factories.make_service(organization=organization, name="Food pantry", languages=["en", "es"])
    for day in range(5):
        ServiceHours.objects.create(service=service, weekday=day, opens_at=time(9), closes_at=time(17))
    return service


def names(asked: Asked, local: datetime = MORNING) -> list[str]:
    return [service.name for service in find(asked, local)]


def typed(service: Service | None = None, **fields: Any) -> dict[str, Any]:
    """What the form sends."""
    before = {
        "name": "Food pantry", "needs": ["food"], "status": "active", "capacity": "open", "languages": ["en"],
        "from_0_0": "09:00", "to_0_0": "17:00",
        "seen": Service.objects.get(pk=service.pk).changed_at.isoformat() if service else "",
    }  # fmt: skip
    return before | fields


# --- Finding ---


def test_each_filter_leaves_out_what_does_not_fit(pantry: Service) -> None:
    corridor = factories.make_corridor()
    other = factories.make_service(
        name="Youth boxing",
        needs=["youth"],
        languages=["so"],
        minimum_age=12,
        maximum_age=18,
        eligibility="Grays welcome",
    )
    other.corridors.add(factories.make_corridor())
    assert set(names(Asked())) == {"Youth boxing", "Food pantry"}
    assert names(Asked(need="food")) == ["Food pantry"]
    assert names(Asked(language="so")) == ["Youth boxing"]
    assert names(Asked(age=11)) == ["Food pantry"]
    assert set(names(Asked(age=18))) == {"Youth boxing", "Food pantry"}
    assert names(Asked(corridor=corridor)) == ["Food pantry"]
    assert names(Asked(open_now=True)) == ["Food pantry"]
    assert names(Asked(words="grays WELCOME")) == ["Youth boxing"]
    assert names(Asked(words="hearth pantry")) == ["Food pantry"]
    assert names(Asked(need="food", language="so")) == []


def test_an_area_on_the_street_serves_it_and_each_service_stands_once(pantry: Service) -> None:
    corridor = factories.make_corridor()
    pantry.corridors.add(corridor, factories.make_corridor())
    assert names(Asked(corridor=corridor)) == ["Food pantry"]


def test_those_with_room_come_first_and_what_is_not_offered_never_comes(pantry: Service) -> None:
    factories.make_service(name="Full", capacity="closed", organization=pantry.organization)
    factories.make_service(name="Gone", status="defunct")
    merged = factories.make_organization(merged_into=pantry.organization)
    factories.make_service(name="Merged away", organization=merged)
    assert names(Asked()) == ["Food pantry", "Full"]


@given(
    weekday=st.integers(0, 6),
    stretches=st.lists(
        st.tuples(st.integers(0, 6), st.times(), st.times()).filter(lambda row: row[1] < row[2]), max_size=4
    ),
    at=st.times(),
)
def test_the_database_and_the_card_agree_on_whether_it_is_open(
    weekday: int, stretches: list[tuple[int, time, time]], at: time
) -> None:
    service = factories.make_service()
    ServiceHours.objects.bulk_create(
        ServiceHours(service=service, weekday=day, opens_at=a, closes_at=b) for day, a, b in stretches
    )
    local = datetime.combine(date(2026, 11, 30) + timedelta(days=weekday), at, tzinfo=ZONE)
    assert Service.objects.filter(pk=service.pk).open_at(local).exists() == is_open_at(service, local)


def test_days_with_the_same_hours_are_one_line() -> None:
    def row(day: int, a: int, b: int) -> ServiceHours:
        return ServiceHours(weekday=day, opens_at=time(a), closes_at=time(b))

    hours = [row(day, 9, 17) for day in range(5)] + [row(5, 10, 12), row(5, 13, 15)]
    assert hours_in_words(hours) == [
        "Monday to Friday 9:00 AM–5:00 PM",
        "Saturday 10:00 AM–12:00 PM, 1:00 PM–3:00 PM",
    ]
    assert hours_in_words([row(0, 9, 17), row(1, 9, 17), row(3, 9, 17)]) == [
        "Monday and Tuesday 9:00 AM–5:00 PM",
        "Thursday 9:00 AM–5:00 PM",
    ]


# --- The public pages ---


def test_a_card_says_who_what_when_and_how_to_call(client: Client, pantry: Service) -> None:
    Service.objects.filter(pk=pantry.pk).update(
        phone="+18165550100", eligibility="Everybody in 64124", capacity="limited", assured_on=actions.coalition_today()
    )
    for address in ("/services/", f"/services/{pantry.public_id}/"):
        page = client.get(address).content.decode()
        for words in (
            "Food pantry", "Hearth and Key", "Everybody in 64124", "English, Spanish",
            "Monday to Friday 9:00 AM–5:00 PM",
            "little room",
            'href="tel:+18165550100"', "(816) 555-0100", "confirmed by the agency in",
        ):  # fmt: skip
            assert words in page, words
    assert "desk@hearth" not in page
    Service.objects.update(assured_on=actions.coalition_today() - timedelta(days=181))
    assert "not confirmed lately" in client.get("/services/").content.decode()


def test_wrong_filters_are_said_and_nothing_typed_is_lost(client: Client, pantry: Service) -> None:
    answer = client.get("/services/?age=old&need=gold&corridor=nowhere&words=%00pan&page=zzz")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Write the age in years" in page
    assert 'value="old"' in page
    assert "Food pantry" in page


def test_the_empty_page_says_whom_to_call(client: Client) -> None:
    coalition = Coalition.current()
    coalition.city_number = "816-513-1313"
    coalition.save()
    assert 'href="tel:816-513-1313"' in client.get("/services/").content.decode()
    assert 'href="tel:816-513-1313"' in client.get("/services/?need=food").content.decode()


def test_a_service_that_ended_says_so_to_who_has_the_old_card(client: Client, pantry: Service) -> None:
    Service.objects.update(status="defunct")
    assert "offered any more" in client.get(f"/services/{pantry.public_id}/").content.decode()


@pytest.mark.parametrize("n", [1, 25])
def test_lists_take_few_queries(
    client: Client, organizer: User, django_assert_max_num_queries: Any, pantry: Service, n: int
) -> None:
    for _number in range(n):
        service = factories.make_service(organization=factories.make_organization() if n > 1 else pantry.organization)
        ServiceHours.objects.create(service=service, weekday=0, opens_at=time(9), closes_at=time(17))
        service.corridors.add(factories.make_corridor())
    with django_assert_max_num_queries(12):
        client.get("/services/?age=30&words=a")
    with django_assert_max_num_queries(12):
        client.get(f"/directory/{directory_token(pantry.organization.listing)}/")
    client.force_login(organizer)
    with django_assert_max_num_queries(12):
        client.get("/desk/outreach/services/")


# --- The agency's own link ---


def link(organization: Organization, *more: str) -> str:
    return "/".join(["/directory", directory_token(organization.listing), *more, ""])


def test_the_agency_changes_its_service_without_an_account(client: Client, pantry: Service) -> None:
    fields = typed(pantry, name="Pantry", phone="816 555 0100", to_0_0="12:00", from_0_1="13:00", to_0_1="18:30")
    answer = client.post(link(pantry.organization, str(pantry.public_id)), fields)
    assert answer["Location"] == link(pantry.organization)
    pantry.refresh_from_db()
    assert (pantry.name, pantry.phone, pantry.languages) == ("Pantry", "+18165550100", ["en"])
    assert pantry.assured_on is not None
    hours = list(pantry.hours.values_list("weekday", "opens_at", "closes_at"))
    assert hours == [(0, time(9), time(12)), (0, time(13), time(18, 30))]
    assert AuditEvent.objects.get(action="service.change").object_id == pantry.public_id


def test_the_agency_adds_a_service(client: Client, pantry: Service) -> None:
    client.post(link(pantry.organization, "new"), typed(name="Diapers", needs=["family"]))
    added = Service.objects.get(name="Diapers")
    assert (added.organization, added.needs) == (pantry.organization, ["family"])
    assert "Diapers" in client.get("/services/?need=family").content.decode()


def test_room_takes_one_tap_and_does_not_confirm_the_rest(client: Client, pantry: Service) -> None:
    client.post(link(pantry.organization, str(pantry.public_id), "room"), {"room": "closed"})
    pantry.refresh_from_db()
    assert (pantry.capacity, pantry.assured_on) == ("closed", None)
    client.post(link(pantry.organization, str(pantry.public_id), "room"), {"room": "roomy"})
    assert Service.objects.get().capacity == "closed"


def test_all_still_right_confirms_what_is_offered(client: Client, pantry: Service) -> None:
    ended = factories.make_service(organization=pantry.organization, status="defunct")
    client.post(link(pantry.organization, "right"))
    assert Service.objects.get(pk=pantry.pk).assured_on == Listing.objects.get().assured_on == actions.coalition_today()
    assert Service.objects.get(pk=ended.pk).assured_on is None


def test_opening_links_changes_nothing(client: Client, pantry: Service) -> None:
    before = list(Service.objects.values()), list(Listing.objects.values()), AuditEvent.objects.count()
    for more in ((), ("new",), (str(pantry.public_id),), ("right",), (str(pantry.public_id), "room")):
        for method in (client.get, client.head):
            assert method(link(pantry.organization, *more)).status_code in {200, 405}
    assert (list(Service.objects.values()), list(Listing.objects.values()), AuditEvent.objects.count()) == before


def test_another_agencys_service_is_not_there(client: Client, pantry: Service) -> None:
    theirs = factories.make_service()
    for more, fields in (((), typed(theirs)), (("room",), {"room": "closed"})):
        address = link(pantry.organization, str(theirs.public_id), *more)
        assert client.post(address, fields).status_code == 404
    assert Service.objects.get(pk=theirs.pk).capacity == "open"


def test_a_link_ends_with_its_version_and_with_the_organization(
    client: Client, organizer: User, pantry: Service
) -> None:
    old = directory_token(pantry.organization.listing)
    assert listing_from_token(old) is not None
    actions.end_links(organization=pantry.organization, by=organizer)
    assert client.get(f"/directory/{old}/").status_code == 404
    new = directory_token(Listing.objects.get())
    assert client.get(f"/directory/{new}/").status_code == 200
    Organization.objects.filter(pk=pantry.organization_id).update(merged_into=factories.make_organization())
    assert client.get(f"/directory/{new}/").status_code == 404
    assert client.get(f"/directory/{new}x/").status_code == 404


def test_wrong_input_is_named_and_what_was_typed_stays(client: Client, pantry: Service) -> None:
    fields = typed(
        pantry, name="", phone="12", minimum_age="20", maximum_age="10", from_1_0="17:00", to_1_0="09:00", from_2_0="9",
        from_3_0="09:00", url="nonsense", eligibility="Kept words",
    )  # fmt: skip
    answer = client.post(link(pantry.organization, str(pantry.public_id)), fields)
    page = answer.content.decode()
    assert answer.status_code == 400
    for words in ("Swap the two times", "Write a time like", "Write when it closes", "ten digits", "Kept words"):
        assert words in page, words
    assert Service.objects.get().name == "Food pantry"


def test_two_at_once_the_second_sees_both_and_then_decides(client: Client, pantry: Service) -> None:
    mine = typed(pantry, name="My words")
    client.post(link(pantry.organization, str(pantry.public_id)), typed(pantry, name="Their words"))
    answer = client.post(link(pantry.organization, str(pantry.public_id)), mine)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "My words" in page
    assert "Their words" in page
    assert Service.objects.get().name == "Their words"
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    client.post(link(pantry.organization, str(pantry.public_id)), mine | {"seen": seen[1]})
    assert Service.objects.get().name == "My words"


# --- Signed in, and at the desk ---


def test_people_of_the_agency_confirm_and_organizers_do_not(client: Client, organizer: User, pantry: Service) -> None:
    address = f"/partner/services/{pantry.organization.public_id}/{pantry.public_id}/"
    client.force_login(organizer)
    client.post(address, typed(pantry, name="By the desk"))
    pantry.refresh_from_db()
    assert (pantry.name, pantry.assured_on) == ("By the desk", None)
    staff = factories.make_user()
    factories.make_membership(staff.person, pantry.organization)
    client.force_login(staff)
    client.post(address, typed(pantry, name="By us"))
    pantry.refresh_from_db()
    assert (pantry.name, pantry.assured_on) == ("By us", actions.coalition_today())
    assert "Your services in the directory" in client.get("/partner/").content.decode()


def test_the_desk_lists_stale_ones_first_and_asks_by_mail(client: Client, organizer: User, pantry: Service) -> None:
    factories.make_service(name="Fresh", organization=factories.make_organization(name="Aardvark"), assured_on=TODAY)
    Service.objects.filter(name="Fresh").update(assured_on=actions.coalition_today())
    client.force_login(organizer)
    page = client.get("/desk/outreach/services/").content.decode()
    assert page.index("Hearth and Key") < page.index("Aardvark")
    for _again in range(2):
        client.post(f"/desk/outreach/services/{pantry.organization.public_id}/ask/")
    mail = OutboxMessage.objects.get()
    assert mail.to_address == "desk@hearth.example.org"
    assert directory_token(pantry.organization.listing) in mail.body_text


def test_without_an_address_the_desk_gets_the_link(client: Client, organizer: User) -> None:
    organization = factories.make_organization(email="")
    client.force_login(organizer)
    answer = client.post(f"/desk/outreach/services/{organization.public_id}/ask/", follow=True)
    assert directory_token(Listing.objects.get()) in answer.content.decode()
    with pytest.raises(Refused):
        actions.ask_whether_right(organization=organization, by=organizer)


# --- The nudge ---


def test_stale_agencies_are_asked_once_in_thirty_days_in_their_language(pantry: Service) -> None:
    now = datetime(2026, 12, 2, 16, 0, tzinfo=UTC)
    person = factories.make_person(language="es")
    factories.make_membership(person, pantry.organization, is_contact=True, since_at=now - timedelta(days=400))
    assert actions.nudge_stale(now) == 1
    assert actions.nudge_stale(now + timedelta(days=29)) == 0
    assert actions.nudge_stale(now + timedelta(days=30)) == 1
    assert {mail.language for mail in OutboxMessage.objects.all()} == {"es"}


def test_nobody_is_asked_who_confirmed_lately_or_has_no_address_or_is_gone(pantry: Service) -> None:
    now = datetime(2026, 12, 2, 16, 0, tzinfo=UTC)
    factories.make_service(organization=factories.make_organization(email=""))
    factories.make_service(organization=factories.make_organization(email="a@b.example.org"), status="inactive")
    merged = factories.make_organization(email="c@d.example.org", merged_into=pantry.organization)
    factories.make_service(organization=merged)
    Service.objects.filter(pk=pantry.pk).update(assured_on=TODAY - timedelta(days=180))
    assert actions.nudge_stale(now) == 0
    Service.objects.filter(pk=pantry.pk).update(assured_on=TODAY - timedelta(days=181))
    assert actions.nudge_stale(now) == 1

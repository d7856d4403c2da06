"""The desk's pages of organizations: list, one, add, change."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from office.models import AuditEvent
from people.actions import Refused, add_organization, change_organization
from people.models import Organization, User
from people.roles import OrganizationKind
from tests import factories

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LIST = "people:desk_organizations"


def test_the_list_shows_and_finds_organizations(desk: Client, partner_organization: Organization) -> None:
    factories.make_organization(name="Lantern Parish", kind=OrganizationKind.FAITH)
    page = desk.get(reverse(LIST), {"q": "hearth"}).content.decode()
    assert "Hearth and Key Housing" in page
    assert "Lantern Parish" not in page
    assert "Lantern Parish" in desk.get(reverse(LIST), {"kind": "faith"}).content.decode()


def test_the_list_finds_a_former_name(desk: Client, partner_organization: Organization) -> None:
    factories.make_organization(name="Old Key Housing", merged_into=partner_organization)
    page = desk.get(reverse(LIST), {"q": "old key"}).content.decode()
    assert "Hearth and Key Housing" in page


def test_an_empty_list_says_what_to_do_next(desk: Client) -> None:
    page = desk.get(reverse(LIST)).content.decode()
    assert "No organizations yet" in page
    assert reverse("setup_organizations") in page


@pytest.mark.parametrize("bad", ["'", "\x00", "%", "x" * 500])
@pytest.mark.django_db
def test_the_list_survives_strange_filters(desk: Client, bad: str) -> None:
    for query in ({"q": bad}, {"kind": bad}, {"page": bad}, {"page": "-1"}, {"page": "1e9"}):
        assert desk.get(reverse(LIST), query).status_code == 200


def test_the_list_asks_the_same_number_of_queries_however_long(desk: Client, django_assert_max_num_queries) -> None:
    for _n in range(40):
        organization = factories.make_organization()
        factories.make_membership(factories.make_person(), organization)
    with django_assert_max_num_queries(12):
        desk.get(reverse(LIST))


def test_a_visitor_is_sent_to_sign_in(client: Client, db: None) -> None:
    answer = client.get(reverse(LIST))
    assert answer.status_code == 302
    assert reverse("account_login") in answer["Location"]


@pytest.mark.parametrize("who", ["volunteer", "lead", "partner", "outsider"])
def test_who_is_not_an_organizer_is_refused(client: Client, request: pytest.FixtureRequest, who: str) -> None:
    client.force_login(request.getfixturevalue(who), backend=BACKEND)
    for name in (LIST, "people:desk_organization_new", "people:desk_colleagues", "people:desk_colleague_new"):
        assert client.get(reverse(name)).status_code == 403


def test_one_organization_shows_its_people_and_numbers(desk: Client, partner: User) -> None:
    organization = Organization.objects.get(name="Hearth and Key Housing")
    page = desk.get(reverse("people:desk_organization", args=[organization.public_id])).content.decode()
    assert "Petra Oakes" in page
    assert "petra@example.org" in page


def test_a_walled_organizer_sees_no_contacts(client: Client, walled_organizer: User, partner: User) -> None:
    client.force_login(walled_organizer, backend=BACKEND)
    organization = Organization.objects.get(name="Hearth and Key Housing")
    page = client.get(reverse("people:desk_organization", args=[organization.public_id])).content.decode()
    assert "Petra Oakes" in page
    assert "petra@example.org" not in page


def test_an_unknown_organization_is_not_found(desk: Client) -> None:
    for name in ("desk_organization", "desk_organization_edit", "desk_organization_merge"):
        assert desk.get(reverse(f"people:{name}", args=[uuid.uuid4()])).status_code == 404


def test_an_organizer_adds_one(desk: Client) -> None:
    fields = {"name": "  Lantern   Parish ", "kind": "faith", "public_phone": "816 555 0123", "website": "example.org"}
    answer = desk.post(reverse("people:desk_organization_new"), fields)
    organization = Organization.objects.get()
    assert answer.status_code == 302
    assert (organization.name, organization.public_phone) == ("Lantern Parish", "+18165550123")
    assert organization.website == "https://example.org"
    assert AuditEvent.objects.filter(action="added", object_id=organization.public_id).exists()


def test_a_taken_name_is_refused_and_what_was_typed_stays(desk: Client, partner_organization: Organization) -> None:
    fields = {"name": "hearth AND key housing", "kind": "faith", "public_phone": "816 555 0123"}
    answer = desk.post(reverse("people:desk_organization_new"), fields)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "already an organization of that name" in page
    assert "816 555 0123" in page
    assert Organization.objects.count() == 1


def test_a_phone_that_is_none_is_refused_with_the_remedy(desk: Client) -> None:
    answer = desk.post(
        reverse("people:desk_organization_new"), {"name": "Parish", "kind": "faith", "public_phone": "555"}
    )
    assert answer.status_code == 400
    assert "Write all ten digits" in answer.content.decode()


def test_police_are_walled_by_themselves(desk: Client) -> None:
    desk.post(reverse("people:desk_organization_new"), {"name": "East Patrol", "kind": "police"})
    assert Organization.objects.get().is_walled


def test_an_organizer_cannot_wall_by_hand(organizer: User) -> None:
    with pytest.raises(Refused, match="Only an admin"):
        add_organization(by=organizer, name="Pantry", kind="service_provider", is_walled=True)


def test_a_walled_box_sent_by_an_organizer_is_ignored(desk: Client) -> None:
    desk.post(
        reverse("people:desk_organization_new"), {"name": "Pantry", "kind": "service_provider", "is_walled": "on"}
    )
    assert not Organization.objects.get().is_walled


def test_an_admin_may_wall_and_nobody_takes_a_wall_down(admin: User, partner_organization: Organization) -> None:
    walled = change_organization(organization=partner_organization, by=admin, is_walled=True)
    assert walled.is_walled
    with pytest.raises(Refused, match="never taken down"):
        change_organization(organization=partner_organization, by=admin, is_walled=False)


def test_a_former_police_organization_stays_walled(organizer: User) -> None:
    police = factories.make_organization(kind=OrganizationKind.POLICE)
    changed = change_organization(organization=police, by=organizer, kind="service_provider")
    assert changed.kind == "service_provider"
    assert changed.is_walled


def test_changing_keeps_what_was_typed_through_an_error(desk: Client, partner_organization: Organization) -> None:
    factories.make_organization(name="Lantern Parish")
    url = reverse("people:desk_organization_edit", args=[partner_organization.public_id])
    answer = desk.post(url, {"name": "Lantern Parish", "kind": "school", "email": "hello@example.org"})
    assert answer.status_code == 400
    assert "hello@example.org" in answer.content.decode()
    partner_organization.refresh_from_db()
    assert partner_organization.name == "Hearth and Key Housing"


def test_an_organizer_changes_one(desk: Client, partner_organization: Organization) -> None:
    url = reverse("people:desk_organization_edit", args=[partner_organization.public_id])
    assert desk.post(url, {"name": "Hearth and Key", "kind": "city_department"}).status_code == 302
    partner_organization.refresh_from_db()
    assert (partner_organization.name, partner_organization.kind) == ("Hearth and Key", "city_department")


def test_a_name_that_is_too_long_is_refused_in_the_action_too(organizer: User) -> None:
    with pytest.raises(ValidationError):
        add_organization(by=organizer, name="x" * 200, kind="faith")

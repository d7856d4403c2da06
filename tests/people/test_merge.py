"""Two records of the same become one, and two again."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from office.models import AuditEvent
from office.refused import Refused
from people.merging import merge_organizations, merge_people, preview, undo_merge, what_it_became
from people.models import Organization, Person, User
from people.roles import OrganizationKind
from tests import factories
from walks.models import GuardianConsent


@pytest.fixture
def keep(db: None) -> Organization:
    return factories.make_organization(name="Hearth and Key Housing")


@pytest.fixture
def drop(db: None) -> Organization:
    return factories.make_organization(name="Hearth & Key", email="desk@example.org")


def test_everything_moves_and_comes_back(organizer: User, keep: Organization, drop: Organization) -> None:
    signup = factories.make_signup(organization=drop)
    member = factories.make_membership(factories.make_person(), drop)
    walk = factories.make_walk(lead_organization=drop)
    merge_organizations(keep=keep, drop=drop, by=organizer, reason="same people, new sign")
    for row in (signup, member, walk, keep, drop):
        row.refresh_from_db()
    assert signup.organization == member.organization == walk.lead_organization == drop.merged_into == keep
    assert keep.email == "desk@example.org"

    undo_merge(drop=drop, by=organizer)
    for row in (signup, member, walk, keep, drop):
        row.refresh_from_db()
    assert signup.organization == member.organization == walk.lead_organization == drop
    assert (drop.merged_into, keep.email) == (None, "")


def test_undo_leaves_alone_what_moved_on_since(organizer: User, keep: Organization, drop: Organization) -> None:
    signup = factories.make_signup(organization=drop)
    own = factories.make_signup(organization=keep)
    third = factories.make_organization()
    merge_organizations(keep=keep, drop=drop, by=organizer, reason="same")
    signup.organization = third
    signup.save()
    undo_merge(drop=drop, by=organizer)
    signup.refresh_from_db()
    own.refresh_from_db()
    assert signup.organization == third
    assert own.organization == keep


def test_the_audit_trail_names_who_and_why_and_no_contact(
    organizer: User, keep: Organization, drop: Organization
) -> None:
    merge_organizations(keep=keep, drop=drop, by=organizer, reason="same people, new sign")
    event = AuditEvent.objects.get(action="merged")
    assert (event.actor_label, event.reason, event.object_id) == (
        "Odessa Quill",
        "same people, new sign",
        drop.public_id,
    )
    assert "desk@example.org" not in str(event.detail)


def test_it_refuses_without_a_reason(organizer: User, keep: Organization, drop: Organization) -> None:
    with pytest.raises(Refused, match="Say why"):
        merge_organizations(keep=keep, drop=drop, by=organizer, reason="  ")
    drop.refresh_from_db()
    assert drop.merged_into is None


def test_it_refuses_one_and_the_same_and_chains(organizer: User, keep: Organization, drop: Organization) -> None:
    with pytest.raises(Refused, match="one and the same"):
        merge_organizations(keep=keep, drop=keep, by=organizer, reason="x")
    merge_organizations(keep=keep, drop=drop, by=organizer, reason="x")
    with pytest.raises(Refused, match="merged already"):
        merge_organizations(keep=factories.make_organization(), drop=drop, by=organizer, reason="x")


def test_it_refuses_who_is_no_organizer(volunteer: User, keep: Organization, drop: Organization) -> None:
    with pytest.raises(Refused, match="Only organizers"):
        merge_organizations(keep=keep, drop=drop, by=volunteer, reason="x")


def test_a_wall_of_either_is_a_wall_of_both(organizer: User, keep: Organization) -> None:
    police = factories.make_organization(kind=OrganizationKind.POLICE)
    assert preview(keep=keep, drop=police).walls
    merge_organizations(keep=keep, drop=police, by=organizer, reason="x")
    keep.refresh_from_db()
    assert keep.is_walled
    undo_merge(drop=police, by=organizer)
    walled = Organization.objects.filter(is_walled=True)
    assert list(walled) == [police]


def test_undo_is_refused_where_the_name_was_given_away(organizer: User, keep: Organization, drop: Organization) -> None:
    merge_organizations(keep=keep, drop=drop, by=organizer, reason="x")
    factories.make_organization(name="hearth & key")
    with pytest.raises(Refused, match="used by another"):
        undo_merge(drop=drop, by=organizer)
    drop.refresh_from_db()
    assert drop.merged_into == keep


def test_what_it_became_follows_every_merge(organizer: User, keep: Organization, drop: Organization) -> None:
    last = factories.make_organization()
    merge_organizations(keep=keep, drop=drop, by=organizer, reason="x")
    merge_organizations(keep=last, drop=keep, by=organizer, reason="x")
    assert what_it_became(Organization.objects.get(pk=drop.pk)) == last


def test_a_guardians_yes_does_not_pass_on_silently(organizer: User, admin: User) -> None:
    child, other = factories.make_person(age_band="13_17"), factories.make_person(age_band="13_17")
    given = {"guardian_name": "Nia Applegate", "how": "paper", "recorded_by": organizer.person}
    consent = GuardianConsent.objects.create(person=child, until_on=date(2027, 1, 1), **given)
    shown = preview(keep=other, drop=child)
    assert [move.n for move in shown.consents] == [1]
    merge_people(keep=other, drop=child, by=organizer, reason="same child")
    consent.refresh_from_db()
    assert consent.person == child

    undo_merge(drop=child, by=organizer)
    merge_people(keep=other, drop=child, by=organizer, reason="asked the mother", pass_consents=True)
    consent.refresh_from_db()
    assert consent.person == other
    assert AuditEvent.objects.filter(action="merged").first().detail["consents"] == "passed on"


def test_of_two_sign_ups_for_one_walk_both_rows_stay_and_one_carries_on(organizer: User) -> None:
    keep, drop = factories.make_person(), factories.make_person()
    walk = factories.make_walk()
    first, second = factories.make_signup(walk=walk, person=keep), factories.make_signup(walk=walk, person=drop)
    other = factories.make_signup(person=drop)
    merge_people(keep=keep, drop=drop, by=organizer, reason="x")
    for row in (first, second, other):
        row.refresh_from_db()
    assert (first.person, second.person, other.person) == (keep, drop, keep)
    assert (first.state, second.state) == ("going", "withdrawn")


def test_an_address_fills_in_where_there_is_none(organizer: User) -> None:
    keep, drop = factories.make_person(email="", phone=""), factories.make_person(phone="+18165550123")
    merge_people(keep=keep, drop=drop, by=organizer, reason="x")
    keep.refresh_from_db()
    assert (keep.email, keep.phone) == (drop.email, drop.phone)
    undo_merge(drop=drop, by=organizer)
    keep.refresh_from_db()
    assert (keep.email, keep.phone) == ("", "")


def test_two_sign_ins_never_become_one(admin: User, organizer: User) -> None:
    with pytest.raises(Refused, match="Both people have a sign-in"):
        merge_people(keep=admin.person, drop=organizer.person, by=admin, reason="x")


def test_only_an_admin_passes_a_sign_in_on(organizer: User, admin: User, volunteer: User) -> None:
    other = factories.make_person()
    with pytest.raises(Refused, match="Only an admin"):
        merge_people(keep=other, drop=volunteer.person, by=organizer, reason="x")
    merge_people(keep=other, drop=volunteer.person, by=admin, reason="x")
    volunteer.refresh_from_db()
    assert volunteer.person == other
    with pytest.raises(Refused, match="Only an admin"):
        undo_merge(drop=Person.objects.get(name="Teo Linden"), by=organizer)


def test_a_walled_membership_walls_the_merged_person(admin: User, organizer: User) -> None:
    twin = factories.make_person(name="O. Quill")
    factories.make_membership(twin, factories.make_organization(kind=OrganizationKind.POLICE))
    assert User.objects.get(pk=organizer.pk).may_see_contacts
    merge_people(keep=organizer.person, drop=twin, by=admin, reason="x")
    assert not User.objects.get(pk=organizer.pk).may_see_contacts


# --- The page ---


def test_the_page_shows_what_would_move_and_changes_nothing(
    desk: Client, keep: Organization, drop: Organization
) -> None:
    factories.make_signup(organization=drop)
    url = reverse("people:desk_organization_merge", args=[drop.public_id])
    page = desk.get(url, {"keep": str(keep.public_id)}).content.decode()
    assert "1 sign-up" in page
    assert desk.get(url).status_code == desk.get(url, {"keep": "nonsense"}).status_code == 200
    drop.refresh_from_db()
    assert drop.merged_into is None


def test_the_page_merges_and_the_old_address_leads_on(desk: Client, keep: Organization, drop: Organization) -> None:
    url = reverse("people:desk_organization_merge", args=[drop.public_id])
    desk.post(url, {"keep": keep.public_id, "reason": "same"})
    answer = desk.get(reverse("people:desk_organization", args=[drop.public_id]))
    assert answer["Location"] == reverse("people:desk_organization", args=[keep.public_id])
    page = desk.get(answer["Location"]).content.decode()
    assert "Also known as" in page
    undo = reverse("people:desk_organization_undo_merge", args=[drop.public_id])
    assert undo in page
    assert desk.get(undo).status_code == 405
    desk.post(undo)
    drop.refresh_from_db()
    assert drop.merged_into is None


def test_the_page_refuses_without_a_reason_and_keeps_the_choice(
    desk: Client, keep: Organization, drop: Organization
) -> None:
    url = reverse("people:desk_organization_merge", args=[drop.public_id])
    answer = desk.post(url, {"keep": keep.public_id, "reason": ""})
    assert answer.status_code == 400
    assert str(keep.public_id) in answer.content.decode()


def test_a_second_undo_says_so(desk: Client, organizer: User, keep: Organization, drop: Organization) -> None:
    url = reverse("people:desk_organization_undo_merge", args=[drop.public_id])
    answer = desk.post(url, follow=True)
    assert "no merge here to undo" in answer.content.decode()

"""Two organizations become one: what doubles is joined, a yes doesn't pass on, and it can be taken apart again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.refused import Refused
from outreach.models import Consent, HelpRequest, Referral
from people.merging import merge_organizations, undo_merge
from people.models import Organization, User
from tests import factories
from walks.models import Attendance, Meeting, Pledge

pytestmark = pytest.mark.django_db


@pytest.fixture
def keep(db: None) -> Organization:
    return factories.make_organization(name="Hearth and Key Housing", email="intake@example.org")


@pytest.fixture
def drop(db: None) -> Organization:
    return factories.make_organization(name="Hearth & Key")


def merge(keep: Organization, drop: Organization, by: User, **options: Any) -> None:
    merge_organizations(keep=keep, drop=drop, by=by, reason="same people, new sign", **options)


def count(meeting: Meeting, organization: Organization, n: int, band: str = "unknown") -> Attendance:
    return Attendance.objects.create(meeting=meeting, organization=organization, n_people=n, age_band=band)


# --- What doubles ---


def test_of_two_pledges_for_a_walk_the_larger_stands_with_a_sentence_and_comes_apart_again(
    organizer: User, keep: Organization, drop: Organization
) -> None:
    walk, now = factories.make_walk(), timezone.now()
    own = factories.make_pledge(walk=walk, organization=keep, n_people=3, answered_at=now, note="bring vests")
    other = factories.make_pledge(walk=walk, organization=drop, n_people=5, answered_at=now)
    alone = factories.make_pledge(organization=drop, n_people=2, answered_at=now)
    merge(keep, drop, organizer)
    assert [(one.organization, one.n_people) for one in walk.pledges.all()] == [(keep, 5)]
    own.refresh_from_db()
    alone.refresh_from_db()
    assert own.note == "bring vests Also pledged as “Hearth & Key”: 5."
    assert alone.organization == keep

    undo_merge(drop=drop, by=organizer)
    own.refresh_from_db()
    again = Pledge.objects.get(walk=walk, organization=drop)
    assert (own.n_people, own.note) == (3, "bring vests")
    assert (again.public_id, again.n_people, again.answered_at) == (other.public_id, 5, now)


def test_a_pledge_that_was_never_answered_adds_nothing(organizer: User, keep: Organization, drop: Organization) -> None:
    walk, now = factories.make_walk(), timezone.now()
    own = factories.make_pledge(walk=walk, organization=keep, n_people=3, answered_at=now)
    factories.make_pledge(walk=walk, organization=drop, n_people=None, answered_at=None)
    merge(keep, drop, organizer)
    own.refresh_from_db()
    assert (walk.pledges.count(), own.n_people, own.note) == (1, 3, own.note)
    assert "Also pledged" not in own.note


def test_people_counted_at_one_meeting_are_added_up_and_come_apart_again(
    organizer: User, keep: Organization, drop: Organization
) -> None:
    meeting = Meeting.objects.create(title="Table", starts_at=timezone.now() - timedelta(days=1))
    count(meeting, keep, 2)
    count(meeting, drop, 3)
    count(meeting, drop, 1, "18_24")
    merge(keep, drop, organizer)
    lines = {(one.organization, one.age_band): one.n_people for one in meeting.attendances.all()}
    assert lines == {(keep, "unknown"): 5, (keep, "18_24"): 1}
    undo_merge(drop=drop, by=organizer)
    lines = {(one.organization, one.age_band): one.n_people for one in meeting.attendances.all()}
    assert lines == {(keep, "unknown"): 2, (drop, "unknown"): 3, (drop, "18_24"): 1}


def test_merging_apart_and_again_joins_only_what_is_there(
    organizer: User, keep: Organization, drop: Organization
) -> None:
    walk, now = factories.make_walk(), timezone.now()
    factories.make_pledge(walk=walk, organization=keep, n_people=3, answered_at=now)
    factories.make_pledge(walk=walk, organization=drop, n_people=5, answered_at=now)
    for _time in range(2):
        merge(keep, drop, organizer)
        drop.refresh_from_db()
        undo_merge(drop=drop, by=organizer)
        drop.refresh_from_db()
    assert sorted(walk.pledges.values_list("organization", "n_people")) == sorted([(keep.pk, 3), (drop.pk, 5)])


def test_services_readers_and_promises_move(organizer: User, keep: Organization, drop: Organization) -> None:
    service, promise = factories.make_service(organization=drop), factories.make_commitment(organization=drop)
    listing = factories.make_listing(organization=drop)
    merge(keep, drop, organizer)
    for row in (service, promise, listing):
        row.refresh_from_db()
        assert row.organization == keep


# --- What people asked for ---


def test_a_yes_does_not_pass_on_and_what_stood_on_it_ends_as_passed_on(
    coordinator: User, keep: Organization, drop: Organization
) -> None:
    referral = factories.make_referral(organization=drop)
    merge(keep, drop, coordinator)
    referral.refresh_from_db()
    assert (referral.state, referral.outcome, referral.closed_by) == ("cancelled", "passed_on", "system")
    assert not Referral.objects.of([keep.pk, drop.pk], timezone.now()).exists()
    assert Consent.objects.get().organization == drop
    assert HelpRequest.objects.open().count() == 1


def test_what_needs_no_name_goes_on_unless_the_other_half_is_walled(
    coordinator: User, keep: Organization, drop: Organization
) -> None:
    referral = factories.make_referral(organization=drop, consent=Consent.Scope.NEED_ONLY)
    merge(keep, drop, coordinator)
    referral.refresh_from_db()
    assert (referral.state, referral.organization) == ("requested", keep)
    merge(factories.make_organization(kind="police"), Organization.objects.get(pk=keep.pk), coordinator)
    referral.refresh_from_db()
    assert referral.outcome == "passed_on"


def test_the_same_need_asked_of_both_halves_goes_on_with_one(
    coordinator: User, keep: Organization, drop: Organization
) -> None:
    asked = factories.make_help_request()
    own = factories.make_referral(help_request=asked, organization=keep)
    double = factories.make_referral(help_request=asked, organization=drop)
    merge(keep, drop, coordinator)
    own.refresh_from_db()
    double.refresh_from_db()
    assert (own.state, double.outcome) == ("requested", "passed_on")


def test_with_a_note_a_coordinator_passes_the_yes_on_and_an_organizer_does_not(
    coordinator: User, organizer: User, keep: Organization, drop: Organization
) -> None:
    referral = factories.make_referral(organization=drop)
    with pytest.raises(Refused, match="Only a coordinator"):
        merge(keep, drop, organizer, pass_consents=True)
    merge(keep, drop, coordinator, pass_consents=True)
    referral.refresh_from_db()
    assert (referral.state, Consent.objects.get().organization) == ("requested", keep)


def test_coordinators_find_it_again_and_nobody_else_learns_that_there_is_any(
    client: Client, coordinator: User, organizer: User, keep: Organization, drop: Organization
) -> None:
    referral = factories.make_referral(organization=drop)
    where = reverse("people:desk_organization_merge", args=[drop.public_id])
    client.force_login(organizer)
    page = client.get(where, {"keep": str(keep.public_id)}).content.decode()
    assert "1 referral" not in page
    assert "1 consent" not in page
    assert "pass_consents" not in page
    assert "back to the coordinators" in page
    client.force_login(coordinator)
    page = client.get(where, {"keep": str(keep.public_id)}).content.decode()
    assert "1 referral" in page
    assert "pass_consents" in page
    client.post(where, {"keep": str(keep.public_id), "reason": "same"})
    told = client.get(reverse("outreach:request", args=[referral.help_request.public_id])).content.decode()
    assert "passed on" in told
    assert "merged with another one" in told
    assert referral.help_request.public_id.hex[:8] in client.get("/desk/outreach/").content.decode()

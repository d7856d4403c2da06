"""The wall: an active membership in the police or a prosecutor's office beats every role."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from people.access import CONTACT_READERS, COORDINATORS, ORGANIZERS, is_allowed
from people.models import Organization, User
from people.roles import WALLED_KINDS, OrganizationKind, Role
from tests import factories


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.mark.django_db
def test_a_coordinator_sees_contacts_and_help(coordinator: User) -> None:
    assert is_allowed(coordinator, CONTACT_READERS)
    assert is_allowed(coordinator, COORDINATORS)


@pytest.mark.django_db
def test_o21_a_walled_membership_takes_both_away_and_leaves_the_desk(walled_organizer: User) -> None:
    assert not is_allowed(walled_organizer, CONTACT_READERS)
    assert not is_allowed(walled_organizer, COORDINATORS)
    assert is_allowed(walled_organizer, ORGANIZERS)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.ADMIN])
@pytest.mark.parametrize("kind", sorted(WALLED_KINDS))
def test_every_walled_kind_walls_every_role(role: str, kind: str) -> None:
    user = factories.make_user(role=role, is_outreach_coordinator=True)
    factories.make_membership(user.person, factories.make_organization(kind=kind))
    assert fresh(user).is_walled
    assert not fresh(user).may_see_contacts
    assert not fresh(user).may_see_help


@pytest.mark.django_db
def test_the_wall_ends_with_the_membership(walled_organizer: User) -> None:
    now = timezone.now()
    walled_organizer.person.memberships.update(since_at=now - timedelta(days=9), until_at=now - timedelta(minutes=1))
    assert fresh(walled_organizer).may_see_contacts


@pytest.mark.django_db
def test_an_admin_may_wall_more_but_never_fewer() -> None:
    church = factories.make_organization(kind=OrganizationKind.FAITH, is_walled=True)
    police = factories.make_organization(kind=OrganizationKind.POLICE, is_walled=False)
    assert church.is_walled
    assert police.is_walled
    with pytest.raises(IntegrityError), transaction.atomic():
        Organization.objects.filter(pk=police.pk).update(is_walled=False)

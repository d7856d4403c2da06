"""Inviting colleagues, the page behind the link, and what a role change does."""

import re
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from office.models import AuditEvent, OutboxMessage
from people.actions import Refused, change_role, invite_again, invite_colleague
from people.invitations import invitation_link, invited_user
from people.models import Person, User
from people.roles import Role
from tests import factories

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def link_in(message: OutboxMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/accounts/welcome/\S+)", message.body_text)
    assert found
    return found[1]


def test_an_admin_invites_an_organizer_by_mail(admin: User) -> None:
    user = invite_colleague(by=admin, name="Rosa Lindqvist", email=" Rosa@Example.org ", role=Role.ORGANIZER)
    message = OutboxMessage.objects.get()
    assert (user.email, user.role, user.has_usable_password()) == ("rosa@example.org", "organizer", False)
    assert message.to_address == "rosa@example.org"
    assert "Ada Penhallow" in message.body_text
    assert link_in(message) in message.body_html


@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.ADMIN])
def test_an_organizer_promotes_nobody(organizer: User, role: Role) -> None:
    with pytest.raises(Refused, match="Only an admin can give a role"):
        invite_colleague(by=organizer, name="Rosa Lindqvist", email="rosa@example.org", role=role)
    assert not OutboxMessage.objects.exists()
    assert not User.objects.filter(email="rosa@example.org").exists()


def test_an_organizer_invites_without_a_role(desk: Client) -> None:
    fields = {"name": "Rosa Lindqvist", "email": "rosa@example.org", "language": "es", "role": "admin"}
    assert desk.post(reverse("people:desk_colleague_new"), fields).status_code == 302
    user = User.objects.get(email="rosa@example.org")
    assert (user.role, user.person.language) == ("member", "es")


def test_the_role_is_offered_to_admins_only(client: Client, admin: User, organizer: User) -> None:
    client.force_login(organizer, backend=BACKEND)
    assert 'name="role"' not in client.get(reverse("people:desk_colleague_new")).content.decode()
    client.force_login(admin, backend=BACKEND)
    assert 'name="role"' in client.get(reverse("people:desk_colleague_new")).content.decode()


def test_a_known_sign_in_is_refused_and_what_was_typed_stays(desk: Client, volunteer: User) -> None:
    fields = {"name": "Teo L.", "email": "TEO@example.org", "language": "en"}
    answer = desk.post(reverse("people:desk_colleague_new"), fields)
    assert answer.status_code == 400
    assert "already has a sign-in" in answer.content.decode()
    assert "Teo L." in answer.content.decode()


def test_a_known_person_keeps_their_record(admin: User) -> None:
    person = factories.make_person(name="Rosa Lindqvist", email="rosa@example.org")
    user = invite_colleague(by=admin, name="Rosa", email="rosa@example.org")
    assert user.person == person
    assert Person.objects.filter(email="rosa@example.org").count() == 1


def test_an_address_that_is_none_is_refused(admin: User) -> None:
    with pytest.raises(ValidationError):
        invite_colleague(by=admin, name="Rosa", email="rosa at example")


def test_the_link_sets_a_password_once_and_signs_in(client: Client, admin: User) -> None:
    user = invite_colleague(by=admin, name="Rosa", email="rosa@example.org", role=Role.ORGANIZER)
    url = link_in(OutboxMessage.objects.get())
    assert client.get(url).status_code == client.head(url).status_code == 200
    user.refresh_from_db()
    assert not user.has_usable_password()

    wrong = {"new_password1": "short", "new_password2": "short"}
    assert client.post(url, wrong).status_code == 400
    fields = {"new_password1": "copper-lantern-88", "new_password2": "copper-lantern-88"}
    answer = client.post(url, fields)
    assert answer["Location"] == reverse("desk")
    assert client.get(reverse("people:desk_colleagues")).status_code == 200
    assert Client().get(url).status_code == 410
    assert Client().post(url, fields).status_code == 410


@pytest.mark.parametrize("token", ["x", "a:b:c", "é", "W10:1:1"])
def test_a_link_that_was_made_up_says_so(client: Client, db: None, token: str) -> None:
    answer = client.get(reverse("people:welcome", args=[token]))
    assert answer.status_code == 410
    assert answer["Referrer-Policy"] == "no-referrer"


def test_a_link_ends_with_a_role_change_and_with_the_sign_in(admin: User) -> None:
    user = invite_colleague(by=admin, name="Rosa", email="rosa@example.org")
    token = invitation_link(user).split("/")[-2]
    assert invited_user(token) == user
    change_role(user=user, by=admin, role=Role.ORGANIZER)
    assert invited_user(token) is None
    fresh = invitation_link(User.objects.get(pk=user.pk)).split("/")[-2]
    change_role(user=user, by=admin, is_active=False)
    assert invited_user(fresh) is None


def test_a_new_link_is_sent_only_to_who_has_no_password(admin: User, volunteer: User) -> None:
    user = invite_colleague(by=admin, name="Rosa", email="rosa@example.org")
    invite_again(user=user, by=admin)
    assert OutboxMessage.objects.filter(to_address="rosa@example.org").count() == 2
    with pytest.raises(Refused, match="have a password already"):
        invite_again(user=volunteer, by=admin)


def test_the_list_names_roles_and_who_waits(desk: Client, admin: User) -> None:
    user = invite_colleague(by=admin, name="Rosa Lindqvist", email="rosa@example.org")
    page = desk.get(reverse("people:desk_colleagues")).content.decode()
    assert "invited, no password yet" in page
    assert "Change the role" not in page
    again = reverse("people:desk_colleague_invite_again", args=[user.public_id])
    assert again in page
    assert desk.get(again).status_code == 405
    assert desk.post(again).status_code == 302
    assert desk.post(reverse("people:desk_colleague_invite_again", args=[uuid.uuid4()])).status_code == 404


def test_the_list_asks_the_same_number_of_queries_however_long(desk: Client, django_assert_max_num_queries) -> None:
    for _n in range(20):
        factories.make_user()
    with django_assert_max_num_queries(12):
        desk.get(reverse("people:desk_colleagues"))


# --- Roles ---


def test_only_an_admin_changes_a_role(organizer: User, volunteer: User, coordinator: User) -> None:
    for by in (organizer, coordinator, volunteer):
        with pytest.raises(Refused, match="Only an admin"):
            change_role(user=volunteer, by=by, role=Role.ADMIN)


def test_the_last_admin_stays(admin: User) -> None:
    for wanted in ({"role": Role.ORGANIZER}, {"is_active": False}):
        with pytest.raises(Refused, match="only admin"):
            change_role(user=admin, by=admin, **wanted)
    other = factories.make_user(role=Role.ADMIN)
    change_role(user=other, by=admin, role=Role.MEMBER)
    assert AuditEvent.objects.filter(action="changed_role").count() == 1


@pytest.mark.parametrize(
    "change", [{"role": Role.MEMBER}, {"role": Role.ADMIN}, {"is_outreach_coordinator": True}, {"is_active": False}]
)
def test_o35_a_role_change_ends_every_session_of_that_person(
    client: Client, admin: User, organizer: User, change: dict
) -> None:
    client.force_login(organizer, backend=BACKEND)
    url = reverse("people:desk_colleagues")
    assert client.get(url).status_code == 200
    change_role(user=organizer, by=admin, **change)
    answer = client.get(url)
    assert answer.status_code == 302
    assert reverse("account_login") in answer["Location"]


def test_saving_the_same_role_ends_nothing(client: Client, admin: User, organizer: User) -> None:
    client.force_login(organizer, backend=BACKEND)
    change_role(user=organizer, by=admin, role=Role.ORGANIZER)
    assert client.get(reverse("people:desk_colleagues")).status_code == 200
    assert not AuditEvent.objects.exists()

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from office.models import AuditEvent
from people.first_admin import invite_first_admin, set_first_password, user_for_token
from people.models import User
from people.roles import Role

PASSWORD = {"new_password1": "lantern-bakery-4777", "new_password2": "lantern-bakery-4777"}


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def link(db, settings) -> str:
    """The path of a fresh link for Ada."""
    return invite_first_admin(email="Ada@Example.org").removeprefix(settings.SITE_URL)


def ada() -> User:
    return User.objects.get(email="ada@example.org")


def test_the_command_prints_one_link(db, settings, capsys):
    settings.SITE_URL = "https://walks.example.org"
    call_command("first_admin", "ada@example.org")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("https://walks.example.org/accounts/first/")
    assert ada().role == Role.ADMIN
    assert not ada().has_usable_password()


@pytest.mark.parametrize("address", ["ada", "", "ada@", "a b@example.org"])
def test_the_command_refuses_what_is_no_address(db, address):
    with pytest.raises(CommandError):
        call_command("first_admin", address)
    assert not User.objects.exists()


def test_the_command_refuses_a_sign_in_that_has_a_password(organizer):
    with pytest.raises(CommandError, match="already has a password"):
        call_command("first_admin", organizer.email)
    organizer.refresh_from_db()
    assert organizer.role == Role.ORGANIZER


def test_asking_twice_gives_a_second_link_for_the_same_person(link):
    invite_first_admin(email="ada@example.org")
    assert User.objects.count() == 1


def test_looking_at_the_link_changes_nothing(client, link):
    for _ in range(2):
        answer = client.get(link)
        assert answer.status_code == 200
        assert "ada@example.org" in answer.text
    assert not ada().has_usable_password()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


def test_sending_a_password_signs_in_and_uses_the_link_up(client, link):
    answer = client.post(link, PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")
    assert ada().check_password(PASSWORD["new_password1"])
    assert int(client.session["_auth_user_id"]) == ada().pk
    again = Client().post(link, {"new_password1": "other-words-1234", "new_password2": "other-words-1234"})
    assert again.status_code == 410
    assert ada().check_password(PASSWORD["new_password1"])
    assert Client().get(link).status_code == 410


def test_where_a_second_factor_is_required_it_is_enrolled_next(client, link, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    answer = client.post(link, PASSWORD)
    assert answer["Location"] == "/accounts/2fa/totp/activate/?next=%2Fdesk%2F"
    # She has just shown who she is, so she isn't asked for the password again.
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        {"new_password1": "short", "new_password2": "short"},
        {"new_password1": "lantern-bakery-4777", "new_password2": "something else"},
        {"new_password1": "ada@example.org", "new_password2": "ada@example.org"},
        {},
    ],
)
def test_a_bad_password_is_said_and_the_link_stays_good(client, link, typed):
    answer = client.post(link, typed or {"new_password1": ""})
    assert answer.status_code == 400
    assert not ada().has_usable_password()
    assert client.post(link, PASSWORD).status_code == 302


def test_a_link_is_good_for_a_day(client, link):
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=59)):
        assert client.get(link).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert client.get(link).status_code == 410
        assert client.post(link, PASSWORD).status_code == 410
    assert not ada().has_usable_password()


def test_a_link_that_was_changed_opens_nothing(client, link):
    assert client.get(link[:-2] + "x/").status_code == 410
    assert client.get("/accounts/first/anything/").status_code == 410


@pytest.mark.parametrize("change", [{"role": Role.MEMBER}, {"is_active": False}])
def test_a_link_dies_when_its_person_is_no_admin_any_more(client, link, change):
    User.objects.update(**change)
    assert client.get(link).status_code == 410


def test_a_real_browser_may_send_it_and_a_foreign_page_may_not(link):
    browser = Client(enforce_csrf_checks=True)
    browser.get(link)
    typed = PASSWORD | {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    assert browser.post(link, PASSWORD, HTTP_ORIGIN="null").status_code == 403
    assert browser.post(link, typed, HTTP_ORIGIN="https://evil.example").status_code == 403
    assert not ada().has_usable_password()
    # Pages with no-referrer send `Origin: null`.
    assert browser.post(link, typed, HTTP_ORIGIN="null").status_code == 302


def test_other_methods_are_refused(client, link):
    assert client.put(link).status_code == 405


def test_both_steps_are_in_the_audit_trail_without_the_address(client, link):
    client.post(link, PASSWORD)
    steps = AuditEvent.objects.order_by("id")
    assert [step.action for step in steps] == ["invited_first_admin", "set_first_password"]
    assert not any("ada@" in str(step.detail) for step in steps)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_send_at_once_set_one_password():
    user = user_for_token(invite_first_admin(email="ada@example.org").rstrip("/").rpartition("/")[2])
    assert user is not None
    won: list[bool] = []
    start = threading.Barrier(2)

    def send(password: str) -> None:
        start.wait()
        won.append(set_first_password(user=user, password=password))
        connection.close()

    both = [threading.Thread(target=send, args=[f"lantern-bakery-{n}"]) for n in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(won) == [False, True]

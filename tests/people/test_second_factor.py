"""The Django admin asks for a second factor, and answers at its own host only."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def second_factor_required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def ada(client, admin):
    """A browser with Ada, an admin, signed in by password."""
    client.force_login(admin, backend=BACKEND)
    return client


def code_of_now() -> str:
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def test_on_loopback_a_password_is_enough(ada):
    assert ada.get("/admin/").status_code == 200


@pytest.mark.usefixtures("second_factor_required")
def test_o07_an_admin_without_one_is_sent_to_enrol(ada):
    answer = ada.get("/admin/people/user/?q=x")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/2fa/totp/activate/?next=%2Fadmin%2Fpeople%2Fuser%2F%3Fq%3Dx"


@pytest.mark.usefixtures("second_factor_required")
def test_a_post_does_nothing_without_one(ada, organizer):
    answer = ada.post(f"/admin/people/user/{organizer.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    organizer.refresh_from_db()


@pytest.mark.usefixtures("second_factor_required")
def test_one_who_signed_in_before_enrolling_is_asked_for_the_code_and_then_let_in(ada, admin):
    TOTP.activate(admin, SECRET)
    answer = ada.get("/admin/")
    assert answer["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2F"
    assert ada.post("/accounts/2fa/reauthenticate/?next=/admin/", {"code": "000000"}).status_code == 200
    assert ada.get("/admin/").status_code == 302
    assert ada.post("/accounts/2fa/reauthenticate/?next=/admin/", {"code": code_of_now()}).status_code == 302
    assert ada.get("/admin/").status_code == 200


@pytest.mark.usefixtures("second_factor_required")
def test_a_passkey_is_asked_for_where_that_is_what_they_have(ada, admin):
    Authenticator.objects.create(user=admin, type=Authenticator.Type.WEBAUTHN, data={})
    assert ada.get("/admin/")["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/")


@pytest.mark.usefixtures("second_factor_required")
def test_others_get_no_further_than_before(client, organizer):
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    client.force_login(organizer, backend=BACKEND)
    assert client.get("/admin/").status_code == 403


def test_o36_at_another_host_there_is_no_admin(ada, settings):
    settings.ADMIN_HOST = "desk.example.org"
    settings.ALLOWED_HOSTS = ["desk.example.org", "walks.example.org"]
    assert ada.get("/admin/", HTTP_HOST="walks.example.org").status_code == 404
    assert ada.get("/admin/login/", HTTP_HOST="walks.example.org").status_code == 404
    assert ada.get("/admin/", HTTP_HOST="desk.example.org:8443").status_code == 200


def test_nobody_learns_at_another_host_whether_there_is_an_admin(client, db, settings):
    settings.ADMIN_HOST = "desk.example.org"
    settings.ALLOWED_HOSTS = ["walks.example.org"]
    assert client.get("/admin/people/user/", HTTP_HOST="walks.example.org").status_code == 404

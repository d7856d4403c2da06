"""Signing in and out: same answers for known and unknown, lock-outs, where people land, what ends a session."""

import pytest
from django.contrib.auth.hashers import get_hasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from office.models import OutboxMessage
from people.models import User
from tests import factories


@pytest.fixture(autouse=True)
def no_earlier_tries() -> None:
    """The counters of sign-ins per minute live in the cache, which tests share."""
    cache.clear()


LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"


def sign_in(client: Client, email: str, password: str = factories.PASSWORD, **more: str):
    return client.post(LOGIN, {"login": email, "password": password, **more})


def test_an_organizer_lands_at_the_desk_and_a_volunteer_on_the_home_page(organizer: User, volunteer: User) -> None:
    assert sign_in(Client(), organizer.email)["Location"] == "/desk/"
    assert sign_in(Client(), volunteer.email)["Location"] == "/"


def test_people_come_back_to_where_they_were(client: Client, organizer: User) -> None:
    assert sign_in(client, organizer.email, next="/desk/organizations/?q=a")["Location"] == "/desk/organizations/?q=a"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example/",
        "https:/\\evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "\t//evil.example",
        "///evil.example",
    ],
)
def test_o29_nobody_is_sent_to_another_site(elsewhere: str, organizer: User) -> None:
    assert sign_in(Client(), organizer.email, next=elsewhere)["Location"] == "/desk/"
    client = Client()
    client.force_login(organizer, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "evil" not in client.get(LOGIN, {"next": elsewhere})["Location"]
    assert "evil" not in client.post("/accounts/logout/", {"next": elsewhere})["Location"]


def hashes_of(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often a password is hashed from now on."""
    counted: list[int] = []
    hasher = type(get_hasher())
    encode = hasher.encode

    def counting(self, *args, **kwargs):
        counted.append(1)
        return encode(self, *args, **kwargs)

    monkeypatch.setattr(hasher, "encode", counting)
    return counted


def without_what_varies(page: str) -> str:
    """The page without its form token, nonces and the address that was typed."""
    import re

    page = re.sub(r'(nonce|value|content)="[^"]*"', "", page)
    return re.sub(r"[\w.]+@example\.org", "", page)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    organizer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = hashes_of(monkeypatch)
    known = sign_in(Client(), organizer.email, "wrong-password-1")
    n_known = len(counted)
    unknown = sign_in(Client(), "nobody@example.org", "wrong-password-1")
    assert known.status_code == unknown.status_code
    assert without_what_varies(known.content.decode()) == without_what_varies(unknown.content.decode())
    assert n_known == len(counted) - n_known == 1


def test_o28_forgot_your_password_says_the_same_for_known_and_unknown(organizer: User) -> None:
    known, unknown = Client(), Client()
    first = known.post(RESET, {"email": organizer.email}, follow=True)
    second = unknown.post(RESET, {"email": "nobody@example.org"}, follow=True)
    assert first.redirect_chain == second.redirect_chain
    assert without_what_varies(first.content.decode()) == without_what_varies(second.content.decode())
    assert OutboxMessage.objects.count() == 2


def test_o28_the_eleventh_wrong_try_in_the_hour_is_locked_out(organizer: User) -> None:
    client = Client()
    codes = [sign_in(client, organizer.email, f"wrong-password-{n}").status_code for n in range(11)]
    assert 429 not in codes[:9]
    assert codes[10] == 429
    assert sign_in(client, organizer.email).status_code == 429


def test_a_lock_out_of_one_address_leaves_others_behind_the_same_wifi_alone(organizer: User, volunteer: User) -> None:
    client = Client()
    for n in range(11):
        sign_in(client, organizer.email.upper() if n % 2 else organizer.email, f"wrong-password-{n}")
    assert sign_in(client, organizer.email).status_code == 429
    assert sign_in(Client(), volunteer.email).status_code == 302


def test_mail_of_the_sign_in_goes_through_the_outbox(client: Client, organizer: User, mailoutbox) -> None:
    client.post(RESET, {"email": organizer.email})
    message = OutboxMessage.objects.get()
    assert not mailoutbox
    assert (message.kind, message.to_address, message.status) == ("set_password", organizer.email, "queued")
    assert "\n" not in message.subject


def test_o30_the_link_to_a_new_password_names_our_own_host(client: Client, organizer: User, settings) -> None:
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "also-us.example"]
    settings.SITE_URL = "https://walks.example"
    client.post(RESET, {"email": organizer.email}, headers={"host": "also-us.example"})
    body = OutboxMessage.objects.get().body_text
    assert "https://walks.example/accounts/password/reset/key/" in body
    assert "also-us.example" not in body


def test_a_new_password_is_set_by_post_and_the_link_works_once(client: Client, organizer: User) -> None:
    client.post(RESET, {"email": organizer.email})
    text = OutboxMessage.objects.get().body_text
    url = next(word for word in text.split() if "/password/reset/key/" in word)
    path = "/" + url.split("/", 3)[3]
    for _scanner in range(3):
        Client().head(path)
        Client().get(path)
    form = client.get(path, follow=True)
    target = form.redirect_chain[-1][0]
    done = client.post(target, {"password1": "copper-lantern-88", "password2": "copper-lantern-88"})
    assert done.status_code == 302
    organizer.refresh_from_db()
    assert organizer.check_password("copper-lantern-88")
    again = Client()
    answer = again.get(path, follow=True)
    assert 'name="password1"' not in answer.content.decode()


def test_a_code_by_mail_signs_in(client: Client, organizer: User) -> None:
    client.post("/accounts/login/code/", {"email": organizer.email})
    message = OutboxMessage.objects.get()
    assert message.kind == "sign_in_code"
    code = next(line.strip() for line in message.body_text.splitlines() if line.strip().isupper() and " " not in line)
    answer = client.post("/accounts/login/code/confirm/", {"code": code})
    assert answer.status_code == 302
    assert client.get("/desk/organizations/").status_code == 200


def test_signing_out_takes_a_post(client: Client, organizer: User) -> None:
    client.force_login(organizer, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/desk/organizations/").status_code == 200
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert client.get("/desk/organizations/").status_code == 302


def test_o35_a_new_password_ends_the_other_sessions(organizer: User) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here, organizer.email)
    sign_in(elsewhere, organizer.email)
    answer = here.post(
        "/accounts/password/change/",
        {"oldpassword": factories.PASSWORD, "password1": "copper-lantern-88", "password2": "copper-lantern-88"},
    )
    assert answer.status_code == 302
    assert here.get("/desk/organizations/").status_code == 200
    assert elsewhere.get("/desk/organizations/").status_code == 302


def test_an_ended_sign_in_is_signed_out_with_the_next_page(client: Client, organizer: User) -> None:
    sign_in(client, organizer.email)
    User.objects.filter(pk=organizer.pk).update(is_active=False)
    assert client.get("/desk/organizations/").status_code == 302
    assert sign_in(Client(), organizer.email).status_code != 500


def test_nobody_signs_up_for_a_sign_in(client: Client, db: None) -> None:
    client.post("/accounts/signup/", {"email": "new@example.org", "password1": "copper-lantern-88"})
    assert not User.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_every_account_page_opens_in_our_look(client: Client, organizer: User) -> None:
    for name in ("account_login", "account_reset_password", "account_request_login_code"):
        assert "js/page." in client.get(reverse(name)).content.decode(), name
    client.force_login(organizer, backend="allauth.account.auth_backends.AuthenticationBackend")
    for name in ("account_email", "account_logout"):
        assert "js/page." in client.get(reverse(name)).content.decode(), name

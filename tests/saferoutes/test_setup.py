"""The first day: five steps that tick themselves."""

import pytest
from django.test import Client
from django.urls import reverse

from office.models import AuditEvent, Coalition, OutboxMessage
from people.models import Organization, User
from tests import factories

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

COALITION = {
    "name": "Northeast Walks",
    "place": "Kansas City, Missouri",
    "time_zone": "America/Chicago",
    "units": "feet",
    "languages": ["en", "es"],
    "emergency_number": "911",
    "city_number_name": "311",
    "city_number": "816-513-1313",
    "public_body": "Northeast Walks, a made-up body",
}


@pytest.fixture
def admin_desk(client: Client, admin: User) -> Client:
    client.force_login(admin, backend=BACKEND)
    return client


def page_of(client: Client, name: str = "setup") -> str:
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_new_site_starts_with_who_you_are(admin_desk: Client) -> None:
    page = page_of(admin_desk)
    assert "0 of 5 steps done" in page
    assert reverse("setup_coalition") in page
    assert page.count("is-next") == 1


def test_an_organizer_is_told_that_an_admin_does_the_first_step(desk: Client) -> None:
    page = page_of(desk)
    assert "An admin does this" in page
    assert reverse("setup_coalition") not in page
    assert desk.get(reverse("setup_coalition")).status_code == 403


def test_steps_tick_themselves(admin_desk: Client, organizer: User) -> None:
    admin_desk.post(reverse("setup_coalition"), COALITION)
    factories.make_organization()
    factories.make_walk()
    page = page_of(admin_desk)
    assert "5 of 5 steps done" in page
    assert "is-next" not in page
    assert "Go to today" in page


def test_the_list_of_steps_takes_few_queries(admin_desk: Client, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(12):
        page_of(admin_desk)


@pytest.mark.parametrize("name", ["setup", "setup_coalition", "setup_colleagues", "setup_organizations"])
def test_who_is_not_an_organizer_is_refused(client: Client, volunteer: User, name: str) -> None:
    assert reverse("account_login") in client.get(reverse(name))["Location"]
    client.force_login(volunteer, backend=BACKEND)
    assert client.get(reverse(name)).status_code == 403
    assert client.post(reverse(name)).status_code in {403, 405}


def test_the_list_is_only_read(desk: Client) -> None:
    assert desk.post(reverse("setup")).status_code == 405


# --- Coalition ---


def test_an_admin_says_who_they_are(admin_desk: Client, admin: User) -> None:
    assert admin_desk.post(reverse("setup_coalition"), COALITION)["Location"] == reverse("setup")
    coalition = Coalition.current()
    assert (coalition.name, coalition.city_number) == ("Northeast Walks", "816-513-1313")
    assert coalition.set_up_at is not None
    assert AuditEvent.objects.get(resource="coalition").actor == admin.public_id


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Name"),
        ({"time_zone": "Mars/Olympus"}, "Time zone"),
        ({"languages": []}, "Choose at least one language"),
        ({"languages": ["xx"]}, "languages"),
        ({"reply_to": "nobody"}, "e"),
        ({"name": "x" * 200}, "Name"),
    ],
)
def test_a_wrong_setting_is_refused_and_the_rest_stays_typed(admin_desk: Client, wrong: dict, said: str) -> None:
    answer = admin_desk.post(reverse("setup_coalition"), COALITION | wrong)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    assert "816-513-1313" in page
    assert Coalition.current().set_up_at is None


# --- Colleagues ---


def test_an_organizer_invites_from_the_list(desk: Client) -> None:
    fields = {"name": "Rosa Lindqvist", "email": "rosa@example.org", "language": "en"}
    assert desk.post(reverse("setup_colleagues"), fields)["Location"] == reverse("setup_colleagues")
    assert User.objects.get(email="rosa@example.org").role == "member"
    assert OutboxMessage.objects.count() == 1
    assert "Rosa Lindqvist" in page_of(desk, "setup_colleagues")


def test_a_wrong_address_is_refused(desk: Client) -> None:
    answer = desk.post(reverse("setup_colleagues"), {"name": "Rosa Lindqvist", "email": "rosa", "language": "en"})
    assert answer.status_code == 400
    assert "Rosa Lindqvist" in answer.content.decode()


# --- Organizations ---

PASTED = """Hearth and Key Housing, service provider
Lantern Parish; iglesia

East Patrol, policía
Lawn, Elmwood and Friends
Pickle Works, brewery"""


def paste(client: Client, text: str, stage: str = "preview", **more: str):
    return client.post(reverse("setup_organizations"), {"lines": text, "stage": stage, **more})


def test_the_preview_shows_what_was_understood_and_adds_nothing(desk: Client) -> None:
    page = paste(desk, PASTED).content.decode()
    assert 'value="Lantern Parish"' in page
    assert "If “brewery” is the kind" in page
    assert not Organization.objects.exists()


def fields_for(text: str, **more: str) -> dict[str, str]:
    from people.paste import read_lines

    fields: dict[str, str] = {}
    for line in read_lines(text):
        fields |= {
            f"add_{line.number}": "on",
            f"name_{line.number}": line.name,
            f"kind_{line.number}": line.kind or "other",
        }
    return fields | more


def test_the_chosen_ones_are_added(desk: Client) -> None:
    answer = paste(desk, PASTED, "add", **fields_for(PASTED, name_6="Pickle Works"))
    assert answer["Location"] == reverse("setup")
    kinds = dict(Organization.objects.values_list("name", "kind"))
    assert kinds == {
        "Hearth and Key Housing": "service_provider",
        "Lantern Parish": "faith",
        "East Patrol": "police",
        "Lawn, Elmwood and Friends": "other",
        "Pickle Works": "other",
    }
    assert Organization.objects.get(name="East Patrol").is_walled


def test_a_line_without_a_tick_is_left_out(desk: Client) -> None:
    fields = {key: value for key, value in fields_for(PASTED).items() if key != "add_2"}
    paste(desk, PASTED, "add", **fields)
    assert not Organization.objects.filter(name="Lantern Parish").exists()
    assert Organization.objects.count() == 4


def test_an_unknown_kind_is_asked_for(desk: Client) -> None:
    answer = paste(desk, PASTED, "add", **fields_for(PASTED, kind_6=""))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Say what kind “Pickle Works, brewery” is" in page
    assert 'value="Lantern Parish"' in page
    assert not Organization.objects.exists()


def test_doubles_are_reported_and_unticked(desk: Client, partner_organization: Organization) -> None:
    text = "hearth and key   housing, service provider\nParish, church\nPARISH, church"
    page = paste(desk, text).content.decode()
    assert "We have “Hearth and Key Housing” already" in page
    assert "It stands here twice" in page
    answer = paste(desk, text, "add", **fields_for(text))
    assert answer.status_code == 400
    assert Organization.objects.count() == 1


def test_nothing_is_added_where_one_is_wrong(desk: Client) -> None:
    answer = paste(desk, PASTED, "add", **fields_for(PASTED, name_1=" "))
    assert answer.status_code == 400
    assert not Organization.objects.exists()


def test_back_to_the_text_keeps_it(desk: Client) -> None:
    page = paste(desk, PASTED, "paste").content.decode()
    assert "Pickle Works, brewery" in page


@pytest.mark.parametrize("text", ["", "   \n \n", "x" * 21_000, "\n".join(f"Name {n}, school" for n in range(130))])
def test_what_cannot_be_read_is_refused(desk: Client, text: str) -> None:
    assert paste(desk, text).status_code == 400


def test_a_name_that_is_too_long_keeps_the_text(desk: Client) -> None:
    answer = paste(desk, f"Parish, church\n{'long ' * 40}, school")
    assert answer.status_code == 400
    assert "Line 2 is longer" in answer.content.decode()
    assert "Parish, church" in answer.content.decode()


def test_a_hundred_lines_go_through_at_once(desk: Client) -> None:
    text = "\n".join(f"Agency number {n}, service provider" for n in range(120))
    assert paste(desk, text, "add", **fields_for(text)).status_code == 302
    assert Organization.objects.count() == 120


def test_a_post_without_the_text_adds_nothing(desk: Client) -> None:
    answer = desk.post(reverse("setup_organizations"), {"stage": "add"})
    assert answer.status_code == 400
    assert not Organization.objects.exists()

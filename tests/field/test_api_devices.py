"""POST /field/api/devices/: a phone joins a walk by its invite."""

import hashlib
import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from field import actions
from tests import factories
from tests.field.phone import Phone, error_codes
from walks.invites import field_link, invite_for, letters_for, rotate_invite
from walks.links import signup_token
from walks.models import Device

SECRET = "a secret that only this phone knows"

pytestmark = pytest.mark.django_db


def join(client, code, *, headers=None, **changes):
    body = {"invite": code, "device": str(uuid.uuid4()), "secret": SECRET} | changes
    return client.post("/field/api/devices/", json.dumps(body), content_type="application/json", headers=headers or {})


@pytest.fixture
def walk(db):
    return factories.make_running_walk()


def test_a_phone_joins_by_invite(client, walk):
    response = join(client, invite_for(walk))
    said = response.json()
    assert (response.status_code, said["saferoutes"], said["walk"]) == (201, 1, str(walk.public_id))
    assert len(said["token"]) >= 43  # 256 bits in base64


def test_a_phone_joins_by_the_link_that_the_code_shows(client, walk):
    assert join(client, field_link(walk).partition("#i=")[2]).status_code == 201


@pytest.mark.parametrize("key", ["invite", "letters"])
def test_a_phone_joins_by_six_letters(client, walk, key):
    letters = letters_for(walk).lower()
    body = {key: f"{letters[:3]} {letters[3:]}", "device": str(uuid.uuid4()), "secret": SECRET}
    assert client.post("/field/api/devices/", json.dumps(body), content_type="application/json").status_code == 201


def test_only_the_hash_of_token_and_secret_is_kept(client, walk):
    token = join(client, invite_for(walk)).json()["token"]
    device = Device.objects.get()
    assert device.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert device.secret_sha256 == hashlib.sha256(SECRET.encode()).hexdigest()


def test_no_cookie_is_set_or_needed(client, walk):
    response = join(Client(enforce_csrf_checks=True), invite_for(walk))
    assert response.status_code == 201
    assert not response.cookies


def test_the_same_phone_gets_its_entry_again_and_a_new_token(client, walk):
    device = str(uuid.uuid4())
    tokens = [join(client, invite_for(walk), device=device).json()["token"] for _time in range(2)]
    assert tokens[0] != tokens[1]
    assert Device.objects.count() == 1
    phone = Phone(walk)
    phone.token = tokens[0]
    assert phone.get("pack/").status_code == 401
    phone.token = tokens[1]
    assert phone.get("pack/").status_code == 200


def test_another_secret_does_not_take_over_a_phones_entry(client, walk):
    device = str(uuid.uuid4())
    join(client, invite_for(walk), device=device)
    before = Device.objects.values().get()
    response = join(client, invite_for(walk), device=device, secret="somebody else's secret")
    assert (response.status_code, error_codes(response)) == (403, [("secret", "secret")])
    assert Device.objects.values().get() == before


def test_the_old_token_does_in_place_of_the_secret(client, walk):
    device = str(uuid.uuid4())
    token = join(client, invite_for(walk), device=device).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    response = join(client, invite_for(walk), device=device, secret="made anew, the old is lost", headers=headers)
    assert response.status_code == 201


def test_a_revoked_phone_stays_out_until_it_is_readmitted(client, walk, organizer):
    device = str(uuid.uuid4())
    join(client, invite_for(walk), device=device)
    actions.revoke_device(device=Device.objects.get(), by=organizer)
    refused = join(client, invite_for(walk), device=device)
    assert (refused.status_code, error_codes(refused)) == (403, [("device", "revoked")])
    actions.readmit_device(device=Device.objects.get(), by=organizer)
    assert join(client, invite_for(walk), device=device).status_code == 201


def test_one_phone_on_two_walks_has_two_entries(client, walk):
    device, other = str(uuid.uuid4()), factories.make_running_walk()
    answers = [join(client, invite_for(one), device=device).json() for one in (walk, other)]
    assert {answer["walk"] for answer in answers} == {str(walk.public_id), str(other.public_id)}
    assert Device.objects.count() == 2


def test_o32_three_phones_with_one_code_are_three_entries(client, walk):
    assert [join(client, invite_for(walk)).status_code for _phone in range(3)] == [201] * 3
    assert Device.objects.filter(walk=walk).count() == 3


def test_it_says_why_an_invite_does_not_work(client, walk, organizer):
    now = timezone.now()
    old = invite_for(walk)
    rotate_invite(walk=walk, by=organizer)
    over = factories.make_walk(
        meet_at=now - timedelta(hours=5), step_off_at=now - timedelta(hours=4), end_at=now - timedelta(hours=1)
    )
    cases = {
        old: "rotated",
        invite_for(over): "over",
        invite_for(factories.make_walk()): "too_early",
        "nonsense that nobody signed": "unknown",
        "ABCDEF": "unknown",
    }
    for invite, reason in cases.items():
        response = join(client, invite)
        assert (response.status_code, error_codes(response)) == (401, [("invite", reason)])
        assert response.json()["errors"][0]["message"].endswith(".")
    assert Device.objects.count() == 0


def test_a_full_walk_takes_no_more_phones_but_knows_its_own(client, walk, monkeypatch):
    monkeypatch.setattr(actions, "MAX_DEVICES", 1)
    device = str(uuid.uuid4())
    join(client, invite_for(walk), device=device)
    refused = join(client, invite_for(walk))
    assert (refused.status_code, error_codes(refused)) == (403, [("device", "full")])
    assert join(client, invite_for(walk), device=device).status_code == 201


def test_joining_is_limited_by_invite(client, walk, monkeypatch):
    monkeypatch.setattr(actions, "ENROLMENTS_AN_HOUR", 1)
    join(client, invite_for(walk))
    response = join(client, invite_for(walk))
    assert (response.status_code, error_codes(response)) == (429, [("invite", "too_many")])
    assert 0 < int(response["Retry-After"]) <= 3600
    assert join(client, invite_for(factories.make_running_walk())).status_code == 201


def test_tries_of_letters_are_limited_by_address(client, walk, monkeypatch):
    monkeypatch.setattr(actions, "LETTER_TRIES_AN_HOUR", 2)
    assert [join(client, "ABCDEF").status_code for _try in range(3)] == [401, 401, 429]
    assert join(client, invite_for(walk)).status_code == 201


def test_it_takes_name_and_team(client, walk):
    team = factories.make_team(walk=walk)
    join(client, invite_for(walk), team=str(team.public_id), name="Rosa")
    device = Device.objects.get()
    assert (device.team, device.name) == (team, "Rosa")


def test_a_team_of_another_walk_is_refused(client, walk):
    response = join(client, invite_for(walk), team=str(factories.make_team().public_id))
    assert (response.status_code, error_codes(response)) == (400, [("team", "unknown")])
    assert Device.objects.count() == 0


def test_a_personal_link_says_who_holds_the_phone(client, walk):
    team = factories.make_team(walk=walk)
    signup = factories.make_signup(walk=walk, team=team)
    join(client, invite_for(walk), signup=signup_token(signup))
    device = Device.objects.get()
    assert (device.signup, device.team, device.name) == (signup, team, signup.name)


def test_a_personal_link_of_another_walk_says_nothing(client, walk):
    join(client, invite_for(walk), signup=signup_token(factories.make_signup()))
    assert Device.objects.get().signup is None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"device": "1"}, ("device", "not_an_id")),
        ({"device": None}, ("device", "missing")),
        ({"secret": ""}, ("secret", "missing")),
        ({"secret": "short"}, ("secret", "too_short")),
        ({"invite": ""}, ("invite", "missing")),
        ({"team": "blue"}, ("team", "not_an_id")),
        ({"name": "x" * 121}, ("name", "too_long")),
        ({"is_staff": True}, ("is_staff", "unknown")),
    ],
)
def test_it_refuses_bad_bodies_with_a_sentence(client, walk, changes, error):
    response = join(client, invite_for(walk), **changes)
    assert (response.status_code, error_codes(response)) == (400, [error])


def test_only_post_is_taken(client):
    response = client.get("/field/api/devices/")
    assert (response.status_code, response["Allow"], response.json()["saferoutes"]) == (405, "POST", 1)


def test_a_phone_leaves_by_itself_and_its_token_ends():
    phone = Phone()
    response = phone.send("devices/leave/", {}, method="POST")
    again = phone.send("devices/leave/", {}, method="POST")
    assert (response.status_code, response.json()["saferoutes"]) == (200, 1)
    assert (again.status_code, error_codes(again)) == (401, [("token", "token_unknown")])
    assert phone.put_concern().status_code == 401
    phone.device.refresh_from_db()
    assert phone.device.revoked_at is None


def test_a_phone_that_left_may_join_again_with_its_secret(client):
    walk = factories.make_running_walk()
    body = {"invite": invite_for(walk), "device": str(uuid.uuid4()), "secret": uuid.uuid4().hex}
    tokens = []
    for _time in range(2):
        joined = client.post("/field/api/devices/", body, content_type="application/json")
        assert joined.status_code == 201
        tokens.append(joined.json()["token"])
        headers = {"Authorization": f"Bearer {tokens[-1]}"}
        assert client.post("/field/api/devices/leave/", headers=headers).status_code == 200
    assert tokens[0] != tokens[1]
    assert Device.objects.count() == 1

"""Whatever happens below /field/api/, the answer is one marked JSON object, so that no phone takes a page for a yes."""

import json
import time
import uuid
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from concerns.models import Concern
from field import actions
from field.answers import VERIFIED_BACKUP
from office.models import Coalition, Heartbeat
from tests import factories
from tests.field.phone import Phone, error_codes

pytestmark = pytest.mark.django_db

UNKNOWN = uuid.UUID(int=7)


def is_ours(response):
    said = response.json()
    assert said["saferoutes"] == 1
    assert set(said) >= {"server_time", "epoch", "safe_until"}
    assert abs((datetime.fromisoformat(said["server_time"]) - timezone.now()).total_seconds()) < 60
    assert said["epoch"] == str(Coalition.current().epoch)
    assert not response.cookies
    return True


@pytest.mark.parametrize("path", ["", "nothing/", "concerns/", "concerns/7/", f"concerns/{UNKNOWN}", "../x"])
def test_what_is_not_there_is_404(client, path):
    response = client.get(f"/field/api/{path}")
    assert response.status_code == 404
    assert is_ours(response)


def test_a_kind_that_does_not_exist_is_404():
    response = Phone().send(f"meetings/{UNKNOWN}/", {"rev": 1})
    assert response.status_code == 404
    assert is_ours(response)


CALLS = [
    ("GET", "pack/"),
    ("PUT", f"concerns/{UNKNOWN}/"),
    ("PUT", f"passes/{UNKNOWN}/"),
    ("PUT", f"headcounts/{UNKNOWN}/"),
    ("PUT", f"incidents/{UNKNOWN}/"),
    ("PUT", f"team-backs/{UNKNOWN}/"),
    ("PUT", f"contacts/{UNKNOWN}/"),
    ("GET", f"looks/{UNKNOWN}/photo/"),
    ("POST", "devices/leave/"),
    ("PUT", f"concerns/{UNKNOWN}/photos/{UNKNOWN}/"),
    ("PUT", f"looks/{UNKNOWN}/"),
    ("PUT", f"looks/{UNKNOWN}/photos/{UNKNOWN}/"),
    ("POST", "status/"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic abc", "Bearer \udcff"])
def test_without_a_known_token_it_is_401(client, method, path, header):
    response = client.generic(method, f"/field/api/{path}", "{}", headers={"Authorization": header} if header else {})
    assert (response.status_code, error_codes(response)) == (401, [("token", "token_unknown")])
    assert is_ours(response)


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_revoked_phone_is_403(organizer, method, path):
    phone = Phone()
    actions.revoke_device(device=phone.device, by=organizer)
    response = phone.send(path, {}, method=method)
    assert (response.status_code, error_codes(response)) == (403, [("token", "revoked")])
    assert is_ours(response)


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_fifteen_days_after_the_walk_the_token_has_ended(method, path):
    end = timezone.now() - timedelta(days=15)
    times = {"meet_at": end - timedelta(hours=3), "step_off_at": end - timedelta(hours=2), "end_at": end}
    response = Phone(factories.make_walk(**times)).send(path, {}, method=method)
    assert (response.status_code, error_codes(response)) == (401, [("token", "token_ended")])


def test_a_signed_in_organizer_without_a_token_is_nobody_here(desk):
    assert desk.put(f"/field/api/concerns/{UNKNOWN}/", {}, content_type="application/json").status_code == 401


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_wrong_method_is_405(method, path):
    response = Phone().send(path, {}, method="DELETE")
    assert response.status_code == 405
    assert method in response["Allow"]
    assert is_ours(response)


def test_a_database_that_is_away_is_503_and_says_that_nothing_is_lost(monkeypatch):
    def away(**_kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr("field.api.put_concern", away)
    response = Phone().put_concern()
    assert (response.status_code, response["Retry-After"]) == (503, "20")
    assert response.json()["saferoutes"] == 1
    assert "kept on your phone" in response.json()["errors"][0]["message"]


def test_a_fault_of_ours_is_500_in_the_same_shape(monkeypatch):
    monkeypatch.setattr("field.api.put_concern", lambda **_kwargs: 1 / 0)
    response = Phone().put_concern()
    assert response.status_code == 500
    assert is_ours(response)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b'{"rev": NaN}', "not_json"),
        (b'{"rev": Infinity}', "not_json"),
        (b'{"note": "\xff\xfe"}', "not_utf8"),
        ('{"note": "ñ"}'.encode("utf-16"), "not_utf8"),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, "not_json"),
        (b"[" * 60_000, "not_json"),
        (b'{"rev": ' + b"9" * 5000 + b"}", "not_json"),
    ],
)
def test_o25_a_body_that_is_no_record_is_400_at_once(body, code):
    phone, started = Phone(), time.process_time()
    response = phone.send(f"concerns/{UNKNOWN}/", body)
    assert (response.status_code, error_codes(response)) == (400, [("body", code)])
    assert time.process_time() - started < 1
    assert is_ours(response)


def test_o25_a_body_of_five_megabytes_is_413_at_once():
    phone, body = Phone(), b'{"note": "' + b"x" * 5_000_000 + b'"}'
    started = time.process_time()
    response = phone.send(f"concerns/{UNKNOWN}/", body)
    assert (response.status_code, error_codes(response)) == (413, [("body", "too_large")])
    assert "65 kB" in response.json()["errors"][0]["message"]
    assert time.process_time() - started < 1
    assert is_ours(response)


def test_o25_ten_thousand_keys_are_refused_at_once():
    started = time.process_time()
    response = Phone().send(f"concerns/{UNKNOWN}/", {f"k{n}": 1 for n in range(5_000)})
    assert response.status_code == 400
    assert time.process_time() - started < 1


def test_safe_until_is_what_the_last_verified_backup_holds():
    until = timezone.now() - timedelta(hours=3)
    Heartbeat.objects.create(name=VERIFIED_BACKUP, at=until)
    phone = Phone()
    for response in (phone.put_concern(), phone.get("pack/"), phone.get("nothing/")):
        assert datetime.fromisoformat(response.json()["safe_until"]) == until


def test_after_a_restore_the_epoch_is_another():
    phone = Phone()
    before = phone.put_concern().json()["epoch"]
    Coalition.objects.update(epoch=uuid.uuid4())
    assert phone.put_concern().json()["epoch"] != before


def test_nothing_of_it_is_kept_by_caches():
    assert "no-store" in Phone().put_concern()["Cache-Control"]


def test_status_is_kept_for_the_walk_lead():
    phone = Phone()
    response = phone.send(
        "status/", {"waiting": 3, "oldest_at": "2026-11-22T18:04:05-06:00", "app": "7"}, method="POST"
    )
    phone.device.refresh_from_db()
    assert response.status_code == 200
    assert is_ours(response)
    assert (phone.device.n_waiting, phone.device.app_version) == (3, "7")
    assert phone.device.oldest_waiting_at.isoformat() == "2026-11-23T00:04:05+00:00"
    assert phone.device.last_seen_at is not None


def test_an_empty_queue_has_no_oldest():
    phone = Phone()
    phone.send("status/", {"waiting": 0, "oldest_at": None, "app": "7"}, method="POST")
    phone.device.refresh_from_db()
    assert (phone.device.n_waiting, phone.device.oldest_waiting_at) == (0, None)


@pytest.mark.parametrize("body", [{}, {"waiting": -1}, {"waiting": 1, "oldest_at": 5}, {"waiting": 1, "where": "here"}])
def test_a_bad_status_is_400(body):
    assert Phone().send("status/", body, method="POST").status_code == 400


def test_the_address_without_its_last_slash_is_not_redirected():
    response = Phone().send(f"concerns/{UNKNOWN}", json.dumps({}))
    assert response.status_code == 404
    assert Concern.objects.count() == 0

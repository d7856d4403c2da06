from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from office.models import Heartbeat
from saferoutes import health

Space = namedtuple("Space", "total used free")
FAR_AWAY = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def busy_worker(db):
    Heartbeat.objects.create(name="worker", at=timezone.now())


@pytest.fixture(autouse=True)
def half_full_disk(monkeypatch):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: Space(100, 50, 50))


def test_alive_needs_no_database(client):
    # Without the `db` fixture any query would raise.
    answer = client.get("/healthz/")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("address", ["/healthz/", "/readyz/"])
def test_they_answer_no_other_method(client, address):
    assert client.post(address).status_code == 405


def test_ready_says_so_with_its_figures(client, busy_worker):
    answer = client.get("/readyz/")
    found = answer.json()
    assert answer.status_code == 200
    assert 0 <= found["worker"].pop("seen_seconds_ago") < 60
    assert found == {
        "status": "ok",
        "database": {"ok": True},
        "worker": {"ok": True},
        "disk": {"ok": True, "used_percent": 50},
    }


def test_a_worker_that_never_was_is_not_ready(client, db):
    answer = client.get("/readyz/")
    assert answer.status_code == 503
    assert answer.json()["status"] == "not ready"
    assert answer.json()["worker"] == {"ok": False, "seen_seconds_ago": None}


def test_a_worker_that_went_silent_is_not_ready(client, db):
    Heartbeat.objects.create(name="worker", at=timezone.now() - timedelta(minutes=4))
    answer = client.get("/readyz/")
    assert answer.status_code == 503
    assert answer.json()["worker"]["ok"] is False
    assert 240 <= answer.json()["worker"]["seen_seconds_ago"] < 300


@pytest.mark.parametrize(("used", "status"), [(85, 200), (86, 503)])
def test_a_disk_over_85_percent_is_an_alarm(client, busy_worker, monkeypatch, used, status):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: Space(100, used, 100 - used))
    answer = client.get("/readyz/")
    assert answer.status_code == status
    assert answer.json()["disk"] == {"ok": status == 200, "used_percent": used}


def test_a_full_disk_is_in_the_log(monkeypatch, caplog):
    health.warn_about_disk()
    assert caplog.text == ""
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: Space(100, 97, 3))
    health.warn_about_disk()
    assert "97 % full" in caplog.text


def test_a_database_that_is_down_is_said_not_raised(client, monkeypatch):
    def down(*args, **kwargs):
        raise OperationalError("no")

    monkeypatch.setattr(health.connection, "cursor", down)
    monkeypatch.setattr(health.Heartbeat.objects, "filter", down)
    answer = client.get("/readyz/")
    assert answer.status_code == 503
    assert answer.json()["database"] == {"ok": False}
    assert answer.json()["worker"]["ok"] is False


def test_strangers_may_not_ask_whether_it_is_ready(client, busy_worker):
    assert client.get("/readyz/", **FAR_AWAY).status_code == 403
    assert client.get("/healthz/", **FAR_AWAY).status_code == 200


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"])
def test_behind_a_proxy_on_this_machine_a_stranger_is_still_a_stranger(client, busy_worker, header):
    assert client.get("/readyz/", **{header: "203.0.113.7"}).status_code == 403


def test_behind_a_proxy_that_says_nothing_only_the_token_counts(client, busy_worker, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.READY_TOKEN = "lantern"
    assert client.get("/readyz/").status_code == 403
    assert client.get("/readyz/", HTTP_AUTHORIZATION="Bearer lantern").status_code == 200


@pytest.mark.parametrize(("token", "given"), [("lantern", "lamp"), ("lantern", ""), ("", ""), ("lantern", "läntern")])
def test_a_wrong_token_opens_nothing(client, busy_worker, settings, token, given):
    settings.READY_TOKEN = token
    assert client.get("/readyz/", HTTP_AUTHORIZATION=f"Bearer {given}", **FAR_AWAY).status_code == 403


def test_an_admin_may_ask_from_anywhere_and_an_organizer_may_not(client, busy_worker, admin, organizer):
    client.force_login(admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/readyz/", **FAR_AWAY).status_code == 200
    client.force_login(organizer, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/readyz/", **FAR_AWAY).status_code == 403


def test_a_folder_that_is_not_there_yet_counts_as_its_parent(monkeypatch, tmp_path):
    asked = []

    def disk_usage(folder):
        asked.append(folder)
        return Space(100, 10, 90)

    monkeypatch.setattr(health.shutil, "disk_usage", disk_usage)
    assert health.percent_used(tmp_path / "not" / "yet") == 10
    assert asked == [tmp_path]

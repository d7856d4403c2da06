"""A city that takes our concerns: a second server process on loopback, and an endpoint that leads to it."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from concerns.models import Concern
from open311 import safe_http
from open311.deliveries import approve_delivery
from open311.models import Delivery, Endpoint
from open311.sending import send_due
from people.models import User
from tests import factories

KEY = "the-citys-own-key"


class FakeCity:
    """The running process: `url` is where its calls begin."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.url = f"{self.root}/v2"

    def tell(self, **told: Any) -> None:
        body = json.dumps(told).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.root}/control", body), timeout=10).close()

    @property
    def state(self) -> Any:
        with urllib.request.urlopen(f"{self.root}/control", timeout=10) as answer:
            return json.load(answer)

    @property
    def posts(self) -> list[dict[str, Any]]:
        return [one["fields"] for one in self.state["asked"] if one["method"] == "POST"]

    @property
    def numbers(self) -> list[str]:
        return [one["service_request_id"] for one in self.state["requests"]]


@pytest.fixture(scope="session")
def city_process() -> Iterator[FakeCity]:
    command = [sys.executable, str(Path(__file__).with_name("fake_city.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield FakeCity(int(process.stdout.readline()))
        process.terminate()


@pytest.fixture
def city(city_process: FakeCity, settings: Any, monkeypatch: pytest.MonkeyPatch) -> FakeCity:
    """The city, correct and empty. Nothing takes longer than a second and a half."""
    settings.OPEN311_ALLOW_LOOPBACK = True
    monkeypatch.setattr(safe_http, "READ_SECONDS", 0.7)
    monkeypatch.setattr(safe_http, "TOTAL_SECONDS", 1.5)
    city_process.tell(reset=True, key=KEY)
    return city_process


@pytest.fixture
def endpoint(city: FakeCity, organizer: User) -> Endpoint:
    return factories.make_endpoint(url=city.url, api_key=KEY, approved_by=organizer)


@pytest.fixture
def approve(endpoint: Endpoint, organizer: User) -> Callable[..., Delivery]:
    """Send a concern on its way, as an organizer does."""

    def do(concern: Concern | None = None, words: str = "Light is out") -> Delivery:
        concern = concern or factories.make_published_concern()
        service = endpoint.services.get(category=concern.category_id)
        return approve_delivery(concern=concern, service=service, words=words, by=organizer)

    return do


@pytest.fixture
def go(db: None) -> Callable[..., Delivery]:
    """Let the worker go once, after whatever it waits for is over; returns the delivery as it is then."""

    def do(delivery: Delivery) -> Delivery:
        Endpoint.objects.update(quiet_until=None)
        Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        send_due()
        delivery.refresh_from_db()
        delivery.concern.refresh_from_db()
        return delivery

    return do

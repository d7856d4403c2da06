"""A phone as the tests hold it: sends bodies to the Field API and reads what comes back."""

import hashlib
import io
import json
import uuid
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from PIL import Image

from tests import factories
from walks.models import Device, Walk

DAY_KINDS = ["passes", "headcounts", "incidents", "team-backs", "contacts"]
ON_THE_AVENUE = {"lat": 39.10612, "lon": -94.53912, "accuracy_m": 12.5, "source": "gps"}


def make_jpeg(*, color: str = "olive", size: tuple[int, int] = (64, 48)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "JPEG")
    return buffer.getvalue()


class Phone:
    """A phone that joined a walk. `send` answers the response; its JSON is at `.json()`."""

    def __init__(self, walk: Walk | None = None, **fields: Any) -> None:
        self.token = uuid.uuid4().hex
        self.walk = walk or factories.make_running_walk()
        self.device: Device = factories.make_device(walk=self.walk, token=self.token, **fields)
        self.client = Client()

    def headers(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} | (extra or {})

    def send(self, path: str, body: Any, *, method: str = "PUT", **headers: str) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body)
        return self.client.generic(
            method, f"/field/api/{path}", data, content_type="application/json", headers=self.headers(headers)
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/field/api/{path}", headers=self.headers(headers))

    def concern(self, **changes: Any) -> dict[str, Any]:
        """A whole body as contract.md shows it."""
        return {
            "rev": 1,
            "walk": str(self.walk.public_id),
            "category": "LIGHT_OUT",
            "captured_at": timezone.now().isoformat(),
            "position": ON_THE_AVENUE,
            "address": "3512 Independence Ave",
            "segment": None,
            "side": None,
            "lit": "dark",
            "note": "Lamp by the bus stop is dark",
            "answers": {"what": ["out"], "pole": "SAH 1621"},
            "danger_now": False,
            "told_by": "seen",
            "city_case": "",
            "photos": [],
            "deleted": False,
        } | changes

    def put_concern(self, client_id: Any = None, **changes: Any) -> Any:
        return self.send(f"concerns/{client_id or uuid.uuid4()}/", self.concern(**changes))

    def put_look(self, client_id: Any = None, **changes: Any) -> Any:
        body = {
            "rev": 1,
            "result": "still_there",
            "lit": "day",
            "note": "",
            "captured_at": timezone.now().isoformat(),
            "position": None,
        }
        return self.send(f"looks/{client_id or uuid.uuid4()}/", body | changes)

    def day_body(self, path: str, **changes: Any) -> dict[str, Any]:
        """A whole body of one of the kinds in `DAY_KINDS`."""
        at = timezone.now().isoformat()
        bodies: dict[str, dict[str, Any]] = {
            "passes": {
                "segment": str(self.walk.corridor.segments.get(position=1).public_id),
                "side": "left",
                "lit": "dark",
                "started_at": (timezone.now() - timedelta(minutes=12)).isoformat(),
                "ended_at": at,
                "ratings": {"light": 1, "feeling": 0},
            },
            "headcounts": {"counted_at": at, "counts": {"under_13": 2, "18_24": 1}},
            "incidents": {
                "kind": "hurt",
                "place": "3600 block, by the laundromat",
                "segment": str(self.walk.corridor.segments.get(position=1).public_id),
                "side": "right",
                "note": "A twisted ankle",
                "happened_at": at,
            },
            "team-backs": {"n_back": 4, "n_out": 5, "note": "One went home by bus", "back_at": at},
            "contacts": {
                "kind": "business",
                "result": "talked",
                "needs": ["food", "safety"],
                "consent": None,
                "captured_at": at,
                "position": ON_THE_AVENUE,
            },
        }
        return {"rev": 1, "walk": str(self.walk.public_id), "deleted": False} | bodies[path] | changes

    def put_day(self, path: str, client_id: Any = None, **changes: Any) -> Any:
        return self.send(f"{path}/{client_id or uuid.uuid4()}/", self.day_body(path, **changes))

    def put_photo(self, record: Any, photo: Any, data: bytes, *, sha256: str = "", under: str = "concerns") -> Any:
        return self.client.generic(
            "PUT",
            f"/field/api/{under}/{record}/photos/{photo}/",
            data,
            content_type="image/jpeg",
            headers=self.headers({"X-Content-SHA256": sha256 or hashlib.sha256(data).hexdigest()}),
        )


def error_codes(response: Any) -> list[tuple[str, str]]:
    """Field and code of each error of an answer."""
    return [(error["field"], error["code"]) for error in response.json()["errors"]]

"""Keys, posted reports, cities that we send to."""

import uuid
from typing import Any

from django.utils import timezone

from concerns.models import (
    Category,
)
from concerns.workflow import Source
from open311.models import ApiKey, Delivery, Endpoint, EndpointService, Posted
from open311.posting import key_digest
from open311.sealing import seal
from tests.factories.concerns import make_concern, make_published_concern
from tests.factories.counting import serial
from tests.factories.people import make_user


def make_api_key(*, words: str = "", **fields: Any) -> ApiKey:
    words = words or uuid.uuid4().hex
    return ApiKey.objects.create(**{"name": "City app", "key_sha256": key_digest(words), "hint": words[:6]} | fields)


def make_posted(**fields: Any) -> Posted:
    """A concern that came by Open311, unread."""
    key = fields.pop("key", None) or make_api_key()
    concern = make_concern(source=Source.OPEN311, **fields)
    return Posted.objects.create(key=key, concern=concern, content_sha256="0" * 64)


def make_endpoint(*, api_key: str = "", services: dict[str, str] | None = None, **fields: Any) -> Endpoint:
    """A city's Open311, signed off; `services` are its service_codes by our codes (LIGHT_OUT and VACANT_BLD)."""
    fields.setdefault("approved_by", None)
    defaults = {
        "name": f"311 of town {next(serial)}",
        "url": "https://311.example.org/open311/v2",
        "api_key_sealed": seal(api_key) if api_key else "",
        "approved_at": timezone.now(),
    }
    endpoint = Endpoint.objects.create(**defaults | fields)
    for code, service_code in (services or {"LIGHT_OUT": "001", "VACANT_BLD": "002"}).items():
        category = Category.objects.get(code=code)
        EndpointService.objects.create(endpoint=endpoint, category=category, service_code=service_code)
    return endpoint


def make_delivery(**fields: Any) -> Delivery:
    """A light on its way to a city, not tried yet."""
    defaults = {
        "concern": fields.get("concern") or make_published_concern(),
        "endpoint": fields.get("endpoint") or make_endpoint(),
        "approved_by": fields.get("approved_by") or make_user(),
        "fields": {"service_code": "001", "lat": "39.106120", "long": "-94.539120", "description": "Light is out"},
    }
    return Delivery.objects.create(**defaults | fields)

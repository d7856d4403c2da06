"""Who calls: a phone is known by its bearer token, of which only the SHA-256 is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from field.answers import VERIFIED_BACKUP, Site, refuse
from office.models import Coalition
from walks.models import Device, Walk

Row = TypeVar("Row", bound=models.Model)
TOKEN_BYTES = 32
# A phone sends at most a few records a minute; a lost or rewritten one must not fill the desk.
MAX_NEW_AN_HOUR = 300


@dataclass(frozen=True)
class Caller:
    """A phone that may send, with its walk and team, and what the answer says about the server."""

    device: Device
    site: Site
    bounds: GEOSGeometry | None
    n_last_hour: int


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def bearer(request: HttpRequest) -> str:
    """The token of the request, or an empty string."""
    kind, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


# One query, written out: it runs before every call, and building it anew costs more than the database's answer.
_CALLER = """
select d.id, d.public_id, d.walk_id, d.client_id, d.team_id, d.confirmed_at, d.revoked_at,
       w.id, w.public_id, w.corridor_id, w.meet_at, w.end_at,
       o.epoch, o.service_bounds, h.at,
       (select count(*) from field_receipt r where r.device_id = d.id and r.received_at > %s)
  from walks_device d
  join walks_walk w on w.id = d.walk_id
  left join office_coalition o on o.id = 1
  left join office_heartbeat h on h.name = %s
 where d.token_sha256 = %s
"""
_DEVICE_FIELDS = ["id", "public_id", "walk_id", "client_id", "team_id", "confirmed_at", "revoked_at"]
_WALK_FIELDS = ["id", "public_id", "corridor_id", "meet_at", "end_at"]


def caller_of(request: HttpRequest, *, now: datetime) -> Caller:
    """The phone that calls, with its walk; what isn't needed to take a record is loaded when asked for. One query.

    Raises Refusal 401 or 403.
    """
    token = bearer(request)
    row = _row_of(token, now) if token else None
    if row is None:
        raise refuse(401, "token", "token_unknown", _("We don’t know this phone any more. Scan the walk code again."))
    device = _partly(Device, _DEVICE_FIELDS, row[:7])
    device.walk = _partly(Walk, _WALK_FIELDS, row[7:12])
    if device.revoked_at is not None:
        raise refuse(403, "token", "revoked", _("This phone was taken off the walk. Ask the walk lead."))
    if not device.accepts_sends(now):
        raise refuse(401, "token", "token_ended", _("This walk is long over. Ask an organizer how to hand this in."))
    epoch, bounds, safe_until, n_last_hour = row[12:]
    site = Site(epoch or Coalition.current().epoch, safe_until)
    return Caller(device, site, GEOSGeometry(bounds) if bounds else None, n_last_hour)


def _partly(model: type[Row], names: list[str], values: tuple[Any, ...]) -> Row:
    """A row of which only these columns were read. `from_db` takes them in the order of the model's fields alone."""
    given = dict(zip(names, values, strict=True))
    ordered = [field.attname for field in model._meta.concrete_fields if field.attname in given]
    return model.from_db("default", ordered, [given[name] for name in ordered])


def _row_of(token: str, now: datetime) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(_CALLER, [now - timedelta(hours=1), VERIFIED_BACKUP, digest(token)])
        return cursor.fetchone()

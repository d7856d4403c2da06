"""Who calls: a phone is known by its bearer token, of which only the SHA-256 is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _

from field.answers import VERIFIED_BACKUP, Site, refuse
from field.models import Receipt
from office.models import Coalition, Heartbeat
from walks.models import Device

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


def caller_of(request: HttpRequest, *, now: datetime) -> Caller:
    """The phone that calls. One query. Raises Refusal 401 or 403."""
    token = bearer(request)
    device = _devices(now).filter(token_sha256=digest(token)).first() if token else None
    if device is None:
        raise refuse(
            401, "token", "token_unknown", _("This phone isn’t known here any more. Scan the walk code again.")
        )
    if device.revoked_at is not None:
        raise refuse(403, "token", "revoked", _("This phone was taken off the walk. Ask the walk lead."))
    if not device.accepts_sends(now):
        raise refuse(401, "token", "token_ended", _("This walk is long over. Ask an organizer how to hand this in."))
    site = Site(device.site_epoch or Coalition.current().epoch, device.site_safe_until)
    return Caller(device, site, device.site_bounds, device.n_last_hour or 0)


# Any: the annotations are known to nobody but the two functions here.
def _devices(now: datetime) -> QuerySet[Any]:
    """Phones with their walk and team, and in the same query what every answer needs to know of the server."""
    coalition = Coalition.objects.filter(id=1)
    recent = Receipt.objects.filter(device=OuterRef("pk"), received_at__gt=now - timedelta(hours=1))
    devices = Device.objects.select_related("walk__corridor", "team").defer("walk__corridor__line")
    return devices.annotate(
        site_epoch=Subquery(coalition.values("epoch")),
        site_bounds=Subquery(coalition.values("service_bounds")),
        site_safe_until=Subquery(Heartbeat.objects.filter(name=VERIFIED_BACKUP).values("at")),
        n_last_hour=Subquery(recent.order_by().values("device").annotate(n=Count("pk")).values("n")),
    )

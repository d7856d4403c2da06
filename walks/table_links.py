"""Links for one walk's day without a sign-in: for greeters at the table, and for who waits off site.

Signed, never stored; a new walk code (`Walk.invite_version`) ends them, and so does the day after the walk.
"""

from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from walks.links import pack, unpack
from walks.models import Walk
from walks.table_actions import OPEN_AFTER, OPENS_BEFORE

_greeters = Signer(salt="walks.greeters", sep=".")
_offsite = Signer(salt="walks.offsite", sep=".")


def greeter_token(walk: Walk) -> str:
    return _greeters.sign(pack(walk.public_id, walk.invite_version))


def offsite_token(walk: Walk) -> str:
    return _offsite.sign(pack(walk.public_id, walk.invite_version))


def greeter_url(walk: Walk) -> str:
    return settings.SITE_URL + reverse("walks:greet", args=[greeter_token(walk)])


def offsite_url(walk: Walk) -> str:
    return settings.SITE_URL + reverse("walks:off_site", args=[offsite_token(walk)])


def walk_of_greeters(token: str, *, now: datetime) -> Walk | None:
    """The walk whose table a link opens now, or None where it is forged, renewed, too early or over. One query."""
    return _walk(_greeters, token, now)


def walk_of_designee(token: str, *, now: datetime) -> Walk | None:
    return _walk(_offsite, token, now)


def _walk(signer: Signer, token: str, now: datetime) -> Walk | None:
    try:
        public_id, version = unpack(signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    walks = Walk.objects.current().filter(state=Walk.State.PUBLISHED, invite_version=version)
    open_now = walks.filter(meet_at__lte=now + OPENS_BEFORE, end_at__gte=now - OPEN_AFTER)
    return open_now.select_related("corridor", "lead").filter(public_id=public_id).first()

"""Phones join a walk, are confirmed, taken off and let back in."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from field.answers import refuse
from field.schema import EnrolBody
from field.tokens import digest, new_token
from office.actions import record
from office.limits import seconds_to_wait
from people.models import User
from walks.invites import InviteRefused, walk_for_invite, walk_for_letters
from walks.links import signup_from_token
from walks.models import Device, Signup, Team, Walk

MAX_DEVICES = 300
# Every phone of a full walk may join three times an hour; whoever tries letters may do so as often as 300 people would.
ENROLMENTS_AN_HOUR = 3 * MAX_DEVICES
LETTER_TRIES_AN_HOUR = MAX_DEVICES
HOUR = 3600


@dataclass(frozen=True)
class Enrolled:
    """A phone on a walk and the token it shall use from now on; nobody can read the token again."""

    device: Device
    walk: Walk
    token: str


def enrol(*, body: EnrolBody, old_token: str, address: str, now: datetime) -> Enrolled:
    """Let a phone join by invite or letters. A phone that is known gets its entry again, and a new token.

    Raises Refusal: 401 for the invite, 403 for a phone that was taken off or isn't the one it says it is, 429.
    """
    walk = _invited_walk(body.invite, address=address, now=now)
    wait = seconds_to_wait(key=f"field.enrol:{walk.pk}", limit=ENROLMENTS_AN_HOUR, per_seconds=HOUR)
    if wait:
        raise refuse(429, "invite", "too_many", _("Many phones are joining. Try again soon."), retry_after=wait)
    with transaction.atomic():
        Walk.objects.select_for_update().only("id").get(pk=walk.pk)  # two phones must not both be the 300th
        device = Device.objects.filter(walk=walk, client_id=body.device).first()
        if device is None:
            device = _new_device(walk, body)
        else:
            _check_same_phone(device, body, old_token)
        token = new_token()
        device.token_sha256, device.last_seen_at = digest(token), now
        _describe(device, walk, body)
        device.save()
    return Enrolled(device, walk, token)


def _invited_walk(invite: str, *, address: str, now: datetime) -> Walk:
    by_letters = len(invite) <= 12
    if by_letters:
        wait = seconds_to_wait(key=f"field.letters:{address}", limit=LETTER_TRIES_AN_HOUR, per_seconds=HOUR)
        if wait:
            raise refuse(429, "invite", "too_many", _("Too many tries. Scan the walk code instead."), retry_after=wait)
    try:
        return walk_for_letters(invite, now=now) if by_letters else walk_for_invite(invite, now=now)
    except InviteRefused as refused:
        raise refuse(401, "invite", refused.reason, refused.message) from refused


def _new_device(walk: Walk, body: EnrolBody) -> Device:
    if walk.devices.count() >= MAX_DEVICES:
        raise refuse(
            403,
            "device",
            "full",
            _("%(most)d phones are on this walk already. Ask the walk lead to make room.") % {"most": MAX_DEVICES},
        )
    return Device(walk=walk, client_id=body.device, secret_sha256=digest(body.secret))


def _check_same_phone(device: Device, body: EnrolBody, old_token: str) -> None:
    has_secret = hmac.compare_digest(device.secret_sha256, digest(body.secret))
    if not has_secret and not hmac.compare_digest(device.token_sha256, digest(old_token)):
        raise refuse(403, "secret", "secret", _("This is another phone’s entry. Open the app anew and scan again."))
    if device.revoked_at is not None:
        raise refuse(403, "device", "revoked", _("This phone was taken off the walk. Ask the walk lead."))


def _describe(device: Device, walk: Walk, body: EnrolBody) -> None:
    """Who holds the phone and in which team, as far as it says so now; what it leaves out stays as it was."""
    if body.signup:
        signup = signup_from_token(body.signup)
        if signup is not None and signup.walk_id == walk.pk and signup.state != Signup.State.WITHDRAWN:
            device.signup, device.team = signup, device.team or signup.team
            device.name = device.name or signup.name
    if body.team:
        device.team = Team.objects.filter(walk=walk, public_id=body.team).first()
        if device.team is None:
            raise refuse(400, "team", "unknown", _("This team isn’t part of the walk. Choose it again."))
    if body.name:
        device.name = body.name


@transaction.atomic
def leave_walk(*, device: Device) -> None:
    """The phone ends its own token. Unlike one that was taken off it may join again: nobody sent it away."""
    locked = Device.objects.select_for_update().get(pk=device.pk)
    locked.token_sha256, locked.n_waiting, locked.oldest_waiting_at = digest(new_token()), 0, None
    locked.save(update_fields=["token_sha256", "n_waiting", "oldest_waiting_at"])
    record(actor=None, action="field.leave", resource="field.device", object_id=locked.public_id)


@transaction.atomic
def confirm_device(*, device: Device, by: User) -> Device:
    """The walk lead knows who holds it: it may get vacant buildings to look at."""
    return _set(device, by, "confirm", confirmed_at=timezone.now())


@transaction.atomic
def revoke_device(*, device: Device, by: User) -> Device:
    """Take a phone off the walk: its next call is refused, and it stays refused until readmitted."""
    return _set(device, by, "revoke", revoked_at=timezone.now(), confirmed_at=None)


@transaction.atomic
def readmit_device(*, device: Device, by: User) -> Device:
    """Let a phone back in; the token it kept works again, and so does its queue."""
    return _set(device, by, "readmit", revoked_at=None)


def _set(device: Device, by: User, action: str, **values: datetime | None) -> Device:
    locked = Device.objects.select_for_update().get(pk=device.pk)
    for name, value in values.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(values))
    record(actor=by, action=f"field.{action}", resource="field.device", object_id=locked.public_id)
    return locked

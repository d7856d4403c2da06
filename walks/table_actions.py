"""What happens at the sign-in table: somebody is here, agreed, was briefed, goes with a team, is back.

Each action locks the walk, looks again and writes. A tick that comes twice (`client_id`, made where it was ticked) and
a person whom two greeters tick at once are one check-in.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from people.models import Organization, User
from people.roles import AgeBand
from walks.guardians import has_consent
from walks.models import Agreement, Clearance, Device, Equipment, Presence, Signup, Team, Walk
from walks.places import lock

OPENS_BEFORE = timedelta(hours=12)
OPEN_AFTER = timedelta(hours=24)
# How far a greeter's clock may be off before the server's own counts.
MOST_SKEW = timedelta(hours=12)
FEWEST_IN_A_TEAM = 2


@dataclass(frozen=True)
class Ticker:
    """Who ticks: somebody signed in, a phone of the walk, or a greeter who came by the link and gave a name."""

    user: User | None = None
    device: Device | None = None
    greeter: str = ""


class NeedsGuardian(Refused):
    """A minor without a guardian's yes: the guardian is called and it is written down, or they don't walk."""


@transaction.atomic
def check_in(
    *,
    signup: Signup,
    by: Ticker,
    method: str = Presence.Method.ROSTER,
    client_id: uuid.UUID | None = None,
    n_people: int | None = None,
    guardian_note: str = "",
    at: datetime | None = None,
) -> Presence:
    """Somebody of the list is here, also who withdrew or waits for a place: whoever stands at the table is there.

    Twice is one. Raises Refused, and NeedsGuardian for a minor without a guardian's yes and without a note.
    """
    walk = open_table(signup.walk)
    if known := _known(walk, client_id) or signup.presences.standing().first():
        return known
    signup.refresh_from_db()
    guardian_note = guardian_note.strip()[:200]
    if signup.is_minor and not guardian_note and not has_consent(signup):
        raise NeedsGuardian(_needs_guardian())
    if signup.state not in {Signup.State.GOING, Signup.State.GUARDIAN}:
        signup.state, signup.withdrawn_at = Signup.State.GOING, None
        signup.save(update_fields=["state", "withdrawn_at"])
    return _write(
        walk,
        by,
        at,
        signup=signup,
        client_id=client_id or uuid.uuid4(),
        name=signup.name,
        organization=signup.organization,
        age_band=signup.age_band,
        language=signup.language,
        n_people=n_people or signup.n_people,
        team=signup.team,
        method=method,
        guardian_note=guardian_note,
    )


@transaction.atomic
def walk_up(
    *,
    walk: Walk,
    name: str,
    by: Ticker,
    age_band: str = AgeBand.UNKNOWN,
    client_id: uuid.UUID | None = None,
    organization: Organization | None = None,
    language: str = "en",
    n_people: int = 1,
    team: Team | None = None,
    guardian_note: str = "",
    at: datetime | None = None,
    method: str = Presence.Method.WALK_UP,
) -> Presence:
    """Somebody who isn't on the list comes along. Nothing is kept of children under 13. Raises Refused."""
    walk = open_table(walk)
    if known := _known(walk, client_id):
        return known
    if age_band == AgeBand.UNDER_13:
        raise Refused(_("Children under 13 walk with their grown-ups. We count them by heads and write no name down."))
    if not name.strip():
        raise Refused(_("Write their name: a first name is enough."))
    guardian_note = guardian_note.strip()[:200]
    if age_band == AgeBand.TEEN and not guardian_note:
        raise NeedsGuardian(_needs_guardian())
    return _write(
        walk,
        by,
        at,
        client_id=client_id or uuid.uuid4(),
        name=name.strip()[:120],
        organization=organization,
        age_band=age_band,
        language=language,
        n_people=1 if age_band == AgeBand.TEEN else max(1, min(n_people, 60)),
        team=team,
        method=method,
        guardian_note=guardian_note,
    )


@transaction.atomic
def undo_check_in(*, presence: Presence, by: Ticker) -> Presence:
    """Not here after all: a slip of the finger. Twice changes nothing."""
    presence = _lock(presence)
    if presence.withdrawn_at is None:
        presence.withdrawn_at = timezone.now()
        presence.save(update_fields=["withdrawn_at"])
        _record("presence.undo", presence, by)
    return presence


@transaction.atomic
def check_out(*, presence: Presence, by: Ticker, at: datetime | None = None) -> Presence:
    """Somebody is back, or goes home. Twice changes nothing."""
    presence = _lock(presence)
    if presence.left_at is None and presence.withdrawn_at is None:
        presence.left_at = max(believed(at), presence.arrived_at)
        presence.save(update_fields=["left_at"])
        _record("presence.out", presence, by)
    return presence


@transaction.atomic
def back_in(*, presence: Presence, by: Ticker) -> Presence:
    """Not out after all."""
    presence = _lock(presence)
    if presence.left_at is not None:
        presence.left_at = None
        presence.save(update_fields=["left_at"])
        _record("presence.back_in", presence, by)
    return presence


@transaction.atomic
def check_out_team(*, team: Team, by: Ticker, at: datetime | None = None) -> int:
    """Everybody of a team who is still out is back. How many check-ins that were."""
    lock(team.walk)
    now = believed(at)
    here = list(team.presences.here())
    for presence in here:
        presence.left_at = max(now, presence.arrived_at)
    Presence.objects.bulk_update(here, ["left_at"])
    if here:
        record(actor=by.user, action="team.out", resource="team", object_id=team.public_id, detail={"n": len(here)})
    return len(here)


@transaction.atomic
def tick(*, presence: Presence, by: Ticker, agreed: bool | None = None, briefed: bool | None = None) -> Presence:
    """What somebody agreed to, and that they heard the briefing. Raises Refused where there is nothing to agree to."""
    presence, now = _lock(presence), timezone.now()
    if agreed is not None:
        agreement = Agreement.current() if agreed else None
        if agreed and agreement is None:
            raise Refused(_("There is no agreement yet. Write one in the admin first."))
        presence.agreement, presence.agreed_at = agreement, now if agreed else None
    if briefed is not None:
        presence.briefed_at = now if briefed else None
    presence.save(update_fields=["agreement", "agreed_at", "briefed_at"])
    return presence


@transaction.atomic
def put_into_team(*, presence: Presence, team: Team | None, by: Ticker) -> Presence:
    """Who is here goes with this team. Their sign-up follows, so that rosters and phones know it. Raises Refused."""
    presence = _lock(presence)
    if team and team.walk_id != presence.walk_id:
        raise Refused(_("That team belongs to another walk."))
    presence.team = team
    presence.save(update_fields=["team"])
    if presence.signup_id:
        Signup.objects.filter(pk=presence.signup_id).update(team=team)
    return presence


# --- Teams go and come back ---


@transaction.atomic
def step_off(*, team: Team, by: Ticker, at: datetime | None = None) -> Team:
    """The team leaves. Raises Refused where it is one person alone, or a minor is without a cleared adult."""
    walk = open_table(team.walk)
    team.refresh_from_db()
    if team.stepped_off_at is None:
        _refuse_unready(walk, team)
        team.stepped_off_at = believed(at)
        team.save(update_fields=["stepped_off_at"])
        record(actor=by.user, action="team.step_off", resource="team", object_id=team.public_id)
    return team


@transaction.atomic
def stay(*, team: Team, by: Ticker) -> Team:
    """It hasn't left after all."""
    lock(team.walk)
    Team.objects.filter(pk=team.pk).update(stepped_off_at=None)
    team.refresh_from_db()
    return team


def _refuse_unready(walk: Walk, team: Team) -> None:
    here = list(team.presences.here().select_related("signup"))
    n = sum(one.n_people for one in here)
    if n < FEWEST_IN_A_TEAM:
        raise Refused(_("%(team)s: nobody walks alone. Put at least two people into it.") % {"team": team})
    if not any(one.is_minor for one in here):
        return
    day = walk.meet_at.astimezone(walk.zone).date()
    people = [one.signup.person_id for one in here if one.signup and not one.is_minor]
    if not Clearance.objects.valid_on(day).filter(person__in=people).exists():
        words = _("%(team)s: a minor walks with it, and no adult in it may walk with minors. Put one into it first.")
        raise Refused(words % {"team": team})


# --- Equipment ---


@transaction.atomic
def hand_out(
    *,
    walk: Walk,
    what: str,
    by: Ticker,
    n: int = 1,
    team: Team | None = None,
    client_id: uuid.UUID | None = None,
) -> Equipment:
    """Vests, lamps, packets that went out. Raises Refused."""
    walk = open_table(walk)
    if client_id and (known := walk.equipment.filter(client_id=client_id).first()):
        return known
    if not what.strip():
        raise Refused(_("Write what went out: vests, lamps, radios."))
    made = Equipment(walk=walk, what=what.strip()[:60], n=max(1, min(n, 500)), team=team)
    made.client_id = client_id or made.client_id
    made.save()
    return made


@transaction.atomic
def bring_back(*, equipment: Equipment, is_back: bool = True) -> Equipment:
    equipment = Equipment.objects.select_for_update(of=("self",)).get(pk=equipment.pk)
    equipment.back_at = timezone.now() if is_back else None
    equipment.save(update_fields=["back_at"])
    return equipment


# --- What they share ---


def open_table(walk: Walk) -> Walk:
    """The walk, locked, where its table is open. Raises Refused."""
    now = timezone.now()
    walk = lock(walk)
    if walk.deleted_at or walk.state == Walk.State.DRAFT:
        raise Refused(_("This walk isn’t published yet."))
    if walk.state == Walk.State.CALLED_OFF:
        raise Refused(_("This walk was called off."))
    if now < walk.meet_at - OPENS_BEFORE:
        raise Refused(_("It is too early to check people in. The table opens twelve hours before the walk."))
    if now > walk.end_at + OPEN_AFTER:
        raise Refused(_("This walk is over. What was on paper can be typed in from its sheets."))
    return walk


def _known(walk: Walk, client_id: uuid.UUID | None) -> Presence | None:
    return walk.presences.filter(client_id=client_id).first() if client_id else None


def _lock(presence: Presence) -> Presence:
    return Presence.objects.select_for_update(of=("self",)).select_related("walk").get(pk=presence.pk)


def believed(at: datetime | None) -> datetime:
    """When it was, as the greeter's clock says, where that can be."""
    now = timezone.now()
    return at if at and abs(now - at) < MOST_SKEW and at <= now else now


def _write(walk: Walk, by: Ticker, at: datetime | None, **fields: object) -> Presence:
    presence = Presence(walk=walk, by=by.user, device=by.device, greeter=by.greeter[:60], **fields)
    presence.arrived_at = believed(at)
    presence.save(force_insert=True)
    _record("presence.in", presence, by)
    return presence


def _record(action: str, presence: Presence, by: Ticker) -> None:
    detail = {"walk": str(presence.walk.public_id), "method": presence.method}
    record(actor=by.user, action=action, resource="presence", object_id=presence.public_id, detail=detail)


def _needs_guardian() -> str:
    return _("A minor without a guardian’s yes. Call the guardian and write down what they said, or they can’t walk.")

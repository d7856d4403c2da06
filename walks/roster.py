"""What changes the people on a walk. `walks.actions` is the door to it for other rooms."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.actions import record
from office.refused import Refused
from people.contact import normalize_email, normalize_phone
from people.models import Organization, Person, User
from people.roles import AgeBand
from walks import notices
from walks.models import GuardianConsent, Signup, Team, Walk

MAX_TEAMS = 30


Outcome = Literal["going", "guardian", "full", "already", "closed", "too_young"]


@dataclass(frozen=True)
class SignUpResult:
    """What became of a sign-up.

    `has_room` says whether the walk had room for them whoever they are: a page for strangers must look at it before
    `outcome`, or it would tell who is on the roster. `is_repeat`: the same form was sent before.
    """

    signup: Signup | None
    outcome: Outcome
    has_room: bool = True
    is_repeat: bool = False


@transaction.atomic
def sign_up(
    *,
    walk: Walk,
    name: str,
    email: str = "",
    phone: str = "",
    organization: Organization | None = None,
    organization_text: str = "",
    age_band: str = AgeBand.UNKNOWN,
    language: str = "en",
    n_people: int = 1,
    form_token: UUID | None = None,
    source: str = Signup.Source.WEB,
    by: User | None = None,
) -> SignUpResult:
    """Give somebody a place. The walk is locked, so that its places are never given twice.

    A person is known again by e-mail only: by a phone number that a stranger types nobody may reach a sign-up
    that isn't theirs. The desk (`by`) also knows them by phone and name.
    """
    if age_band == AgeBand.UNDER_13:
        return SignUpResult(None, "too_young")
    locked = _lock(walk)
    if repeat := _same_form(locked, form_token):
        return SignUpResult(repeat, _outcome(repeat), is_repeat=True)
    if not _is_open_for(locked, source):
        return SignUpResult(None, "closed")
    # A minor signs up alone: whoever comes with them needs a guardian's yes of their own.
    n_people = 1 if age_band == AgeBand.TEEN else n_people
    has_room = _has_room(locked, n_people)
    person = _known_person(name=name, email=email, phone=phone, by=by)
    signup = Signup.objects.filter(walk=locked, person=person).first() if person else None
    if signup and signup.state != Signup.State.WITHDRAWN:
        notices.send_link_again(signup, now=timezone.now())
        return SignUpResult(signup, "already", has_room=has_room)
    if not has_room:
        return SignUpResult(None, "full", has_room=False)
    person = person or _new_person(name=name, email=email, phone=phone, language=language, age_band=age_band)
    signup = signup or Signup(walk=locked, person=person)
    signup.name = name.strip()[:120]
    signup.organization = organization
    signup.organization_text = "" if organization else organization_text.strip()[:160]
    signup.age_band = person.age_band if age_band == AgeBand.UNKNOWN else age_band
    signup.language = language
    signup.n_people = n_people
    signup.state = _state_for(signup)
    signup.withdrawn_at = None
    signup.source = source
    signup.form_token = form_token or signup.form_token
    signup.save()
    notices.send_link(signup)
    record(
        actor=by,
        action="signup.create",
        resource="signup",
        object_id=signup.public_id,
        detail={"walk": str(locked.public_id), "state": signup.state, "source": source},
    )
    return SignUpResult(signup, _outcome(signup))


def change_signup(
    *,
    signup: Signup,
    by: User | None = None,
    name: str | None = None,
    phone: str | None = None,
    organization: Organization | None = None,
    organization_text: str = "",
    language: str | None = None,
    n_people: int | None = None,
) -> Signup:
    """Write what somebody changed on their own page, or the desk for them. Raises Refused where there is no room."""
    with transaction.atomic():
        locked = _lock(signup.walk)
        signup.refresh_from_db()
        if signup.state == Signup.State.WITHDRAWN:
            raise Refused(_("This sign-up was withdrawn. Sign up again first."))
        wanted = 1 if signup.is_minor else (n_people or signup.n_people)
        _refuse_too_many(locked, signup, wanted)
        if (organization, organization_text) != (signup.organization, signup.organization_text):
            signup.organization = organization
            signup.organization_text = "" if organization else organization_text.strip()[:160]
            signup.organization_settled_at = None
        signup.n_people = wanted
        signup.name = (name or signup.name).strip()[:120]
        signup.language = language or signup.language
        signup.save()
        if phone is not None:
            signup.person.phone = normalize_phone(phone) if phone else ""
            signup.person.save(update_fields=["phone"])
        record(actor=by, action="signup.change", resource="signup", object_id=signup.public_id)
    return signup


@transaction.atomic
def withdraw(*, signup: Signup, by: User | None = None) -> Signup:
    """Take somebody off the roster; their place is free again. Twice changes nothing."""
    _lock(signup.walk)
    signup.refresh_from_db()
    if signup.state != Signup.State.WITHDRAWN:
        signup.state = Signup.State.WITHDRAWN
        signup.withdrawn_at = timezone.now()
        signup.save(update_fields=["state", "withdrawn_at"])
        record(actor=by, action="signup.withdraw", resource="signup", object_id=signup.public_id)
    return signup


@transaction.atomic
def come_after_all(*, signup: Signup, by: User | None = None) -> Signup:
    """Take a withdrawal back, where there is still room. Raises Refused."""
    locked = _lock(signup.walk)
    signup.refresh_from_db()
    if signup.state != Signup.State.WITHDRAWN:
        return signup
    if not _is_open_for(locked, Signup.Source.DESK if by else Signup.Source.WEB):
        raise Refused(_("This walk takes no more sign-ups."))
    _refuse_too_many(locked, signup, signup.n_people)
    signup.withdrawn_at = None
    signup.state = _state_for(signup)
    signup.save(update_fields=["state", "withdrawn_at"])
    record(actor=by, action="signup.come_after_all", resource="signup", object_id=signup.public_id)
    return signup


@transaction.atomic
def record_guardian(
    *,
    signup: Signup,
    by: User,
    guardian_name: str,
    how: str,
    guardian_phone: str = "",
    until_on: date | None = None,
) -> GuardianConsent:
    """Write down that a parent or guardian said yes, for this walk or until a day. The sign-up counts from now on.

    A yes for a season also lets the person's other waiting sign-ups count, where there is room. Raises Refused.
    """
    locked = _lock(signup.walk)
    signup.refresh_from_db()
    if until_on and until_on < locked.meet_at.astimezone(locked.zone).date():
        raise Refused(_("That day is before the walk. Choose a later day, or record it for this walk only."))
    if signup.state == Signup.State.GUARDIAN and not _has_room(locked, signup.n_people):
        raise Refused(_("All places are taken. Raise the number of places first, then record it again."))
    consent = GuardianConsent.objects.create(
        person=signup.person,
        walk=None if until_on else locked,
        until_on=until_on,
        guardian_name=guardian_name.strip()[:120],
        guardian_phone=normalize_phone(guardian_phone) if guardian_phone else "",
        how=how,
        recorded_by=by.person,
    )
    if signup.state == Signup.State.GUARDIAN:
        _count_now(signup)
    if until_on:
        _count_others(signup)
    record(
        actor=by,
        action="guardian.record",
        resource="signup",
        object_id=signup.public_id,
        detail={"how": how, "season": bool(until_on)},
    )
    return consent


@transaction.atomic
def match_organization(*, signup: Signup, organization: Organization, by: User) -> int:
    """Say which organization somebody meant. Everybody who wrote the same words is matched too. How many were."""
    same = Signup.objects.unmatched().filter(organization_text__iexact=signup.organization_text)
    n_matched = same.filter(~Q(pk=signup.pk)).update(organization=organization, organization_settled_at=timezone.now())
    signup.organization = organization
    signup.organization_settled_at = timezone.now()
    signup.save(update_fields=["organization", "organization_settled_at"])
    detail = {"organization": str(organization.public_id), "also": n_matched}
    record(actor=by, action="signup.match", resource="signup", object_id=signup.public_id, detail=detail)
    return n_matched + 1


@transaction.atomic
def leave_organization(*, signup: Signup, by: User) -> None:
    """Settle that what somebody wrote isn't an organization of ours; the words stay."""
    signup.organization_settled_at = timezone.now()
    signup.save(update_fields=["organization_settled_at"])
    record(actor=by, action="signup.leave_organization", resource="signup", object_id=signup.public_id)


@transaction.atomic
def renew_link(*, signup: Signup, by: User | None = None) -> Signup:
    """Make somebody's link new and mail it to them; every older link ends at once."""
    signup.refresh_from_db()
    signup.link_version += 1
    signup.save(update_fields=["link_version"])
    notices.send_link(signup)
    record(actor=by, action="signup.renew_link", resource="signup", object_id=signup.public_id)
    return signup


def _same_form(walk: Walk, form_token: UUID | None) -> Signup | None:
    """The sign-up that this very form made before. A token can't come from another walk's form by accident."""
    if form_token is None:
        return None
    return Signup.objects.select_related("person").filter(form_token=form_token, walk=walk).first()


def _outcome(signup: Signup) -> Outcome:
    return "guardian" if signup.state == Signup.State.GUARDIAN else "going"


def _is_open_for(walk: Walk, source: str) -> bool:
    """The desk may add people to drafts and to walks that are over; strangers sign up for what is to come."""
    if source == Signup.Source.DESK:
        return walk.deleted_at is None and walk.state != Walk.State.CALLED_OFF
    return walk.accepts_signups(timezone.now())


def _has_room(walk: Walk, n_people: int, *, without: int = 0) -> bool:
    return walk.capacity is None or walk.places_taken - without + n_people <= walk.capacity


def _refuse_too_many(walk: Walk, signup: Signup, wanted: int) -> None:
    """Raises Refused where so many people don't fit. A sign-up that doesn't grow always fits."""
    own = signup.n_people if signup.is_counted else 0
    if wanted <= own or _has_room(walk, wanted, without=own):
        return
    left = max((walk.capacity or 0) - walk.places_taken + own, 0)
    if left == 0:
        raise Refused(_("All places of this walk are taken."))
    raise Refused(ngettext("There is only %(n)d place left.", "There are only %(n)d places left.", left) % {"n": left})


def _known_person(*, name: str, email: str, phone: str, by: User | None) -> Person | None:
    people = Person.objects.current()
    if email:
        return people.filter(email__iexact=normalize_email(email)).first()
    if phone and by:
        return people.filter(phone=normalize_phone(phone), name__iexact=name.strip()).first()
    return None


def _new_person(*, name: str, email: str, phone: str, language: str, age_band: str) -> Person:
    """Somebody we meet for the first time; or, where another process just met them by the same e-mail, that row."""
    try:
        with transaction.atomic():
            return Person.objects.create(
                name=name.strip()[:120],
                email=normalize_email(email),
                phone=normalize_phone(phone) if phone else "",
                language=language,
                age_band=age_band,
            )
    except IntegrityError:
        return Person.objects.current().get(email__iexact=normalize_email(email))


def _state_for(signup: Signup) -> Signup.State:
    if signup.is_minor and not _has_consent(signup):
        return Signup.State.GUARDIAN
    return Signup.State.GOING


def _has_consent(signup: Signup) -> bool:
    walk_day = signup.walk.meet_at.astimezone(signup.walk.zone).date()
    for_it = Q(walk=signup.walk) | Q(until_on__gte=walk_day)
    return GuardianConsent.objects.filter(for_it, person=signup.person, withdrawn_at=None).exists()


def _count_now(signup: Signup) -> None:
    signup.state = Signup.State.GOING
    signup.save(update_fields=["state"])
    notices.send_guardian_said_yes(signup)


def _count_others(signup: Signup) -> None:
    waiting = Signup.objects.filter(person=signup.person, state=Signup.State.GUARDIAN, walk__end_at__gt=timezone.now())
    for other in waiting.select_related("walk", "person").order_by("walk_id"):
        if _has_consent(other) and _has_room(_lock(other.walk), other.n_people):
            _count_now(other)


# --- Teams ---


@transaction.atomic
def set_teams(*, walk: Walk, n_teams: int, by: User) -> list[Team]:
    """Have teams 1 to n. Teams above n go away; their people are without a team then. Raises Refused."""
    if not 0 <= n_teams <= MAX_TEAMS:
        raise Refused(_("Choose between 0 and %(most)d teams.") % {"most": MAX_TEAMS})
    _lock(walk)
    above = walk.teams.filter(number__gt=n_teams)
    if above.filter(devices__isnull=False).exists():
        raise Refused(_("Phones have already joined one of these teams. It has to stay."))
    above.delete()
    there = set(walk.teams.values_list("number", flat=True))
    Team.objects.bulk_create(Team(walk=walk, number=n) for n in range(1, n_teams + 1) if n not in there)
    record(actor=by, action="team.set", resource="walk", object_id=walk.public_id, detail={"n": n_teams})
    return list(walk.teams.all())


@transaction.atomic
def assign_teams(*, walk: Walk, teams: dict[Signup, Team | None], by: User) -> int:
    """Put sign-ups into teams of the same walk. How many changed."""
    changed = [signup for signup, team in teams.items() if signup.team_id != (team.pk if team else None)]
    for signup in changed:
        team = teams[signup]
        if signup.walk_id != walk.pk or (team and team.walk_id != walk.pk):
            raise Refused(_("That team belongs to another walk."))
        signup.team = team
    Signup.objects.bulk_update(changed, ["team"])
    if changed:
        record(actor=by, action="team.assign", resource="walk", object_id=walk.public_id, detail={"n": len(changed)})
    return len(changed)


def _lock(walk: Walk) -> Walk:
    return Walk.objects.select_for_update(of=("self",)).get(pk=walk.pk)

"""What changes the people on a walk. `walks.actions` is the door to it for other rooms."""

from dataclasses import dataclass
from datetime import datetime
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
from walks.guardians import state_for
from walks.models import Signup, Team, Walk, WalkRole
from walks.places import has_room, is_too_big, lock, offer_places, refuse_too_many
from walks.role_offers import is_free, role_fits, why_not

MAX_TEAMS = 30


Outcome = Literal["going", "guardian", "waiting", "full", "already", "closed", "too_young", "role"]


@dataclass(frozen=True)
class SignUpResult:
    """What became of a sign-up.

    `has_room` says whether the walk had room for them whoever they are: a page for strangers must look at it before
    `outcome`, or it would tell who is on the roster. `is_repeat`: the same form was sent before. `words`: why the
    role can't be theirs, where the outcome is `role`.
    """

    signup: Signup | None
    outcome: Outcome
    has_room: bool = True
    is_repeat: bool = False
    words: str = ""


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
    role: str = "",
    emergency_contact: str = "",
    access_needs: str = "",
    wants_texts: bool = False,
    wait: bool = False,
    form_token: UUID | None = None,
    source: str = Signup.Source.WEB,
    by: User | None = None,
) -> SignUpResult:
    """Give somebody a place, or with `wait` one on the waitlist where all are taken.

    The walk is locked, so that its places are never given twice. A person is known again by e-mail only: by a phone
    number that a stranger types nobody may reach a sign-up that isn't theirs. The desk (`by`) also knows them by phone
    and name. Whoever waits goes first: what is free is offered to them before anybody new gets it.
    """
    if age_band == AgeBand.UNDER_13:
        return SignUpResult(None, "too_young")
    locked, now = lock(walk), timezone.now()
    if repeat := _same_form(locked, form_token):
        return SignUpResult(repeat, _outcome(repeat), is_repeat=True)
    if not _is_open_for(locked, source):
        return SignUpResult(None, "closed")
    if role and not by and (words := why_not(locked, role, age_band)):
        return SignUpResult(None, "role", words=words)
    # A minor signs up alone: whoever comes with them needs a guardian's yes of their own.
    n_people = 1 if age_band == AgeBand.TEEN else n_people
    if is_too_big(locked, n_people):
        return SignUpResult(None, "full", has_room=False)
    offer_places(locked, now)
    fits = has_room(locked, n_people)
    person = _known_person(name=name, email=email, phone=phone, by=by)
    signup = Signup.objects.filter(walk=locked, person=person).first() if person else None
    if signup and signup.state != Signup.State.WITHDRAWN:
        notices.send_link_again(signup, now=now)
        return SignUpResult(signup, "already", has_room=fits)
    if not fits and not wait:
        return SignUpResult(None, "full", has_room=False)
    person = person or _new_person(name=name, email=email, phone=phone, language=language, age_band=age_band)
    signup = signup or Signup(walk=locked, person=person)
    signup.name = name.strip()[:120]
    signup.organization = organization
    signup.organization_text = "" if organization else organization_text.strip()[:160]
    signup.age_band = person.age_band if age_band == AgeBand.UNKNOWN else age_band
    signup.language = language
    signup.n_people = n_people
    signup.role = role
    signup.role = role if role_fits(signup) else ""
    signup.emergency_contact = emergency_contact.strip()[:160]
    signup.access_needs = access_needs.strip()[:300]
    # To a number that somebody else's record holds nobody else turns messages on.
    is_own_phone = bool(phone) and person.phone == normalize_phone(phone)
    signup.wants_texts_at = now if wants_texts and is_own_phone else None
    signup.source = source
    signup.form_token = form_token or signup.form_token
    _take_place(signup, fits=fits, now=now)
    signup.save()
    _send_what_became(signup)
    detail = {"walk": str(locked.public_id), "state": signup.state, "source": source}
    record(actor=by, action="signup.create", resource="signup", object_id=signup.public_id, detail=detail)
    return SignUpResult(signup, _outcome(signup), has_room=fits)


def _take_place(signup: Signup, *, fits: bool, now: datetime) -> None:
    """Coming, waiting for a guardian's yes (which holds no place), or on the waitlist."""
    signup.withdrawn_at = signup.confirmed_at = signup.waiting_since = signup.offered_at = signup.offer_until = None
    signup.state = state_for(signup)
    if signup.state == Signup.State.GOING and not fits:
        signup.state, signup.waiting_since = Signup.State.WAITLIST, now


def _send_what_became(signup: Signup) -> None:
    if signup.state == Signup.State.WAITLIST:
        notices.send_waiting(signup)
    else:
        notices.send_link(signup)


@transaction.atomic
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
    role: str | None = None,
    emergency_contact: str | None = None,
    access_needs: str | None = None,
    wants_texts: bool | None = None,
) -> Signup:
    """Write what somebody changed on their own page, or the desk for them; None leaves a thing as it is.

    Raises Refused where there is no room, the role is taken, or more of a group were named than come.
    """
    locked = lock(signup.walk)
    signup.refresh_from_db()
    if signup.state == Signup.State.WITHDRAWN:
        raise Refused(_("This sign-up was withdrawn. Sign up again first."))
    wanted = 1 if signup.is_minor else (n_people or signup.n_people)
    _refuse_size(locked, signup, wanted)
    if role and role != signup.role and not by and (words := why_not(locked, role, signup.age_band)):
        raise Refused(words)
    if (organization, organization_text) != (signup.organization, signup.organization_text):
        signup.organization = organization
        signup.organization_text = "" if organization else organization_text.strip()[:160]
        signup.organization_settled_at = None
    signup.n_people = wanted
    signup.name = (name or signup.name).strip()[:120]
    signup.language = language or signup.language
    signup.role = signup.role if role is None else role
    signup.emergency_contact = signup.emergency_contact if emergency_contact is None else emergency_contact[:160]
    signup.access_needs = signup.access_needs if access_needs is None else access_needs[:300]
    if phone is not None:
        signup.person.phone = normalize_phone(phone) if phone else ""
        signup.person.save(update_fields=["phone"])
    if wants_texts is not None:
        is_on = wants_texts and bool(signup.person.phone)
        signup.wants_texts_at = (signup.wants_texts_at or timezone.now()) if is_on else None
    signup.save()
    record(actor=by, action="signup.change", resource="signup", object_id=signup.public_id)
    offer_places(locked, timezone.now())
    signup.refresh_from_db()
    return signup


def _refuse_size(walk: Walk, signup: Signup, wanted: int) -> None:
    n_named = signup.members.count()
    if wanted < n_named + 1:
        words = _("You named %(n)d people who come with you. Take a name off first, or write a larger number.")
        raise Refused(words % {"n": n_named})
    if signup.state != Signup.State.WAITLIST:
        refuse_too_many(walk, signup, wanted)
    elif is_too_big(walk, wanted):
        words = ngettext("This walk has %(n)d place in all.", "This walk has %(n)d places in all.", walk.capacity or 0)
        raise Refused(words % {"n": walk.capacity})


@transaction.atomic
def withdraw(*, signup: Signup, by: User | None = None) -> Signup:
    """Take somebody off the roster or the waitlist; their place is offered to who waits. Twice changes nothing."""
    locked, now = lock(signup.walk), timezone.now()
    signup.refresh_from_db()
    if signup.state != Signup.State.WITHDRAWN:
        signup.state = Signup.State.WITHDRAWN
        signup.withdrawn_at = now
        signup.confirmed_at = signup.offered_at = signup.offer_until = None
        signup.save(update_fields=["state", "withdrawn_at", "confirmed_at", "offered_at", "offer_until"])
        record(actor=by, action="signup.withdraw", resource="signup", object_id=signup.public_id)
        offer_places(locked, now)
    return signup


@transaction.atomic
def come_after_all(*, signup: Signup, by: User | None = None, wait: bool = False) -> Signup:
    """Take a withdrawal back, where there is still room; with `wait` otherwise onto the waitlist. Raises Refused."""
    locked, now = lock(signup.walk), timezone.now()
    signup.refresh_from_db()
    if signup.state != Signup.State.WITHDRAWN:
        return signup
    if not _is_open_for(locked, Signup.Source.DESK if by else Signup.Source.WEB):
        raise Refused(_("This walk takes no more sign-ups."))
    offer_places(locked, now)
    if not wait:
        refuse_too_many(locked, signup, signup.n_people)
    if signup.role and not is_free(locked, signup.role):
        signup.role = ""
    _take_place(signup, fits=has_room(locked, signup.n_people), now=now)
    signup.save()
    if signup.state == Signup.State.WAITLIST:
        notices.send_waiting(signup)
    record(actor=by, action="signup.come_after_all", resource="signup", object_id=signup.public_id)
    return signup


@transaction.atomic
def confirm(*, signup: Signup) -> Signup:
    """“Yes, I’m coming”, from the mail of the day before or the own page. Raises Refused. Twice is once."""
    lock(signup.walk)
    signup.refresh_from_db()
    if signup.state != Signup.State.GOING:
        raise Refused(_("You are not on the list just now, so there is nothing to confirm."))
    if signup.confirmed_at is None:
        signup.confirmed_at = timezone.now()
        signup.save(update_fields=["confirmed_at"])
        record(actor=None, action="signup.confirm", resource="signup", object_id=signup.public_id)
    return signup


@transaction.atomic
def give_role(*, signup: Signup, role: str, by: User) -> Signup:
    """An organizer says what somebody does, also above what the walk asked for. Raises Refused."""
    lock(signup.walk)
    signup.refresh_from_db()
    if role and role not in WalkRole.values:
        raise Refused(_("That isn’t a role. Choose one from the list."))
    signup.role = role
    if not role_fits(signup):
        raise Refused(_("This role is for adults. Choose another one for somebody of 13 to 17."))
    signup.save(update_fields=["role"])
    record(actor=by, action="signup.role", resource="signup", object_id=signup.public_id, detail={"role": role})
    return signup


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
    if signup.state == Signup.State.GUARDIAN:
        return "guardian"
    return "waiting" if signup.state == Signup.State.WAITLIST else "going"


def _is_open_for(walk: Walk, source: str) -> bool:
    """The desk may add people to drafts and to walks that are over; strangers sign up for what is to come."""
    if source == Signup.Source.DESK:
        return walk.deleted_at is None and walk.state != Walk.State.CALLED_OFF
    return walk.accepts_signups(timezone.now())


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


# --- Teams ---


@transaction.atomic
def set_teams(*, walk: Walk, n_teams: int, by: User) -> list[Team]:
    """Have teams 1 to n. Teams above n go away; their people are without a team then. Raises Refused."""
    if not 0 <= n_teams <= MAX_TEAMS:
        raise Refused(_("Choose between 0 and %(most)d teams.") % {"most": MAX_TEAMS})
    lock(walk)
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

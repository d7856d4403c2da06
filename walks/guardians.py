"""A minor's place: it counts once a parent or guardian said yes and the young person did, too.

The young person's own yes is kept with the guardian's (`GuardianConsent.assented_at`). Given first, it waits in
`Signup.confirmed_at`. A guardian may take a yes back at any time; the sign-ups it carried wait again.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from people.contact import normalize_phone
from people.models import Person, User
from walks import notices
from walks.models import GuardianConsent, Signup, Walk
from walks.places import has_room, lock, offer_places

# The words of templates/walks/guardian.html. Raise it when their meaning changes.
WORDING = 1
# A season is no longer than this.
LONGEST_SEASON = timedelta(days=366)
CARRIED = [Signup.State.GOING, Signup.State.WAITLIST, Signup.State.OFFERED]


def consents_for(signup: Signup) -> QuerySet[GuardianConsent]:
    """The guardian's yes that hold for this sign-up, newest first, whether or not the young person agreed."""
    walk_day = signup.walk.meet_at.astimezone(signup.walk.zone).date()
    for_it = Q(walk=signup.walk) | Q(until_on__gte=walk_day)
    return GuardianConsent.objects.filter(for_it, person=signup.person_id, withdrawn_at=None).order_by("-id")


def has_consent(signup: Signup) -> bool:
    """Whether both said yes. One query."""
    return consents_for(signup).exclude(assented_at=None).exists()


def state_for(signup: Signup) -> Signup.State:
    """What a sign-up with a place is: coming, or waiting for a guardian's yes."""
    return Signup.State.GUARDIAN if signup.is_minor and not has_consent(signup) else Signup.State.GOING


def season_end(walk: Walk) -> date:
    """What is offered as the end of a season: the last day of the year, from October on the middle of the next one."""
    day = walk.meet_at.astimezone(walk.zone).date()
    return date(day.year + 1, 6, 30) if day.month >= 10 else date(day.year, 12, 31)


@transaction.atomic
def record_guardian(
    *,
    signup: Signup,
    by: User,
    guardian_name: str,
    how: str,
    guardian_phone: str = "",
    until_on: date | None = None,
    assented: bool = True,
) -> GuardianConsent:
    """Write down that a parent or guardian said yes, for this walk or until a day, and whether the minor did, too.

    The sign-up counts from now on, or waits for a place where all are taken. A yes for a season also counts for the
    person's other waiting sign-ups. Raises Refused.
    """
    return _write_down(signup, guardian_name, guardian_phone, how, until_on, assented, by)


@transaction.atomic
def say_yes(
    *, signup: Signup, guardian_name: str, guardian_phone: str, until_on: date | None = None
) -> GuardianConsent:
    """The guardian's own yes, by the link that was sent to them. Twice is one. Raises Refused."""
    lock(signup.walk)
    if known := consents_for(signup).first():
        return known
    how, assented = GuardianConsent.How.LINK, Signup.objects.get(pk=signup.pk).confirmed_at is not None
    return _write_down(signup, guardian_name, guardian_phone, how, until_on, assented, None)


def _write_down(
    signup: Signup, name: str, phone: str, how: str, until_on: date | None, assented: bool, by: User | None
) -> GuardianConsent:
    walks = _lock_walks(signup)
    signup.refresh_from_db()
    walk = walks[signup.walk_id]
    day = walk.meet_at.astimezone(walk.zone).date()
    if until_on and until_on < day:
        raise Refused(_("That day is before the walk. Choose a later day, or record it for this walk only."))
    if until_on and until_on > day + LONGEST_SEASON:
        raise Refused(_("A season is a year at most. Choose an earlier day."))
    consent = GuardianConsent.objects.create(
        person=signup.person,
        walk=None if until_on else walk,
        until_on=until_on,
        guardian_name=name.strip()[:120],
        guardian_phone=normalize_phone(phone) if phone else "",
        how=how,
        wording=WORDING,
        assented_at=timezone.now() if assented else None,
        recorded_by=by.person if by else None,
    )
    _count_waiting(signup.person, walks)
    signup.refresh_from_db()
    detail = {"how": how, "season": bool(until_on), "assent": assented}
    record(actor=by, action="guardian.record", resource="signup", object_id=signup.public_id, detail=detail)
    return consent


@transaction.atomic
def say_no(*, signup: Signup, guardian_name: str = "") -> None:
    """The guardian's no: what was said before ends, and the young person is off this walk. Twice changes nothing."""
    walks = _lock_walks(signup)
    signup.refresh_from_db()
    if signup.state == Signup.State.WITHDRAWN:
        return
    now = timezone.now()
    held = consents_for(signup).filter(walk=signup.walk_id).update(withdrawn_at=now)
    if not held:
        # The desk reads a yes that ended the moment it began as a no.
        GuardianConsent.objects.create(
            person=signup.person, walk=signup.walk, how=GuardianConsent.How.LINK, wording=WORDING,
            guardian_name=guardian_name.strip()[:120], recorded_at=now, withdrawn_at=now,
        )  # fmt: skip
    signup.state, signup.withdrawn_at = Signup.State.WITHDRAWN, now
    signup.save(update_fields=["state", "withdrawn_at"])
    record(actor=None, action="guardian.refuse", resource="signup", object_id=signup.public_id)
    offer_places(walks[signup.walk_id], now)


@transaction.atomic
def take_back_yes(*, signup: Signup, by: User | None = None) -> int:
    """A guardian takes their yes back, for a season for all its walks to come. How many sign-ups wait again."""
    walks = _lock_walks(signup)
    now = timezone.now()
    if not consents_for(signup).update(withdrawn_at=now):
        return 0
    carried = Signup.objects.filter(person=signup.person_id, state__in=CARRIED, walk__in=walks)
    waiting = [one for one in carried.select_related("walk", "person") if state_for(one) != Signup.State.GOING]
    for one in waiting:
        one.state, one.confirmed_at = Signup.State.GUARDIAN, None
        one.save(update_fields=["state", "confirmed_at"])
        record(actor=by, action="guardian.take_back", resource="signup", object_id=one.public_id)
        offer_places(walks[one.walk_id], now)
    signup.refresh_from_db()
    return len(waiting)


@transaction.atomic
def say_yes_oneself(*, signup: Signup) -> Signup:
    """The young person's own yes, on their page. It counts with the guardian's, whichever came first."""
    walks = _lock_walks(signup)
    signup.refresh_from_db()
    if signup.state != Signup.State.GUARDIAN:
        return signup
    now = timezone.now()
    if consents_for(signup).filter(assented_at=None).update(assented_at=now):
        _count_waiting(signup.person, walks)
    elif signup.confirmed_at is None:
        signup.confirmed_at = now
        signup.save(update_fields=["confirmed_at"])
    signup.refresh_from_db()
    record(actor=None, action="guardian.assent", resource="signup", object_id=signup.public_id)
    return signup


@transaction.atomic
def ask_guardian(*, signup: Signup, guardian_name: str, email: str = "", phone: str = "") -> bool:
    """Mail a guardian the link, at most once an hour; by phone an organizer texts it. Whether a mail is on its way.

    Name and number are kept as the one to call in an emergency until the walk is over. Raises Refused.
    """
    lock(signup.walk)
    signup.refresh_from_db()
    if signup.state != Signup.State.GUARDIAN:
        raise Refused(_("No yes is missing any more."))
    if email and email == signup.person.email:
        raise Refused(_("That is your own address. We need the one of your parent or guardian."))
    signup.emergency_contact = f"{guardian_name.strip()}, {email or phone}"[:160]
    signup.save(update_fields=["emergency_contact"])
    record(actor=None, action="guardian.ask", resource="signup", object_id=signup.public_id)
    return bool(email) and notices.ask_guardian(signup, email=email, now=timezone.now()) is not None


def _lock_walks(signup: Signup) -> dict[int, Walk]:
    """The walk of this sign-up and those to come of the same person, locked in the order of their numbers."""
    to_come = Signup.objects.filter(person=signup.person_id, walk__end_at__gt=timezone.now())
    ids = {signup.walk_id, *to_come.exclude(state=Signup.State.WITHDRAWN).values_list("walk_id", flat=True)}
    return {pk: lock(Walk(pk=pk)) for pk in sorted(ids)}


def _count_waiting(person: Person, walks: dict[int, Walk]) -> None:
    waiting = Signup.objects.filter(person=person, state=Signup.State.GUARDIAN, walk__in=walks)
    _count(signup for signup in waiting.select_related("walk", "person").order_by("walk_id") if has_consent(signup))


def _count(signups: Iterable[Signup]) -> None:
    for signup in signups:
        fits = has_room(signup.walk, signup.n_people)
        signup.state = Signup.State.GOING if fits else Signup.State.WAITLIST
        signup.waiting_since = None if fits else timezone.now()
        signup.confirmed_at = None
        signup.save(update_fields=["state", "waiting_since", "confirmed_at"])
        if fits:
            notices.send_guardian_said_yes(signup)
        else:
            notices.send_waiting(signup)

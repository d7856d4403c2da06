"""One person signed up twice for a walk: once their records are merged, one sign-up carries both, and both links work.

The sign-up of the record that went stays as a row, withdrawn; its link leads to the one that carries on
(`walks.links`). `people.merging` calls `join` and `part` (`settings.MERGE_STEPS`).
"""

from django.db import transaction
from django.utils import timezone

from office.actions import record
from office.models import AuditEvent
from people.merging import merge_people
from people.models import Person, User
from people.roles import AgeBand
from walks.guardians import state_for
from walks.models import Signup, Team, Walk
from walks.places import has_room, lock, offer_places

S = Signup.State
# Which of two states carries on: who has a place keeps it.
RANK = [S.GOING, S.OFFERED, S.GUARDIAN, S.WAITLIST, S.WITHDRAWN]
FILLED = ("organization_text", "role", "emergency_contact", "access_needs")
TAKEN_OVER = ("organization", "team", "wants_texts_at", "confirmed_at")
JOINED = "signup.joined"


@transaction.atomic
def merge_signups(*, keep: Signup, drop: Signup, by: User, reason: str) -> Person:
    """Two sign-ups of a walk are the same person: merge the two records. Raises Refused."""
    for pk in sorted(_walks_of_both(keep.person, drop.person)):
        lock(Walk(pk=pk))
    return merge_people(keep=keep.person, drop=drop.person, by=by, reason=reason)


def _walks_of_both(keep: Person, drop: Person) -> set[int]:
    theirs = Signup.objects.filter(person=drop).values("walk")
    return set(Signup.objects.filter(person=keep, walk__in=theirs).values_list("walk_id", flat=True))


def join(*, keep: Person, drop: Person, by: User) -> None:
    """After a merge: on each walk where both were signed up, the sign-up of `keep` carries on."""
    for walk_id in sorted(_walks_of_both(keep, drop)):
        walk = lock(Walk(pk=walk_id))
        first = Signup.objects.select_related("walk", "person").get(walk=walk, person=keep)
        second = Signup.objects.select_related("walk", "person").get(walk=walk, person=drop)
        was = second.state
        _carry_on(first, second)
        _move_what_points_at(second, first)
        second.state, second.withdrawn_at = S.WITHDRAWN, second.withdrawn_at or timezone.now()
        second.save(update_fields=["state", "withdrawn_at"])
        detail = {"into": str(first.public_id), "was": was}
        record(actor=by, action=JOINED, resource="signup", object_id=second.public_id, detail=detail)
        offer_places(walk, timezone.now())


def _carry_on(first: Signup, second: Signup) -> None:
    better = min(first, second, key=lambda one: RANK.index(S(one.state)))
    both = [one for one in (first, second) if one.holds_a_place] or [better]
    first.n_people = max(one.n_people for one in both)
    for name in ("state", "waiting_since", "offered_at", "offer_until", "withdrawn_at"):
        setattr(first, name, getattr(better, name))
    for name in (*FILLED, *TAKEN_OVER):
        setattr(first, name, getattr(first, name) or getattr(second, name))
    if AgeBand.TEEN in {first.age_band, second.age_band}:
        first.age_band, first.n_people = AgeBand.TEEN, 1
    if first.is_minor and first.state in {S.GOING, S.OFFERED} and state_for(first) == S.GUARDIAN:
        first.state = S.GUARDIAN
    first.save()


def _move_what_points_at(second: Signup, first: Signup) -> None:
    second.devices.update(signup=first)
    second.notices.update(signup=first)
    if not first.presences.standing().exists():
        second.presences.update(signup=first)
    n_free = first.n_people - 1 - first.members.count()
    for member in list(second.members.all())[: max(n_free, 0)]:
        member.signup = first
        member.save(update_fields=["signup"])
    Team.objects.filter(lead=second).update(lead=first)
    Team.objects.filter(marshal=second).update(marshal=first)


def part(*, drop: Person, by: User) -> None:
    """After an undone merge the sign-ups that were joined stand by themselves again, as far as there is room."""
    for signup in Signup.objects.filter(person=drop, state=S.WITHDRAWN).select_related("walk", "person"):
        event = AuditEvent.objects.filter(action=JOINED, object_id=signup.public_id).order_by("-pk").first()
        if event is None or event.detail["was"] == S.WITHDRAWN:
            continue
        walk = lock(signup.walk)
        fits = has_room(walk, signup.n_people)
        signup.state = state_for(signup)
        if signup.state == S.GOING and (event.detail["was"] != S.GOING or not fits):
            signup.state, signup.waiting_since = S.WAITLIST, signup.waiting_since or timezone.now()
        signup.withdrawn_at = None
        signup.save(update_fields=["state", "waiting_since", "withdrawn_at"])
        record(actor=by, action="signup.parted", resource="signup", object_id=signup.public_id)

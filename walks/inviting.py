"""Asking the people of earlier walks along: who, in which order, and the mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from office.refused import Refused
from people.models import User
from people.roles import AgeBand
from walks.guardians import has_consent
from walks.models import Notice, NoticeTo, Presence, Signup, Walk
from walks.places import lock
from walks.telling import UNDO_FOR, tell

# Longer ago than that nobody expects mail about walks.
FOR = timedelta(days=550)
MOST = 300
KEY = "come-along"


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be asked: their newest sign-up on this corridor, whether they were there, when last asked."""

    signup: Signup
    came: bool
    asked_at: datetime | None


def candidates(walk: Walk, now: datetime) -> list[Candidate]:
    """Who may be asked: those who came before those who didn't, then who was asked least recently. Three queries, and
    one for each minor.

    Left out: who is on this walk or said no to it, was asked for it, wants no such mail, has no address, or is a minor
    without a guardian's yes that holds on the day.
    """
    was_there = Presence.objects.standing().filter(signup=OuterRef("pk"))
    earlier = Signup.objects.filter(
        walk__corridor=walk.corridor_id, walk__end_at__lt=now, walk__end_at__gt=now - FOR, walk__deleted_at=None
    ).exclude(walk__state=Walk.State.CALLED_OFF)
    earlier = earlier.filter(person__merged_into=None, person__anonymized_at=None, person__unsubscribed_at=None)
    asked = NoticeTo.objects.filter(notice__walk=walk, notice__kind=Notice.Kind.INVITE, notice__undone_at=None)
    earlier = earlier.exclude(person__email="").exclude(person__in=asked.values("person"))
    earlier = earlier.exclude(person__in=walk.signups.values("person"))
    newest: dict[int, Candidate] = {}
    when = _asked_at()
    rows = earlier.annotate(was_there=Exists(was_there)).select_related("person", "walk").order_by("-walk__meet_at")
    for row in rows:
        known = newest.get(row.person_id)
        came = bool(getattr(row, "was_there")) or row.said_came is True  # noqa: B009 - annotated above
        if known is None or (came and not known.came):
            newest[row.person_id] = Candidate(row, came, when.get(row.person_id))
    found = [one for one in newest.values() if _may_be_asked(one.signup, walk)]
    never = datetime.min.replace(tzinfo=now.tzinfo)
    return sorted(found, key=lambda one: (not one.came, one.asked_at or never, one.signup.name.casefold()))[:MOST]


def _asked_at() -> dict[int, datetime]:
    """When each person was last invited to any walk."""
    invited = NoticeTo.objects.filter(notice__kind=Notice.Kind.INVITE, notice__undone_at=None)
    return dict(invited.values_list("person").annotate(at=Max("created_at")).values_list("person", "at"))


def _may_be_asked(signup: Signup, walk: Walk) -> bool:
    if AgeBand.TEEN not in {signup.age_band, signup.person.age_band}:
        return True
    return has_consent(Signup(walk=walk, person=signup.person))


@transaction.atomic
def invite(*, walk: Walk, people: Iterable[UUID], by: User, words: str = "") -> Notice:
    """Ask these people (their public ids) along; each once per walk. The mail waits a minute. Raises Refused."""
    locked, now = lock(walk), timezone.now()
    if not locked.accepts_signups(now):
        raise Refused(_("Publish the walk first: nobody can sign up for it now."))
    chosen = set(people)
    signups = [one.signup for one in candidates(locked, now) if one.signup.person.public_id in chosen]
    if not signups:
        raise Refused(_("Choose at least one person."))
    return tell(
        walk=locked,
        kind=Notice.Kind.INVITE,
        # One message each time somebody is asked; that nobody is asked twice is looked at above, under the lock.
        key=f"{KEY}:{now:%Y-%m-%dT%H:%M:%S.%f}",
        signups=signups,
        template="mail/walks/invite",
        by=by,
        words=words.strip()[:1000],
        waits=UNDO_FOR,
    )

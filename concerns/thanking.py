"""Thanks after a walk, with what was found: counts, and only of what everybody may see."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from concerns.models import Category, Look
from concerns.public import PublicConcern, PublicUpdate
from concerns.workflow import LookResult, Publication, Status
from office.refused import Refused
from people.models import User
from walks.debriefing import lock_walk
from walks.models import Debrief, Notice, Signup, Walk
from walks.telling import UNDO_FOR, tell

LONGEST_WORDS = 1000
MOST_KINDS = 8


@dataclass(frozen=True)
class PublicFinds:
    """What everybody may know of a walk: published things first seen on it, and published looks."""

    by_kind: list[tuple[Category, int]] = field(default_factory=list)
    n_found: int = 0
    n_good: int = 0
    n_fixed_since: int = 0
    n_looks: int = 0
    n_seen_fixed: int = 0

    def __bool__(self) -> bool:
        return bool(self.n_found or self.n_good or self.n_looks)


def public_finds(walk: Walk) -> PublicFinds:
    """From the public view only. Three queries."""
    found = list(PublicConcern.objects.filter(walk=walk).select_related("category"))
    good = [one for one in found if one.category_group == Category.Group.GOOD]
    kinds = Counter(one.category for one in found if one.category_group != Category.Group.GOOD)
    # A published look is a line of the public story, under its number below zero (concerns.public).
    looks = Look.objects.filter(walk=walk, duplicate=None, publication=Publication.PUBLISHED).values_list(
        "pk", flat=True
    )
    results = list(PublicUpdate.objects.filter(pk__in=[-pk for pk in looks]).values_list("to_value", flat=True))
    return PublicFinds(
        by_kind=kinds.most_common(MOST_KINDS),
        n_found=len(found) - len(good),
        n_good=len(good),
        n_fixed_since=sum(one.status == Status.VERIFIED_FIXED for one in found),
        n_looks=len(results),
        n_seen_fixed=results.count(LookResult.FIXED),
    )


def to_thank(walk: Walk) -> list[Signup]:
    """Who was there: those checked in; where nobody was checked in, who was coming and didn't say otherwise after.

    One or two queries.
    """
    there = walk.signups.filter(presences__withdrawn_at=None, presences__isnull=False)
    if not walk.presences.standing().exists():
        there = walk.signups.counted().exclude(said_came=False)
    return list(there.select_related("person").distinct().order_by("id"))


@transaction.atomic
def thank(*, walk: Walk, by: User, words: str = "") -> Notice:
    """Thank everybody who was there, by mail that waits a minute. Twice thanks only whom nobody thanked yet.

    Raises Refused before the debrief is finished. After a message was taken back another one may be sent.
    """
    lock_walk(walk)
    if not Debrief.objects.filter(walk=walk).exclude(finished_at=None).exists():
        raise Refused(_("Finish the debrief first: then there is something to tell."))
    n_undone = walk.notices.filter(kind=Notice.Kind.THANKS).exclude(undone_at=None).count()
    return tell(
        walk=walk,
        kind=Notice.Kind.THANKS,
        key=f"thanks-{n_undone + 1}",
        signups=to_thank(walk),
        template="mail/concerns/thanks",
        by=by,
        words=words.strip()[:LONGEST_WORDS],
        waits=UNDO_FOR,
        **mail_context(walk),
    )


def mail_context(walk: Walk) -> dict[str, Any]:
    """What the mail says besides who it is for; for its preview, too."""
    concerns_link = f"{settings.SITE_URL}{reverse('concerns:list')}?corridor={walk.corridor.slug}"
    return {"finds": public_finds(walk), "concerns_link": concerns_link}

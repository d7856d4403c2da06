"""Who walked along, by age and by what they did there. A person counts once, at the part that carries most.

Led: walk and team leads, youth leads, navigators, marshals, sweeps. Logged: scribes, and whoever's own phone wrote
something down. Greeted: greeters, interpreters, and whoever's phone told of people met. Everybody else came along.
Of a group that was checked in as one, its first person has a part and an age; the others count by the ages that were
given for them, and are unknown otherwise. Heads counted on the street are another way to count, and stand apart.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, TextChoices, Value, When
from django.utils.translation import gettext_lazy as _

from concerns.debrief_numbers import NOT_COUNTED
from concerns.models import Concern
from insights.age_bands import Bands, together
from outreach.models import Contact
from people.roles import AgeBand
from walks.models import GroupMember, HeadCount, Presence, Team, Walk, WalkRole
from walks.models.day import told_at


class Part(TextChoices):
    LED = "led", _("led or guided")
    LOGGED = "logged", _("wrote down")
    GREETED = "greeted", _("talked to people")
    CAME = "came", _("came along")


MEMBER = "member"
PARTS_OF_ROLES = {
    Part.LED: (WalkRole.LEAD, WalkRole.YOUTH_LEAD, WalkRole.NAVIGATOR, WalkRole.MARSHAL, WalkRole.SWEEP),
    Part.LOGGED: (WalkRole.SCRIBE,),
    Part.GREETED: (WalkRole.GREETER, WalkRole.INTERPRETER),
}


@dataclass(frozen=True)
class WalkTable:
    """One walk: who was checked in, by part, and the heads that were counted (None: nobody counted)."""

    walk: Walk
    by_part: dict[str, Bands] = field(default_factory=dict)
    heads: Bands | None = None

    @property
    def everybody(self) -> Bands:
        return together(self.by_part.values())

    @property
    def is_counted(self) -> bool:
        return bool(self.by_part)


def walks_between(since: datetime, until: datetime) -> list[WalkTable]:
    """Walks that were held in that time, in their order. Three queries."""
    held = Walk.objects.current().filter(state=Walk.State.PUBLISHED, meet_at__gte=since, end_at__lte=until)
    walks = list(held.order_by("meet_at", "id").only("public_id", "title", "meet_at", "time_zone"))
    there, heads = parts_by_walk(held), _heads(held)
    return [WalkTable(walk, there.get(walk.pk, {}), heads.get(walk.pk)) for walk in walks]


def parts_by_walk(walks: QuerySet[Walk]) -> dict[int, dict[str, Bands]]:
    """Checked-in people of each walk (database id) by part. One query."""
    counts: dict[int, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    named: list[tuple[int, str, int]] = []
    for walk, part, band, n, people in _checked_in(walks).union(_members(walks), all=True):
        if part == MEMBER:
            named.append((walk, band, n))
            continue
        counts[walk][part][band] += n
        # Who came with somebody: nothing is known of them yet.
        counts[walk][Part.CAME][AgeBand.UNKNOWN] += people - n
    for walk, band, n in named:
        came = counts[walk][Part.CAME]
        n = min(n, came[AgeBand.UNKNOWN])
        came[AgeBand.UNKNOWN] -= n
        came[band] += n
    return {walk: _in_bands(parts) for walk, parts in counts.items()}


def _checked_in(walks: QuerySet[Walk]) -> QuerySet[Any, Any]:
    """Rows `(walk, part, age band, check-ins, people)`."""
    rows = Presence.objects.standing().filter(walk__in=walks).annotate(part=_part()).order_by()
    grouped = rows.values("walk", "part", "age_band").annotate(n=Count("pk"), people=Sum("n_people"))
    return grouped.values_list("walk", "part", "age_band", "n", "people")


def _members(walks: QuerySet[Walk]) -> QuerySet[Any, Any]:
    """Ages given for those who came with a group that is there, as rows `(walk, MEMBER, age band, people, people)`."""
    there = Presence.objects.standing().filter(signup=OuterRef("signup"), n_people__gt=1)
    members = GroupMember.objects.filter(Exists(there), signup__walk__in=walks).exclude(age_band=AgeBand.UNKNOWN)
    rows = members.order_by().annotate(part=Value(MEMBER)).values("signup__walk", "part", "age_band")
    grouped = rows.annotate(n=Count("pk"), people=Count("pk"))
    return grouped.values_list("signup__walk", "part", "age_band", "n", "people")


def _in_bands(parts: dict[str, Counter[str]]) -> dict[str, Bands]:
    return {part: Bands(dict(+bands)) for part, bands in parts.items() if +bands}


def _part() -> Case:
    own_phone: dict[str, Any] = {"device__signup": OuterRef("signup")}
    logged = Concern.objects.exclude(NOT_COUNTED).filter(**own_phone)
    met = Contact.objects.filter(withdrawn_at=None, **own_phone)
    leads = Q(signup__person=F("walk__lead")) | Exists(Team.objects.filter(lead=OuterRef("signup")))
    return Case(
        When(Q(signup__role__in=PARTS_OF_ROLES[Part.LED]) | leads, then=Value(Part.LED.value)),
        When(Q(signup__role__in=PARTS_OF_ROLES[Part.LOGGED]) | Exists(logged), then=Value(Part.LOGGED.value)),
        When(Q(signup__role__in=PARTS_OF_ROLES[Part.GREETED]) | Exists(met), then=Value(Part.GREETED.value)),
        default=Value(Part.CAME.value),
    )


def _heads(walks: QuerySet[Walk]) -> dict[int, Bands]:
    """The newest count of each phone, and all that table or paper counted. One query."""
    newest: dict[int, dict[int, HeadCount]] = defaultdict(dict)  # by walk and phone; what has none counts by itself
    for one in HeadCount.objects.standing().filter(walk__in=walks).order_by(told_at("counted_at"), "id"):
        newest[one.walk_id][one.device_id or -one.pk] = one
    return {walk: together(Bands(one.by_band) for one in counts.values()) for walk, counts in newest.items()}

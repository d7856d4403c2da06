"""What partners pledged and did in a quarter, organization by organization. Alphabetical, never a ranking.

Numbers about help are raw here and leave this module only through `help_shown`. The same counts in an agency's own
eyes are `insights.own_record`.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from concerns.models import Commitment
from insights.disclosure import Whole, shown_table
from insights.quarters import Quarter
from outreach.models import Referral, Service
from outreach.workflow import Outcome
from people.models import Organization
from walks.models import Pledge, Presence, Walk

# Ends by reason, three kinds of them: single reasons are below three nearly always, and then nobody could be told any.
ENDS: dict[str, tuple[Outcome, ...]] = {
    "got_help": (Outcome.GOT_HELP,),
    "no_room": (Outcome.NO_CAPACITY,),
    "not_for_them": (Outcome.NOT_ELIGIBLE, Outcome.WRONG_SERVICE),
    "not_reached": (Outcome.NOT_REACHED, Outcome.NOT_INTERESTED, Outcome.HELPED_ELSEWHERE),
    "never_answered": (Outcome.NEVER_ANSWERED,),
}
IN_TIME = Q(answered_at__lte=F("due_at"))
Counts = dict[int, dict[str, int]]  # by organization, its database id


def partner_rows(quarter: Quarter, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Every current organization with its walks and promises of the quarter; `help` is None. Four queries."""
    walks, promises = walk_counts(quarter, zone), promise_counts(quarter)
    offers = Exists(Service.objects.filter(organization=OuterRef("pk"), status=Service.Status.ACTIVE))
    rows = Organization.objects.current().annotate(offers=offers).order_by("name", "pk")
    return [
        {
            "pk": pk,
            "id": str(public_id),
            "name": name,
            "offers": is_offering,
            "walks": walks.get(pk),
            "promises": promises.get(pk),
            "help": None,
        }
        for pk, public_id, name, is_offering in rows.values_list("pk", "public_id", "name", "offers")
    ]


def walk_counts(quarter: Quarter, zone: ZoneInfo) -> Counts:
    """Promised and come, of walks that were held. Only organizations with any. Two queries."""
    held = Walk.objects.current().filter(quarter.within("meet_at", zone), state=Walk.State.PUBLISHED)
    found: Counts = defaultdict(
        lambda: dict.fromkeys(("walks_pledged", "walks_came", "people_pledged", "people_came"), 0)
    )
    pledges = Pledge.objects.filter(walk__in=held, n_people__gt=0).order_by().values_list("organization")
    for organization, n, people in pledges.annotate(n=Count("walk"), people=Sum("n_people")):
        found[organization] |= {"walks_pledged": n, "people_pledged": people}
    there = Presence.objects.standing().filter(walk__in=held).exclude(organization=None).order_by()
    for organization, n, people in there.values_list("organization").annotate(
        n=Count("walk", distinct=True), people=Sum("n_people")
    ):
        found[organization] |= {"walks_came": n, "people_came": people}
    return dict(found)


def promise_counts(quarter: Quarter) -> Counts:
    """Promises due in the quarter by how they went; those taken back are left out. One query."""
    states, late = Commitment.State, Q(kept_on__gt=F("due_on"))
    rows = Commitment.objects.filter(quarter.holds_day("due_on"), organization__isnull=False)
    rows = rows.exclude(state=states.DROPPED)
    counted = rows.order_by().values("organization").annotate(
        kept=Count("pk", filter=Q(state=states.KEPT) & ~late),
        kept_late=Count("pk", filter=Q(state=states.KEPT) & late),
        open=Count("pk", filter=Q(state=states.OPEN)),
        not_kept=Count("pk", filter=Q(state=states.BROKEN)),
    )  # fmt: skip
    return {row.pop("organization"): row for row in counted}


def sent_in(quarter: Quarter, zone: ZoneInfo) -> QuerySet[Referral]:
    """Referrals of the quarter, by the day they were sent. Of who took the yes back nothing is counted."""
    return Referral.objects.filter(quarter.within("sent_at", zone)).exclude(outcome=Outcome.WITHDRAWN)


def help_counted() -> dict[str, Count]:
    """What is counted of referrals, by the keys of `insights.definitions.HELP`."""
    ends = {name: Count("pk", filter=Q(outcome__in=outcomes)) for name, outcomes in ENDS.items()}
    return {"asked": Count("pk"), "in_time": Count("pk", filter=IN_TIME), **ends}


def help_shown(quarter: Quarter, zone: ZoneInfo) -> dict[int, dict[str, int | None]]:
    """By organization (its database id) what may be said of its referrals; None is below three, or hidden with one.

    Agencies that were asked nothing, or too little, aren't told apart: neither is in it. Two queries.
    """
    rows = sent_in(quarter, zone).order_by().values("organization").annotate(**help_counted())
    counted = {str(row.pop("organization")): row for row in rows}
    # In the first quarter of all, nothing stands between the quarter's sums and those of its weeks.
    is_first = not Referral.objects.filter(sent_at__lt=quarter.starts_at(zone)).exists()
    told = shown_table({who: _whole(row) for who, row in counted.items()}, hides_sums=is_first)
    return {int(who): {"asked": one.total, **one.parts} for who, one in told.items() if one.total is not None}


def _whole(row: Mapping[str, int]) -> Whole:
    return Whole(row["asked"], {"time": {"in_time": row["in_time"]}, "end": {name: row[name] for name in ENDS}})

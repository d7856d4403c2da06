"""What is stuck, and who can unstick it: candidates found by rules, at most one of a kind first, an organizer chooses.

A candidate is JSON without any language; `say` turns it into a head, some words and an ask. Only public concerns, the
names of organizations and the words of promises are in it; who waits for help is only there as "at least three".
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, Func, Min, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from concerns.models import Assignment, Category, Commitment, ConcernUpdate, ExternalCase
from concerns.public import PublicConcern
from concerns.workflow import Status
from corridors.models import Segment
from insights.disclosure import LEAST
from insights.week_days import Week
from insights.week_promises import sayable_promises
from outreach.models import Consent, HelpRequest, Need, Referral, Service
from outreach.workflow import OPEN_STATES, Outcome, State

OLD_AFTER = timedelta(days=30)
DUMPED_WITHIN = timedelta(days=180)
DUMPED_TIMES = 3
BACK_WITHIN = timedelta(days=60)
MOST_OF_A_KIND = 3
MOST_PLACES = 3
SHOWN = 3
WAITING = (Status.REPORTED, Status.IN_PROGRESS, Status.REFERRED_TO_OWNER)

Candidate = dict[str, Any]


class Said(NamedTuple):
    """One thing that is stuck: the head in bold, the words, and whom one asks for what."""

    head: str
    text: str
    ask: str


def candidates(week: Week, now: datetime) -> list[Candidate]:
    """In the order in which they are proposed: the heaviest of each kind, then the others. About 12 queries."""
    found = [*_waiting(now), *_back(now), *_dumped(now), *_promises(week), *_needs(now)]
    return in_order(found)


def in_order(found: Iterable[Candidate]) -> list[Candidate]:
    """By weight, the first of each kind before the second of any. Pure."""
    place: dict[str, int] = {}
    ranked = []
    for one in sorted(found, key=lambda one: (-one["weight"], one["key"])):
        place[one["kind"]] = place.get(one["kind"], -1) + 1
        ranked.append((place[one["kind"]], one))
    return [one for _place, one in sorted(ranked, key=lambda pair: (pair[0], -pair[1]["weight"], pair[1]["key"]))]


def _candidate(kind: str, key: object, weight: float, **facts: Any) -> Candidate:
    return {"kind": kind, "key": f"{kind}:{key}", "weight": round(weight, 1), **facts}


# --- Reported long ago, still open ---


def _waiting(now: datetime) -> list[Candidate]:
    """Things somebody should fix for more than 30 days, by organization and group of kinds. 1 + 2 for each shown."""
    old = _with_whom(WAITING).filter(from_at__lt=now - OLD_AFTER)
    rows = old.values("organization", "organization__name", "concern__category__group").annotate(
        n=Count("pk"), oldest=Min("from_at")
    )
    rows = rows.order_by("oldest", "organization", "concern__category__group")[:MOST_OF_A_KIND]
    return [_waiting_told(row, old, now) for row in rows]


def _waiting_told(row: dict[str, Any], old: QuerySet[Assignment], now: datetime) -> Candidate:
    group, organization = row["concern__category__group"], row["organization"]
    mine = old.filter(organization=organization, concern__category__group=group).order_by("from_at", "id")
    concerns = list(mine.values_list("concern", flat=True)[:MOST_PLACES])
    days = (now - row["oldest"]).days
    told = {"n": row["n"], "days": days, "group": group, "who": row["organization__name"]}
    key = f"{organization}:{group}"
    return _candidate("waiting", key, days + 10 * row["n"], places=_places(concerns), cases=_cases(concerns), **told)


def _with_whom(statuses: Iterable[str]) -> QuerySet[Assignment]:
    """Who should fix what now, of public concerns in these states."""
    public = PublicConcern.objects.filter(status__in=list(statuses)).values("id")
    return Assignment.objects.current().filter(concern__in=public)


def _places(concerns: list[int]) -> list[str]:
    """Their public places, in this order, each once. One query."""
    known = dict(PublicConcern.objects.filter(pk__in=concerns).values_list("id", "place"))
    return list(dict.fromkeys(known[pk] for pk in concerns if known.get(pk)))


def _cases(concerns: list[int]) -> list[str]:
    """The number by which whoever should fix it knows it: of the oldest. One query."""
    rows = ExternalCase.objects.filter(concern__in=concerns).order_by("filed_at", "id")
    return [f"{one.system} {one.number}" for one in rows[:1]]


# --- Said to be fixed, and still there ---


def _back(now: datetime) -> list[Candidate]:
    """Things that were said to be fixed and weren't, by who should fix them. Two queries."""
    sent_back = ConcernUpdate.objects.filter(
        concern=OuterRef("concern"),
        kind=ConcernUpdate.Kind.STATUS,
        from_value=Status.CLAIMED_FIXED,
        to_value=Status.REOPENED,
        at__gte=now - BACK_WITHIN,
    )
    back = _with_whom([Status.REOPENED]).filter(Exists(sent_back))
    rows = back.values("organization", "organization__name").annotate(n=Count("pk"), concerns=ArrayAgg("concern"))
    return [
        _candidate(
            "back",
            row["organization"],
            25 * row["n"],
            n=row["n"],
            who=row["organization__name"],
            places=_places(sorted(row["concerns"])[:MOST_PLACES]),
        )
        for row in rows.order_by("-n", "organization")[:1]
    ]


# --- Dumped again and again ---


def _dumped(now: datetime) -> list[Candidate]:
    """Blocks on which trash was dumped three times in half a year, with some of it still there. Three queries."""
    seen = PublicConcern.objects.filter(category_code="DUMPING", first_seen_at__gte=now - DUMPED_WITHIN)
    blocks = seen.exclude(segment=None).order_by().values("segment")
    rows = list(
        blocks.annotate(n=Count("id"), n_open=Count("id", filter=~Q(status=Status.VERIFIED_FIXED)))
        .filter(n__gte=DUMPED_TIMES, n_open__gt=0)
        .order_by("-n", "segment")[:MOST_OF_A_KIND]
    )
    segments = Segment.objects.select_related("corridor").in_bulk([row["segment"] for row in rows])
    owner = Category.objects.filter(code="DUMPING").values_list("default_owner", flat=True).first() or ""
    return [
        _candidate(
            "dumped", row["segment"], 15 * row["n"], n=row["n"], block=_block(segments[row["segment"]]), who=owner
        )
        for row in rows
    ]


def _block(segment: Segment) -> str:
    return f"{segment.corridor.name}, {segment.name}"


# --- Promised and late ---


def _promises(week: Week) -> list[Candidate]:
    """Promises of organizations whose day is over, the latest first. One query."""
    rows = sayable_promises().filter(state=Commitment.State.OPEN, due_on__lte=week.sunday)
    late = rows.exclude(organization=None).select_related("organization").order_by("due_on", "id")[:MOST_OF_A_KIND]
    told = []
    for one in late:
        days = (week.sunday - one.due_on).days + 1
        facts = {"text": one.text, "who": one.organization.name if one.organization else "", "days": days}
        told.append(_candidate("promise", one.public_id, 15 + 2 * days, due_on=one.due_on.isoformat(), **facts))
    return told


# --- Help that nobody has room for ---


def _needs(now: datetime) -> list[Candidate]:
    """Needs with which at least three people wait and no service has room. Two queries.

    How many more than three isn't said: from two weeks' counts one could learn about a single person.
    """
    offered = Service.objects.offered().filter(capacity__in=[Service.Capacity.OPEN, Service.Capacity.LIMITED])
    with_room = {need for needs in offered.values_list("needs", flat=True) for need in needs}
    waiting = (
        _nobody_has_it(now).annotate(need=Func(F("needs"), function="unnest")).values("need").annotate(n=Count("pk"))
    )
    rows = [(row["need"], row["n"]) for row in waiting if row["n"] >= LEAST and row["need"] not in with_room]
    rows.sort(key=lambda row: (-row[1], row[0]))
    return [_candidate("need", need, 80, need=need, is_help=True) for need, _n in rows[:1]]


def _nobody_has_it(now: datetime) -> QuerySet[HelpRequest]:
    """Requests with a yes in force that no agency has, and that nobody helped with."""
    yes = Consent.objects.in_force(now).filter(help_request=OuterRef("pk")).exclude(scope=Consent.Scope.NOTHING)
    taken = Referral.objects.filter(help_request=OuterRef("pk"))
    has_it = taken.filter(Q(state__in=OPEN_STATES - {State.REQUESTED}) | Q(outcome=Outcome.GOT_HELP))
    return HelpRequest.objects.open().filter(Exists(yes), ~Exists(has_it)).order_by()


# --- In words ---


def say(one: Candidate) -> Said:
    """In the active language."""
    return {
        "waiting": _say_waiting,
        "back": _say_back,
        "dumped": _say_dumped,
        "promise": _say_promise,
        "need": _say_need,
    }[one["kind"]](one)


def _things(group: str, n: int) -> str:
    words = {
        "light": ngettext("One light", "%(n)d lights", n),
        "ground": ngettext("One place with trash", "%(n)d places with trash", n),
        "way": ngettext("One place on sidewalk or street", "%(n)d places on sidewalk or street", n),
        "plants": ngettext("One overgrown place", "%(n)d overgrown places", n),
    }
    return words.get(group, ngettext("One thing", "%(n)d things", n)) % {"n": n}


def _listed(places: Iterable[str]) -> str:
    return "; ".join(places)


def _say_waiting(one: Candidate) -> Said:
    head = ngettext("%(things)s, %(days)d day.", "%(things)s, %(days)d days.", one["days"])
    case = "".join(_(" Oldest case: %(case)s.") % {"case": case} for case in one["cases"])
    return Said(
        head % {"things": _things(one["group"], one["n"]), "days": one["days"]},
        _("%(who)s: %(places)s.") % {"who": one["who"], "places": _listed(one["places"])} + case,
        _("Ask %(who)s: a date.") % {"who": one["who"]},
    )


def _say_back(one: Candidate) -> Said:
    head = ngettext(
        "One thing was said to be fixed and is still there.",
        "%(n)d things were said to be fixed and are still there.",
        one["n"],
    )
    return Said(
        head % {"n": one["n"]},
        _("%(who)s: %(places)s.") % {"who": one["who"], "places": _listed(one["places"])},
        _("Ask %(who)s: look again, and say what is missing.") % {"who": one["who"]},
    )


def _say_dumped(one: Candidate) -> Said:
    head = ngettext("Dumped trash, %(n)d time in half a year.", "Dumped trash, %(n)d times in half a year.", one["n"])
    ask = _("Ask %(who)s: who owns the place, and who closes it off?") if one["who"] else _("Ask: who owns the place?")
    return Said(head % {"n": one["n"]}, f"{one['block']}.", ask % {"who": one["who"]})


def _say_promise(one: Candidate) -> Said:
    late = ngettext("%(days)d day late.", "%(days)d days late.", one["days"]) % {"days": one["days"]}
    day = date_format(date.fromisoformat(one["due_on"]), "j M")
    return Said(
        f"{one['text'].rstrip('. ')}: {late}",
        _("%(who)s promised it for %(day)s.") % {"who": one["who"], "day": day},
        _("Ask %(who)s: a new day, or who else can do it.") % {"who": one["who"]},
    )


def _say_need(one: Candidate) -> Said:
    need = dict(Need.choices).get(one["need"], one["need"])
    return Said(
        _("Nobody has room: %(need)s.") % {"need": need},
        _("At least three people wait."),
        _("Ask the agencies at the table: one opens two places."),
    )

"""Finding a service: what people ask for, on the clock of the coalition's zone, and hours in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from django.db.models import Case, Count, Exists, F, Func, Min, OuterRef, Prefetch, Q, QuerySet, When
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corridors.models import Area, Corridor
from outreach.languages import LANGUAGES, name_of
from outreach.models import Service, ServiceHours
from outreach.models.service import ASSURED_FOR
from people.models import Organization

WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
SEARCHED = ("name", "description", "eligibility", "address", "organization__name", "organization__listing__description")


@dataclass(frozen=True)
class Asked:
    """What somebody looks for; what is empty doesn't narrow. `age` is in years."""

    need: str = ""
    corridor: Corridor | None = None
    age: int | None = None
    language: str = ""
    open_now: bool = False
    words: str = ""


def languages_offered() -> list[tuple[str, str]]:
    """What to choose from: those that most speak, then what else somebody offers, by name. One query."""
    spoken = Service.objects.offered().order_by().values_list(Func(F("languages"), function="unnest"), flat=True)
    known = [(code, str(name)) for code, name in LANGUAGES]
    more = {code: name_of(code) for code in spoken.distinct() if code not in dict(LANGUAGES)}
    return [*known, *sorted(more.items(), key=lambda one: one[1])]


def areas_to_choose(service: Service) -> QuerySet[Area]:
    """Areas with a name that one of our public streets runs through, and those it has already."""
    streets = Corridor.objects.filter(is_public=True, line__intersects=OuterRef("shape"))
    has = Q(pk__in=service.areas.values("pk")) if service.pk else Q()
    crossed = Q(Exists(streets))
    return Area.objects.exclude(name="").filter(crossed | has if has else crossed).order_by("name", "kind", "pk")


def find(asked: Asked, local: datetime) -> QuerySet[Service]:
    """Services that fit, those with room first; `local` is now on the clock of the coalition's zone."""
    found = Service.objects.offered()
    if asked.need:
        found = found.for_need(asked.need)
    if asked.age is not None:
        found = found.for_age(asked.age)
    if asked.language:
        found = found.in_language(asked.language)
    if asked.open_now:
        found = found.open_at(local)
    if asked.corridor is not None:
        found = found.serving(asked.corridor)
    for word in asked.words.split():
        found = found.filter(_holds(word))
    # A corridor joins rows of other tables: the ids alone keep each service once, in our order.
    return for_cards(Service.objects.filter(pk__in=found.order_by().values("pk")))


def _holds(word: str) -> Q:
    query = Q()
    for name in SEARCHED:
        query |= Q(**{f"{name}__icontains": word})
    return query


def for_cards(services: QuerySet[Service]) -> QuerySet[Service]:
    """With what a card shows. Three queries, however many."""
    room = [When(capacity=value, then=position) for position, value in enumerate(Service.Capacity.values)]
    hours = Prefetch("hours", ServiceHours.objects.order_by("weekday", "opens_at"))
    rows = services.select_related("organization").prefetch_related(hours, "corridors", "areas")
    return rows.order_by(Case(*room, default=len(room)), "organization__name", "name", "id")


def is_open_at(service: Service, local: datetime) -> bool:
    """See also `ServiceQuerySet.open_at`. No query where the hours are fetched."""
    day, time = local.weekday(), local.time()
    return any(row.weekday == day and row.opens_at <= time < row.closes_at for row in service.hours.all())


def hours_in_words(hours: Iterable[ServiceHours]) -> list[str]:
    """One line for days in a row with the same hours: “Monday to Friday 9:00 AM–5:00 PM”."""
    of_day = {day: [(row.opens_at, row.closes_at) for row in rows] for day, rows in groupby(hours, _weekday)}
    lines: list[tuple[int, int]] = []
    for day in sorted(of_day):
        if lines and lines[-1][1] == day - 1 and of_day[lines[-1][0]] == of_day[day]:
            lines[-1] = (lines[-1][0], day)
        else:
            lines.append((day, day))
    return [_line(first, last, of_day[first]) for first, last in lines]


def _weekday(row: ServiceHours) -> int:
    return row.weekday


def _line(first: int, last: int, stretches: list[tuple[time, time]]) -> str:
    times = ", ".join(f"{time_format(a, 'g:i A')}–{time_format(b, 'g:i A')}" for a, b in stretches)
    days = {"first": WEEKDAYS[first], "last": WEEKDAYS[last], "times": times}
    if first == last:
        return _("%(first)s %(times)s") % days
    if last == first + 1:
        return _("%(first)s and %(last)s %(times)s") % days
    return _("%(first)s to %(last)s %(times)s") % days


def ages_in_words(service: Service) -> str:
    low, high = service.minimum_age, service.maximum_age
    if low is not None and high is not None:
        return _("Ages %(low)d to %(high)d") % {"low": low, "high": high}
    if low is not None:
        return _("From age %(low)d") % {"low": low}
    return _("Up to age %(high)d") % {"high": high} if high is not None else ""


def by_need_of_care(today: date, words: str = "") -> QuerySet[Organization]:
    """Current organizations, those first whose services weren't confirmed for too long.

    Each with `n_services`, `n_stale` (offered ones only) and `oldest` (date, or None).
    """
    offered = Q(services__status=Service.Status.ACTIVE)
    stale = Q(services__assured_on=None) | Q(services__assured_on__lt=today - ASSURED_FOR)
    found = Organization.objects.current().select_related("listing")
    if words:
        found = found.filter(name__icontains=words)
    found = found.annotate(
        n_services=Count("services", filter=offered),
        n_stale=Count("services", filter=offered & stale),
        oldest=Min("services__assured_on", filter=offered),
    )
    return found.order_by("-n_stale", "-n_services", "name", "pk")

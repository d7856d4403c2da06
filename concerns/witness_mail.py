"""“The light is back on”: whoever saw something hears once that it is fixed.

Witnesses are people whose phone, on a walk, noted it or looked at it again. Residents who reported it themselves hear
of every move anyway (`concerns.reporter_mail`); who saw it fixed with own eyes needs no mail.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from concerns.models import Concern, FixedNews, Look
from concerns.public import PublicConcern
from concerns.reporters import Reporter
from concerns.workflow import LookResult, Publication, Status
from office.models import Coalition
from people.models import Person
from walks.models import Signup
from walks.telling import tell_person

# Long enough for somebody to notice a slip of the thumb, short enough to be news.
QUIET_FOR = timedelta(hours=2)
NEWS_FOR = timedelta(days=30)
FROM_HOUR, UNTIL_HOUR = 9, 20
MOST_AT_ONCE = 500
OUT_OF_SIGHT = [Publication.HIDDEN, Publication.SPAM]

Pairs = set[tuple[int, int]]  # (person, concern)


def tell_witnesses(now: datetime | None = None) -> int:
    """Queue the day's mails; one person gets one a day at most. A periodic job; returns how many."""
    now = now or timezone.now()
    if not FROM_HOUR <= now.astimezone(Coalition.current().zone).hour < UNTIL_HOUR:
        return 0
    waiting: defaultdict[int, list[int]] = defaultdict(list)
    for person, concern in sorted(untold(now)):
        waiting[person].append(concern)
    people = list(waiting)[:MOST_AT_ONCE]
    return sum(_tell(person, waiting[person], now) for person in people)


def untold(now: datetime) -> Pairs:
    """Who saw what is fixed now and wasn't told of it. Five queries."""
    until = now - QUIET_FOR
    fixed = Concern.objects.filter(
        status=Status.VERIFIED_FIXED, status_changed_at__lte=until, status_changed_at__gt=now - NEWS_FOR
    ).exclude(publication__in=OUT_OF_SIGHT)
    known = list(fixed.values_list("pk", flat=True))
    if not known:
        return set()
    told = set(FixedNews.objects.filter(concern__in=known).values_list("person", "concern"))
    return (_saw(known) | _noted(known)) - _saw(known, fixed=True) - _reported(known) - told


def _noted(known: Iterable[int]) -> Pairs:
    """Whose phone noted it first, or noted the same thing again. One query."""
    rows = Concern.objects.filter(Q(pk__in=known) | Q(duplicate_of__in=known)).exclude(status=Status.WITHDRAWN)
    rows = rows.exclude(publication__in=OUT_OF_SIGHT).alias(whole=Coalesce("duplicate_of", "pk"))
    return _pairs(rows.annotate(about=F("whole")))


def _saw(known: Iterable[int], *, fixed: bool = False) -> Pairs:
    """Whose phone looked again: at what was there, or with `fixed` at what was gone by then. One query."""
    rows = Look.objects.filter(Q(concern__in=known) | Q(concern__duplicate_of__in=known), is_by_fixer=False)
    rows = rows.exclude(publication__in=OUT_OF_SIGHT)
    rows = rows.filter(result=LookResult.FIXED) if fixed else rows.exclude(result=LookResult.FIXED)
    return _pairs(rows.annotate(about=Coalesce("concern__duplicate_of", "concern")))


def _pairs(rows: Any) -> Pairs:
    """By the sign-up of the phone; people without an address, or who want no mail, are left out."""
    reachable = rows.filter(device__signup__person__unsubscribed_at=None, device__signup__isnull=False)
    told = reachable.exclude(device__signup__person__email="").order_by()
    return set(told.values_list("device__signup__person", "about").distinct())


def _reported(known: Iterable[int]) -> Pairs:
    """Who hears of it as a reporter anyway. One query."""
    rows = Reporter.objects.to_tell().filter(Q(concern__in=known) | Q(concern__duplicate_of__in=known))
    told = rows.annotate(about=Coalesce("concern__duplicate_of", "concern")).values_list("email", "about")
    by_mail = {(email.lower(), about) for email, about in told}
    if not by_mail:
        return set()
    people = Person.objects.filter(email__in={email for email, _about in by_mail})
    return {(pk, about) for pk, email in people.values_list("pk", "email") for mail, about in by_mail if mail == email}


@transaction.atomic
def _tell(person_id: int, concerns: list[int], now: datetime) -> bool:
    """One mail with everything that is new; what isn't public is counted, not named."""
    person = Person.objects.select_for_update(skip_locked=True).filter(pk=person_id, unsubscribed_at=None).first()
    signups = Signup.objects.filter(person=person_id, walk__deleted_at=None).select_related("walk__corridor", "person")
    newest = signups.order_by("-walk__meet_at", "-id").first()
    if person is None or newest is None:
        return False
    fixed = Concern.objects.filter(pk__in=concerns, status=Status.VERIFIED_FIXED).exclude(fixed_news__person=person)
    numbers = list(fixed.values_list("pk", flat=True))
    public = list(
        PublicConcern.objects.filter(pk__in=numbers).select_related("category").order_by("-status_changed_at")
    )
    day = now.astimezone(Coalition.current().zone).date()
    mail = numbers and tell_person(
        signup=newest,
        kind="concerns.fixed",
        template="mail/concerns/fixed",
        key=day.isoformat(),
        is_essential=False,
        **_said(public, n_more=len(numbers) - len(public)),
    )
    if not mail:
        return False
    FixedNews.objects.bulk_create(FixedNews(person=person, concern_id=pk, at=now) for pk in numbers)
    return True


def _said(public: list[PublicConcern], *, n_more: int) -> dict[str, Any]:
    only = public[0] if len(public) == 1 and not n_more else None
    return {
        "fixed": public,
        "n": len(public) + n_more,
        "n_more": n_more,
        "only": only,
        "is_light": only is not None and only.category_code == "LIGHT_OUT",
        "site_url": settings.SITE_URL,
    }

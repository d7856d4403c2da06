"""Data problems: what is wrong in the records, each with a link to the record and the way to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.models import Concern, Photo
from concerns.workflow import Publication, Status
from office.desk_admin import may_see_contacts
from office.models import Coalition, OutboxMessage
from people.models import Person
from walks.models import Signup

SHOWN = 25
PHOTO_WAITS_TOO_LONG = timedelta(hours=1)


@dataclass(frozen=True)
class Row:
    """One record with a problem: its page, what it is, and the page that mends it."""

    words: str
    url: str
    mend_url: str
    mend: str | Promise
    detail: str = ""


@dataclass(frozen=True)
class Problem:
    """One kind of problem; `rows` are the first `SHOWN` of `n`."""

    key: str
    title: str | Promise
    why: str | Promise
    n: int
    rows: list[Row]


def data_problems(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The admin's page of data problems. A fixed number of queries."""
    found = problems(may_see_contacts=may_see_contacts(request))
    title = _("Data problems")
    context = {
        "title": title,
        "problems": [one for one in found if one.n],
        "fine": [one for one in found if not one.n],
        "shown": SHOWN,
    }
    return render(request, "admin/data_problems.html", site.each_context(request) | context)


def problems(*, may_see_contacts: bool) -> list[Problem]:
    """Everything that is wrong, by kind. Names of people who share a number show only to who may see contacts."""
    found = [
        _outside(),
        _without_block(),
        _clock_off(),
        _photos_missing(),
        _unreadable_photos(),
        _waiting_photos(),
        _unmatched(),
        _undelivered(),
    ]
    return [*found, _same_phone()] if may_see_contacts else found


def _concerns() -> QuerySet[Concern]:
    live = Concern.objects.exclude(publication=Publication.SPAM).exclude(
        status__in=[Status.WITHDRAWN, Status.DUPLICATE]
    )
    return live.select_related("category", "segment").order_by("-received_at", "-pk")


def _concern_problem(
    key: str, title: Any, why: Any, found: QuerySet[Concern], *, mend: Any, page: str, details: str = ""
) -> Problem:
    rows = [
        Row(
            words=f"{concern.category.name} · {str(concern.public_id)[:8]}",
            url=reverse("admin:concerns_concern_change", args=[concern.pk]),
            mend_url=reverse(f"admin:concerns_concern_{page}", args=[concern.pk]),
            mend=mend,
            detail=str(getattr(concern, details, "")) if details else concern.address,
        )
        for concern in found[:SHOWN]
    ]
    return Problem(key, title, why, found.count() if len(rows) == SHOWN else len(rows), rows)


def _outside() -> Problem:
    """Flagged on arrival, or outside the bounds as they are now."""
    bounds = Coalition.current().service_bounds
    wrong = Q(flags__contains=[Concern.Flag.OUTSIDE])
    if bounds:
        wrong |= Q(location__isnull=False) & ~Q(location__coveredby=bounds)
    return _concern_problem(
        "outside",
        gettext_lazy("Outside where we work"),
        gettext_lazy("A pin far away is mostly a wrong fix of the phone or swapped numbers."),
        _concerns().filter(wrong),
        mend=gettext_lazy("Put it right"),
        page="re_place",
    )


def _without_block() -> Problem:
    return _concern_problem(
        "no_block",
        gettext_lazy("Without a block"),
        gettext_lazy("They count for no block and no corridor."),
        _concerns().filter(segment=None),
        mend=gettext_lazy("Give it a place"),
        page="re_place",
    )


def _clock_off() -> Problem:
    return _concern_problem(
        "clock_off",
        gettext_lazy("The phone’s clock was wrong"),
        gettext_lazy("The time it arrived is used instead. Check that it stands with the right walk."),
        _concerns().filter(flags__contains=[Concern.Flag.CLOCK_OFF]),
        mend=gettext_lazy("Check the walk"),
        page="move_to_walk",
        details="captured_at",
    )


def _photos_missing() -> Problem:
    arrived = _concerns().annotate(n_arrived=Count("photos")).filter(n_arrived__lt=F("n_photos_expected"))
    return _concern_problem(
        "photos_missing",
        gettext_lazy("Photos still on the phone"),
        gettext_lazy("The report says that there are more. Ask whoever took them to open the app once more."),
        arrived,
        mend=gettext_lazy("Open it"),
        page="change",
    )


def _photo_problem(key: str, title: Any, why: Any, found: QuerySet[Photo], *, mend: Any) -> Problem:
    rows = []
    for photo in found.select_related("concern__category", "look__concern__category")[:SHOWN]:
        concern = photo.concern or (photo.look.concern if photo.look else None)
        url = reverse("admin:concerns_photo_change", args=[photo.pk])
        to_mend = reverse("admin:concerns_concern_change", args=[concern.pk]) if concern else url
        rows.append(Row(_("photo %(number)s") % {"number": photo}, url, to_mend, mend, detail=str(concern or "")))
    return Problem(key, title, why, found.count() if len(rows) == SHOWN else len(rows), rows)


def _unreadable_photos() -> Problem:
    return _photo_problem(
        "unreadable",
        gettext_lazy("Photos that can’t be read"),
        gettext_lazy("They never show anywhere. The report itself is safe; ask for the photo again if it matters."),
        Photo.objects.filter(state=Photo.State.UNREADABLE),
        mend=gettext_lazy("Open the concern"),
    )


def _waiting_photos() -> Problem:
    long_ago = timezone.now() - PHOTO_WAITS_TOO_LONG
    return _photo_problem(
        "waiting",
        gettext_lazy("Photos that wait too long"),
        gettext_lazy("They should be ready within minutes. The worker may have stopped; script/server starts it."),
        Photo.objects.filter(state=Photo.State.HELD, received_at__lt=long_ago),
        mend=gettext_lazy("Open the concern"),
    )


def _unmatched() -> Problem:
    found = Signup.objects.unmatched().select_related("walk").order_by("-created_at", "-pk")
    rows = [
        Row(
            words=signup.organization_text,
            url=reverse("admin:walks_signup_change", args=[signup.pk]),
            mend_url=reverse("admin:walks_signup_match", args=[signup.pk]),
            mend=gettext_lazy("Match it"),
            detail=f"{signup.name} · {signup.walk}",
        )
        for signup in found[:SHOWN]
    ]
    return Problem(
        "unmatched",
        gettext_lazy("Organizations we don’t know"),
        gettext_lazy("Written by hand at sign-up. Say which one they meant, or add it."),
        found.count() if len(rows) == SHOWN else len(rows),
        rows,
    )


def _undelivered() -> Problem:
    found = OutboxMessage.objects.filter(status=OutboxMessage.Status.DEAD)
    rows = [
        Row(
            words=message.subject,
            url=(url := reverse("admin:office_outboxmessage_change", args=[message.pk])),
            mend_url=url,
            mend=gettext_lazy("Try again"),
            detail=message.masked_address,
        )
        for message in found[:SHOWN]
    ]
    return Problem(
        "undelivered",
        gettext_lazy("Mail that could not be delivered"),
        gettext_lazy("The address may be wrong. Call instead, or try again."),
        found.count() if len(rows) == SHOWN else len(rows),
        rows,
    )


def _same_phone() -> Problem:
    """Pairs of people with one number: often one person signed up twice. Two queries."""
    shared = Person.objects.current().exclude(phone="").values("phone").annotate(n=Count("pk")).filter(n__gt=1)
    people = Person.objects.current().filter(phone__in=shared.values("phone")).order_by("phone", "pk")
    rows = list(_pairs(people[: SHOWN * 2]))
    return Problem(
        "same_phone",
        gettext_lazy("People who share a number"),
        gettext_lazy("Perhaps the same person twice, perhaps a family. Look before you merge."),
        len(rows),
        rows,
    )


def _pairs(people: Iterable[Person]) -> Iterable[Row]:
    before: Person | None = None
    for person in people:
        if before and before.phone == person.phone:
            yield Row(
                words=f"{before.name} · {person.name}",
                url=reverse("admin:people_person_change", args=[before.pk]),
                mend_url=f"{reverse('admin:people_person_merge')}?keep={before.pk}&drop={person.pk}",
                mend=gettext_lazy("Compare"),
                detail=person.shown_phone,
            )
        before = person

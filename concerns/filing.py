"""The numbers that 311, the state or a utility gave: written down, corrected, taken back; called as `concerns.actions`.

Each locks the concern, checks again and writes its line and its audit record with it; a refusal raises `Refused`.
"""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from concerns.deadlines import CLOCK_RUNS, promise_date, usual_dates
from concerns.models import Assignment, Category, Concern, ConcernQuerySet, ExternalCase
from concerns.story import DATES, Kind, add_line, audit, both_versions, hand_back, lock, save, version_of, write_status
from concerns.workflow import Publication, Status
from office.refused import Refused
from people.models import User

# A case number files these; what is already worked on or claimed fixed stays as it is.
FILED_BY_A_CASE = {Status.NEW, Status.TRIAGED, Status.REOPENED, Status.REFERRED_TO_OWNER, Status.MONITORING}


@transaction.atomic
def add_case(
    *,
    concern: Concern,
    by: User | None,
    system: str,
    number: str,
    channel: str = "",
    expected_on: date | None = None,
    url: str = "",
    at: datetime | None = None,
    expected: str | None = None,
) -> ExternalCase:
    """Keep the number that 311 or a utility gave; an open concern becomes "filed with the city". Raises Refused.

    `expected` is `version_of` the concern on the person's page: where somebody filed it with the same `system` since,
    the refusal names both numbers.
    """
    now = lock(concern)
    if now.waits_for_help:
        raise Refused(_("People live there: first write down that help was offered or that there is danger."))
    if not number.strip() or not system.strip():
        raise Refused(_("Write the number and who gave it."))
    at = at or timezone.now()
    case = ExternalCase(concern=now, system=system.strip()[:60], number=number.strip()[:60], filed_by=by)
    case.channel, case.expected_on, case.url, case.filed_at = channel, expected_on, url, at
    if expected is not None and expected != version_of(now):
        _refuse_if_filed(now, case)
    _save_once(case)
    add_line(now, Kind.NOTE, by=by, at=at, to_value=_words(case))
    audit(now, "add_case", by=by, detail={"system": case.system})
    if now.status in FILED_BY_A_CASE:
        write_status(now, Status.REPORTED, by=by, at=at)
    _follow_promise(now, expected_on)
    save(now, DATES)
    hand_back(now, concern)
    return case


def _refuse_if_filed(now: Concern, wanted: ExternalCase) -> None:
    """Raise Refused with both versions where somebody else filed it, or ended it, since the person's page was made."""
    found = now.cases.filter(system__iexact=wanted.system).select_related("filed_by__person").order_by("-id").first()
    if found is None:
        if now.status not in FILED_BY_A_CASE:
            raise Refused(both_versions(now, wanted=_words(wanted)))
        return
    words = {
        "who": found.filed_by.short_name if found.filed_by else _("somebody"),
        "when": date_format(timezone.localtime(found.filed_at), "D j M, P"),
        "theirs": str(found),
        "yours": str(wanted),
    }
    raise Refused(
        _(
            "Somebody was quicker: %(who)s filed it on %(when)s and wrote down “%(theirs)s”. You wanted “%(yours)s”. "
            "Nothing was changed. If both are right, add yours on the concern’s page."
        )
        % words
    )


@transaction.atomic
def correct_case(
    *, case: ExternalCase, by: User, system: str, number: str, channel: str = "", expected_on: date | None = None,
    url: str = "", expected: str | None = None,
) -> ExternalCase:  # fmt: skip
    """Write a mistyped number, or what belongs to it, right. The story keeps what was there. Raises Refused."""
    now = lock(case.concern)
    kept = _still_there(case)
    if not number.strip() or not system.strip():
        raise Refused(_("Write the number and who gave it."))
    if expected is not None and expected != version_of(now):
        raise Refused(both_versions(now, wanted=f"{system} {number}"))
    before, promised = _words(kept), kept.expected_on
    kept.system, kept.number, kept.channel = system.strip()[:60], number.strip()[:60], channel
    kept.expected_on, kept.url = expected_on, url
    _save_once(kept)
    add_line(now, Kind.EDITED, by=by, from_value=before, to_value=_words(kept))
    audit(now, "correct_case", by=by, detail={"system": kept.system})
    if promised != expected_on:
        _follow_promise(now, expected_on, was_promised=promised is not None)
    save(now, DATES)
    hand_back(now, case.concern)
    return kept


@transaction.atomic
def withdraw_case(*, case: ExternalCase, by: User) -> Concern:
    """It was never filed under this number: take it away. Without any other number it waits to be filed again.

    The story keeps the number. One that a machine of the city gave us can't be taken back by hand. Raises Refused.
    """
    now = lock(case.concern)
    kept = _still_there(case)
    if kept.channel == ExternalCase.Channel.OPEN311:
        raise Refused(_("Their system gave this number to ours, so nobody mistyped it. It stays."))
    words = _words(kept)
    kept.delete()
    add_line(now, Kind.EDITED, by=by, from_value=words, to_value=_("taken back"))
    audit(now, "withdraw_case", by=by, detail={"system": case.system})
    left = now.cases.order_by("-id").first()
    if left is None and now.status == Status.REPORTED:
        write_status(now, Status.TRIAGED, by=by, at=timezone.now())
    elif kept.expected_on is not None:
        _follow_promise(now, left.expected_on if left else None, was_promised=True)
    save(now, DATES)
    return hand_back(now, case.concern)


def _still_there(case: ExternalCase) -> ExternalCase:
    """The case as it is now; its concern is locked, so nobody changes it meanwhile."""
    kept = ExternalCase.objects.filter(pk=case.pk).first()
    if kept is None:
        raise Refused(_("Somebody was quicker: %(case)s was taken back.") % {"case": case})
    return kept


def _save_once(case: ExternalCase) -> None:
    try:
        with transaction.atomic():
            case.save()
    except IntegrityError:
        raise Refused(_("This number is written down already.")) from None


def _follow_promise(now: Concern, day: date | None, *, was_promised: bool = False) -> None:
    """The day they promised counts (not saved); a promise that is gone leaves the time that is usual for the kind."""
    if now.status not in CLOCK_RUNS:
        return
    if day is not None:
        promise_date(now, day)
    elif was_promised:
        usual_dates(now)


def _words(case: Any) -> str:
    return f"{case.system} {case.number}"[:60]


# --- What should be filed and isn't ---


def to_file(rows: ConcernQuerySet, *, of_nobody: bool = False) -> ConcernQuerySet:
    """Read and open or back again, not filed since; neither hidden nor spam, and no good things.

    Where people live is among them: `Concern.waits_for_help` says that help comes first. `has_owner` is set where an
    organization has it now; with `of_nobody` those are left out.
    """
    cases = ExternalCase.objects.filter(concern=OuterRef("pk"))
    open_now = Q(status=Status.TRIAGED) & ~Exists(cases)
    back_again = Q(status=Status.REOPENED) & ~Exists(cases.filter(filed_at__gte=OuterRef("status_changed_at")))
    owned = Assignment.objects.current().filter(concern=OuterRef("pk"))
    wanted = rows.filter(open_now | back_again, publication__in=[Publication.HELD, Publication.PUBLISHED])
    if of_nobody:
        wanted = wanted.exclude(Exists(owned))
    return wanted.exclude(category__group=Category.Group.GOOD).annotate(has_owner=Exists(owned))

"""Mail to who should fix it: everything that is new for one organization in one mail, with a link and a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.models import Assignment, AssignmentQuerySet, Handover, Photo
from concerns.owning import lock_handing
from concerns.pairs import photo_pair
from concerns.partner_access import handover_token, shown, told
from concerns.words import exact_place
from concerns.workflow import OPEN_STATUSES, Status
from office.actions import queue_mail, record
from office.models import Coalition
from office.refused import Refused
from people.models import Membership, Organization, User

# What is handed over within minutes goes in one mail; a steady trickle isn't kept longer than this.
QUIET_FOR = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=2)
MOST_IN_A_MAIL = 200


def to_send() -> AssignmentQuerySet:
    """Assignments for the next mail. What may not leave, or was fixed meanwhile, isn't among them."""
    return shown(Assignment.objects.to_tell()).filter(concern__status__in=OPEN_STATUSES)


@dataclass(frozen=True)
class Recipient:
    """Where an organization's mail goes."""

    address: str
    name: str
    language: str = "en"


def recipients_of(organizations: Iterable[Organization]) -> dict[int, Recipient]:
    """By organization (its database id): its own address, else the one of its contact. Up to one query."""
    rows = list(organizations)
    found = {one.pk: Recipient(one.email, one.name) for one in rows if one.email}
    others = [one for one in rows if not one.email]
    if not others:
        return found
    contacts = Membership.objects.active(timezone.now()).filter(organization__in=others, is_contact=True)
    reachable = contacts.filter(person__unsubscribed_at=None).exclude(person__email="").select_related("person")
    for contact in reachable.order_by("organization_id", "since_at", "id").distinct("organization_id"):
        person = contact.person
        found[contact.organization_id] = Recipient(person.email, person.name, person.language)
    return found


def recipient_of(organization: Organization) -> Recipient | None:
    """Where its mail goes; None where it has no address. Up to one query."""
    return recipients_of([organization]).get(organization.pk)


@dataclass(frozen=True)
class Waiting:
    """What waits for one organization's next mail."""

    organization: Organization
    n: int
    since: datetime
    newest: datetime
    recipient: Recipient | None

    def is_due(self, now: datetime) -> bool:
        return self.recipient is not None and (
            self.newest <= now - QUIET_FOR or self.since <= now - LONGEST_WAIT
        )  # fmt: skip


def waiting() -> list[Waiting]:
    """By organization; those without an address too. Three queries."""
    counted = to_send().order_by().values("organization").annotate(n=Count("pk"), a=Min("from_at"), z=Max("from_at"))
    rows = {row["organization"]: row for row in counted}
    found = list(Organization.objects.filter(pk__in=rows).order_by("name"))
    to = recipients_of(found)
    return [Waiting(one, rows[one.pk]["n"], rows[one.pk]["a"], rows[one.pk]["z"], to.get(one.pk)) for one in found]


def send_handovers(now: datetime | None = None) -> int:
    """Write the mails that are due. A periodic job; returns how many."""
    now = now or timezone.now()
    due = [one.organization for one in waiting() if one.is_due(now)]
    return sum(1 for organization in due if hand_over(organization=organization, by=None))


@transaction.atomic
def hand_over(*, organization: Organization, by: User | None) -> Handover | None:
    """Write one mail with everything that waits for an organization; None where nothing does.

    What may leave is asked again here. Raises Refused where it has no address.
    """
    lock_handing()
    recipient = recipient_of(organization)
    if recipient is None:
        raise Refused(_("%(organization)s has no e-mail address. Give it one first.") % {"organization": organization})
    # Rows that somebody writes at this moment are left for the next mail.
    rows = to_send().filter(organization=organization).select_for_update(of=("self",), skip_locked=True)
    pks = list(rows.order_by("concern__due_on", "id").values_list("pk", flat=True)[:MOST_IN_A_MAIL])
    if not pks:
        return None
    handover = Handover.objects.create(
        organization=organization, to_address=recipient.address, language=recipient.language, created_by=by
    )
    Assignment.objects.filter(pk__in=pks).update(handover=handover)
    queue_mail(
        kind="handover",
        template="mail/concerns/handover",
        to_address=recipient.address,
        to_name=recipient.name,
        language=recipient.language,
        about=f"handover {handover.public_id}",
        dedupe_key=f"handover:{handover.public_id}",
        context=mail_context(organization, told(Assignment.objects.filter(pk__in=pks)), handover),
    )
    record(actor=by, action="hand_over", resource="assignment", object_id=handover.public_id, detail={"n": len(pks)})
    return handover


@dataclass(frozen=True)
class Line:
    """One concern in the mail. `then` and `now` are addresses of photos, or ""."""

    kind: str
    place: str
    public_place: str
    note: str
    due: date | None
    is_back: bool
    then: str = ""
    now: str = ""


def mail_context(
    organization: Organization, assignments: AssignmentQuerySet, handover: Handover | None
) -> dict[str, Any]:
    """What the mail's templates need; without a `handover` for the preview, whose links lead nowhere yet."""
    token = handover_token(handover) if handover else "…"
    address = f"{settings.SITE_URL}/assignment/{token}/"
    lines = [_line(one, address) for one in assignments.order_by("concern__due_on", "id")]
    return {
        "organization": organization,
        "coalition": Coalition.current(),
        "lines": lines,
        "n": len(lines),
        "n_back": sum(line.is_back for line in lines),
        "link": address,
        "file": f"{address}answers.csv",
    }


def _line(assignment: Assignment, address: str) -> Line:
    """Reads category and block. One query for the photos of one that is back."""
    concern = assignment.concern
    is_back = concern.status == Status.REOPENED
    pair: Sequence[Photo | None] = photo_pair(concern) if is_back else (None, None)
    then, now = (f"{address}photos/{photo.public_id}/1600.jpg" if photo else "" for photo in pair)
    return Line(
        kind=concern.category.name,
        place=exact_place(concern),
        public_place=concern.public_place,
        note=assignment.note,
        due=concern.due_on,
        is_back=is_back,
        then=then,
        now=now,
    )


@transaction.atomic
def end_link(*, handover: Handover, by: User) -> None:
    """Make a mail's link worthless, for instance where it was forwarded. Sign-in goes on working."""
    now = Handover.objects.select_for_update().get(pk=handover.pk)
    now.link_version += 1
    now.save(update_fields=["link_version"])
    record(actor=by, action="end_link", resource="assignment", object_id=now.public_id)

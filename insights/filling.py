"""A gap at the table and one step to fill it: an invitation, a role kept open, or something else, by a day."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.handing_mail import Recipient, recipient_of
from insights.meeting_links import calendar_url
from office.actions import queue_mail, record
from office.models import Coalition
from office.refused import Refused
from people.models import Organization, User
from walks.models import Gap, Meeting, Walk, WalkRole
from walks.places import lock as lock_walk
from walks.plan_actions import set_need

FARTHEST = timedelta(days=366)
MOST_PLACES = 10


class GapFields(TypedDict, total=False):
    """What a person may say about a gap."""

    who: str
    how: str
    plan: str
    organization: Organization | None
    walk: Walk | None
    meeting: Meeting | None
    due_on: date


@transaction.atomic
def add_gap(
    *, by: User, public_id: uuid.UUID | None = None, mail: bool = False, n_places: int = 1, **fields: Unpack[GapFields]
) -> Gap:
    """Somebody is missing, and this is what we do. Raises Refused.

    `mail`: the organization is invited to the next meeting by mail. A role kept open is written into the walk's plan,
    where it has none. `public_id` is made with the form: what is sent twice is one gap, and one mail.
    """
    gap = Gap(created_by=by, public_id=public_id or uuid.uuid4(), **fields)
    gap.plan = gap.plan.strip()
    _refuse_without(gap)
    try:
        with transaction.atomic():
            gap.save(force_insert=True)
    except IntegrityError:
        return Gap.objects.get(public_id=gap.public_id)
    if gap.how == Gap.How.ROLE_OPEN:
        _keep_open(gap, n_places, by)
    if gap.how == Gap.How.INVITED and mail:
        _invite(gap, timezone.now())
    _note(gap, "add", by=by, who=gap.who, how=gap.how)
    return gap


@transaction.atomic
def close_gap(*, gap: Gap, by: User, came: bool) -> Gap:
    """It is done: they came, or they didn't. Raises Refused where somebody else closed it with the other answer."""
    now = _lock(gap)
    if now.closed_at:
        if now.came == came:
            return now
        words = _("they came") if now.came else _("they didn’t come")
        raise Refused(_("Somebody else closed this already: %(words)s. Open it again first.") % {"words": words})
    now.closed_at, now.came = timezone.now(), came
    now.save(update_fields=["closed_at", "came"])
    _note(now, "close", by=by, came=came)
    return now


@transaction.atomic
def reopen_gap(*, gap: Gap, by: User) -> Gap:
    """It isn't done after all. The day stays."""
    now = _lock(gap)
    if now.closed_at is None:
        raise Refused(_("This is open already."))
    now.closed_at = now.came = None
    now.save(update_fields=["closed_at", "came"])
    _note(now, "reopen", by=by)
    return now


@transaction.atomic
def drop_gap(*, gap: Gap, by: User) -> None:
    """It was written down wrongly. A mail that left stays sent; the plan of a walk stays as it is."""
    now = _lock(gap)
    _note(now, "drop", by=by)
    now.delete()


def _lock(gap: Gap) -> Gap:
    now = Gap.objects.select_for_update(of=("self",)).filter(pk=gap.pk).first()
    if now is None:
        raise Refused(_("Somebody else took this off the list meanwhile."))
    return now


def _refuse_without(gap: Gap) -> None:
    today = timezone.localdate()
    if not gap.plan and gap.how == Gap.How.PLAN:
        raise Refused(_("Say in words what you do."))
    if gap.due_on is None or gap.due_on < today:
        raise Refused(_("Say by when: choose today or a later day."))
    if gap.due_on > today + FARTHEST:
        raise Refused(_("That is more than a year ahead. Choose an earlier day."))
    if gap.how == Gap.How.INVITED and (gap.organization is None or gap.organization.merged_into_id):
        raise Refused(_("Choose the organization that is invited."))
    if gap.how == Gap.How.ROLE_OPEN and gap.walk is None:
        raise Refused(_("Choose the walk on which a role stays open for them."))


def _keep_open(gap: Gap, n_places: int, by: User) -> None:
    """The walk's plan asks for a youth lead from now on, where it asked for none."""
    assert gap.walk is not None
    walk = lock_walk(gap.walk)
    if walk.deleted_at or walk.state == Walk.State.CALLED_OFF or walk.end_at < timezone.now():
        raise Refused(_("This walk is over or called off. Choose one to come."))
    if gap.who in {Gap.Who.TEENS, Gap.Who.YOUNG_ADULTS} and not walk.role_needs.filter(role=WalkRole.YOUTH_LEAD):
        n = max(1, min(n_places, MOST_PLACES))
        set_need(walk=walk, role=WalkRole.YOUTH_LEAD, n_min=n, n_max=n, from_band="", by=by)


def next_meeting(now: datetime) -> Meeting | None:
    """The one that is held next. One query."""
    return Meeting.objects.to_come(now).first()


def _invite(gap: Gap, now: datetime) -> None:
    """Mail the organization an invitation to the next meeting. Raises Refused where there is no meeting or address."""
    assert gap.organization is not None
    meeting, recipient = next_meeting(now), recipient_of(gap.organization)
    if meeting is None:
        raise Refused(_("There is no next meeting to invite them to. Plan one first, or leave out the mail."))
    if recipient is None:
        words = {"organization": gap.organization.name}
        raise Refused(
            _("%(organization)s has no e-mail address. Give it one first, or call and leave out the mail.") % words
        )
    _mail_invitation(gap, meeting, recipient)


def _mail_invitation(gap: Gap, meeting: Meeting, recipient: Recipient) -> None:
    coalition = Coalition.current()
    queue_mail(
        kind="meeting.invite",
        template="mail/insights/invite",
        to_address=recipient.address,
        to_name=recipient.name,
        language=recipient.language if recipient.language in dict(settings.LANGUAGES) else "en",
        about=f"meeting {meeting.public_id}",
        dedupe_key=f"meeting.invite:{gap.public_id}",
        headers={"Reply-To": coalition.reply_to} if coalition.reply_to else {},
        context={
            "coalition": coalition,
            "meeting": meeting,
            "organization": gap.organization,
            "calendar": calendar_url(meeting),
        },
    )


def _note(gap: Gap, action: str, *, by: User, **detail: Any) -> None:
    record(actor=by, action=f"gap.{action}", resource="gap", object_id=gap.public_id, detail=detail)

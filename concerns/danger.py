"""A team wrote "danger now": somebody at the table takes care of it. Other rooms call `concerns.actions`."""

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from concerns.models import Concern, ConcernUpdate
from concerns.story import Kind, add_line, audit, hand_back, lock, save, version_of
from concerns.workflow import Status
from office.refused import Refused
from people.models import User


@transaction.atomic
def handle_danger(*, concern: Concern, by: User, note: str = "", expected: str) -> Concern:
    """Write down who takes care of a danger; reading the concern stays the organizers'.

    `expected` is `version_of` what the person saw. Raises Refused where somebody was quicker, or it changed.
    """
    now = lock(concern)
    if taken := _who_took(now):
        raise Refused(taken)
    if not now.danger_now or now.status != Status.NEW:
        raise Refused(_("Nobody needs to take care of this any more: it was read or taken back meanwhile."))
    if expected != version_of(now):
        raise Refused(_("The team changed it while you were reading. Look at it again, then take care of it."))
    add_line(now, Kind.NOTE, at=timezone.now(), by=by, to_value=ConcernUpdate.DANGER_TAKEN, note=note.strip())
    save(now, [])
    audit(now, "handle_danger", by=by, detail={})
    return hand_back(now, concern)


@transaction.atomic
def reopen_danger(*, concern: Concern, by: User) -> Concern:
    """Nobody takes care of it after all: it is loud again. What nobody took stays as it is."""
    now = lock(concern)
    if _who_took(now):
        add_line(now, Kind.NOTE, at=timezone.now(), by=by, to_value=ConcernUpdate.DANGER_OPEN)
        save(now, [])
        audit(now, "reopen_danger", by=by, detail={})
    return hand_back(now, concern)


def _who_took(concern: Concern) -> str:
    line = ConcernUpdate.danger_taken(concern).select_related("by__person").first()
    if line is None:
        return ""
    zone = concern.walk.zone if concern.walk else None
    words = {
        "who": line.by.short_name if line.by else _("Somebody"),
        "when": date_format(timezone.localtime(line.at, zone), "g:i A"),
    }
    return _("%(who)s takes care of it since %(when)s. Nothing was changed.") % words

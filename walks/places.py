"""Places of a walk: whether somebody fits, and to whom a freed one is offered until when.

The rule of the waitlist: a freed place goes to the first on the list whom it fits. A group waits until there is room
for all of it, and smaller ones behind it may go first; it can make itself smaller. Who doesn't answer in time is off
the list and can ask again. Whatever changes places holds the lock of the walk (`lock`).
"""

from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.actions import record
from office.refused import Refused
from walks import notices
from walks.models import Signup, Walk
from walks.role_offers import is_free

USUAL_WINDOW = timedelta(hours=24)
# Two days before the walk there is less time to ask one after the other, and on the last day least.
NEAR, NEAR_WINDOW = timedelta(hours=48), timedelta(hours=6)
LAST_DAY, LAST_WINDOW = timedelta(hours=24), timedelta(hours=2)
# Nobody loses a place in the night: an answer due between these is due at ten in the morning.
NIGHT_FROM, NIGHT_UNTIL, MORNING = time(21), time(8), time(10)


def lock(walk: Walk) -> Walk:
    """The walk as it is now, locked until the transaction ends."""
    return Walk.objects.select_for_update(of=("self",)).get(pk=walk.pk)


def has_room(walk: Walk, n_people: int, *, without: int = 0) -> bool:
    """Whether so many fit, where `without` of those who hold a place don't count. One query, or none."""
    return walk.capacity is None or walk.places_taken - without + n_people <= walk.capacity


def is_too_big(walk: Walk, n_people: int) -> bool:
    """Whether a group could never come, however many withdraw. A group of one always could."""
    return walk.capacity is not None and n_people > 1 and walk.capacity < n_people


def refuse_too_many(walk: Walk, signup: Signup, wanted: int) -> None:
    """Raises Refused where so many people don't fit. A sign-up that doesn't grow always fits."""
    own = signup.n_people if signup.holds_a_place else 0
    if wanted <= own or has_room(walk, wanted, without=own):
        return
    left = max((walk.capacity or 0) - walk.places_taken + own, 0)
    if left == 0:
        raise Refused(_("All places of this walk are taken."))
    raise Refused(ngettext("There is only %(n)d place left.", "There are only %(n)d places left.", left) % {"n": left})


def kept_until(walk: Walk, now: datetime) -> datetime:
    """Until when a place that is offered now is kept: a day, less near the walk, never into the night."""
    left = walk.meet_at - now
    window = LAST_WINDOW if left <= LAST_DAY else NEAR_WINDOW if left <= NEAR else USUAL_WINDOW
    return min(_not_at_night(now + window, walk), walk.meet_at)


def _not_at_night(until: datetime, walk: Walk) -> datetime:
    local = until.astimezone(walk.zone)
    if NIGHT_UNTIL <= local.time() < NIGHT_FROM:
        return until
    day = local.date() + timedelta(days=1 if local.time() >= NIGHT_FROM else 0)
    return datetime.combine(day, MORNING, walk.zone)


def is_offering(walk: Walk, now: datetime) -> bool:
    """Whether freed places are offered at all. From the meeting time on the table gives them out."""
    return walk.accepts_signups(now) and now < walk.meet_at


def offer_places(walk: Walk, now: datetime) -> list[Signup]:
    """Offer what is free to those who wait, and mail them. `walk` is locked. One query where nobody waits."""
    if not is_offering(walk, now):
        return []
    waiting = list(walk.signups.on_waitlist().select_related("person"))
    if not waiting:
        return []
    left = None if walk.capacity is None else walk.capacity - walk.places_taken
    offered = []
    for signup in waiting:
        if left is None or signup.n_people <= left:
            signup.walk = walk
            _offer(signup, now)
            offered.append(signup)
            left = None if left is None else left - signup.n_people
    return offered


def _offer(signup: Signup, now: datetime) -> None:
    signup.state = Signup.State.OFFERED
    signup.offered_at = now
    signup.offer_until = kept_until(signup.walk, now)
    if signup.role and not is_free(signup.walk, signup.role):
        signup.role = ""
    signup.save(update_fields=["state", "offered_at", "offer_until", "role"])
    notices.send_place(signup)
    record(actor=None, action="signup.offer", resource="signup", object_id=signup.public_id)

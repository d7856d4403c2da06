"""Taking an offered place, and asking the next one where nobody answered. `walks.places` has the rules."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from walks.guardians import state_for
from walks.models import Signup, Walk
from walks.places import has_room, is_offering, lock, offer_places


def claim(*, signup: Signup) -> Signup:
    """Take the place that was offered. Twice changes nothing.

    Too late it goes to the next one whom it fits; where nobody waits for it they still get it. Raises Refused.
    """
    if not _claim(signup):
        raise Refused(_("The place went to somebody else. You are still on the waitlist."))
    return signup


@transaction.atomic
def _claim(signup: Signup) -> bool:
    """Whether they come now. What a late answer passed on stays passed on, so this doesn't raise for it."""
    walk, now = lock(signup.walk), timezone.now()
    signup.refresh_from_db()
    if signup.state in {Signup.State.GOING, Signup.State.GUARDIAN}:
        return True
    if signup.state == Signup.State.WITHDRAWN:
        raise Refused(_("You are off the list. Choose “I can come after all” to ask again."))
    if not walk.accepts_signups(now):
        raise Refused(_("This walk takes no more sign-ups."))
    if signup.state == Signup.State.OFFERED and signup.offer_until and signup.offer_until <= now:
        _to_the_end(signup, now)
        offer_places(walk, now)
        signup.refresh_from_db()
    is_free = signup.state == Signup.State.OFFERED or has_room(walk, signup.n_people)
    if is_free:
        signup.state = state_for(signup)
        signup.offered_at = signup.offer_until = signup.waiting_since = None
        signup.save(update_fields=["state", "offered_at", "offer_until", "waiting_since"])
        record(actor=None, action="signup.claim", resource="signup", object_id=signup.public_id)
    return is_free


def _to_the_end(signup: Signup, now: datetime) -> None:
    signup.state, signup.waiting_since = Signup.State.WAITLIST, now
    signup.offered_at = signup.offer_until = None
    signup.save(update_fields=["state", "waiting_since", "offered_at", "offer_until"])


def ask_the_next(now: datetime | None = None) -> int:
    """End offers that nobody answered and offer what is free. A job of every minute; how many were offered a place."""
    now = now or timezone.now()
    over = Q(state=Signup.State.OFFERED, offer_until__lte=now)
    waiting = Q(state=Signup.State.WAITLIST, walk__meet_at__gt=now)
    to_come = Signup.objects.filter(over | waiting, walk__end_at__gt=now, walk__deleted_at=None)
    walks = to_come.filter(walk__state=Walk.State.PUBLISHED).order_by("walk_id").values_list("walk_id", flat=True)
    return sum(_ask_for(walk_id, now) for walk_id in list(walks.distinct()))


@transaction.atomic
def _ask_for(walk_id: int, now: datetime) -> int:
    walk = lock(Walk(pk=walk_id))
    for signup in walk.signups.filter(state=Signup.State.OFFERED, offer_until__lte=now):
        _run_out(signup, now)
    return len(offer_places(walk, now)) if is_offering(walk, now) else 0


def _run_out(signup: Signup, now: datetime) -> None:
    """Who doesn't answer is off the list, so that nobody is asked again and again; `offer_until` says why."""
    signup.state, signup.withdrawn_at = Signup.State.WITHDRAWN, now
    signup.save(update_fields=["state", "withdrawn_at"])
    record(actor=None, action="signup.offer_ran_out", resource="signup", object_id=signup.public_id)

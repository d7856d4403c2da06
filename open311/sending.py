"""The worker's side of sending: claim a delivery under a lease, ask the city, write down what came of it.

A delivery is claimed in one short transaction and sent outside of any. What a city may already have is never sent a
second time unasked: a try whose outcome nobody knows (no answer, a worker that died, an answer that can't be read)
is looked up first, by the marker behind our words, and where that doesn't settle it a person is asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.models import ExternalCase
from corridors.addresses import address_key
from corridors.geometry import distance_m
from open311 import client
from open311.client import Denied, Record, Unreadable
from open311.deliveries import file_number, pause
from open311.leaving import as_sent, place_has_changed, why_not_sent
from open311.models import Delivery, Endpoint
from open311.safe_http import NoAnswer, NotSent, Unsafe

State = Delivery.State
# A name that is looked up slowly, and then the longest that one question may take.
LEASE = timedelta(minutes=3)
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120)]
MOST_ATTEMPTS, MOST_LOOKUPS, MOST_TOKEN_TRIES = 8, 3, 40
QUIET = timedelta(minutes=1)
# Their clock may differ from ours; beyond that a request isn't the one we sent.
CLOCKS_DIFFER = timedelta(minutes=30)
SAME_PLACE_M = 30.0
NOT_NOW = {429, 503}
BAD_KEY = {401, 403}
MOVED = {301, 307, 308}  # never handled where it was sent; 302 and 303 often follow a form that was


@dataclass(frozen=True)
class Outcome:
    """What became of one try. `pauses` is why nothing more may be sent to this endpoint."""

    state: str
    error: str = ""
    number: str = ""
    token: str = ""
    wait: timedelta = timedelta()
    pauses: str = ""
    counts: bool = True
    said_failed: bool = False
    is_unreached: bool = False


def send_due() -> int:
    """Bring one waiting delivery on. A step of the worker; returns how much was done."""
    delivery = claim_one(timezone.now())
    if delivery is None:
        return 0
    settle(delivery, work_on(delivery))
    return 1


def claim_one(now: datetime) -> Delivery | None:
    """The next due delivery, ours until its lease ends; None where nothing is due. Two workers never get the same."""
    with transaction.atomic():
        rows = Delivery.objects.due(now).select_related("endpoint", "concern__category")
        found = rows.select_for_update(of=("self",), skip_locked=True).order_by("due_at", "id").first()
        if found is None:
            return None
        if found.state == State.SENDING:  # whoever sent it died: nobody knows whether it arrived
            found.state, found.said_failed, found.n_lookups = State.LOOKING, False, 0
            found.last_error = _("We stopped while it was being sent.")
        elif found.state == State.QUEUED:
            _begin(found, now)
        found.lease_until = now + LEASE if found.state in {*Delivery.WAITING, State.SENDING} else None
        found.save()
    return found


def _begin(delivery: Delivery, now: datetime) -> None:
    """Start a try, unless the concern isn't any more what was approved."""
    reason = why_not_sent(delivery.concern)
    if not reason and place_has_changed(delivery, delivery.concern):
        reason = _("Its place was changed after it was approved. Send it again.")
    if reason:
        delivery.state, delivery.last_error, delivery.fields = State.CANCELLED, reason[:300], {}
        return
    delivery.state, delivery.attempted_at, delivery.said_failed = State.SENDING, now, False
    delivery.n_attempts += 1


def work_on(delivery: Delivery) -> Outcome | None:
    """Ask the city what this delivery needs next, outside of any transaction. None where it was called off."""
    doing = {State.SENDING: _send, State.LOOKING: _look_up, State.WAITING_TOKEN: _ask_for_number}
    do = doing.get(State(delivery.state))
    return do(delivery) if do else None


# --- Sending ---------------------------------------------------------------------------------------------------------


def _send(delivery: Delivery) -> Outcome:
    try:
        record = client.file_request(delivery.endpoint, as_sent(delivery))
    except Unsafe as error:
        return Outcome(State.QUEUED, str(error), pauses=str(error), counts=False)
    except NotSent as error:
        return _again(delivery, str(error), is_unreached=True)
    except (NoAnswer, Unreadable) as error:
        return Outcome(State.LOOKING, str(error), wait=BACKOFF[0], is_unreached=isinstance(error, NoAnswer))
    except Denied as denied:
        return _denied(delivery, denied)
    if record.number:
        return Outcome(State.SENT, number=record.number)
    if record.token:
        return Outcome(State.WAITING_TOKEN, token=record.token, wait=BACKOFF[0])
    return Outcome(State.CHECK, _("They took it and gave no number. Ask them for it."))


def _denied(delivery: Delivery, denied: Denied) -> Outcome:
    said = _("They said: %(words)s") % {"words": denied}
    if denied.status in BAD_KEY:
        return Outcome(State.QUEUED, said, pauses=_("Our key was refused.") + f" {said}", counts=False)
    if 300 <= denied.status < 400:
        words = _("The address leads elsewhere (%(code)d), which we never follow.") % {"code": denied.status}
        if denied.status in MOVED:
            return Outcome(State.QUEUED, words, pauses=words, counts=False)
        return Outcome(State.LOOKING, words, pauses=words, wait=BACKOFF[0])
    if denied.status in NOT_NOW:
        return _again(delivery, said, at_least=timedelta(seconds=denied.retry_after))
    if denied.status >= 500:
        return Outcome(State.LOOKING, said, wait=BACKOFF[0], said_failed=True)
    return Outcome(State.REFUSED, said)


def _again(delivery: Delivery, error: str, *, at_least: timedelta = timedelta(), is_unreached: bool = False) -> Outcome:
    """It certainly didn't arrive: later again, and given up after eight tries."""
    if delivery.n_attempts >= MOST_ATTEMPTS:
        return Outcome(State.DEAD, error)
    wait = max(_wait(delivery.n_attempts), at_least)
    return Outcome(State.QUEUED, error, wait=wait, is_unreached=is_unreached)


def _wait(n: int) -> timedelta:
    """How long to wait after the n-th try."""
    return BACKOFF[min(max(n, 1), len(BACKOFF)) - 1]


# --- Looking up what may have arrived --------------------------------------------------------------------------------


def _look_up(delivery: Delivery) -> Outcome:
    """Look for our marker, then for the same kind at the same place at the same time."""
    since = (delivery.attempted_at or delivery.approved_at) - CLOCKS_DIFFER
    code = str(delivery.fields.get("service_code", ""))
    try:
        found = client.requests_between(delivery.endpoint, code, since, since + 2 * CLOCKS_DIFFER)
    except (NotSent, NoAnswer, Unreadable, Denied) as error:
        return _not_settled(delivery, _("We can’t look it up: %(error)s") % {"error": error}, error)
    ours = next((one for one in found if one.number and delivery.marker in one.description), None)
    if ours:
        return Outcome(State.SENT, number=ours.number)
    if likely := _at_the_same_place(delivery, found, since):
        words = _("They have %(number)s of this kind at the same place since then. Ask them whether it is ours.")
        return Outcome(State.CHECK, words % {"number": likely.number})
    if delivery.said_failed:  # they said so, and their list says so too
        return _again(delivery, delivery.last_error)
    return _not_settled(delivery, _("Nobody answered when we sent it, and it isn’t on their list."), None)


def _not_settled(delivery: Delivery, words: str, error: Exception | None) -> Outcome:
    """Later once more, and then a person has to ask."""
    pauses = ""
    if isinstance(error, Unsafe) or (isinstance(error, Denied) and error.status in BAD_KEY):
        pauses = words
    if delivery.n_lookups + 1 >= MOST_LOOKUPS:
        return Outcome(State.CHECK, words, pauses=pauses)
    is_unreached = isinstance(error, NotSent | NoAnswer)
    return Outcome(
        State.LOOKING,
        words,
        wait=_wait(delivery.n_lookups + 2),
        pauses=pauses,
        said_failed=delivery.said_failed,
        is_unreached=is_unreached,
    )


def _at_the_same_place(delivery: Delivery, found: list[Record], since: datetime) -> Record | None:
    """A request that may be ours although our words aren't shown, and that isn't known to belong to anything else."""
    fields = delivery.fields
    here = Point(float(fields["long"]), float(fields["lat"]), srid=4326) if "lat" in fields else None
    address = address_key(str(fields.get("address_string", "")).partition(",")[0])
    near = [one for one in found if one.number and _is_same_place(one, here, address)]
    near = [one for one in near if one.requested_at is None or one.requested_at >= since]
    known = ExternalCase.objects.filter(system=delivery.endpoint.name, number__in=[one.number for one in near])
    taken = set(known.values_list("number", flat=True))
    return next((one for one in near if one.number not in taken), None)


def _is_same_place(record: Record, here: Point | None, address: str) -> bool:
    if here and record.lat is not None and record.long is not None:
        return distance_m(here, Point(record.long, record.lat, srid=4326)) <= SAME_PLACE_M
    return bool(address) and address_key(record.address.partition(",")[0]) == address


def _ask_for_number(delivery: Delivery) -> Outcome:
    """The number that their token has become."""
    try:
        number = client.number_of_token(delivery.endpoint, delivery.token)
    except (NotSent, NoAnswer, Unreadable, Denied) as error:
        number, words = "", str(error)
    else:
        words = _("They haven’t given a number yet.")
    if number:
        return Outcome(State.SENT, number=number)
    if delivery.n_lookups + 1 >= MOST_TOKEN_TRIES:
        return Outcome(
            State.CHECK, _("They never gave a number for their token %(token)s.") % {"token": delivery.token}
        )
    return Outcome(State.WAITING_TOKEN, words, token=delivery.token, wait=_wait(delivery.n_lookups + 2))


# --- Writing it down -------------------------------------------------------------------------------------------------


def settle(delivery: Delivery, outcome: Outcome | None) -> bool:
    """Write down what came of a try, unless the lease ran out and it is somebody else's by now. Returns whether."""
    if outcome is None:
        return False
    if outcome.pauses:
        pause(endpoint=delivery.endpoint, reason=outcome.pauses)
    elif outcome.is_unreached:
        Endpoint.objects.filter(pk=delivery.endpoint_id).update(quiet_until=timezone.now() + QUIET)
    with transaction.atomic():
        rows = Delivery.objects.select_related("endpoint", "concern", "approved_by")
        mine = rows.select_for_update(of=("self",)).filter(
            pk=delivery.pk, state=delivery.state, lease_until=delivery.lease_until
        )
        now = mine.first()
        if now is None:
            return False
        _write(now, outcome)
    return True


def _write(now: Delivery, outcome: Outcome) -> None:
    problem = file_number(now, outcome.number) if outcome.number else ""
    if outcome.number and not problem:
        return
    if now.state in {State.LOOKING, State.WAITING_TOKEN}:
        now.n_lookups += 1
    elif outcome.state in {State.LOOKING, State.WAITING_TOKEN}:
        now.n_lookups = 0
    if not outcome.counts:
        now.n_attempts = max(now.n_attempts - 1, 0)
    now.state = State.CHECK if problem else outcome.state
    now.last_error, now.token = (problem or outcome.error)[:300], outcome.token or now.token
    now.said_failed, now.due_at, now.lease_until = outcome.said_failed, timezone.now() + outcome.wait, None
    if now.state in {State.REFUSED, State.DEAD}:
        now.fields = {}
    now.save()

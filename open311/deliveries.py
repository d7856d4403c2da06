"""What organizers decide about sending: approve, call off, say what came of it. Each locks, checks again and audits."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.actions import add_case
from concerns.models import Concern, ExternalCase
from concerns.story import lock, refuse_if_changed
from office.actions import queue_mail, record
from office.models import Coalition
from office.refused import Refused
from open311.client import NUMBER
from open311.leaving import leaving, why_not_sent, why_not_words
from open311.models import Delivery, Endpoint, EndpointService
from people.models import User

State = Delivery.State


@transaction.atomic
def approve_delivery(
    *, concern: Concern, service: EndpointService, words: str, by: User, expected: str | None = None
) -> Delivery:
    """Send a concern on its way; the worker does the rest. Exactly what `leaving` shows goes out. Raises Refused.

    `expected` is `version_of` the concern on the page that was read.
    """
    now = lock(concern)
    service = EndpointService.objects.select_related("endpoint").get(pk=service.pk)
    words = " ".join(words.replace("\x00", "").split())
    refuse_if_changed(
        now, seen=concern, expected=expected, wanted=_("send it to %(name)s") % {"name": service.endpoint}
    )
    if not service.endpoint.is_usable:
        raise Refused(_("%(name)s isn’t in use now.") % {"name": service.endpoint})
    if service.category_id != now.category_id:
        raise Refused(_("Its kind was changed. Look again and decide."))
    if reason := why_not_sent(now) or why_not_words(words):
        raise Refused(reason)
    delivery = Delivery(concern=now, endpoint=service.endpoint, fields=leaving(now, service, words), approved_by=by)
    try:
        with transaction.atomic():
            delivery.save()
    except IntegrityError:
        raise Refused(_("It is on its way to %(name)s already.") % {"name": service.endpoint}) from None
    _audit(delivery, "open311.approved", by=by, fields=sorted(delivery.fields))
    return delivery


@transaction.atomic
def call_off(*, delivery: Delivery, by: User) -> Delivery:
    """Take it back before it left. Raises Refused where it may have left already."""
    now = _lock(delivery)
    if now.state != State.QUEUED:
        raise Refused(_("Too late: it is “%(state)s”.") % {"state": now.get_state_display()})
    return _end(now, State.CANCELLED, by=by, action="open311.called_off")


@transaction.atomic
def settle_by_hand(*, delivery: Delivery, by: User, number: str = "", again: bool = False) -> Delivery:
    """Somebody asked them: it has this `number`, or it isn't there and goes out `again`, or neither. Raises Refused."""
    now = _lock(delivery)
    if now.state not in {State.CHECK, State.LOOKING, State.WAITING_TOKEN}:
        raise Refused(_("Somebody was quicker: it is “%(state)s”.") % {"state": now.get_state_display()})
    if number:
        if not NUMBER.fullmatch(number):
            raise Refused(_("Write the number as they say it: letters, digits and . : / # - only."))
        if problem := file_number(now, number):
            raise Refused(problem)
        _audit(now, "open311.number_by_hand", by=by)
        return now
    if not again:
        return _end(now, State.CANCELLED, by=by, action="open311.given_up")
    if reason := why_not_sent(lock(now.concern)):
        raise Refused(reason)
    now.state, now.due_at, now.lease_until = State.QUEUED, timezone.now(), None
    now.n_lookups, now.said_failed, now.token, now.last_error = 0, False, "", ""
    now.save()
    _audit(now, "open311.sent_again", by=by)
    return now


@transaction.atomic
def note_seen(*, delivery: Delivery, by: User) -> Delivery:
    """Somebody read that it was refused or given up."""
    now = _lock(delivery)
    if now.state not in {State.REFUSED, State.DEAD}:
        raise Refused(_("Somebody was quicker: it is “%(state)s”.") % {"state": now.get_state_display()})
    now.seen_at = timezone.now()
    now.save(update_fields=["seen_at"])
    _audit(now, "open311.seen", by=by)
    return now


def _lock(delivery: Delivery) -> Delivery:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint", "concern", "approved_by")
    return rows.get(pk=delivery.pk)


def _end(delivery: Delivery, state: str, *, by: User, action: str) -> Delivery:
    delivery.state, delivery.lease_until, delivery.fields = state, None, {}
    delivery.save(update_fields=["state", "lease_until", "fields"])
    _audit(delivery, action, by=by)
    return delivery


def file_number(delivery: Delivery, number: str) -> str:
    """Keep the number of a locked delivery and file the concern under it. Returns why not, or "".

    A number that already belongs to another concern is nobody's: a person has to ask.
    """
    words = {"number": number, "name": delivery.endpoint.name}
    cases = ExternalCase.objects.filter(system=delivery.endpoint.name, number=number)
    taken = Delivery.objects.filter(endpoint=delivery.endpoint, number=number).exclude(pk=delivery.pk).exists()
    if taken or cases.exclude(concern=delivery.concern).exists():
        return _("%(name)s gave the number %(number)s, which belongs to another concern. Ask them.") % words
    case = cases.filter(concern=delivery.concern).first()
    if case is None:
        url = f"{delivery.endpoint.url.rstrip('/')}/requests/{number}.{delivery.endpoint.form}"
        try:
            with transaction.atomic():
                case = add_case(
                    concern=delivery.concern,
                    by=delivery.approved_by,
                    system=delivery.endpoint.name,
                    number=number,
                    channel=ExternalCase.Channel.OPEN311,
                    url=url if len(url) <= 200 else "",
                )
        except Refused as refused:
            return _("%(name)s gave the number %(number)s.") % words + f" {refused.message}"
    now = timezone.now()
    delivery.state, delivery.number, delivery.case, delivery.sent_at = State.SENT, number, case, now
    delivery.next_poll_at, delivery.lease_until, delivery.fields, delivery.last_error = now, None, {}, ""
    delivery.save()
    return ""


def _audit(delivery: Delivery, action: str, *, by: User | None, fields: list[str] | None = None) -> None:
    detail = {"delivery": str(delivery.public_id), "endpoint": delivery.endpoint.name}
    record(
        actor=by,
        action=action,
        resource="concern",
        object_id=delivery.concern.public_id,
        detail=detail | ({"fields": fields} if fields else {}),
    )


# --- Endpoints -------------------------------------------------------------------------------------------------------


@transaction.atomic
def sign_off(*, endpoint: Endpoint, by: User) -> Endpoint:
    """Somebody checked that this address is the city's: from now on concerns may be sent there. Ends a pause, too."""
    now = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    now.approved_at, now.approved_by = timezone.now(), by
    now.paused_at, now.paused_reason, now.quiet_until = None, "", None
    now.save(update_fields=["approved_at", "approved_by", "paused_at", "paused_reason", "quiet_until"])
    record(actor=by, action="open311.signed_off", resource="open311.endpoint", object_id=now.public_id)
    return now


@transaction.atomic
def pause(*, endpoint: Endpoint, reason: str) -> bool:
    """Send nothing there until somebody signs it off again, and tell who did last. Returns whether it wasn't paused."""
    now = Endpoint.objects.select_for_update(of=("self",)).select_related("approved_by__person").get(pk=endpoint.pk)
    if now.paused_at is not None:
        return False
    now.paused_at, now.paused_reason = timezone.now(), reason[:300]
    now.save(update_fields=["paused_at", "paused_reason"])
    record(actor=None, action="open311.paused", resource="open311.endpoint", object_id=now.public_id)
    if now.approved_by and now.approved_by.is_active:
        queue_mail(
            kind="open311_paused",
            template="mail/open311/paused",
            to_address=now.approved_by.email,
            to_name=now.approved_by.person.name,
            language=now.approved_by.person.language,
            context={"endpoint": now, "coalition": Coalition.current()},
        )
    return True

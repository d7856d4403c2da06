"""Everything that changes a request for help and what somebody said yes to."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.receipts import code_for, hmac_of
from office.actions import record
from office.models import OutboxMessage
from office.refused import Refused
from office.retention import forget_messages
from outreach.help_links import mail_about
from outreach.models import Consent, ConsentWording, Contact, HelpRequest, Need, Referral
from outreach.referral_story import end_referral
from outreach.workflow import Outcome, Party, State
from people.models import Organization, User
from walks.models import Device

# How long a yes lasts unless it is given anew.
LASTS = timedelta(days=365)
CONTACT = ("name", "phone", "email", "best_time")


class Asked(TypedDict, total=False):
    """What somebody tells of themselves. All of it is optional, and kept only with a yes."""

    name: str
    phone: str
    email: str
    best_time: str
    note: str
    language: str
    wants_mail: bool


@dataclass(frozen=True)
class Yes:
    """What somebody agreed to. Without `organizations` a scope of its own; without the rest now, in today's words."""

    scope: str
    how: str
    organizations: tuple[Organization, ...] = ()
    version: int | None = None
    given_at: datetime | None = None


@dataclass(frozen=True)
class Kept:
    """A request that is kept, and the code that its person gets: it is shown now and never again."""

    help_request: HelpRequest
    code: str


@transaction.atomic
def ask_for_help(
    *,
    form_token: uuid.UUID,
    needs: Iterable[str],
    source: str,
    yes: Yes,
    by: User | None = None,
    device: Device | None = None,
    contact: Contact | None = None,
    **asked: Unpack[Asked],
) -> Kept:
    """Keep what somebody needs. The same form sent twice is one request and shows the same code.

    Two people with one card would read each other's page, so what says something else is refused.

    Who wrote it down: `by` at the desk, `device` on a walk, nobody where they did it themselves.

    Raises Refused also where no need is named, or a name or contact came without a yes to keep it.
    """
    code, now, needs = code_for(form_token), timezone.now(), sorted({*needs})
    before = HelpRequest.objects.filter(form_token=form_token).first()
    if before is not None:
        return Kept(_same(before, needs, yes, contact, asked), code)
    _refuse_wrong(needs, yes, asked)
    try:
        with transaction.atomic():
            request = HelpRequest.objects.create(
                form_token=form_token,
                code_hmac=hmac_of(code),
                needs=needs,
                source=source,
                contact=contact,
                created_by=by,
                touched_at=now,
                **asked,
            )
    except IntegrityError:  # the same form or card, a moment ago
        return Kept(_same(HelpRequest.objects.get(form_token=form_token), needs, yes, contact, asked), code)
    give_consent(help_request=request, yes=yes, by=by, device=device)
    detail = {"source": source, "needs": len(needs)}
    record(actor=by, action="help.ask", resource="help_request", object_id=request.public_id, detail=detail)
    return Kept(request, code)


def _same(before: HelpRequest, needs: list[str], yes: Yes, contact: Contact | None, asked: Asked) -> HelpRequest:
    """The request that was kept before, where it says just what is said now. Raises Refused otherwise."""
    is_same = before.needs == needs and before.contact_id == (contact.pk if contact else None)
    is_same = is_same and all(getattr(before, name) == value for name, value in asked.items())
    if not is_same or not before.consents.filter(scope=yes.scope).exists():
        raise Refused(
            _("Something was asked for with this form or card already. Open a new form, and leave the card out.")
        )
    return before


def _refuse_wrong(needs: list[str], yes: Yes, asked: Asked) -> None:
    if not needs or not set(needs) <= set(Need.values):
        raise Refused(_("Choose what help is about, at least one thing."))
    if yes.scope == Consent.Scope.NOTHING and any(asked.get(name) for name in (*CONTACT, "note")):
        raise Refused(_("Without a yes we keep no name, number or words. Leave them out, or choose what we may do."))
    if yes.scope == Consent.Scope.NAMED and not yes.organizations:
        raise Refused(_("Say which organization may have it."))
    reachable = asked.get("phone") or asked.get("email")
    if yes.scope == Consent.Scope.CALL_ME and not reachable:
        raise Refused(_("To be called, give a number or an e-mail address."))


@transaction.atomic
def give_consent(
    *, help_request: HelpRequest, yes: Yes, by: User | None, device: Device | None = None
) -> list[Consent]:
    """Write down a yes; one that is in force already stays as it was."""
    now, locked = timezone.now(), _lock(help_request)
    if locked.closed_at is not None:
        raise Refused(_("This request is closed. Start a new one."))
    current = [one for one in yes.organizations if one.merged_into_id is None]
    if yes.scope == Consent.Scope.NAMED and (not current or len(current) < len(yes.organizations)):
        raise Refused(_("Say which organization may have it."))
    version, given_at = yes.version or newest_version(), min(yes.given_at or now, now)
    ran_out = Consent.objects.filter(help_request=locked, withdrawn_at=None, expires_at__lte=now)
    n_ran_out = ran_out.update(withdrawn_at=now)
    given = []
    for organization in yes.organizations or (None,):
        consent, is_new = Consent.objects.get_or_create(
            help_request=locked,
            scope=yes.scope,
            organization=organization,
            withdrawn_at=None,
            defaults={
                "how": yes.how,
                "language": locked.language,
                "wording_version": version,
                "recorded_by": by,
                "device": device,
                "given_at": given_at,
                "expires_at": given_at + LASTS,
            },
        )
        if is_new:
            detail = {"request": str(locked.public_id), "scope": yes.scope, "how": yes.how}
            record(actor=by, action="consent.give", resource="consent", object_id=consent.public_id, detail=detail)
        given.append(consent)
    if n_ran_out:
        end_what_lost_its_yes(help_request=locked, now=now)
    return given


def newest_version() -> int:
    """Of the words that are read out today. One query."""
    return ConsentWording.objects.order_by("-version").values_list("version", flat=True).first() or 1


@transaction.atomic
def withdraw_consent(*, consent: Consent, by: User | None = None, party: Party = Party.PERSON) -> Consent:
    """Take a yes back: from the next request on the agency sees nothing, and what waited for it ends.

    Without any yes left the name, the contact and the words go, too.
    """
    now, locked = timezone.now(), _lock(consent.help_request)
    consent = Consent.objects.select_for_update().get(pk=consent.pk)
    if consent.withdrawn_at is None:
        consent.withdrawn_at = now
        consent.save(update_fields=["withdrawn_at"])
        detail = {"request": str(locked.public_id), "scope": consent.scope, "party": party}
        record(actor=by, action="consent.withdraw", resource="consent", object_id=consent.public_id, detail=detail)
        end_what_lost_its_yes(help_request=locked, now=now)
        if not locked.consents.in_force(now).exclude(scope=Consent.Scope.NOTHING).exists():
            _empty(locked)
    return consent


def end_what_lost_its_yes(*, help_request: HelpRequest, now: datetime) -> int:
    """End the live referrals of a locked request that stand on no yes any more. How many."""
    lost = help_request.referrals.open().filter(mode=Referral.Mode.LIVE)
    lost = lost.exclude(pk__in=Referral.objects.allowed(now).filter(help_request=help_request).values("pk"))
    rows = list(lost.select_for_update())
    for referral in rows:
        end_referral(referral, to=State.CANCELLED, outcome=Outcome.WITHDRAWN, party=Party.SYSTEM, by=None, at=now)
    return len(rows)


@transaction.atomic
def close_help(*, help_request: HelpRequest, party: str, by: User | None = None) -> HelpRequest:
    """Nothing more is to be done. What is still open at agencies ends; after 90 days the words and contact go."""
    now, locked = timezone.now(), _lock(help_request)
    if locked.closed_at is not None:
        return locked
    outcome = Outcome.NEVER_ANSWERED if party == HelpRequest.ClosedBy.SYSTEM else Outcome.NOT_INTERESTED
    to = State.FAILED if outcome == Outcome.NEVER_ANSWERED else State.CANCELLED
    for referral in list(locked.referrals.open().select_for_update()):
        end_referral(referral, to=to, outcome=outcome, party=Party(party), by=by, at=now)
    locked.closed_at, locked.closed_by, locked.touched_at = now, party, now
    locked.save(update_fields=["closed_at", "closed_by", "touched_at"])
    detail = {"party": party}
    record(actor=by, action="help.close", resource="help_request", object_id=locked.public_id, detail=detail)
    return locked


@transaction.atomic
def stop_mail(*, help_request: HelpRequest) -> None:
    """They want no mails any more; what waits isn't sent."""
    locked = _lock(help_request)
    locked.wants_mail = False
    locked.save(update_fields=["wants_mail"])
    waiting = OutboxMessage.objects.filter(about=mail_about(locked), kind="outreach.news")
    waiting.filter(status=OutboxMessage.Status.QUEUED).update(status=OutboxMessage.Status.CANCELLED)


@transaction.atomic
def forget_help(*, help_request: HelpRequest) -> None:
    """Empty a request of who asked and what they said, and its mails; kinds, states and times stay as numbers."""
    locked = _lock(help_request)
    _empty(locked)
    locked.forgotten_at = timezone.now()
    locked.save(update_fields=["forgotten_at"])
    record(actor=None, action="help.forget", resource="help_request", object_id=locked.public_id)


def _empty(locked: HelpRequest) -> None:
    forget_messages(OutboxMessage.objects.filter(about=mail_about(locked)))
    for name in (*CONTACT, "note"):
        setattr(locked, name, "")
    locked.wants_mail = False
    locked.save(update_fields=[*CONTACT, "note", "wants_mail"])
    locked.referrals.update(words="")
    for referral in locked.referrals.all():
        referral.updates.update(note="")


def _lock(help_request: HelpRequest) -> HelpRequest:
    return HelpRequest.objects.select_for_update().get(pk=help_request.pk)

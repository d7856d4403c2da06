"""Reports of people without an account: sent, followed by a code, answered back."""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from concerns.actions import claim_same, log_concern, withdraw_concern
from concerns.models import Category, Concern, Look, Photo
from concerns.photos import PhotoRefused, keep_original
from concerns.public import PublicConcern
from concerns.receipts import code_for, hmac_of, mail_proof, proves_mail
from concerns.reporter_mail import mail_reporter
from concerns.reporters import Reporter
from concerns.retention import mail_about
from concerns.same import public_same
from concerns.story import Kind, Voice, add_line, lock, write_publication
from concerns.workflow import Publication, Source, Status
from office.actions import record
from office.refused import Refused
from office.retention import forget_messages
from people.models import User


@dataclass
class Reported:
    """What became of one sending: the code is told once and kept nowhere."""

    reporter: Reporter
    code: str
    is_new: bool
    photo_problems: list[str] = field(default_factory=list)
    # What it may be the same as, of what is public; and the one that its reporter says it is.
    same: list[PublicConcern] = field(default_factory=list)
    said_same: Concern | None = None


def report_concern(
    *,
    form_token: uuid.UUID,
    category: Category,
    address: str = "",
    location: Point | None = None,
    note: str = "",
    danger_now: bool = False,
    photos: Iterable[bytes] = (),
    contact: dict[str, Any] | None = None,
    is_low_trust: bool = False,
    is_trapped: bool = False,
    same: uuid.UUID | None = None,
) -> Reported:
    """Keep a report, held and unread. The same form sent again, also at the same moment, is the same report.

    `same` names a public concern that it is the same as, says its reporter (`say_it_is_the_same`). A photo that can't
    be kept is named in `photo_problems`; the report stays. Raises Refused without any place.
    """
    code = code_for(form_token)
    try:
        with transaction.atomic():
            reporter = _new_reporter(
                form_token=form_token,
                code=code,
                is_low_trust=is_low_trust,
                category=category,
                address=address,
                location=location,
                note=note,
                danger_now=danger_now,
                is_trapped=is_trapped,
            )
            _keep_contact(reporter, contact or {}, may_mail=not is_trapped)
    except IntegrityError:
        known = reported_before(form_token=form_token)
        if known is None:
            raise
        return known
    done = Reported(reporter, code, is_new=True)
    if not is_trapped:
        done.photo_problems = _keep_photos(reporter.concern, photos)
        done.same = public_same(reporter.concern)
        if same in {one.public_id for one in done.same}:
            say_it_is_the_same(done, same)
    return done


def reported_before(*, form_token: uuid.UUID) -> Reported | None:
    """A report that was kept from this form, with what it may be the same as. Up to four queries."""
    rows = Reporter.objects.select_related("concern__category", "concern__as_look__concern__category")
    reporter = rows.filter(form_token=form_token).first()
    if reporter is None:
        return None
    done = Reported(reporter, code_for(form_token), is_new=False)
    if reporter.followed.pk != reporter.concern_id:
        done.said_same = reporter.followed
    elif reporter.concern.status == Status.NEW and reporter.concern.publication == Publication.HELD:
        done.same = public_same(reporter.concern)
    return done


def say_it_is_the_same(done: Reported, same: uuid.UUID) -> Reported:
    """Its reporter says that it is the same as a public one, and still there. What isn't suggested any more is left."""
    first = next((one for one in done.same if one.public_id == same), None)
    if first is not None:
        with suppress(Refused):  # read, or gone from the public, meanwhile: then it stays a report of its own
            concern = Concern.objects.select_related("category").get(pk=first.pk)
            claim_same(concern=done.reporter.concern, of=concern)
            done.same, done.said_same = [], concern
    return done


def _new_reporter(*, form_token: uuid.UUID, code: str, is_low_trust: bool, is_trapped: bool, **fields: Any) -> Reporter:
    place_from = Concern.PlaceFrom.PIN if fields["location"] else Concern.PlaceFrom.ADDRESS
    concern = log_concern(source=Source.WEB, told_by=Concern.ToldBy.RESIDENT, place_from=place_from, **fields)
    reporter = Reporter.objects.create(
        concern=concern,
        form_token=form_token,
        code_hmac=hmac_of(code),
        is_low_trust=is_low_trust,
        language=translation.get_language() or "en",
    )
    if is_trapped:
        write_publication(concern, Publication.SPAM, by=None, at=timezone.now())
    return reporter


def _keep_photos(concern: Concern, photos: Iterable[bytes]) -> list[str]:
    problems = []
    for position, data in enumerate(photos):
        try:
            keep_original(concern=concern, device=None, client_id=None, position=position, data=data)
        except PhotoRefused as refused:
            problems.append(refused.message)
    return problems


# --- What a reporter does with the code or the link -------------------------------------------------------------------


@transaction.atomic
def say_whether_fixed(*, reporter: Reporter, says: str) -> Reporter:
    """Write down what the resident says, as a voice of its own: it moves nothing, and the desk sees it.

    Raises Refused where nothing can be said: taken back, or not one of the two answers.
    """
    if says not in Reporter.Says.values:
        raise Refused(_("Choose “it is fixed” or “it isn’t fixed”."))
    concern = lock(reporter.their_concern)
    if concern.status == Status.WITHDRAWN:
        raise Refused(_("You took this report back. Report it anew if it is there again."))
    now = timezone.now()
    if reporter.says == says:
        return reporter
    add_line(concern, Kind.SAID, at=now, voice=Voice.RESIDENT, to_value=says)
    reporter.says, reporter.says_at = says, now
    reporter.save(update_fields=["says", "says_at"])
    return reporter


@transaction.atomic
def leave_contact(*, reporter: Reporter, contact: dict[str, Any]) -> Reporter:
    """Keep or change how the reporter can be reached. A new address is asked for a yes before it gets mail."""
    locked = Reporter.objects.select_for_update().select_related("concern__category").get(pk=reporter.pk)
    _keep_contact(locked, contact)
    return locked


def _keep_contact(reporter: Reporter, contact: dict[str, Any], *, may_mail: bool = True) -> None:
    had = reporter.email
    for name, value in contact.items():
        setattr(reporter, name, value)
    if reporter.email != had:
        reporter.mail_confirmed_at = None
    if reporter.has_contact:
        reporter.contact_removed_at = None
    reporter.save()
    if may_mail and reporter.wants_mail and reporter.mail_confirmed_at is None:
        mail_reporter(reporter, "confirm", once=mail_proof(reporter))


@transaction.atomic
def take_contact_back(*, reporter: Reporter) -> Reporter:
    """Forget name, address and number; the report stays. The audit trail says that it happened, not what was there."""
    locked = Reporter.objects.select_for_update().get(pk=reporter.pk)
    locked.name = locked.email = locked.phone = ""
    locked.wants_mail = locked.shares_contact = False
    locked.mail_confirmed_at, locked.contact_removed_at = None, timezone.now()
    locked.save()
    forget_messages(mail_about(Reporter.objects.filter(pk=locked.pk)))
    record(
        actor=None, action="concern.contact_taken_back", resource="concern.reporter_contact", object_id=locked.public_id
    )
    return locked


@transaction.atomic
def confirm_mail(*, reporter: Reporter, proof: str) -> Reporter:
    """The link in the mail was used: the address is theirs. Raises Refused without the mail's proof."""
    locked = Reporter.objects.select_for_update().get(pk=reporter.pk)
    if not proves_mail(locked, proof):
        raise Refused(
            _("Open the link in the mail that we sent there. The code alone doesn’t show whose address it is.")
        )
    if locked.wants_mail and locked.mail_confirmed_at is None:
        locked.mail_confirmed_at = timezone.now()
        locked.save(update_fields=["mail_confirmed_at"])
    return locked


@transaction.atomic
def stop_mail(*, reporter: Reporter) -> Reporter:
    """No more mail about this report."""
    locked = Reporter.objects.select_for_update().get(pk=reporter.pk)
    locked.wants_mail, locked.mail_confirmed_at = False, None
    locked.save(update_fields=["wants_mail", "mail_confirmed_at"])
    return locked


@transaction.atomic
def add_photo(*, reporter: Reporter, data: bytes) -> Photo:
    """A photo to the own report. Raises PhotoRefused, and Refused where the report was taken back."""
    if reporter.concern.status == Status.WITHDRAWN:
        raise Refused(_("You took this report back."))
    position = reporter.concern.photos.count()
    return keep_original(concern=reporter.concern, device=None, client_id=None, position=position, data=data)


@transaction.atomic
def take_report_back(*, reporter: Reporter) -> None:
    """Take the whole report back, as long as nobody at the desk read it. Raises Refused afterwards."""
    withdraw_concern(concern=reporter.concern)
    Look.objects.filter(duplicate=reporter.concern).delete()


@transaction.atomic
def read_contact_of(*, reporter: Reporter, by: User) -> Reporter:
    """The contact for an organizer; each reading is written down. Raises Refused for a walled member."""
    if not by.may_see_contacts:
        raise Refused(_("You can’t see this contact."))
    record(actor=by, action="concern.contact_read", resource="concern.reporter_contact", object_id=reporter.public_id)
    return reporter

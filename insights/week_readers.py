"""Who gets the weekly page: added by organizers, each with a signed link of their own that shows it and stops it."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from insights.models import Reader
from office.actions import record
from office.refused import Refused
from people.models import Membership, Organization, User
from walks.links import pack, unpack

_signer = Signer(salt="insights.week", sep=".")


def reader_token(reader: Reader) -> str:
    """What stands in the address, until `link_version` rises."""
    return _signer.sign(pack(reader.public_id, reader.link_version))


def reader_url(reader: Reader) -> str:
    return settings.SITE_URL + reverse("insights:week_link", args=[reader_token(reader)])


def reader_of_token(token: str) -> Reader | None:
    """None where the link is forged or was replaced. One query."""
    try:
        public_id, version = unpack(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    rows = Reader.objects.select_related("organization")
    return rows.filter(public_id=public_id, link_version=version).first()


def walled_addresses(emails: Iterable[str], now: datetime) -> set[str]:
    """Those of these addresses (lower case) whose person works for a walled organization. One query."""
    walled = Membership.objects.active(now).filter(organization__is_walled=True)
    mail = walled.annotate(mail=Lower("person__email"), sign_in=Lower("person__user__email"))
    wanted = [email.lower() for email in emails]
    rows = mail.filter(Q(mail__in=wanted) | Q(sign_in__in=wanted)).values_list("mail", "sign_in")
    return {address for row in rows for address in row if address}


def is_walled(reader: Reader, walled: set[str]) -> bool:
    """Whether help is left out of what they get: by their organization, or by where they work."""
    by_organization = reader.organization is not None and reader.organization.is_walled
    return by_organization or reader.email.lower() in walled


@transaction.atomic
def add_reader(*, email: str, name: str, language: str, organization: Organization | None, by: User) -> Reader:
    """Raises Refused where the address gets it already. Who stopped it gets it again."""
    known = Reader.objects.select_for_update().filter(email__iexact=email).first()
    if known and known.stopped_at is None:
        raise Refused(_("This address gets the weekly page already."))
    reader = known or Reader(email=email, added_by=by)
    reader.name, reader.language, reader.organization = name, language, organization
    reader.stopped_at = None
    try:
        with transaction.atomic():
            reader.save()
    except IntegrityError as error:
        raise Refused(_("This address gets the weekly page already.")) from error
    _write_down(reader, "reader.add", by)
    return reader


@transaction.atomic
def add_contacts(*, by: User) -> int:
    """The one to call of every partner organization, else the organization's own address. Who stopped stays out.

    Returns how many are new.
    """
    known = {email.lower() for email in Reader.objects.values_list("email", flat=True)}
    new = [one for one in _contacts(timezone.now()) if one.email.lower() not in known]
    once = {one.email.lower(): one for one in reversed(new)}
    for reader in once.values():
        reader.added_by = by
    Reader.objects.bulk_create(list(once.values()), ignore_conflicts=True)
    record(actor=by, action="reader.add_contacts", resource="reader", detail={"n": len(once)})
    return len(once)


def _contacts(now: datetime) -> list[Reader]:
    """Two queries."""
    rows = Membership.objects.active(now).filter(
        is_contact=True, person__merged_into=None, person__unsubscribed_at=None
    )
    rows = (
        rows.exclude(person__email="").filter(organization__merged_into=None).select_related("person", "organization")
    )
    people = [
        Reader(
            email=one.person.email,
            name=one.person.name,
            language=_language(one.person.language),
            organization=one.organization,
        )
        for one in rows.order_by("organization__name", "pk")
    ]
    with_contact = {one.organization_id for one in people}
    others = Organization.objects.current().exclude(email="").exclude(pk__in=[pk for pk in with_contact if pk])
    return people + [Reader(email=one.email, organization=one) for one in others.order_by("name")]


def _language(code: str) -> str:
    return code if code in dict(settings.LANGUAGES) else "en"


@transaction.atomic
def stop_reader(*, reader: Reader, by: User | None = None) -> Reader:
    """They get it no more. Twice changes nothing."""
    locked = Reader.objects.select_for_update().get(pk=reader.pk)
    if locked.stopped_at is None:
        locked.stopped_at = timezone.now()
        locked.save(update_fields=["stopped_at"])
        _write_down(locked, "reader.stop", by)
    return locked


@transaction.atomic
def renew_link(*, reader: Reader, by: User) -> Reader:
    """Every older link of theirs leads nowhere."""
    locked = Reader.objects.select_for_update().get(pk=reader.pk)
    locked.link_version += 1
    locked.save(update_fields=["link_version"])
    _write_down(locked, "reader.renew_link", by)
    return locked


def _write_down(reader: Reader, action: str, by: User | None) -> None:
    record(actor=by, action=action, resource="reader", object_id=reader.public_id)

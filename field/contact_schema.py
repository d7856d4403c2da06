"""What a phone may send of somebody whom the team talked with, and of the yes that they gave. Pure, no database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from field.day_schema import DayBody, start_reading
from field.reader import Position, Reader
from outreach.models import Consent, Contact, Need
from people.contact import normalize_email, normalize_phone

MOST_NOTE, MOST_WORDS, MOST_SAID, MOST_EMAIL, MOST_CODE = 300, 500, 120, 254, 40
MOST_VERSION = 32_767
KINDS, RESULTS, NEEDS = (frozenset(one.values) for one in (Contact.Kind, Contact.Result, Need))
SCOPES, HOWS = frozenset(Consent.Scope.values), frozenset(Consent.How.values)
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)
IDENTITY = ("name", "phone", "email", "best_time", "note")


@dataclass(frozen=True)
class ConsentBody:
    """A yes in the words of `wording_version`, and what somebody told of themselves. `phone` is E.164 or empty."""

    scope: str
    how: str
    language: str
    wording_version: int
    organization: UUID | None
    name: str
    phone: str
    email: str
    best_time: str
    note: str
    wants_mail: bool
    card: str
    taken: bool


@dataclass(frozen=True)
class ContactBody(DayBody):
    """`card` is a card that was left without any yes, `landmark` the shop that it was about."""

    kind: str
    result: str
    needs: list[str]
    captured_at: datetime
    position: Position | None
    landmark: UUID | None
    note: str
    card: str
    do_not_visit: bool
    consent: ConsentBody | None


def read_contact(raw: bytes) -> ContactBody:
    """A team met somebody. Raises BadBody with every fault."""
    reader, head, kept = start_reading(raw, ContactBody)
    kind = reader.choice("kind", KINDS, required=kept)
    result, needs = reader.choice("result", RESULTS, required=kept), reader.codes("needs", NEEDS)
    captured_at, position = reader.moment("captured_at", required=kept), reader.position()
    landmark, note, card = reader.uuid("landmark"), reader.text("note", most=MOST_NOTE), _card(reader)
    do_not_visit = reader.yes_no("do_not_visit")
    if do_not_visit and landmark is None:
        reader.refuse("landmark", "missing", _("Say which shop wants no visit: choose it."))
    consent = _consent(reader)
    if consent is not None and not needs and not any(fault.field == "needs" for fault in reader.faults):
        reader.refuse("needs", "missing", _("Choose what help is about, at least one thing."))
    return reader.done(lambda: ContactBody(**head, kind=kind, result=result, needs=needs, captured_at=captured_at,
                                           position=position, landmark=landmark, note=note, card=card,
                                           do_not_visit=do_not_visit, consent=consent))  # fmt: skip


def _card(reader: Reader[Any]) -> str:
    return reader.text("card", most=MOST_CODE)


def _consent(reader: Reader[Any]) -> ConsentBody | None:
    keys = frozenset(ConsentBody.__dataclass_fields__)
    words = _("This must hold what they said yes to, and what they told.")
    inner = reader.inside("consent", keys, words, code="not_a_consent")
    if inner is None:
        return None
    found = _read_consent(inner)
    if not inner.faults:
        _refuse_contradictions(inner, found)
    reader.adopt(inner)
    return found


def _read_consent(inner: Reader[Any]) -> ConsentBody:
    if not inner.body.get("scope"):
        inner.refuse("scope", "missing", _("Nothing is kept without a yes. Ask what we may do with it."))
    return ConsentBody(
        scope=inner.choice("scope", SCOPES),
        how=inner.choice("how", HOWS, required=True),
        language=inner.choice("language", LANGUAGES, required=True),
        wording_version=inner.whole("wording_version", least=1, most=MOST_VERSION),
        organization=inner.uuid("organization"),
        name=inner.text("name", most=MOST_SAID),
        phone=_phone(inner),
        email=_email(inner),
        best_time=inner.text("best_time", most=MOST_SAID),
        note=inner.text("note", most=MOST_WORDS),
        wants_mail=inner.yes_no("wants_mail"),
        card=_card(inner),
        taken=inner.yes_no("taken"),
    )


def _phone(inner: Reader[Any]) -> str:
    typed = inner.text("phone", most=MOST_CODE)
    try:
        return normalize_phone(typed) if typed else ""
    except ValidationError as error:
        inner.refuse("phone", "not_a_number", error.messages[0])
        return ""


def _email(inner: Reader[Any]) -> str:
    typed = normalize_email(inner.text("email", most=MOST_EMAIL))
    try:
        if typed:
            validate_email(typed)
    except ValidationError:
        inner.refuse("email", "not_an_address", _("This isn’t a whole e-mail address. Write it like name@example.org."))
        return ""
    return typed


def _refuse_contradictions(inner: Reader[Any], said: ConsentBody) -> None:
    is_named = said.scope == Consent.Scope.NAMED
    if said.scope == Consent.Scope.NOTHING:
        for name in IDENTITY:
            if getattr(said, name):
                inner.refuse(
                    name, "no_yes", _("Without a yes this isn’t kept. Leave it out, or choose what we may do.")
                )
    if is_named and said.organization is None:
        inner.refuse("organization", "missing", _("Say which organization may have it."))
    if not is_named and said.organization is not None:
        inner.refuse(
            "organization", "not_named", _("An organization goes with a yes for it only. Leave it out, or choose that.")
        )
    if said.taken and not is_named:
        inner.refuse("taken", "not_named", _("To take it on now, there must be a yes for that organization."))
    if said.scope == Consent.Scope.CALL_ME and not (said.phone or said.email):
        inner.refuse("phone", "missing", _("To be called, give a number or an e-mail address."))
    if said.wants_mail and not said.email:
        inner.refuse("email", "missing", _("To hear from us by mail, give an e-mail address."))

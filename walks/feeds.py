"""A person's own calendar: the walks they signed up for, by a signed link that carries a version.

The link stands in calendar programs and on their servers, so it opens nothing else, holds no name, and is ended by
raising `Person.feed_version`.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from office.actions import record
from people.merging import what_it_became
from people.models import Person
from walks.calendars import in_calendars
from walks.links import pack, unpack
from walks.models import Signup
from walks.models.walk import WalkQuerySet

_signer = Signer(salt="walks.calendar", sep=".")
_NOBODY = (uuid.UUID(int=0), 0)


def feed_token(person: Person) -> str:
    """What stands in the address of their calendar, until `feed_version` rises."""
    return _signer.sign(pack(person.public_id, person.feed_version))


def feed_url(person: Person) -> str:
    return settings.SITE_URL + reverse("walks:my_calendar", args=[feed_token(person)])


def webcal_url(person: Person) -> str:
    """The same for a button: `webcal:` opens the calendar program, which then asks again by itself."""
    return f"webcal://{feed_url(person).partition('://')[2]}"


def person_from_feed_token(token: str) -> Person | None:
    """Whose calendar a link is, or None where it is forged or old: after one query either way, so that the time says
    nothing. A person merged into another is that other one, for one more query.
    """
    try:
        public_id, version = unpack(_signer.unsign(token))
    except (BadSignature, ValueError):
        public_id, version = _NOBODY
    version = min(version, 2**31 - 1)
    found = Person.objects.select_related("merged_into").filter(public_id=public_id, feed_version=version)
    person = found.filter(anonymized_at=None).first()
    return what_it_became(person) if person else None


def own_walks(person: Person, now: datetime) -> WalkQuerySet:
    """Walks that a person comes to; called off and deleted ones as in public calendars. Who waits for a guardian's yes
    or for a place isn't coming yet.
    """
    coming = Signup.objects.filter(person=person, state=Signup.State.GOING)
    return in_calendars(now).filter(pk__in=coming.values("walk"))


@transaction.atomic
def renew_feed(*, person: Person) -> Person:
    """End every link to their calendar, those of records merged into theirs, too; the next link is a new one."""
    theirs = Person.objects.filter(Q(pk=person.pk) | Q(merged_into=person.pk) | Q(merged_into__merged_into=person.pk))
    theirs.update(feed_version=F("feed_version") + 1)
    record(actor=None, action="person.new_calendar", resource="person", object_id=person.public_id)
    person.refresh_from_db(fields=["feed_version"])
    return person

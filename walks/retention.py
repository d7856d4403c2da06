"""What a walk forgets about its people, and when: needs and emergency contacts first, names later, counts never.

The numbers of a report (who came, from where, how old, how long) need no names: rows stay and are emptied.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from office.actions import record
from office.models import OutboxMessage
from office.retention import Rule, forget_messages
from people.models import Membership, Person, User
from walks.models import (
    Device,
    GroupMember,
    GuardianConsent,
    NoticeTo,
    Pledge,
    Presence,
    Signup,
    Walk,
    WalkSeries,
)

# What is only needed while people are out; a week, so that somebody who went home hurt can still be asked about.
NEEDS_FOR = timedelta(days=7)
NAMES_FOR = timedelta(days=90)
NOBODY = "–"


def _needs(now: datetime) -> QuerySet[Signup]:
    told = Signup.objects.exclude(emergency_contact="", access_needs="")
    return told.filter(walk__end_at__lt=now - NEEDS_FOR)


def _forget_needs(signups: QuerySet[Signup], now: datetime) -> None:
    signups.update(emergency_contact="", access_needs="")


def _designees(now: datetime) -> QuerySet[Walk]:
    return Walk.objects.exclude(designee_name="", designee_phone="").filter(end_at__lt=now - NEEDS_FOR)


def _series_designees(now: datetime) -> QuerySet[WalkSeries]:
    return WalkSeries.objects.exclude(designee_name="", designee_phone="").filter(ended_at__lt=now - NEEDS_FOR)


def _forget_designees(rows: QuerySet[Any], now: datetime) -> None:
    rows.update(designee_name="", designee_phone="")


def _group_members(now: datetime) -> QuerySet[GroupMember]:
    """The age stays: it is counted."""
    return GroupMember.objects.exclude(name="").filter(signup__walk__end_at__lt=now - NAMES_FOR)


def _presences(now: datetime) -> QuerySet[Presence]:
    """Age band, organization, how many and for how long stay; who has a sign-up is known through that."""
    named = Presence.objects.exclude(name="", guardian_note="", greeter="")
    return named.filter(walk__end_at__lt=now - NAMES_FOR)


def _forget_presences(presences: QuerySet[Presence], now: datetime) -> None:
    presences.update(name="", guardian_note="", greeter="")


def _phones(now: datetime) -> QuerySet[Device]:
    return Device.objects.exclude(name="").filter(walk__end_at__lt=now - NAMES_FOR)


def _pledges(now: datetime) -> QuerySet[Pledge]:
    return Pledge.objects.exclude(contact_name="", note="").filter(walk__end_at__lt=now - NAMES_FOR)


def _guardians(now: datetime) -> QuerySet[GuardianConsent]:
    """That somebody said yes, how and when, stays."""
    over = Q(walk__end_at__lt=now - NAMES_FOR) | Q(until_on__lt=(now - NAMES_FOR).date())
    return GuardianConsent.objects.exclude(guardian_name="", guardian_phone="").filter(over)


def _forget_guardians(consents: QuerySet[GuardianConsent], now: datetime) -> None:
    consents.update(guardian_name="", guardian_phone="")


def _withdrawn(now: datetime) -> QuerySet[Signup]:
    gone = Signup.objects.filter(state=Signup.State.WITHDRAWN, walk__end_at__lt=now - NAMES_FOR)
    return gone.exclude(name=NOBODY, organization_text="", said_words="", wants_texts_at=None)


def _forget_withdrawn(signups: QuerySet[Signup], now: datetime) -> None:
    signups.update(name=NOBODY, organization_text="", said_words="", wants_texts_at=None)


def _never_came(now: datetime) -> QuerySet[Person]:
    """People whom we know from sign-ups alone, all of them withdrawn and over since long."""
    theirs = Signup.objects.filter(person=OuterRef("pk"))
    over = theirs.filter(state=Signup.State.WITHDRAWN, walk__end_at__lt=now - NAMES_FOR)
    other = theirs.exclude(state=Signup.State.WITHDRAWN, walk__end_at__lt=now - NAMES_FOR)
    works = Membership.objects.filter(person=OuterRef("pk"))
    signs_in = User.objects.filter(person=OuterRef("pk"))
    leads, plans = Walk.objects.filter(lead=OuterRef("pk")), WalkSeries.objects.filter(lead=OuterRef("pk"))
    known = Person.objects.filter(merged_into=None).exclude(name=NOBODY, email="", phone="")
    known = known.filter(Exists(over), ~Exists(other), ~Exists(works), ~Exists(signs_in), ~Exists(leads))
    # Promises stand to the right of this room and are reached by their related name.
    return known.filter(~Exists(plans), clearances=None, commitments=None)


def _forget_people(people: QuerySet[Person], now: datetime) -> None:
    """Names and contacts of these and of who was found to be the same; mail to them is emptied, lists forget them."""
    pks = list(people.values_list("pk", flat=True))
    everybody = Person.objects.filter(Q(pk__in=pks) | Q(merged_into__in=pks))
    addresses = everybody.exclude(email="").values(lowered=Lower("email"))
    mail = Q(lowered_to__in=addresses) | Q(notices__person__in=everybody)
    forget_messages(
        OutboxMessage.objects.filter(
            pk__in=OutboxMessage.objects.alias(lowered_to=Lower("to_address")).filter(mail).values("pk")
        )
    )
    NoticeTo.objects.filter(person__in=everybody).delete()
    for public_id in everybody.values_list("public_id", flat=True):
        record(actor=None, action="person.forgotten", resource="person", object_id=public_id)
    everybody.update(name=NOBODY, email="", phone="", anonymized_at=now)


RULES = [
    Rule("emergency contacts and needs", _needs, _forget_needs),
    Rule("who waited off site", _designees, _forget_designees),
    Rule("who waits off site in a series", _series_designees, _forget_designees),
    Rule("names in groups", _group_members, lambda rows, now: rows.update(name="")),
    Rule("names at the table", _presences, _forget_presences),
    Rule("names of phones", _phones, lambda rows, now: rows.update(name="")),
    Rule("who pledged people", _pledges, lambda rows, now: rows.update(contact_name="", note="")),
    Rule("guardians", _guardians, _forget_guardians),
    Rule("withdrawn sign-ups", _withdrawn, _forget_withdrawn),
    Rule("people who never came", _never_came, _forget_people),
]

"""What a walk forgets: emergency contacts after a week, names after 90 days; what is counted stays."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from concerns.models import Commitment
from office.models import AuditEvent, OutboxMessage
from office.retention import apply_retention, daily
from people.models import Person, User
from tests import factories
from walks.models import (
    Agreement,
    GroupMember,
    GuardianConsent,
    Notice,
    NoticeTo,
    Pledge,
    Presence,
    Signup,
    Walk,
    WalkSeries,
)
from walks.retention import NOBODY

pytestmark = pytest.mark.django_db
WORD, MAIL, PHONE = "markerperson", "marker.person@example.org", "+18165550177"


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def walk_over(days: float, **fields: Any) -> Walk:
    """A walk that ended so many days ago."""
    end = ago(days)
    return factories.make_walk(meet_at=end - timedelta(hours=3), step_off_at=end - timedelta(hours=2), end_at=end,
                               **fields)  # fmt: skip


def run(*, dry: bool = False) -> dict[str, list[str]]:
    return {one.kind: one.ids for one in apply_retention(dry_run=dry) if one.ids}


def everything_stored() -> str:
    """Every value of every table, the outbox and the audit trail among them."""
    return "\n".join(
        re.sub(r" object at 0x\w+", "", str(list(model._default_manager.order_by("pk").values())))
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
    )


def somebody(**fields: Any) -> Person:
    return factories.make_person(**{"name": WORD, "email": MAIL, "phone": PHONE} | fields)


def presence(walk: Walk, **fields: Any) -> Presence:
    came = {"arrived_at": walk.meet_at, "left_at": walk.end_at, "method": "walk_up", "name": WORD}
    return Presence.objects.create(walk=walk, **came | fields)


@pytest.mark.parametrize(("days", "goes"), [(6.9, False), (7.1, True)])
def test_emergency_contacts_and_needs_go_a_week_after_the_walk(days: float, goes: bool) -> None:
    walk = walk_over(days, designee_name=WORD, designee_phone=PHONE)
    signup = factories.make_signup(walk=walk, emergency_contact=f"{WORD} {PHONE}", access_needs=WORD)
    run()
    signup.refresh_from_db(), walk.refresh_from_db()
    left = {signup.emergency_contact, signup.access_needs, walk.designee_name, walk.designee_phone}
    assert (left == {""}) is goes
    assert signup.name != ""


@pytest.mark.parametrize(("days", "goes"), [(89, False), (91, True)])
def test_names_go_after_90_days_and_what_is_counted_stays(days: float, goes: bool) -> None:
    walk = walk_over(days)
    organization = factories.make_organization()
    agreement = Agreement.objects.first() or Agreement.objects.create(version=1, text_en="We look.", text_es="Miramos.")
    agreed = {"agreement": agreement, "agreed_at": walk.meet_at}
    here = presence(walk, age_band="18_24", organization=organization, n_people=3, guardian_note=PHONE, **agreed)
    member = GroupMember.objects.create(signup=factories.make_signup(walk=walk), name=WORD, age_band="25_34")
    pledge = Pledge.objects.create(
        walk=walk, organization=organization, n_people=5, answered_at=ago(days), contact_name=WORD
    )
    kept = ["organization_id", "age_band", "n_people", "arrived_at", "left_at", "method", "agreement_id", "agreed_at"]
    before = Presence.objects.filter(pk=here.pk).values_list(*kept).get()
    run()
    here.refresh_from_db(), member.refresh_from_db(), pledge.refresh_from_db()
    assert ({here.name, here.guardian_note, member.name, pledge.contact_name} == {""}) is goes
    assert Presence.objects.filter(pk=here.pk).values_list(*kept).get() == before
    assert (member.age_band, pledge.n_people) == ("25_34", 5)


@pytest.mark.parametrize(("days", "goes"), [(89, False), (91, True)])
@pytest.mark.parametrize("season", [True, False])
def test_guardians_go_90_days_after_the_walk_or_the_season(
    organizer: User, days: int, goes: bool, season: bool
) -> None:
    until = {"until_on": ago(days).date()} if season else {"walk": walk_over(days)}
    consent = GuardianConsent.objects.create(
        person=factories.make_person(), guardian_name=WORD, guardian_phone=PHONE, how="paper",
        recorded_by=organizer.person, **until,
    )  # fmt: skip
    run()
    consent.refresh_from_db()
    assert ({consent.guardian_name, consent.guardian_phone} == {""}) is goes
    assert consent.how == "paper"


def withdrawn(person: Person, days: float = 100, **fields: Any) -> Signup:
    state = {"state": "withdrawn", "withdrawn_at": ago(days + 1)}
    return factories.make_signup(walk=walk_over(days), person=person, **state | fields)


def test_who_withdrew_and_never_came_is_forgotten() -> None:
    person = somebody()
    signup = withdrawn(person, organization_text=WORD)
    notice = Notice.objects.create(walk=signup.walk, kind="words", key="1", words="Bring water.")
    mail = OutboxMessage.objects.create(kind="walks.words", to_address=MAIL.upper(), subject="Walk", body_text=WORD)
    NoticeTo.objects.create(notice=notice, person=person, signup=signup, mail=mail)
    run()
    person.refresh_from_db(), notice.refresh_from_db(), mail.refresh_from_db()
    assert (person.name, person.email, person.phone) == (NOBODY, "", "")
    assert person.anonymized_at is not None
    assert (notice.words, notice.to.count(), mail.status) == ("Bring water.", 0, "cancelled")
    line = AuditEvent.objects.get(action="person.forgotten")
    assert (line.object_id, line.detail, line.actor) == (person.public_id, {}, None)


@pytest.mark.parametrize("why", ["recent", "coming", "signs in", "works", "leads"])
def test_who_is_still_about_is_not_forgotten(why: str) -> None:
    person = somebody()
    withdrawn(person, days=80 if why == "recent" else 100)
    if why == "coming":
        factories.make_signup(person=person)
    elif why == "signs in":
        factories.make_user(person=person)
    elif why == "works":
        factories.make_membership(person, factories.make_organization())
    elif why == "leads":
        factories.make_walk(lead=person)
    run()
    person.refresh_from_db()
    assert (person.name, person.email, person.phone) == (WORD, MAIL, PHONE)


def test_the_address_of_who_promised_goes_when_the_promise_is_settled(organizer: User) -> None:
    due = {"due_on": ago(200).date(), "first_due_on": ago(200).date(), "owner_name": "Ms. Lee", "owner_email": MAIL}
    kept = Commitment.objects.create(
        text="Cut the tree", state="kept", kept_on=ago(100).date(), settled_at=ago(100), **due
    )
    still = Commitment.objects.create(text="Mend the lamp", **due)
    mail = OutboxMessage.objects.create(
        kind="promise",
        about=f"commitment {kept.public_id}",
        to_address=MAIL,
        subject="x",
        body_text="x",
        status="sent",
        sent_at=ago(60),
    )
    run()
    kept.refresh_from_db(), still.refresh_from_db(), mail.refresh_from_db()
    assert (kept.owner_email, kept.owner_name, still.owner_email, mail.to_address) == ("", "Ms. Lee", MAIL, "")


def marked_walk(organizer: User) -> None:
    """A walk of long ago with the marker wherever a name, an address or a number may be."""
    walk = walk_over(200, designee_name=WORD, designee_phone=PHONE)
    signup = withdrawn(somebody(), emergency_contact=f"{WORD} {PHONE}", access_needs=WORD, said_words=WORD)
    GroupMember.objects.create(signup=signup, name=WORD)
    presence(walk, guardian_note=f"{WORD} {PHONE}", greeter=WORD)
    factories.make_device(walk=walk, name=WORD)
    Pledge.objects.create(walk=walk, organization=factories.make_organization(), contact_name=WORD, note=WORD)
    GuardianConsent.objects.create(
        person=factories.make_person(), walk=walk, guardian_name=WORD, guardian_phone=PHONE, how="paper",
        recorded_by=organizer.person,
    )  # fmt: skip
    WalkSeries.objects.create(
        title="Saturdays", corridor=walk.corridor, rule="FREQ=WEEKLY", starts_on=ago(300).date(), meet_clock="14:00",
        ended_at=ago(200), designee_name=WORD, designee_phone=PHONE,
    )  # fmt: skip
    OutboxMessage.objects.create(
        kind="walks.day_before", to_address=MAIL, subject=WORD, body_text=WORD, body_html=PHONE,
        dedupe_key=f"day_before:{uuid.uuid4()}:{MAIL}", headers={"To": f"{WORD} <{MAIL}>"},
    )  # fmt: skip


def test_nothing_of_it_is_left_anywhere(organizer: User) -> None:
    marked_walk(organizer)
    assert all(marker in everything_stored() for marker in (WORD, MAIL, PHONE))
    daily()
    stored = everything_stored()
    assert [marker for marker in (WORD, MAIL, PHONE) if marker in stored] == []


def test_a_dry_run_lists_the_same_and_a_second_run_changes_nothing(organizer: User) -> None:
    marked_walk(organizer)
    before = everything_stored()
    listed = run(dry=True)
    assert everything_stored() == before
    assert run() == listed
    assert len(listed) >= 9
    after = everything_stored()
    assert run() == {}
    assert everything_stored() == after

"""Handing a concern to who should fix it: who has it, who hears of it, what they answer."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from concerns import actions
from concerns.handing_mail import hand_over, send_handovers, waiting
from concerns.models import Assignment, Concern, Handover, RoutingRule
from concerns.partner_access import handover_token
from office.models import AuditEvent, OutboxMessage
from office.refused import Refused
from people.models import Organization, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(db: None) -> Organization:
    return factories.make_organization(name="Street Lights", email="lights@city.example")


@pytest.fixture
def other(db: None) -> Organization:
    return factories.make_organization(name="Power Company", email="lines@power.example")


def assign(organizer: User, to: Organization, **fields: Any) -> Assignment:
    return actions.assign_concern(concern=factories.make_concern(**fields), organization=to, by=organizer)


def now_of(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


def a_while_ago() -> None:
    Assignment.objects.update(from_at=timezone.now() - timedelta(minutes=11))


# Handing over.


def test_handing_over_tells_the_story_and_sets_the_status(organizer: User, city: Organization) -> None:
    concern = factories.make_concern()
    actions.assign_concern(concern=concern, organization=city, by=organizer, note="Pole 7")
    concern = now_of(concern)
    assert concern.status == "referred_to_owner"
    assert concern.due_on is not None
    line = concern.updates.get(kind="assigned")
    assert (line.to_value, line.note, line.is_public) == ("Street Lights", "Pole 7", False)
    assert AuditEvent.objects.filter(action="assign", object_id=concern.public_id).exists()


def test_a_concern_is_with_one_at_a_time(organizer: User, city: Organization, other: Organization) -> None:
    first = assign(organizer, city)
    actions.assign_concern(concern=now_of(first.concern), organization=other, by=organizer)
    assert [one.organization for one in Assignment.objects.current()] == [other]
    assert Assignment.objects.get(pk=first.pk).until_at is not None


def test_the_same_organization_is_refused_a_second_time(organizer: User, city: Organization) -> None:
    first = assign(organizer, city)
    with pytest.raises(Refused, match="has it already"):
        actions.assign_concern(concern=now_of(first.concern), organization=city, by=organizer)


@pytest.mark.parametrize(
    "fields",
    [
        {"category": "VACANT_OPEN", "answers": {"occupied": "part"}},
        {"publication": "spam"},
        {"status": "withdrawn"},
        {"status": "not_actionable", "triaged_at": timezone.now()},
    ],
)
def test_what_may_not_leave_is_not_handed_over(organizer: User, city: Organization, fields: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        assign(organizer, city, **fields)
    assert not Assignment.objects.exists()


def test_who_saw_an_older_version_is_told_both(organizer: User, city: Organization) -> None:
    concern = factories.make_concern()
    seen = actions.version_of(concern)
    actions.triage(concern=now_of(concern), by=organizer)
    with pytest.raises(Refused, match=r"Somebody was quicker.*Street Lights"):
        actions.assign_concern(concern=now_of(concern), organization=city, by=organizer, expected=seen)


def test_taking_it_back_opens_it_again(organizer: User, city: Organization) -> None:
    first = assign(organizer, city)
    actions.end_assignment(assignment=first, by=organizer)
    assert now_of(first.concern).status == "triaged"
    assert not Assignment.objects.current().exists()


def test_an_undo_gives_it_back_to_who_had_it(organizer: User, city: Organization, other: Organization) -> None:
    first = assign(organizer, city)
    second = actions.assign_concern(concern=now_of(first.concern), organization=other, by=organizer)
    actions.take_back_assignment(assignment=second, by=organizer)
    assert Assignment.objects.current().get() == first


def test_an_undo_is_refused_once_they_were_told(organizer: User, city: Organization) -> None:
    first = assign(organizer, city)
    hand_over(organization=city, by=organizer)
    with pytest.raises(Refused, match="told already"):
        actions.take_back_assignment(assignment=first, by=organizer)


def test_merging_ends_it(organizer: User, city: Organization) -> None:
    first = assign(organizer, city)
    walk = first.concern.walk
    actions.mark_duplicate(concern=now_of(first.concern), of=factories.make_concern(walk=walk), by=organizer)
    assert not Assignment.objects.current().exists()


# Mail.


def test_thirty_concerns_are_one_mail(organizer: User, city: Organization) -> None:
    walk = factories.make_walk()
    for _n in range(30):
        assign(organizer, city, walk=walk)
    assert send_handovers() == 0  # somebody may still be adding
    a_while_ago()
    assert send_handovers() == 1
    assert send_handovers() == 0
    mail = OutboxMessage.objects.get()
    assert mail.to_address == "lights@city.example"
    assert "30 places" in mail.subject
    assert mail.body_text.count("3512 Independence Ave") == 30
    assert handover_token(Handover.objects.get()) in mail.body_text


def test_a_steady_trickle_goes_out_after_two_hours(organizer: User, city: Organization) -> None:
    old = assign(organizer, city)
    assign(organizer, city)
    Assignment.objects.filter(pk=old.pk).update(from_at=timezone.now() - timedelta(hours=3))
    assert send_handovers() == 1


def test_without_an_address_it_waits_and_the_desk_sees_why(desk: Client, organizer: User) -> None:
    mute = factories.make_organization(name="Mute Office")
    assign(organizer, mute)
    a_while_ago()
    assert send_handovers() == 0
    assert "waits because Mute Office has no address" in desk.get("/desk/").content.decode()


def test_what_waits_is_found_by_as_many_queries_for_many(organizer: User, django_assert_num_queries: Any) -> None:
    for n in range(3):
        mute = factories.make_organization()
        factories.make_membership(factories.make_person(email=f"wren{n}@example.org"), mute, is_contact=True)
        factories.make_membership(factories.make_person(email=f"later{n}@example.org"), mute, is_contact=True)
        assign(organizer, mute)
    with django_assert_num_queries(3):
        found = waiting()
    assert [one.recipient and one.recipient.address for one in found] == [f"wren{n}@example.org" for n in range(3)]


def test_a_contact_s_address_is_as_good(organizer: User) -> None:
    mute = factories.make_organization()
    factories.make_membership(factories.make_person(email="wren.contact@example.org"), mute, is_contact=True)
    assign(organizer, mute)
    a_while_ago()
    send_handovers()
    assert OutboxMessage.objects.get().to_address == "wren.contact@example.org"


def test_an_occupied_house_never_goes_out(organizer: User, city: Organization) -> None:
    """Asked again when the mail is written: somebody may have learned meanwhile that people live there."""
    house = assign(organizer, city, category="VACANT_OPEN")
    Concern.objects.filter(pk=house.concern_id).update(answers={"occupied": ["yes"]})
    a_while_ago()
    assert send_handovers() == 0
    Concern.objects.filter(pk=house.concern_id).update(help_first="offered")
    assert send_handovers() == 1


def test_o04_a_waiting_mail_to_the_old_agency_is_taken_back(
    organizer: User, city: Organization, other: Organization
) -> None:
    walk = factories.make_walk()
    first, stays = assign(organizer, city, walk=walk), assign(organizer, city, walk=walk)
    hand_over(organization=city, by=organizer)
    actions.assign_concern(concern=now_of(first.concern), organization=other, by=organizer)
    assert [mail.status for mail in OutboxMessage.objects.filter(kind="handover")] == ["cancelled"]
    assert set(Assignment.objects.to_tell()) == {Assignment.objects.get(pk=stays.pk), first.concern.assignments.first()}
    hand_over(organization=city, by=organizer)
    assert Handover.objects.first().assignments.get() == stays  # type: ignore[union-attr]


def test_what_is_back_is_told_again_with_both_photos(organizer: User, city: Organization) -> None:
    first = assign(organizer, city)
    hand_over(organization=city, by=organizer)
    actions.answer_assignment(assignment=first, answer="fixed", by=None)
    then = factories.make_photo(concern=first.concern)
    look = actions.record_look(concern=now_of(first.concern), result="still_there", lit="dark", by=organizer)
    now = factories.make_photo(look=look, concern=None)
    assert now_of(first.concern).status == "reopened"
    assert send_handovers(timezone.now() + timedelta(minutes=11)) == 1
    mail = OutboxMessage.objects.order_by("id").last()
    assert mail is not None
    assert "still there" in mail.subject
    assert str(then.public_id) in mail.body_text
    assert str(now.public_id) in mail.body_text


# Answers.


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("accepted", "referred_to_owner"),
        ("working", "in_progress"),
        ("fixed", "claimed_fixed"),
        ("not_ours", "triaged"),
    ],
)
def test_an_answer_moves_the_concern_as_far_as_it_may(
    organizer: User, partner: User, city: Organization, answer: str, status: str
) -> None:
    first = assign(organizer, city)
    actions.answer_assignment(assignment=first, answer=answer, by=partner, note="secret words")
    concern = now_of(first.concern)
    assert concern.status == status
    line = concern.updates.get(kind="assigned", voice="agency")
    assert (line.to_value, line.note, line.is_public) == (answer, "secret words", False)
    assert not concern.updates.filter(public_note__contains="secret").exists()
    assert Assignment.objects.current().exists() is (answer != "not_ours")


def test_fixed_is_never_verified(organizer: User, partner: User, partner_organization: Organization) -> None:
    first = assign(organizer, partner_organization)
    picture = _jpeg()
    actions.answer_assignment(assignment=first, answer="fixed", by=partner, photo=picture)
    look = first.concern.looks.get()
    assert (look.is_by_fixer, look.publication, look.photos.count()) == (True, "held", 1)
    assert now_of(first.concern).status == "claimed_fixed"
    actions.answer_assignment(assignment=first, answer="fixed", by=partner, photo=picture)
    assert first.concern.looks.count() == 1


def _jpeg() -> bytes:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), "olive").save(buffer, "JPEG")
    return buffer.getvalue()


def test_a_photo_that_is_none_leaves_the_answer(organizer: User, city: Organization) -> None:
    done = actions.answer_assignment(assignment=assign(organizer, city), answer="fixed", by=None, photo=b"<svg>")
    assert done.photo_problem
    assert done.assignment.answer == "fixed"


def test_a_promised_day_is_the_deadline(organizer: User, city: Organization) -> None:
    first, day = assign(organizer, city), timezone.localdate() + timedelta(days=40)
    actions.answer_assignment(assignment=first, answer="working", by=None, promised_on=day)
    assert now_of(first.concern).due_on == day


@pytest.mark.parametrize(("answer", "days"), [("nonsense", 1), ("working", -1), ("working", 4000)])
def test_a_wrong_answer_changes_nothing(organizer: User, city: Organization, answer: str, days: int) -> None:
    first = assign(organizer, city)
    day = timezone.localdate() + timedelta(days=days)
    with pytest.raises(Refused):
        actions.answer_assignment(assignment=first, answer=answer, by=None, promised_on=day)
    assert Assignment.objects.get().answer == ""
    assert now_of(first.concern).status == "referred_to_owner"


def test_the_same_answer_twice_is_one(organizer: User, city: Organization) -> None:
    first = assign(organizer, city)
    assert actions.answer_assignment(assignment=first, answer="working", by=None, note="soon").changed
    assert not actions.answer_assignment(assignment=first, answer="working", by=None, note="soon").changed
    assert first.concern.updates.filter(voice="agency", kind="assigned").count() == 1


def test_o4_an_answer_after_it_was_given_to_another_is_refused(
    organizer: User, city: Organization, other: Organization
) -> None:
    first = assign(organizer, city)
    actions.assign_concern(concern=now_of(first.concern), organization=other, by=organizer)
    with pytest.raises(Refused, match="isn’t with Street Lights any more"):
        actions.answer_assignment(assignment=first, answer="fixed", by=None)
    assert now_of(first.concern).status == "referred_to_owner"


@pytest.mark.django_db(transaction=True)
def test_two_answer_at_once_and_the_second_sees_both(organizer: User, city: Organization) -> None:
    first = assign(organizer, city)
    start, told = threading.Barrier(2), ["", ""]

    def run(i: int, answer: str) -> None:
        start.wait()
        try:
            actions.answer_assignment(
                assignment=Assignment.objects.get(pk=first.pk), answer=answer, by=None, note=f"n{i}", expected="none"
            )
        except Refused as refused:
            told[i] = refused.message
        finally:
            connection.close()

    jobs: list[Callable[[], None]] = [lambda: run(0, "working"), lambda: run(1, "fixed")]
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(map(bool, told)) == [False, True]
    refusal = "".join(told)
    for words in ("we are working on it", "it is fixed", "Nothing was changed"):
        assert words in refusal


# The desk's page.


def test_the_desk_hands_over_and_sends_at_once(desk: Client, organizer: User, city: Organization) -> None:
    concern = factories.make_concern()
    RoutingRule.objects.create(organization=city)
    page = desk.get(f"/desk/concerns/{concern.public_id}/").content.decode()
    assert f'<option value="{city.public_id}" selected>' in page
    body = {"organization": str(city.public_id), "seen": actions.version_of(concern)}
    assert desk.post(f"/desk/concerns/{concern.public_id}/assign/", body).status_code == 302
    page = desk.get(f"/desk/handovers/?preview={city.public_id}").content.decode()
    assert "lights@city.example" in page
    assert "3512 Independence Ave" in page
    assert not OutboxMessage.objects.filter(kind="handover").exists()
    desk.post(f"/desk/handovers/{city.public_id}/send/")
    assert OutboxMessage.objects.get(kind="handover").to_address == "lights@city.example"
    page = desk.get(f"/desk/concerns/{concern.public_id}/").content.decode()
    assert "Told by mail on" in page
    desk.post(f"/desk/concerns/{concern.public_id}/unassign/")
    assert not Assignment.objects.current().exists()


@pytest.mark.parametrize("organization", ["", "nonsense", "00000000-0000-0000-0000-000000000007"])
def test_a_wrong_choice_is_named(desk: Client, organization: str) -> None:
    concern = factories.make_concern()
    answer = desk.post(f"/desk/concerns/{concern.public_id}/assign/", {"organization": organization, "note": "keep me"})
    assert answer.status_code == 400
    assert "keep me" in answer.content.decode()


def test_not_ours_comes_back_to_the_desk(desk: Client, organizer: User, city: Organization) -> None:
    actions.answer_assignment(assignment=assign(organizer, city), answer="not_ours", by=None)
    assert "thing they say isn’t theirs" in desk.get("/desk/").content.decode()

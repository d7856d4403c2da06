"""Many concerns at once: each for itself, with a list of what became of it, and back for ten minutes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from concerns import actions, bulk
from concerns.bulk import Do, Order
from concerns.content_flags import flag_content
from concerns.models import Assignment, BulkItem, BulkMove, Concern, Photo
from office.models import AuditEvent, OutboxMessage
from office.refused import Refused
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
LIST, BULK = "/desk/concerns/", "/desk/concerns/bulk/"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# What a concern says about its life; the time of the last change always moves.
LIFE = [field.attname for field in Concern._meta.concrete_fields if field.attname != "updated_at"]


def life_of(concern: Concern) -> dict[str, Any]:
    now = Concern.objects.get(pk=concern.pk)
    return {name: getattr(now, name) for name in LIFE}


def do(by: User, concerns: list[Concern], do: str, **order: Any) -> BulkMove:
    return bulk.do_many(concerns=concerns, by=by, order=Order(do=do, **order))


def reasons(move: BulkMove) -> dict[int, str]:
    return {item.concern_id: item.skipped for item in move.items.all()}


def with_a_reporter(**fields: Any) -> Concern:
    """A concern whose reporter hears of it by mail."""
    reporter = factories.make_reporter(
        email="wren@example.org", wants_mail=True, mail_confirmed_at=timezone.now(), language="es", **fields
    )
    return reporter.concern


# Each for itself.


def test_each_is_done_or_skipped_alone(organizer: User) -> None:
    held, public = factories.make_concern(), factories.make_published_concern()
    seen, unseen = factories.make_concern(), factories.make_concern()
    factories.make_photo(concern=seen)
    factories.make_photo(concern=unseen, approved_at=None)
    move = do(organizer, [held, public, seen, unseen], Do.PUBLISH)
    told = reasons(move)
    assert (told[held.pk], told[seen.pk]) == ("", "")
    assert "already" in told[public.pk]
    assert "photo isn’t reviewed" in told[unseen.pk]
    published = Concern.objects.filter(publication="published")
    assert set(published) == {held, public, seen}


def test_a_photo_that_cannot_be_read_holds_nothing_up(organizer: User) -> None:
    concern = factories.make_concern()
    factories.make_photo(concern=concern, approved_at=None, state=Photo.State.UNREADABLE)
    assert reasons(do(organizer, [concern], Do.PUBLISH)) == {concern.pk: ""}


@pytest.mark.parametrize(
    ("order", "changed"),
    [
        ({"do": Do.READ}, {"status": "triaged"}),
        ({"do": Do.HIDE, "note": "It is not true"}, {"publication": "hidden", "hidden_reason": "It is not true"}),
        ({"do": Do.STATUS, "status": "monitoring"}, {"status": "monitoring"}),
        ({"do": Do.STATUS, "status": "not_actionable", "note": "It is a school"}, {"status": "not_actionable"}),
        ({"do": Do.PUBLISH}, {"publication": "published", "status": "triaged"}),
    ],
)
def test_what_can_be_done_can_be_taken_back_to_the_last_value(
    organizer: User, order: dict[str, Any], changed: dict[str, Any]
) -> None:
    concern = factories.make_concern()
    before = life_of(concern)
    move = do(organizer, [concern], **order)
    after = life_of(concern)
    assert {name: after[name] for name in changed} == changed
    n_lines = concern.updates.count()
    bulk.undo(move=move, by=organizer)
    assert life_of(concern) == before
    assert concern.updates.count() > n_lines
    assert [line.note for line in concern.updates.order_by("-id")[:1]] == ["taken back"]


def test_a_public_concern_that_was_hidden_comes_back_with_its_words(organizer: User) -> None:
    concern = factories.make_published_concern(due_on=timezone.localdate(), status="reported")
    before = life_of(concern)
    move = do(organizer, [concern], Do.HIDE)
    bulk.undo(move=move, by=organizer)
    assert life_of(concern) == before


def test_reports_of_content_wait_again_after_hiding_is_taken_back(organizer: User) -> None:
    concern = factories.make_published_concern()
    flag_content(concern=concern, source="somebody", reason="wrong")
    move = do(organizer, [concern], Do.HIDE)
    assert not concern.content_flags.open().exists()
    bulk.undo(move=move, by=organizer)
    assert concern.content_flags.open().count() == 1
    concern.refresh_from_db()
    assert concern.flags == ["reported"]


def test_what_somebody_changed_since_the_list_was_opened_is_skipped_with_both_versions(
    organizer: User, admin: User
) -> None:
    mine, theirs = factories.make_concern(), factories.make_concern()
    opened = timezone.now()
    actions.triage(concern=theirs, by=admin)
    move = bulk.do_many(concerns=[mine, theirs], by=organizer, order=Order(do=Do.HIDE), as_of=opened)
    told = reasons(move)
    assert told[mine.pk] == ""
    assert admin.short_name in told[theirs.pk]
    assert Concern.objects.get(pk=theirs.pk).publication == "held"


def test_a_thousand_and_one_are_too_many(organizer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    with pytest.raises(Refused, match="At most 1"):
        do(organizer, [factories.make_concern(), factories.make_concern()], Do.READ)
    assert not BulkMove.objects.exists()


def test_what_there_is_no_time_for_is_said(organizer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LONGEST_SECONDS", 0)
    concern = factories.make_concern()
    assert "time" in reasons(do(organizer, [concern], Do.READ))[concern.pk]
    assert Concern.objects.get().status == "new"


# Taking it back.


def test_what_somebody_changed_since_stays_and_is_named(organizer: User, admin: User) -> None:
    mine, theirs = factories.make_concern(), factories.make_concern()
    move = do(organizer, [mine, theirs], Do.READ)
    actions.move_concern(concern=Concern.objects.get(pk=theirs.pk), to="monitoring", by=admin)
    bulk.undo(move=move, by=organizer)
    assert Concern.objects.get(pk=mine.pk).status == "new"
    assert Concern.objects.get(pk=theirs.pk).status == "monitoring"
    refused = BulkItem.objects.exclude(undo_refused="")
    assert [item.concern_id for item in refused] == [theirs.pk]
    assert admin.short_name in refused[0].undo_refused


def test_it_is_taken_back_once(organizer: User) -> None:
    concern = factories.make_concern()
    move = do(organizer, [concern], Do.READ)
    bulk.undo(move=move, by=organizer)
    n_lines = concern.updates.count()
    with pytest.raises(Refused, match="already"):
        bulk.undo(move=move, by=organizer)
    assert concern.updates.count() == n_lines


@pytest.mark.parametrize(("late", "status"), [(timedelta(0), "new"), (timedelta(seconds=1), "triaged")])
def test_ten_minutes_and_no_second_more(organizer: User, late: timedelta, status: str) -> None:
    concern = factories.make_concern()
    move = do(organizer, [concern], Do.READ)
    at = move.at + timedelta(minutes=10) + late
    if late:
        with pytest.raises(Refused, match="Ten minutes"):
            bulk.undo(move=move, by=organizer, at=at)
    else:
        bulk.undo(move=move, by=organizer, at=at)
    assert Concern.objects.get().status == status


def test_a_colleague_may_take_it_back_and_the_story_says_who(organizer: User, admin: User) -> None:
    concern = factories.make_concern()
    move = do(organizer, [concern], Do.READ)
    bulk.undo(move=move, by=admin)
    line = concern.updates.order_by("-id").first()
    assert line is not None
    assert line.by == admin
    assert AuditEvent.objects.get(resource="desk.bulk").actor == admin.public_id


# Giving them to who fixes it.


def test_many_are_given_to_who_fixes_it_and_back_to_who_had_it_before(organizer: User) -> None:
    works, housing = factories.make_organization(name="Works"), factories.make_organization(name="Housing")
    fresh, had = (factories.make_published_concern() for _n in range(2))
    do(organizer, [had], Do.ASSIGN, organization=housing)
    house = factories.make_concern(category="VACANT_BLD", answers={"occupied": "yes"})
    move = do(organizer, [fresh, had, house], Do.ASSIGN, organization=works, note="By Friday")
    told = reasons(move)
    assert (told[fresh.pk], told[had.pk]) == ("", "")
    assert "help was offered" in told[house.pk]
    now = Assignment.objects.current()
    assert {one.concern_id: one.organization for one in now} == {fresh.pk: works, had.pk: works}
    bulk.undo(move=move, by=organizer)
    assert {one.concern_id: one.organization for one in now.all()} == {had.pk: housing}
    assert not BulkItem.objects.exclude(undo_refused="").exists()


def test_who_had_it_has_it_again_when_nothing_to_be_done_is_taken_back(organizer: User) -> None:
    concern = factories.make_concern(status="triaged", triaged_at=timezone.now())
    theirs = actions.assign_concern(concern=concern, organization=factories.make_organization(), by=organizer)
    move = do(organizer, [concern], "status", status="not_actionable", note="torn down")
    theirs.refresh_from_db()
    assert not theirs.is_current
    bulk.undo(move=move, by=organizer)
    theirs.refresh_from_db()
    concern.refresh_from_db()
    assert (theirs.is_current, concern.status) == (True, "referred_to_owner")


def test_the_list_gives_them_to_a_chosen_organization(desk: Client) -> None:
    works, concern = factories.make_organization(name="Works"), factories.make_published_concern()
    given = {"do": "assign", "concern": str(concern.public_id), "organization": str(works.public_id)}
    assert desk.post(BULK, given | {"organization": "nobody"}).status_code == 400
    assert desk.post(BULK, given | {"organization": ""}).status_code == 400
    assert desk.post(BULK, given).status_code == 302
    assert Assignment.objects.current().get().organization == works


# Mail.


def test_mail_waits_until_it_cannot_be_taken_back_any_more(organizer: User) -> None:
    concern = with_a_reporter()
    move = do(organizer, [concern], Do.STATUS, status="reported")
    mail = OutboxMessage.objects.get()
    assert mail.due_at > move.at + timedelta(minutes=10)
    bulk.undo(move=move, by=organizer)
    assert OutboxMessage.objects.get().status == OutboxMessage.Status.CANCELLED


def test_mail_about_what_somebody_changed_since_is_still_sent(organizer: User, admin: User) -> None:
    concern = with_a_reporter()
    move = do(organizer, [concern], Do.STATUS, status="reported")
    actions.move_concern(concern=Concern.objects.get(), to="in_progress", by=admin)
    bulk.undo(move=move, by=organizer)
    states = list(OutboxMessage.objects.order_by("id").values_list("status", flat=True))
    assert states == [OutboxMessage.Status.QUEUED] * 2
    assert OutboxMessage.objects.latest("id").due_at <= timezone.now()


# The pages.


def test_the_list_of_results_names_each_and_why(desk: Client) -> None:
    house = factories.make_concern(category="VACANT_BLD", answers={"occupied": "yes"}, address="12 Lawn Ave")
    lamp = factories.make_concern()
    response = desk.post(
        BULK, {"do": "publish", "concern": [lamp.public_id, house.public_id], "back": f"{LIST}?photo=1"}
    )
    page = desk.get(response.headers["Location"]).content.decode()
    assert "1 published, 1 skipped" in page
    assert "help was offered" in page
    assert f"{LIST}{house.public_id}/" in page
    assert f'href="{LIST}?photo=1"' in page


def test_of_one_the_list_itself_tells_with_the_way_back(desk: Client) -> None:
    concern = factories.make_concern()
    response = desk.post(BULK, {"do": "publish", "concern": [concern.public_id]}, follow=True)
    move = BulkMove.objects.get()
    page = response.content.decode()
    assert response.redirect_chain == [(LIST, 302)]
    assert "1 published" in page
    desk.post(f"{BULK}{move.public_id}/undo/", {"back": LIST})
    assert Concern.objects.get().publication == "held"
    assert "1 published" not in desk.get(LIST).content.decode()


def test_taking_back_twice_says_so_and_changes_nothing(desk: Client, organizer: User) -> None:
    move = do(organizer, [factories.make_concern()], Do.READ)
    address = f"{BULK}{move.public_id}/undo/"
    desk.post(address)
    response = desk.post(address)
    assert response.status_code == 409
    assert "taken back already" in response.content.decode()


def test_o05_no_link_takes_back_or_does_anything(desk: Client, organizer: User) -> None:
    concern = factories.make_concern()
    move = do(organizer, [concern], Do.READ)
    for method in (desk.get, desk.head):
        assert method(f"{BULK}{move.public_id}/undo/").status_code == 405
        assert method(BULK).status_code == 405
        assert method(f"{BULK}{move.public_id}/").status_code == 200
    assert Concern.objects.get().status == "triaged"


def test_everything_under_the_filters_means_what_had_arrived_when_the_list_was_opened(desk: Client) -> None:
    lamps = [factories.make_concern() for _n in range(3)]
    factories.make_concern(category="DUMPING")
    given = {"do": "read", "all": "1", "query": "show=unread&category=LIGHT_OUT", "as_of": timezone.now().isoformat()}
    later = factories.make_concern()
    desk.post(BULK, given)
    assert set(Concern.objects.filter(status="triaged")) == set(lamps)
    assert Concern.objects.get(pk=later.pk).status == "new"


@pytest.mark.parametrize("wrong", [{"query": "walk=7"}, {"as_of": ""}, {"as_of": "yesterday"}, {"as_of": "2026-01-01"}])
def test_everything_under_filters_that_cannot_be_read_changes_nothing(desk: Client, wrong: dict[str, str]) -> None:
    factories.make_concern()
    given = {"do": "read", "all": "1", "query": "", "as_of": timezone.now().isoformat()} | wrong
    assert desk.post(BULK, given).status_code in {302, 400}
    assert Concern.objects.get().status == "new"


def test_a_status_that_needs_a_reason_is_asked_for_it_and_keeps_what_was_typed(desk: Client) -> None:
    concern = factories.make_concern()
    given = {"do": "status", "to": "not_actionable", "public_note": "We asked", "concern": [str(concern.public_id)]}
    response = desk.post(BULK, given)
    page = response.content.decode()
    assert response.status_code == 400
    assert "Say why there is nothing to be done." in page
    assert "We asked" in page
    assert str(concern.public_id) in page
    desk.post(BULK, given | {"note": "A school"})
    assert Concern.objects.get().status == "not_actionable"


@pytest.mark.parametrize("given", [{}, {"do": ""}, {"do": "delete"}, {"do": "status"}, {"do": "status", "to": "new"}])
def test_a_wrong_order_is_refused_in_words(desk: Client, given: dict[str, str]) -> None:
    concern = factories.make_concern()
    assert desk.post(BULK, given | {"concern": str(concern.public_id)}).status_code == 400
    assert not BulkMove.objects.exists()


def test_the_list_of_results_asks_the_database_a_constant_number_of_times(desk: Client, organizer: User) -> None:
    def count(n: int) -> int:
        move = do(organizer, [factories.make_concern() for _n in range(n)], Do.READ)
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(f"{BULK}{move.public_id}/").status_code == 200
        return len(asked)

    count(1)
    assert count(3) == count(12) <= 12


def test_each_costs_few_queries(organizer: User) -> None:
    concerns = [factories.make_concern() for _n in range(5)]
    with CaptureQueriesContext(connection) as asked:
        do(organizer, concerns, Do.PUBLISH)
    assert len(asked) / len(concerns) <= 22


def test_a_walk_lead_may_not(client: Client, lead: User, organizer: User) -> None:
    move = do(organizer, [factories.make_concern(walk=factories.make_walk(lead=lead.person))], Do.READ)
    client.force_login(lead, backend=BACKEND)
    assert client.get(f"{BULK}{move.public_id}/").status_code == 403
    assert client.post(f"{BULK}{move.public_id}/undo/").status_code == 403
    assert Concern.objects.get().status == "triaged"

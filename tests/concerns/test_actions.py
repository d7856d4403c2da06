"""What changes a concern: logging, reading, moving, re-placing. Publishing and merging have files of their own."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from concerns import actions
from concerns.actions import MoveRefused, Refused
from concerns.models import Category, Concern
from concerns.workflow import MOVES, Status
from office.models import AuditEvent
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db

HERE = Point(-94.53912, 39.10612, srid=4326)


def log(**fields: Any) -> Concern:
    category = Category.objects.get(code=fields.pop("code", "LIGHT_OUT"))
    walk = fields.pop("walk", None) or factories.make_running_walk()
    given: dict[str, Any] = {"category": category, "source": "field", "walk": walk, "location": HERE} | fields
    return actions.log_concern(**given)


# Logging.


def test_it_logs_a_concern_that_waits_to_be_read() -> None:
    concern = Concern.objects.get(pk=log(note=" Dark by the bus stop ").pk)
    assert (concern.status, concern.publication, concern.note) == ("new", "held", "Dark by the bus stop")
    assert concern.segment is not None
    assert concern.side == "left"
    line = concern.updates.get()
    assert (line.kind, line.to_value, line.voice) == ("logged", "new", "walkers")


def test_logging_takes_three_statements_at_most(django_assert_max_num_queries: Any) -> None:
    category, walk = Category.objects.get(code="LIGHT_OUT"), factories.make_running_walk()
    with CaptureQueriesContext(connection) as log_, connection.execute_wrapper(_no_savepoints):
        actions.log_concern(category=category, source="field", walk=walk, location=HERE)
    assert len(log_) <= 3, [query["sql"][:80] for query in log_]


def _no_savepoints(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert not sql.startswith("SAVEPOINT")
    return execute(sql, params, many, context)


def test_it_refuses_a_concern_without_a_place() -> None:
    with pytest.raises(Refused, match="Say where it is"):
        log(location=None, address=" ")
    assert not Concern.objects.exists()


def test_a_place_off_the_block_is_flagged() -> None:
    assert log(location=Point(-94.5, 39.0, srid=4326)).flags == ["no_block"]


def test_words_about_a_person_are_flagged_and_kept() -> None:
    concern = log(note="Call Dan at 816-555-0142")
    assert (concern.flags, concern.note) == (["person_text"], "Call Dan at 816-555-0142")


@pytest.mark.parametrize("off_by", [timedelta(days=2), timedelta(days=-20_000)])
def test_a_wrong_phone_clock_is_flagged_and_not_believed(off_by: timedelta) -> None:
    now = timezone.now()
    concern = log(captured_at=now + off_by, received_at=now)
    assert concern.flags == ["clock_off"]
    assert concern.first_seen_at == now
    assert concern.captured_at == now + off_by


def test_a_record_that_waited_on_the_phone_was_seen_when_the_phone_says() -> None:
    now = timezone.now()
    concern = log(captured_at=now - timedelta(days=3), received_at=now)
    assert (concern.flags, concern.first_seen_at) == ([], now - timedelta(days=3))


# Changing before and after it was read.


def test_it_is_changed_until_somebody_read_it(organizer: User) -> None:
    concern = log()
    actions.change_concern(concern=concern, note="Two lamps", location=Point(-94.5370, 39.10612, srid=4326))
    concern.refresh_from_db()
    assert concern.note == "Two lamps"
    assert concern.segment is not None
    assert concern.segment.position == 1
    actions.triage(concern=concern, by=organizer)
    with pytest.raises(Refused, match="read it already"):
        actions.change_concern(concern=concern, note="Three lamps")
    assert Concern.objects.get().note == "Two lamps"


def test_a_change_that_takes_the_phone_number_away_takes_the_flag_away() -> None:
    concern = log(note="Call 816-555-0142")
    assert actions.change_concern(concern=concern, note="Lamp").flags == []


def test_a_moved_pin_brings_its_own_flags() -> None:
    concern = log(flags=["outside"])
    assert actions.change_concern(concern=concern, note="x").flags == ["outside"]
    assert actions.change_concern(concern=concern, location=HERE, flags=[]).flags == []


def test_a_later_change_waits_until_an_organizer_decides(organizer: User) -> None:
    concern = actions.triage(concern=log(note="One lamp"), by=organizer)
    proposal = actions.propose_change(concern=concern, device=None, body={"note": "Two lamps", "category": "DUMPING"})
    concern.refresh_from_db()
    assert (concern.note, concern.flags, proposal.state) == ("One lamp", ["changed"], "open")
    actions.decide_proposal(proposal=proposal, by=organizer, accept=True)
    concern.refresh_from_db()
    assert (concern.note, concern.category.code, concern.flags) == ("Two lamps", "DUMPING", [])
    with pytest.raises(Refused, match="taken over"):
        actions.decide_proposal(proposal=proposal, by=organizer, accept=False)


def test_an_accepted_change_of_a_public_concern_leaves_the_public_words(organizer: User) -> None:
    concern = factories.make_published_concern(public_text="Light is out")
    proposal = actions.propose_change(concern=concern, device=None, body={"note": "My neighbor did it"})
    actions.decide_proposal(proposal=proposal, by=organizer, accept=True)
    assert Concern.objects.get().public_text == "Light is out"


@pytest.mark.parametrize(
    "body",
    [
        {"position": {"lat": "x", "lon": None}},
        {"position": {"lat": "NaN", "lon": 1}},
        {"position": {"lat": 999, "lon": 999}},
        {"segment": "nonsense", "side": "up", "answers": [], "told_by": 3, "category": None, "note": 7},
    ],
)
def test_an_odd_proposal_changes_nothing_and_breaks_nothing(organizer: User, body: dict[str, Any]) -> None:
    concern = actions.triage(concern=log(), by=organizer)
    proposal = actions.propose_change(concern=concern, device=None, body=body)
    actions.decide_proposal(proposal=proposal, by=organizer, accept=True)
    after = Concern.objects.get()
    assert (after.location, after.side, after.answers) == (concern.location, concern.side, concern.answers)


def test_an_undo_after_reading_is_a_proposal_to_take_it_back(organizer: User) -> None:
    concern = actions.triage(concern=log(), by=organizer)
    with pytest.raises(Refused):
        actions.withdraw_concern(concern=concern)
    proposal = actions.propose_change(concern=concern, device=None, body={"deleted": True})
    actions.decide_proposal(proposal=proposal, by=organizer, accept=True)
    assert Concern.objects.get().status == "withdrawn"


def test_whoever_reported_it_takes_it_back_before_it_is_read() -> None:
    assert actions.withdraw_concern(concern=log()).status == "withdrawn"


# Moving.


@pytest.mark.parametrize("from_status", [s for s in Status.values if s != "duplicate"])
@pytest.mark.parametrize("to", [s for s in Status.values if s != "duplicate"])
def test_moves_follow_the_table(organizer: User, from_status: str, to: str) -> None:
    concern = factories.make_concern(status=from_status, triaged_at=timezone.now())
    if to in MOVES[from_status]:
        actions.move_concern(concern=concern, to=to, by=organizer, note="why")
        row = Concern.objects.get(pk=concern.pk)
        assert row.status == to
        last = row.updates.order_by("-id").first()
        assert last is not None
        assert (last.from_value, last.to_value, last.by) == (from_status, to, organizer)
        assert AuditEvent.objects.filter(action="set_status", object_id=row.public_id, actor=organizer.public_id)
    else:
        with pytest.raises(MoveRefused):
            actions.move_concern(concern=concern, to=to, by=organizer, note="why")
        assert Concern.objects.get(pk=concern.pk).status == from_status
        assert concern.updates.count() == 1


def test_nobody_sets_verified_by_hand() -> None:
    assert not any("verified_fixed" in targets for targets in MOVES.values())


def test_an_unknown_status_is_refused(organizer: User) -> None:
    with pytest.raises(MoveRefused):
        actions.move_concern(concern=factories.make_concern(), to="nonsense", by=organizer)


def test_nothing_to_be_done_needs_a_reason(organizer: User) -> None:
    with pytest.raises(MoveRefused, match="Say why"):
        actions.move_concern(concern=factories.make_concern(), to="not_actionable", by=organizer)


def test_a_move_from_an_old_page_is_refused_with_both_versions(organizer: User, admin: User) -> None:
    concern = factories.make_concern()
    actions.move_concern(concern=concern, to="in_progress", by=admin)
    with pytest.raises(MoveRefused) as refusal:
        actions.move_concern(concern=concern, to="monitoring", by=organizer, expected="new")
    assert "Ada Penhallow" in refusal.value.message
    assert "being worked on" in refusal.value.message
    assert "we are watching it" in refusal.value.message


def test_the_first_move_also_reads_it(organizer: User) -> None:
    concern = actions.move_concern(concern=factories.make_concern(), to="in_progress", by=organizer)
    assert concern.triaged_at is not None


def test_it_is_read_once(organizer: User, admin: User) -> None:
    concern = factories.make_concern()
    actions.triage(concern=concern, by=admin)
    with pytest.raises(MoveRefused, match="Ada Penhallow"):
        actions.triage(concern=concern, by=organizer)


# Where people live.


def occupied(**fields: Any) -> Concern:
    return factories.make_concern(category="VACANT_BLD", answers={"occupied": ["yes"]}, **fields)


@pytest.mark.parametrize("to", ["reported", "referred_to_owner", "in_progress"])
def test_an_occupied_house_goes_nowhere_before_help(organizer: User, to: str) -> None:
    concern = occupied()
    with pytest.raises(MoveRefused, match="help was offered"):
        actions.move_concern(concern=concern, to=to, by=organizer)
    with pytest.raises(Refused, match="help was offered"):
        actions.add_case(concern=concern, by=organizer, system="311", number="7")
    actions.offer_help(concern=concern, by=organizer, kind="offered")
    assert actions.move_concern(concern=concern, to=to, by=organizer).status == to


def test_only_two_kinds_of_help_are_known(organizer: User) -> None:
    with pytest.raises(Refused):
        actions.offer_help(concern=occupied(), by=organizer, kind="coffee")


# Case numbers.


def test_a_case_number_files_an_open_concern(organizer: User) -> None:
    concern = factories.make_concern()
    case = actions.add_case(concern=concern, by=organizer, system=" 311 ", number=" 2026-1 ")
    assert (case.system, case.number, concern.status) == ("311", "2026-1", "reported")


def test_a_case_number_leaves_a_claim_alone(organizer: User) -> None:
    concern = factories.make_concern(status="claimed_fixed", triaged_at=timezone.now())
    actions.add_case(concern=concern, by=organizer, system="311", number="1")
    assert concern.status == "claimed_fixed"


def test_the_same_number_is_refused_and_an_empty_one_too(organizer: User) -> None:
    concern = factories.make_concern()
    actions.add_case(concern=concern, by=organizer, system="311", number="1")
    with pytest.raises(Refused, match="already"):
        actions.add_case(concern=concern, by=organizer, system="311", number="1")
    with pytest.raises(Refused, match="number"):
        actions.add_case(concern=concern, by=organizer, system="311", number=" ")


# Another kind, another place, another walk.


def test_a_stricter_kind_takes_a_public_concern_back(organizer: User) -> None:
    concern = factories.make_published_concern()
    actions.recategorise(concern=concern, category=Category.objects.get(code="VACANT_OPEN"), by=organizer)
    row = Concern.objects.get()
    assert (row.publication, row.public_point, row.public_place, row.public_text) == ("held", None, "", "")
    assert row.updates.filter(kind="publication", from_value="published", to_value="held").exists()


def test_a_hidden_one_forgets_its_place_too(organizer: User) -> None:
    concern = factories.make_published_concern(publication="hidden", hidden_reason="x")
    actions.recategorise(concern=concern, category=Category.objects.get(code="NUISANCE"), by=organizer)
    assert Concern.objects.get().public_point is None


def test_a_laxer_kind_is_not_published_by_itself(organizer: User) -> None:
    house = factories.make_published_concern(category="VACANT_BLD", public_point=None, public_place="", public_text="")
    actions.recategorise(concern=house, category=Category.objects.get(code="DUMPING"), by=organizer)
    assert Concern.objects.get().publication == "held"


def test_another_kind_of_the_same_rule_stays_public(organizer: User) -> None:
    concern = factories.make_published_concern()
    actions.recategorise(concern=concern, category=Category.objects.get(code="DUMPING"), by=organizer)
    row = Concern.objects.get()
    assert (row.publication, row.category.code) == ("published", "DUMPING")


def test_a_new_place_moves_the_block_and_the_public_place(organizer: User) -> None:
    concern = factories.make_published_concern()
    actions.re_place(concern=concern, by=organizer, location=Point(-94.5350, 39.1059, srid=4326))
    row = Concern.objects.get()
    assert row.segment is not None
    assert (row.segment.position, row.side, row.public_segment) == (2, "right", row.segment)
    assert row.public_place.startswith("3700 block")
    assert AuditEvent.objects.filter(action="re_place").exists()


def test_a_place_is_never_taken_away(organizer: User) -> None:
    with pytest.raises(Refused, match="Say where"):
        actions.re_place(concern=factories.make_concern(address=""), by=organizer)


def test_it_moves_to_the_right_walk_without_its_team(organizer: User) -> None:
    concern = factories.make_concern()
    concern.team = factories.make_team(walk=concern.walk)
    concern.save()
    right = factories.make_walk()
    actions.move_to_walk(concern=concern, walk=right, by=organizer)
    row = Concern.objects.get()
    assert (row.walk, row.team) == (right, None)


def test_the_audit_trail_holds_no_words_and_no_address(organizer: User) -> None:
    concern = factories.make_concern(note="marker words", address="4777 Marker Ave")
    actions.publish_concern(concern=concern, by=organizer, text="other words")
    actions.hide_concern(concern=concern, by=organizer, reason="x")
    actions.re_place(concern=concern, by=organizer, location=HERE)
    told = " ".join(f"{event.detail} {event.reason}" for event in AuditEvent.objects.all())
    assert "arker" not in told
    assert "39.1" not in told

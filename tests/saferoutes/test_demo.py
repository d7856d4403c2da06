"""The demo story: told once, in every status, and taken away exactly."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.utils import timezone

from concerns.content_flags import ContentFlag
from concerns.models import Category, Commitment, Concern, ConcernUpdate
from concerns.public import PublicConcern, PublicHouseCount
from concerns.workflow import Status
from corridors.models import Corridor
from office.models import Coalition, OutboxMessage
from people.models import Organization, Person, User
from people.roles import Role
from tests import factories
from walks.gaps import staffing_gaps
from walks.models import Debrief, NoticeTo, Presence, Walk, WalkSeries
from walks.planning import Plan
from walks.series import make_due_walks

# Rows that are there before the demo (migrations), or that say that there was one.
NOT_COUNTED = {"office.auditevent", "office.coalition", "axes.accesslog"}


def counts() -> dict[str, int]:
    return {
        model._meta.label_lower: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed and model._meta.label_lower not in NOT_COUNTED
    }


@pytest.fixture
def media(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def load(folder: Path) -> str:
    sign_ins = folder / "sign-ins.txt"
    call_command("load_demo", sign_ins=str(sign_ins), verbosity=0)
    return sign_ins.read_text()


@pytest.mark.django_db
def test_it_tells_the_whole_story(media: Path, django_assert_max_num_queries: object) -> None:
    text = load(media)
    assert set(Concern.objects.values_list("status", flat=True)) == set(Status.values)
    assert {walk.state for walk in Walk.objects.all()} == {"published", "draft"}
    assert User.objects.filter(role=Role.ADMIN).exists()
    assert text.count("@demo.example") == User.objects.count()
    assert oct((media / "sign-ins.txt").stat().st_mode)[-3:] == "600"
    avenue = Corridor.objects.with_length().get()
    assert avenue.length.m == pytest.approx(2189.5, rel=0.001)
    assert avenue.segments.current().count() == 17
    assert Coalition.current().is_demo


@pytest.mark.django_db
def test_its_next_walk_is_planned_but_for_one_gap(media: Path, desk: Client) -> None:
    load(media)
    walk = Walk.objects.get(title="Lawn and Van Brunt, by day")
    plan = Plan(walk)
    gaps = {gap.code for gap in staffing_gaps(plan, walk.role_needs.all())}
    assert gaps == {"role_under", "blocks_without_team"}
    assert [row.n_people for row in plan.teams] == [5, 5]
    assert all(row.stretches for row in plan.teams)
    states = Counter(walk.signups.values_list("state", flat=True))
    assert (states["guardian"], states["waitlist"]) == (1, 1)
    assert walk.places_taken == (walk.capacity or 0) - 2
    pledges = walk.pledges.all()
    assert len(pledges) > pledges.answered().count() > 0
    unreached = (
        NoticeTo.objects.filter(notice__walk=walk).with_reach().filter(mail=None).values_list("reach", flat=True)
    )
    assert sorted(unreached) == ["not_reached", "told"]
    series = WalkSeries.objects.get()
    assert series.walks.count() >= 2
    assert all(other.meet_at > walk.meet_at for other in series.walks.all())


def check_the_evening(walk: Walk) -> None:
    """Table, debrief and promises of last month's walk agree with each other and with the calendar."""
    here = walk.presences.standing()
    assert set(here.values_list("method", flat=True)) == set(Presence.Method.values)
    for one in here:
        assert one.left_at is not None
        assert walk.meet_at <= one.arrived_at < walk.step_off_at < one.left_at <= walk.end_at
    assert here.filter(agreed_at=None).count() == here.filter(briefed_at=None).count() == 0
    assert walk.equipment.out().count() == 1
    assert all(signup.created_at < walk.meet_at for signup in walk.signups.all())
    assert {top.team_id for top in walk.tops.all()} == {team.pk for team in walk.teams.all()}
    debrief = Debrief.objects.get(walk=walk)
    assert debrief.highlights
    assert debrief.lessons
    assert debrief.finished_at is not None
    promises = Commitment.objects.filter(walk=walk)
    today = timezone.localdate()
    late = [one.is_kept_late for one in promises if one.state == Commitment.State.KEPT]
    overdue = [one.is_overdue(today) for one in promises.open()]
    assert sorted(late) == sorted(overdue) == [False, True]
    assert all(one.created_at < walk.end_at + timedelta(hours=1) for one in promises)


@pytest.mark.django_db
def test_its_past_walk_has_a_full_day_board(media: Path, desk: Client) -> None:
    load(media)
    walk = Walk.objects.get(title="Lights from Askew to Hardesty, after dark")
    check_the_evening(walk)
    html = " ".join(desk.get(f"/desk/walks/{walk.public_id}/day/").content.decode().split())
    for words in (
        "13 of 13 back",
        "12 here of 12 expected</strong>, 12 checked out again",
        "23 of 24 sides",
        "Everything is in.",
        "Linus Farrow takes care of it since",
        "<dt>we talked</dt><dd>4</dd>",
        "counted on 1 phone",
    ):
        assert words in html
    assert "Every call for help is taken care of" in html


@pytest.mark.django_db
def test_its_public_side_keeps_houses_off_the_map(media: Path) -> None:
    load(media)
    rules = set(PublicConcern.objects.values_list("category__publication_rule", flat=True))
    assert rules == {Category.Rule.PLACE}
    assert sorted(n for n in PublicHouseCount.objects.values_list("n", flat=True) if n) == [4]


@pytest.mark.django_db
def test_its_story_is_dated_and_its_mail_is_never_sent(media: Path) -> None:
    load(media)
    for concern in Concern.objects.prefetch_related("updates"):
        days = [line.at for line in concern.updates.all()]
        assert days == sorted(days)
        assert all(concern.first_seen_at <= day for day in days)
    assert OutboxMessage.objects.exists()
    assert not OutboxMessage.objects.filter(status=OutboxMessage.Status.QUEUED).exists()


@pytest.mark.django_db
def test_loading_it_again_changes_nothing(media: Path) -> None:
    load(media)
    before = counts()
    load(media)
    assert counts() == before


@pytest.mark.django_db(transaction=True)
def test_clearing_takes_exactly_the_demo_away(media: Path) -> None:
    before = counts()
    load(media)
    assert list(media.rglob("*.jpg"))
    call_command("clear_demo", verbosity=0)
    assert counts() == before
    assert not list(media.rglob("*.jpg"))
    assert not Coalition.current().is_demo


@pytest.mark.django_db
def test_clearing_keeps_what_people_made_themselves(media: Path) -> None:
    load(media)
    mine = factories.make_walk(title="Our first own walk", corridor=Corridor.objects.get())
    concern = factories.make_concern(walk=mine)
    person = factories.make_person(name="Somebody real")
    organization = factories.make_organization(name="A real group")
    call_command("clear_demo", verbosity=0)
    rows: list[models.Model] = [mine, concern, person, organization]
    for row in rows:
        row.refresh_from_db()
    assert Corridor.objects.get() == mine.corridor
    assert list(Walk.objects.all()) == [mine]
    assert list(Concern.objects.all()) == [concern]
    assert list(Person.objects.all()) == [person]
    assert list(Organization.objects.all()) == [organization]
    assert set(ConcernUpdate.objects.values_list("concern_id", flat=True)) == {concern.pk}


@pytest.mark.django_db
def test_clearing_takes_along_what_people_tried_out_on_its_records(media: Path) -> None:
    load(media)
    before = counts()
    concern = Concern.objects.filter(walk__isnull=False)[0]
    assert concern.walk is not None
    ContentFlag.objects.create(concern=concern, reason=ContentFlag.Reason.WRONG, source_hmac="0" * 64)
    factories.make_reporter(concern=concern)
    factories.make_bulk_move(concern=concern, by=User.objects.get(email="organizer@demo.example"))
    factories.make_commitment(walk=concern.walk)
    factories.make_commitment(concern=concern)
    WalkSeries.objects.update(weeks_ahead=26)
    assert make_due_walks() >= 2
    factories.make_message(to_address="wren@demo.example")
    tried_out = {"concerns.contentflag", "concerns.reporter", "concerns.bulkmove", "concerns.bulkitem"}
    assert all(counts()[label] == before[label] + 1 for label in tried_out)
    call_command("clear_demo", verbosity=0)
    after = counts()
    of_walks = ("walks.walk", "walks.walkseries", "office.outboxmessage")
    assert [after[label] for label in (*tried_out, "concerns.commitment", "concerns.concern", *of_walks)] == [0] * 9


@pytest.mark.django_db
def test_clearing_keeps_a_promise_of_a_real_walk(media: Path) -> None:
    load(media)
    mine = factories.make_walk(corridor=Corridor.objects.get())
    promise = factories.make_commitment(walk=mine, concern=Concern.objects.filter(walk__isnull=False)[0])
    call_command("clear_demo", verbosity=0)
    promise.refresh_from_db()
    assert (promise.walk, promise.concern) == (mine, None)

"""The demo story: told once, in every status, and taken away exactly."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns.content_flags import ContentFlag
from concerns.models import Category, Commitment, Concern, ConcernUpdate
from concerns.public import PublicConcern, PublicHouseCount
from concerns.workflow import Status
from corridors.models import Corridor
from insights.models import Reader, Snapshot
from insights.week_days import DAYS, monday_of
from insights.week_keeping import make_due, make_week
from office.models import Coalition, OutboxMessage
from office.working_days import add_working_days, closed_days
from outreach.cards import make_cards
from outreach.models import Card, Consent, Contact, HelpRequest, Referral, Service, Shop, ShopNote
from outreach.shopping import businesses
from outreach.workflow import Outcome, State
from people.models import Organization, Person, User
from people.roles import Role
from saferoutes.demo.cast import MAIL_DOMAIN, PEOPLE
from tests import factories
from walks.gaps import staffing_gaps
from walks.models import Debrief, Gap, Meeting, NoticeTo, Presence, Walk, WalkSeries
from walks.planning import Plan
from walks.series import make_due_walks

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
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
def test_it_tells_the_whole_story(media: Path, desk: Client) -> None:
    """Told once for all that is only looked at: it takes seconds."""
    check_the_ground(load(media), media)
    check_the_next_walk()
    check_the_past_walk(desk)
    check_what_is_public()
    check_what_is_dated()
    check_the_directory_and_the_shops()
    check_help()
    check_the_table_and_the_weeks()
    check_who_sees_help()
    check_mail()
    check_that_loading_it_again_changes_nothing(media)


def check_the_ground(text: str, media: Path) -> None:
    assert set(Concern.objects.values_list("status", flat=True)) == set(Status.values)
    assert {walk.state for walk in Walk.objects.all()} == {"published", "draft"}
    assert User.objects.filter(role=Role.ADMIN).exists()
    assert text.count("@demo.example") == len(PEOPLE) == User.objects.filter(email__endswith=MAIL_DOMAIN).count()
    assert oct((media / "sign-ins.txt").stat().st_mode)[-3:] == "600"
    avenue = Corridor.objects.with_length().get()
    assert avenue.length.m == pytest.approx(2189.5, rel=0.001)
    assert avenue.segments.current().count() == 17
    assert Coalition.current().is_demo


def check_the_next_walk() -> None:
    """Planned but for one gap."""
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


def check_the_past_walk(desk: Client) -> None:
    """Its day board is full."""
    walk = Walk.objects.get(title="Lights from Askew to Hardesty, after dark")
    check_the_evening(walk)
    html = " ".join(desk.get(f"/desk/walks/{walk.public_id}/day/").content.decode().split())
    for words in (
        "13 of 13 back",
        "12 here of 12 expected</strong>, 12 checked out again",
        "23 of 24 sides",
        "Everything is in.",
        "Linus Farrow takes care of it since",
        "<dt>we talked</dt><dd>12</dd>",
        "counted on 1 phone",
    ):
        assert words in html
    assert "Every call for help is taken care of" in html


def check_what_is_public() -> None:
    """Houses aren’t on the map."""
    rules = set(PublicConcern.objects.values_list("category__publication_rule", flat=True))
    assert rules == {Category.Rule.PLACE}
    assert sorted(n for n in PublicHouseCount.objects.values_list("n", flat=True) if n) == [4]


def check_what_is_dated() -> None:
    for concern in Concern.objects.prefetch_related("updates"):
        days = [line.at for line in concern.updates.all()]
        assert days == sorted(days)
        assert all(concern.first_seen_at <= day for day in days)
    referrals = Referral.objects.prefetch_related("updates").select_related("help_request")
    for referral in referrals:
        days = [line.at for line in referral.updates.all()]
        assert days == sorted(days)
        assert referral.help_request.created_at <= days[0]
        assert days[-1] <= timezone.now()


def check_the_directory_and_the_shops() -> None:
    today = timezone.localdate()
    offered = Service.objects.offered()
    assert set(offered.values_list("capacity", flat=True)) == set(Service.Capacity.values)
    assert {one.organization.name for one in offered.stale(today)} == {"Plain Paper Legal Aid"}
    assert all(one.hours.exists() and one.needs and one.languages for one in offered)
    shops = businesses()
    assert shops.count() == Shop.objects.count() == 12
    assert Shop.objects.to_call_back(today).count() == 1
    assert Shop.objects.filter(do_not_visit=True).count() == 1
    # Somebody was at each of them.
    assert all(shop.last_at for shop in shops)
    notes = ShopNote.objects.all()
    assert {bool(note.happened) for note in notes} == {bool(note.told_on) for note in notes} == {True, False}


def check_help() -> None:
    now, tomorrow = timezone.now(), add_working_days(timezone.localdate(), 1, closed_days(timezone.localdate()))
    assert Contact.objects.filter(help_request=None).count() > 20
    yes = set(Consent.objects.values_list("scope", flat=True))
    assert yes == {Consent.Scope.NAMED, Consent.Scope.NEED_ONLY, Consent.Scope.CALL_ME}
    referrals = Referral.objects.all()
    assert set(referrals.values_list("state", flat=True)) == set(State.values) - {State.RECEIVED}
    ends = {Outcome.GOT_HELP, Outcome.NOT_REACHED, Outcome.NOT_ELIGIBLE, Outcome.NEVER_ANSWERED, Outcome.PASSED_ON}
    assert set(referrals.exclude(outcome="").values_list("outcome", flat=True)) == ends | {Outcome.WITHDRAWN}
    late = referrals.overdue(now).get()
    assert late.reminded_at is not None
    assert late.escalated_at is None
    waiting = referrals.unanswered().filter(due_at__gt=now)
    assert tomorrow in {timezone.localdate(one.due_at) for one in waiting}
    assert referrals.filter(mode=Referral.Mode.LOGGED).exists()
    taken_back = HelpRequest.objects.get(consents__withdrawn_at__isnull=False)
    assert not taken_back.has_contact
    cards = Card.objects.exclude(used_at=None)
    assert (cards.count(), cards.exclude(help_request=None).count()) == (3, 1)


def check_the_table_and_the_weeks() -> None:
    now = timezone.now()
    held = Meeting.objects.held()
    assert held.count() == 2
    assert Meeting.objects.to_come(now).get().agenda
    assert {one.state for one in Commitment.objects.filter(meeting__in=held)} == {"open", "kept"}
    assert set(Gap.objects.open().values_list("how", flat=True)) == {Gap.How.INVITED, Gap.How.ROLE_OPEN}
    draft, sent = Snapshot.objects.weeks()
    assert draft.sent_at is None
    assert sent.sent_at is not None
    # What the periodic job would make is there already.
    assert make_due() == 0
    mails = OutboxMessage.objects.filter(kind="insights.week")
    assert mails.count() == Reader.objects.count() > 3


def check_who_sees_help() -> None:
    """The coordinator and the agency’s own see it, the police whatever their role sees nothing of it."""
    own = Referral.objects.filter(organization__name="Nine Lives Recovery", state=State.REQUESTED).earliest("id")
    pages = {}
    for key in ("coordinator", "agency", "police"):
        client = Client()
        client.force_login(User.objects.get(email=f"{key}@demo.example"), backend=BACKEND)
        asked = client.get(reverse("outreach:request", args=[own.help_request.public_id])).status_code
        answers = client.get(reverse("outreach:partner_referral", args=[own.public_id])).status_code
        pages[key] = (asked, answers)
    assert pages["coordinator"][0] == pages["agency"][1] == 200
    assert pages["agency"][0] in {403, 404}
    assert set(pages["police"]) <= {403, 404}


def check_mail() -> None:
    """Nothing of it is ever sent, to nobody."""
    assert OutboxMessage.objects.exists()
    assert not OutboxMessage.objects.filter(status=OutboxMessage.Status.QUEUED).exists()
    assert not OutboxMessage.objects.exclude(to_address__endswith=MAIL_DOMAIN).exclude(to_address="").exists()


def check_that_loading_it_again_changes_nothing(media: Path) -> None:
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
    about = Concern.objects.filter(walk__isnull=False).exclude(pk=concern.pk)[0]
    meeting = factories.make_meeting()
    promises = [factories.make_commitment(walk=mine, concern=about), factories.make_commitment(meeting=meeting)]
    service = factories.make_service(organization=organization)
    contact = factories.make_contact(walk=mine)
    asked = factories.make_help_request(contact=contact)
    told = factories.make_week(starts_on=monday_of(timezone.localdate()) - 10 * DAYS, sent_at=timezone.now())
    rows: list[models.Model] = [mine, concern, person, organization, meeting, *promises, service, contact, asked, told]
    call_command("clear_demo", verbosity=0)
    for row in rows:
        row.refresh_from_db()
    assert Corridor.objects.get() == mine.corridor
    assert list(Walk.objects.all()) == [mine]
    assert list(Concern.objects.all()) == [concern]
    assert (promises[0].walk, promises[0].concern) == (mine, None)
    assert set(ConcernUpdate.objects.values_list("concern_id", flat=True)) == {concern.pk}
    assert (Service.objects.get(), HelpRequest.objects.get()) == (service, asked)
    for model, own in ((Person, person), (Organization, organization)):
        assert own in model._default_manager.all()
        assert not model._default_manager.filter(email__endswith=MAIL_DOMAIN).exists()


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
    agency = Organization.objects.get(name="Nine Lives Recovery")
    factories.make_help_request(contact=factories.make_contact(walk=concern.walk))
    factories.make_service(organization=agency)
    factories.make_reader(email="new@demo.example")
    factories.make_gap(meeting=Meeting.objects.held()[0])
    make_week(monday_of(timezone.localdate()) - DAYS)
    make_cards(n=2, walk=concern.walk, languages=["en"], by=User.objects.get(email="organizer@demo.example"))
    WalkSeries.objects.update(weeks_ahead=26)
    assert make_due_walks() >= 2
    factories.make_message(to_address="wren@demo.example")
    tried_out = {"concerns.contentflag", "concerns.reporter", "concerns.bulkmove", "concerns.bulkitem"}
    assert all(counts()[label] == before[label] + 1 for label in tried_out)
    call_command("clear_demo", verbosity=0)
    after = counts()
    gone = {"concerns.commitment", "concerns.concern", "walks.walk", "walks.walkseries", "office.outboxmessage"}
    gone |= {"outreach.helprequest", "outreach.service", "outreach.card", "outreach.cardbatch", "outreach.contact"}
    gone |= {"insights.reader", "insights.snapshot", "walks.gap", "walks.meeting"}
    assert {label: after[label] for label in tried_out | gone if after[label]} == {}

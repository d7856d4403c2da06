"""When the clock writes to the people of a walk: right across zones and clock changes, once, and never too late."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from office.models import OutboxMessage
from tests import factories
from walks.links import signup_url
from walks.models import Notice, Signup, Walk
from walks.reminders import REMINDERS, _write, day_before, evening_after, morning, send_due

# The nights of 2026 and 2027 when clocks change, and zones that change on others, by half an hour, or never.
ZONES = ["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"]
NIGHTS = {
    "America/Chicago": ["2026-03-08", "2026-11-01", "2027-03-14", "2027-11-07"],
    "Europe/Berlin": ["2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04", "2027-04-04", "2027-10-03"],
    "Asia/Kolkata": ["2026-11-01", "2027-03-14"],
}


def a_walk(zone: str, meet: datetime, *, hours: float = 2.5) -> Walk:
    """Not saved: when it meets, on the clock of its zone."""
    at = meet.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return Walk(time_zone=zone, meet_at=at, step_off_at=at + timedelta(minutes=30), end_at=at + timedelta(hours=hours))


@st.composite
def walks_near_a_change(draw: st.DrawFn) -> Walk:
    zone = draw(st.sampled_from(ZONES))
    night = datetime.fromisoformat(draw(st.sampled_from(NIGHTS[zone])))
    meet = night + timedelta(days=draw(st.integers(-2, 2)), minutes=15 * draw(st.integers(0, 95)))
    return a_walk(zone, meet, hours=draw(st.floats(1, 8)))


@settings(max_examples=60)
@given(walk=walks_near_a_change())
@example(walk=a_walk("America/Chicago", datetime.fromisoformat("2026-11-01T14:00")))
@example(walk=a_walk("America/Chicago", datetime.fromisoformat("2027-03-14T09:00")))
def test_every_reminder_stands_on_the_walks_own_clock(walk: Walk) -> None:
    zone = walk.zone
    meet, end = walk.meet_at.astimezone(zone), walk.end_at.astimezone(zone)
    before, soon, after = day_before(walk), morning(walk), evening_after(walk)
    opens = before.opens.astimezone(zone)
    assert (opens.date(), opens.time()) == (meet.date() - timedelta(days=1), time(11))
    assert before.opens < before.closes <= walk.meet_at
    # "Tomorrow" is true as long as it may be written.
    assert (before.closes - timedelta(seconds=1)).astimezone(zone).date() == opens.date()
    assert soon.closes == walk.meet_at
    assert walk.meet_at - soon.opens >= timedelta(hours=3)
    clock = soon.opens.astimezone(zone)
    assert (clock.date(), clock.time()) == (meet.date(), time(8)) or walk.meet_at - soon.opens == timedelta(hours=3)
    evening = after.opens.astimezone(zone)
    assert evening.time() == time(19)
    assert after.opens - walk.end_at >= timedelta(hours=1)
    assert (evening.date() - end.date()).days in {0, 1}


def test_two_in_the_afternoon_has_three_messages_at_clocks_people_know() -> None:
    walk = a_walk("America/Chicago", datetime.fromisoformat("2026-11-01T14:00"))  # the clocks went back that night
    assert [window(walk).opens.isoformat() for window in (day_before, morning, evening_after)] == [
        "2026-10-31T16:00:00+00:00",  # 11:00 with daylight saving time
        "2026-11-01T14:00:00+00:00",  # 8:00 without
        "2026-11-02T01:00:00+00:00",
    ]


# --- The job ----------------------------------------------------------------------------------------------------------

MEET = datetime(2026, 12, 5, 20, tzinfo=UTC)  # Saturday, 2:00 PM in Kansas City
BEFORE, MORNING, EVENING = MEET - timedelta(hours=27), MEET - timedelta(hours=6), MEET + timedelta(hours=5)
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def walk() -> Walk:
    return factories.make_walk(
        meet_at=MEET, step_off_at=MEET + timedelta(minutes=30), end_at=MEET + timedelta(hours=2.5)
    )


def comes(walk: Walk, *, at: datetime = BEFORE - timedelta(days=2), **fields: object) -> Signup:
    return factories.make_signup(walk=walk, **{"created_at": at} | fields)


def run(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        send_due()


def kinds(signup: Signup) -> list[str]:
    return [mail.kind for mail in OutboxMessage.objects.filter(notices__person=signup.person).order_by("id")]


def test_each_message_comes_once_however_often_the_job_runs(walk: Walk) -> None:
    signup = comes(walk)
    at = BEFORE - timedelta(hours=2)
    while at < EVENING + timedelta(days=3):
        run(at)
        run(at)
        at += timedelta(hours=3)
    assert kinds(signup) == ["walks.day_before", "walks.morning", "walks.after"]


def test_nothing_comes_early(walk: Walk) -> None:
    signup = comes(walk)
    run(BEFORE - MINUTE)
    assert kinds(signup) == []
    run(BEFORE)
    run(MORNING - MINUTE)
    assert kinds(signup) == ["walks.day_before"]


def test_after_a_long_outage_only_what_still_makes_sense_is_written(walk: Walk) -> None:
    signup = comes(walk)
    run(MORNING + timedelta(hours=1))
    assert kinds(signup) == ["walks.morning"]
    run(MEET)
    run(EVENING + timedelta(days=2))
    assert kinds(signup) == ["walks.morning"]


def test_who_signs_up_after_the_moment_gets_no_message_of_before(walk: Walk) -> None:
    early, late = comes(walk), comes(walk, at=BEFORE + MINUTE)
    run(BEFORE + timedelta(hours=2))
    run(MORNING)
    assert kinds(early) == ["walks.day_before", "walks.morning"]
    assert kinds(late) == ["walks.morning"]


@pytest.mark.parametrize("state", ["guardian", "waitlist", "offered", "withdrawn"])
def test_only_who_comes_is_reminded(walk: Walk, state: str) -> None:
    now = timezone.now()
    signup = comes(walk, state=state, waiting_since=now, offer_until=now, withdrawn_at=now)
    for at in (BEFORE, MORNING, EVENING):
        run(at)
    assert kinds(signup) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "called_off", "called_off_at": MEET, "call_off_reason": "Ice"},
        {"state": "draft", "published_at": None},
        {"deleted_at": MEET},
    ],
)
def test_a_walk_that_does_not_take_place_reminds_nobody(walk: Walk, fields: dict[str, object]) -> None:
    signup = comes(walk)
    Walk.objects.filter(pk=walk.pk).update(**fields)
    for at in (BEFORE, MORNING, EVENING):
        run(at)
    assert kinds(signup) == []


def test_a_walk_called_off_while_the_job_looks_is_seen_under_its_lock(walk: Walk) -> None:
    comes(walk)
    Walk.objects.filter(pk=walk.pk).update(state="called_off", called_off_at=BEFORE, call_off_reason="Ice")
    assert not _write(walk.pk, REMINDERS[0], BEFORE)
    assert not OutboxMessage.objects.exists()


def move(walk: Walk, by: timedelta) -> None:
    for name in ("meet_at", "step_off_at", "end_at"):
        setattr(walk, name, getattr(walk, name) + by)
    walk.save()


def test_a_walk_that_moves_by_an_hour_reminds_once_and_to_another_day_again(walk: Walk) -> None:
    signup = comes(walk)
    run(BEFORE)
    move(walk, timedelta(hours=1))
    run(BEFORE + timedelta(hours=1))
    assert kinds(signup) == ["walks.day_before"]
    move(walk, timedelta(days=1))
    run(BEFORE + timedelta(hours=20))
    assert kinds(signup) == ["walks.day_before"]
    run(BEFORE + timedelta(days=1))
    assert kinds(signup) == ["walks.day_before"] * 2


def test_it_is_in_the_persons_language_and_leads_to_their_own_page(walk: Walk) -> None:
    signup = comes(walk, language="es")
    run(BEFORE)
    mail = OutboxMessage.objects.get(notices__person=signup.person)
    assert mail.language == "es"
    assert "Fire Station 23" in mail.body_text
    assert signup_url(signup) in mail.body_text
    assert "List-Unsubscribe" not in mail.headers


def test_whom_no_mail_reaches_is_written_down_for_somebody_to_call(walk: Walk) -> None:
    signup = comes(walk, person=factories.make_person(email="", phone="+18165550111"))
    run(BEFORE)
    [row] = Notice.objects.get().to.not_reached()
    assert (row.person, row.mail) == (signup.person, None)


def test_the_question_of_the_evening_respects_who_wants_no_mail_and_who_answered(walk: Walk) -> None:
    asked = comes(walk)
    answered = comes(walk, said_came=True, said_at=MEET)
    tired = comes(walk, person=factories.make_person(unsubscribed_at=BEFORE))
    for at in (BEFORE, MORNING, EVENING):
        run(at)
    assert [kinds(one)[-1] for one in (asked, answered, tired)] == ["walks.after", "walks.morning", "walks.morning"]
    mail = OutboxMessage.objects.get(kind="walks.after")
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.headers["List-Unsubscribe"].strip("<>") in mail.body_text


def test_mail_that_a_dead_server_kept_until_the_walk_began_stays_behind(walk: Walk) -> None:
    comes(walk)
    run(MORNING)
    run(MEET)
    assert OutboxMessage.objects.get().status == OutboxMessage.Status.CANCELLED


def test_the_job_asks_as_much_for_many_people_as_it_must(walk: Walk, django_assert_max_num_queries: object) -> None:
    for _n in range(10):
        comes(walk)
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        run(BEFORE)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        run(BEFORE + MINUTE)

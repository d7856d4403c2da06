"""Messages to the people of a walk: each once, taken back while they wait, counted honestly, and who calls whom."""

import contextlib
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import AuditEvent, BadAddress, OutboxMessage
from office.outbox import Outcome, send_one
from office.refused import Refused
from people.models import Person, User
from tests import factories
from walks.actions import call_off_walk, change_walk, take_back_call_off
from walks.links import signup_token, signup_url
from walks.messages import lines, mark_told, send_words, take_back, take_back_told, to_call
from walks.messages_panel import panels
from walks.models import Notice, NoticeTo, Reach, Signup, Walk
from walks.telling import UNDO_FOR, send_now, tell, tell_person, undo
from walks.texting import NoTexts, TextsFailed, text_waiting, words_for

pytestmark = pytest.mark.django_db
Status = OutboxMessage.Status


@pytest.fixture
def walk() -> Walk:
    return factories.make_walk(title="Lawn to Askew")


def phone_only(walk: Walk, name: str = "Juniper Vale", **fields: Any) -> Signup:
    person = factories.make_person(name=name, email="", phone=fields.pop("phone", "+18165550111"))
    return factories.make_signup(walk=walk, person=person, **{"name": name} | fields)


def say(walk: Walk, key: str = "1", **fields: Any) -> Notice:
    signups = walk.signups.on_roster().select_related("person")
    given = {"kind": Notice.Kind.WORDS, "signups": signups, "template": "mail/walks/words", "words": "Bring a hat"}
    return tell(walk=walk, key=key, **given | fields)


def mails() -> list[tuple[str, str]]:
    return list(OutboxMessage.objects.order_by("id").values_list("kind", "status"))


# --- Telling ----------------------------------------------------------------------------------------------------------


def test_each_person_hears_of_an_event_once_and_of_the_next_one_again(walk: Walk) -> None:
    factories.make_signup(walk=walk)
    first = say(walk)
    late = factories.make_signup(walk=walk)
    assert say(walk) == first
    assert first.to.filter(person=late.person).exists()
    assert OutboxMessage.objects.count() == 2
    say(walk, key="2")
    assert OutboxMessage.objects.count() == 4


def test_somebody_without_an_address_is_written_down_and_gets_no_mail(walk: Walk) -> None:
    phone_only(walk)
    notice = say(walk)
    assert [(row.mail, row.person.email) for row in notice.to.not_reached()] == [(None, "")]
    assert mails() == []


def test_who_wants_no_more_mail_still_hears_what_matters_and_nothing_else(walk: Walk) -> None:
    factories.make_signup(walk=walk, person=factories.make_person(unsubscribed_at=timezone.now()))
    assert say(walk, kind=Notice.Kind.THANKS).to.count() == 0
    assert say(walk).to.count() == 1
    mail = OutboxMessage.objects.get()
    assert "List-Unsubscribe" not in mail.headers


def test_mail_that_is_not_essential_can_be_stopped_with_one_click(walk: Walk, client: Client) -> None:
    signup = factories.make_signup(walk=walk)
    say(walk, kind=Notice.Kind.THANKS)
    headers = OutboxMessage.objects.get().headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>").removeprefix(signup_url(signup).split("/my/")[0])
    program = Client(enforce_csrf_checks=True)
    for look in (program.get, program.head):
        assert look(address).status_code == 200
    assert Person.objects.get(pk=signup.person_id).unsubscribed_at is None
    assert program.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Person.objects.get(pk=signup.person_id).unsubscribed_at is not None
    page = program.post(address, {"again": "yes"})
    assert Person.objects.get(pk=signup.person_id).unsubscribed_at is None
    assert page["Referrer-Policy"] == "no-referrer"


def test_one_person_is_told_once_per_key(walk: Walk) -> None:
    signup = factories.make_signup(walk=walk)
    given = {"signup": signup, "kind": "walks.place", "template": "mail/walks/sign_up"}
    assert tell_person(**given, key="a") is not None
    assert tell_person(**given, key="a") is None
    assert tell_person(**given, key="b") is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_there", [False, True])
def test_two_workers_tell_everybody_once(is_there: bool) -> None:
    """Whether the message is new to both, or was written before and more people came."""
    walk = factories.make_walk()
    if is_there:
        say(walk)
    for _n in range(5):
        factories.make_signup(walk=walk)
    # Both come here at once, unless one of them keeps the other out.
    inside, failed = threading.Barrier(2), []

    def people() -> Iterator[Signup]:
        with contextlib.suppress(threading.BrokenBarrierError):
            inside.wait(timeout=0.5)
        yield from walk.signups.select_related("person")

    def work() -> None:
        try:
            say(walk, signups=people())
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert (Notice.objects.count(), NoticeTo.objects.count(), OutboxMessage.objects.count()) == (1, 5, 5)


# --- A minute to take it back -----------------------------------------------------------------------------------------


def test_a_message_that_is_taken_back_in_time_reaches_nobody(walk: Walk, organizer: User) -> None:
    factories.make_signup(walk=walk)
    notice = say(walk, waits=UNDO_FOR)
    assert send_one() is None
    undo(notice=notice, by=organizer)
    undo(notice=notice, by=organizer)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert send_one() is None
    assert mails() == [("walks.words", "cancelled")]
    assert AuditEvent.objects.filter(action="notice.undo").count() == 1
    assert say(walk).to.count() == 1
    assert mails() == [("walks.words", "cancelled")]


def test_after_the_minute_it_is_too_late_and_nothing_changes(walk: Walk, organizer: User) -> None:
    factories.make_signup(walk=walk)
    notice = say(walk, waits=UNDO_FOR)
    with time_machine.travel(notice.due_at + timedelta(seconds=1)), pytest.raises(Refused, match="too late"):
        undo(notice=notice, by=organizer)
    assert mails() == [("walks.words", "queued")]


def test_when_one_mail_left_already_none_is_taken_back(walk: Walk, organizer: User) -> None:
    for _n in range(2):
        factories.make_signup(walk=walk)
    notice = say(walk, waits=UNDO_FOR)
    first = OutboxMessage.objects.order_by("id").first()
    assert first is not None
    OutboxMessage.objects.filter(pk=first.pk).update(due_at=timezone.now())
    assert send_one() is Outcome.SENT
    with pytest.raises(Refused, match="too late"):
        undo(notice=notice, by=organizer)
    assert mails() == [("walks.words", "sent"), ("walks.words", "queued")]


def test_sending_at_once_ends_the_minute(walk: Walk, organizer: User) -> None:
    factories.make_signup(walk=walk)
    notice = send_now(notice=say(walk, waits=UNDO_FOR), by=organizer)
    assert send_one() is Outcome.SENT
    with pytest.raises(Refused, match="too late"):
        undo(notice=notice, by=organizer)


def test_a_call_off_taken_back_in_the_minute_never_happened_for_anybody(walk: Walk, organizer: User) -> None:
    factories.make_signup(walk=walk)
    assert call_off_walk(walk=walk, by=organizer, reason="Ice", waits=UNDO_FOR) == 1
    take_back(notice=walk.notices.get(), by=organizer)
    walk.refresh_from_db()
    assert (walk.state, walk.call_off_reason, walk.sequence) == ("published", "", 2)
    assert mails() == [("walks.called_off", "cancelled")]


def test_who_was_called_in_that_minute_is_told_that_it_takes_place(walk: Walk, organizer: User) -> None:
    factories.make_signup(walk=walk)
    called = factories.make_signup(walk=walk)
    call_off_walk(walk=walk, by=organizer, reason="Ice", waits=UNDO_FOR)
    mark_told(row=NoticeTo.objects.get(person=called.person), how="called", by=organizer)
    take_back_call_off(walk=walk, by=organizer)
    assert [mail.to_address for mail in OutboxMessage.objects.filter(kind="walks.on_again")] == [called.person.email]


def test_on_again_taken_back_leaves_the_walk_off_for_the_same_reason(walk: Walk, organizer: User) -> None:
    factories.make_signup(walk=walk)
    call_off_walk(walk=walk, by=organizer, reason="Ice")
    take_back_call_off(walk=walk, by=organizer, waits=UNDO_FOR)
    take_back(notice=walk.notices.get(kind=Notice.Kind.ON_AGAIN), by=organizer)
    walk.refresh_from_db()
    assert (walk.state, walk.call_off_reason) == ("called_off", "Ice")
    assert mails() == [("walks.called_off", "queued"), ("walks.on_again", "cancelled")]


def test_a_call_off_leaves_behind_what_isnt_true_any_more(walk: Walk, organizer: User) -> None:
    factories.make_signup(walk=walk)
    say(walk, kind=Notice.Kind.DAY_BEFORE)
    change_walk(walk=walk, by=organizer, meeting_place="Elsewhere", waits=UNDO_FOR)
    call_off_walk(walk=walk, by=organizer, reason="Ice")
    assert mails() == [
        ("walks.day_before", "cancelled"),
        ("walks.changed", "cancelled"),
        ("walks.called_off", "queued"),
    ]


def test_the_words_about_a_change_stand_in_the_mail_and_a_minor_who_waits_reads_no_place(
    walk: Walk, organizer: User
) -> None:
    factories.make_signup(walk=walk)
    waiting = factories.make_signup(walk=walk, state="guardian", age_band="13_17")
    change_walk(walk=walk, by=organizer, meeting_place="The old bakery", words="The station is closed")
    texts = {
        mail.to_address: f"{mail.subject} {mail.body_text} {mail.body_html}" for mail in OutboxMessage.objects.all()
    }
    to_minor = texts.pop(waiting.person.email)
    for words in ("The old bakery", "The station is closed", "Fire Station"):
        assert words not in to_minor
    [to_adult] = texts.values()
    assert "The old bakery" in to_adult
    assert "The station is closed" in to_adult


# --- How far it got ---------------------------------------------------------------------------------------------------


def counts(walk: Walk) -> tuple[int, int, int, int]:
    [line] = lines(walk)
    assert line.n_all == line.notice.to.count()
    return line.n_sent, line.n_under_way, line.n_told, line.n_not_reached


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.QUEUED, (0, 1, 0, 0)),
        (Status.SENDING, (0, 1, 0, 0)),
        (Status.SENT, (1, 0, 0, 0)),
        (Status.DEAD, (0, 0, 0, 1)),
        (Status.WITHHELD, (0, 0, 0, 1)),
    ],
)
def test_a_mail_counts_as_what_became_of_it(walk: Walk, status: str, expected: tuple[int, ...]) -> None:
    now = timezone.now()
    factories.make_signup(walk=walk)
    say(walk)
    OutboxMessage.objects.update(status=status, sent_at=now, lease_until=now)
    assert counts(walk) == expected


def test_an_address_that_does_not_exist_needs_a_call_before_the_next_try(walk: Walk) -> None:
    factories.make_signup(walk=walk, person=factories.make_person(email="gone@example.org"))
    say(walk)
    BadAddress.objects.create(address="gone@example.org", code=550, kind="x")
    assert counts(walk) == (0, 0, 0, 1)


def test_without_a_mail_server_nobody_is_claimed_to_be_reached(walk: Walk, settings: Any) -> None:
    factories.make_signup(walk=walk)
    say(walk)
    OutboxMessage.objects.update(status=Status.SENT, sent_at=timezone.now())
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert counts(walk) == (0, 0, 0, 1)


def test_a_tick_counts_and_a_second_organizer_hears_who_was_quicker(walk: Walk, organizer: User, admin: User) -> None:
    phone_only(walk)
    row = say(walk).to.get()
    mark_told(row=row, how="called", by=organizer)
    assert counts(walk) == (0, 0, 1, 0)
    with pytest.raises(Refused, match="Odessa"):
        mark_told(row=row, how="texted", by=admin)
    row.refresh_from_db()
    assert (row.told_by, row.told_how) == (organizer, "called")
    take_back_told(row=row, by=admin)
    assert counts(walk) == (0, 0, 0, 1)


def test_the_words_to_send_are_in_the_persons_language_and_tell_a_waiting_minor_nothing(walk: Walk) -> None:
    phone_only(walk, "Juniper Vale", language="es")
    phone_only(walk, "Rowan Vale", state="guardian", age_band="13_17")
    people = {one.name: one.words for one in to_call(say(walk, kind=Notice.Kind.CHANGED))}
    assert "Fire Station 23" in people["Juniper Vale"]
    assert "Fire Station" not in people["Rowan Vale"]
    assert "call us" in people["Rowan Vale"]


# --- The desk ---------------------------------------------------------------------------------------------------------


def url(walk: Walk, name: str = "desk_messages", *more: Any) -> str:
    return reverse(f"walks:{name}", args=[walk.public_id, *more])


def test_a_call_off_lists_whom_to_call_and_never_claims_everybody(walk: Walk, desk: Client) -> None:
    factories.make_signup(walk=walk)
    signup = phone_only(walk)
    page = desk.post(url(walk, "desk_call_off"), {"kind": "other", "reason": "Ice"}, follow=True).content.decode()
    for words in ("Juniper Vale", 'href="tel:+18165550111"', "sms:+18165550111?&amp;body=The%20walk", "Undo", "Ice"):
        assert words in page
    assert "verybody knows" not in page
    notice = walk.notices.get()
    told = url(walk, "desk_message_told", notice.public_id, signup.person.public_id)
    page = desk.post(told, {"how": "texted"}, follow=True).content.decode()
    assert "texted, Odessa" in page
    assert "sms:" not in page
    page = desk.post(told, {"how": "undo"}, follow=True).content.decode()
    assert "sms:" in page
    assert "Say how they heard" in desk.post(told, {"how": "x"}, follow=True).content.decode()


def test_the_buttons_of_the_waiting_minute_work_without_script(walk: Walk, desk: Client) -> None:
    factories.make_signup(walk=walk)
    desk.post(url(walk, "desk_call_off"), {"kind": "other", "reason": "Ice"})
    notice = walk.notices.get()
    for name in ("desk_message_undo", "desk_message_now"):
        assert desk.get(url(walk, name, notice.public_id)).status_code == 405
    page = desk.post(url(walk, "desk_message_undo", notice.public_id), follow=True).content.decode()
    assert "the walk takes place" in page
    walk.refresh_from_db()
    assert walk.state == "published"


def test_call_off_at_once_leaves_nothing_to_undo(walk: Walk, desk: Client) -> None:
    factories.make_signup(walk=walk)
    form = {"kind": "other", "reason": "Ice", "at_once": "on"}
    page = desk.post(url(walk, "desk_call_off"), form, follow=True).content.decode()
    assert "waiting-bar" not in page
    assert send_one() is Outcome.SENT


def test_own_words_are_looked_at_before_they_go_to_those_chosen_once(walk: Walk, desk: Client) -> None:
    team = factories.make_team(walk=walk, number=3)
    chosen = factories.make_signup(walk=walk, team=team)
    factories.make_signup(walk=walk)
    factories.make_signup(walk=walk, team=team, state="guardian", age_band="13_17")
    form = {"to": "team-3", "words": "Bring <b>gloves</b>", "key": str(uuid.uuid4())}
    page = desk.post(url(walk, "desk_words"), form | {"step": "preview"}).content.decode()
    assert "1 person" in page
    assert "&lt;b&gt;gloves" in page
    assert mails() == []
    for _n in range(2):
        assert desk.post(url(walk, "desk_words"), form | {"step": "send"}).status_code == 302
    mail = OutboxMessage.objects.get()
    assert mail.to_address == chosen.person.email
    assert "Bring <b>gloves</b>" in mail.body_text
    assert "<b>gloves" not in mail.body_html


@pytest.mark.parametrize("form", [{"to": "all", "words": " "}, {"to": "team-99", "words": "x"}, {"words": "x" * 1001}])
def test_words_that_cannot_go_out_stay_in_the_form(walk: Walk, desk: Client, form: dict[str, str]) -> None:
    response = desk.post(url(walk, "desk_words"), form | {"step": "send"})
    assert response.status_code == 200
    assert "error-summary" in response.content.decode()
    assert not Notice.objects.exists()


def test_nobody_to_write_to_is_said(walk: Walk, organizer: User) -> None:
    with pytest.raises(Refused, match="Nobody"):
        send_words(walk=walk, to="unconfirmed", words="x", key=uuid.uuid4(), by=organizer)


@pytest.mark.parametrize("query", ["?show='", "?show=%00", f"?show={uuid.UUID(int=5)}"])
def test_odd_addresses_show_a_page(walk: Walk, desk: Client, query: str) -> None:
    phone_only(walk)
    say(walk)
    assert desk.get(url(walk) + query).status_code == 200


def test_300_people_cost_as_many_queries_as_one(walk: Walk, desk: Client, django_assert_max_num_queries: Any) -> None:
    people = Person.objects.bulk_create(Person(name=f"Vale {n}", phone=f"+1816555{n:04}") for n in range(300))
    signups = Signup.objects.bulk_create(Signup(walk=walk, person=one, name=one.name) for one in people)
    assert len(signups) == 300
    say(walk)
    say(walk, key="2")
    with django_assert_max_num_queries(12):
        page = desk.get(url(walk)).content.decode()
    assert page.count('href="tel:') == 300


def test_the_desk_starts_with_who_does_not_know_and_stops_when_they_do(walk: Walk, organizer: User) -> None:
    now = timezone.now()
    phone_only(walk)
    call_off_walk(walk=walk, by=organizer, reason="Ice")
    [panel] = panels(user=organizer, now=now + timedelta(seconds=1))
    assert (panel.n, panel.comes_first) == (1, False)
    [near] = panels(user=organizer, now=walk.meet_at - timedelta(hours=3))
    assert near.comes_first
    mark_told(row=NoticeTo.objects.get(), how="said", by=organizer)
    assert list(panels(user=organizer, now=walk.meet_at - timedelta(hours=3))) == []


def test_older_news_stops_counting_when_newer_news_is_out(walk: Walk, organizer: User) -> None:
    phone_only(walk)
    call_off_walk(walk=walk, by=organizer, reason="Ice")
    take_back_call_off(walk=walk, by=organizer)
    [panel] = panels(user=organizer, now=timezone.now() + timedelta(seconds=1))
    assert "takes place after all" in str(panel.text)


# --- One's own page, the evening after --------------------------------------------------------------------------------


def test_somebody_says_that_they_came_and_may_say_it_again(client: Client) -> None:
    signup = factories.make_signup(walk=factories.make_running_walk())
    token = signup_token(signup)
    assert "Did you come?" in client.get(reverse("walks:my", args=[token])).content.decode()
    address = reverse("walks:my_came", args=[token])
    assert client.get(address).status_code == 405
    for came, words in (("yes", "More light"), ("no", "")):
        client.post(address, {"came": came, "words": words})
        signup.refresh_from_db()
        assert (signup.said_came, signup.said_words) == (came == "yes", words)
    assert signup.said_at is not None


@pytest.mark.parametrize("form", [{}, {"came": "perhaps"}, {"came": "yes"}])
def test_before_the_walk_or_without_an_answer_nothing_is_kept(walk: Walk, client: Client, form: dict[str, str]) -> None:
    signup = factories.make_signup(walk=walk)
    assert client.post(reverse("walks:my_came", args=[signup_token(signup)]), form).status_code == 302
    signup.refresh_from_db()
    assert signup.said_at is None


# --- Text messages ----------------------------------------------------------------------------------------------------


class Texts:
    """A service that takes every text message, or none."""

    is_on = True
    sent: list[tuple[str, str, str]] = []
    fails = False

    def send(self, *, to: str, words: str, reference: str) -> None:
        if Texts.fails:
            raise TextsFailed("busy")
        Texts.sent.append((to, words, reference))


@pytest.fixture
def texts(settings: Any) -> type[Texts]:
    settings.SMS_BACKEND = f"{__name__}.Texts"
    Texts.sent, Texts.fails = [], False
    return Texts


def test_as_it_comes_no_text_message_is_ever_sent(walk: Walk, settings: Any) -> None:
    assert settings.SMS_BACKEND == "walks.texting.NoTexts"
    phone_only(walk, wants_texts_at=timezone.now())
    say(walk)
    assert text_waiting() == 0
    with pytest.raises(TextsFailed, match="No service"):
        NoTexts().send(to="+18165550111", words="x", reference="x")


def test_a_service_gets_only_who_asked_for_it_and_whom_no_mail_reaches_once(walk: Walk, texts: type[Texts]) -> None:
    wants = phone_only(walk, "Juniper Vale", wants_texts_at=timezone.now())
    phone_only(walk, "Rowan Vale", phone="+18165550112")
    factories.make_signup(walk=walk, wants_texts_at=timezone.now())
    notice = say(walk)
    row = notice.to.get(person=wants.person)
    for _n in range(2):
        text_waiting()
    assert texts.sent == [("+18165550111", words_for(row), f"notice-{row.pk}")]
    assert NoticeTo.objects.with_reach().get(pk=row.pk).reach == Reach.SENT  # type: ignore[attr-defined]


def test_a_text_message_that_was_not_taken_leaves_somebody_to_call(walk: Walk, texts: type[Texts]) -> None:
    phone_only(walk, wants_texts_at=timezone.now())
    say(walk, waits=UNDO_FOR)
    assert text_waiting() == 0
    texts.fails = True
    with time_machine.travel(timezone.now() + UNDO_FOR):
        assert text_waiting() == 0
        assert counts(walk) == (0, 0, 0, 1)
        texts.fails = False
        assert text_waiting() == 1

"""Our concerns on their way to a city that is correct, slow, dead or lying: filed once, or a person is asked."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from concerns import actions
from concerns.models import Concern, ExternalCase
from concerns.workflow import Publication, Status
from office.models import OutboxMessage
from office.refused import Refused
from open311 import sending
from open311.deliveries import approve_delivery, call_off, note_seen, settle_by_hand, sign_off
from open311.models import Delivery, Endpoint
from open311.sending import send_due
from tests import factories

pytestmark = pytest.mark.django_db
State = Delivery.State


def minutes_until(delivery: Delivery) -> int:
    return round((delivery.due_at - timezone.now()).total_seconds() / 60)


# --- A correct city --------------------------------------------------------------------------------------------------


def test_a_concern_is_filed_and_its_number_is_kept(city, endpoint, approve, go, organizer):
    delivery = go(approve())
    assert (delivery.state, delivery.number) == (State.SENT, "C-1")
    case = ExternalCase.objects.get()
    assert (case.system, case.number, case.channel) == (endpoint.name, "C-1", "open311")
    assert (case.filed_by, case.url) == (organizer, f"{city.url}/requests/C-1.json")
    assert delivery.concern.status == Status.REPORTED
    assert (delivery.case, delivery.fields) == (case, {})
    assert city.posts[0]["api_key"] == "the-citys-own-key"
    assert city.posts[0]["description"] == f"Light is out\n\n({delivery.marker})"


def test_in_xml_it_is_the_same(city, endpoint, approve, go):
    Endpoint.objects.update(form="xml")
    delivery = go(approve())
    assert (delivery.state, delivery.number) == (State.SENT, "C-1")
    assert city.state["asked"][0]["path"] == "/v2/requests.xml"


def test_only_kind_place_and_chosen_words_leave(city, endpoint, approve, go):
    endpoint.services.filter(category__code="LIGHT_OUT").update(attributes={"ISSUE": "OUT", "POLES": ["A", "B"]})
    Endpoint.objects.update(jurisdiction_id="town.example")
    concern = factories.make_published_concern(note="PRIVATE note of Rosa", answers={"pole": "SECRET"})
    factories.make_reporter(concern=concern, name="Rosa Linden", email="rosa@example.org", phone="+18165550142")
    delivery = go(approve(concern, words="Lamp is dark"))
    assert city.posts[0] == {
        "api_key": "the-citys-own-key",
        "jurisdiction_id": "town.example",
        "service_code": "001",
        "lat": "39.106120",
        "long": "-94.539120",
        "address_string": "3512 Independence Ave",
        "description": f"Lamp is dark\n\n({delivery.marker})",
        "attribute[ISSUE]": "OUT",
        "attribute[POLES][]": ["A", "B"],
    }
    assert "Rosa" not in json.dumps(city.posts)


def test_a_token_becomes_a_number_later(city, approve, go):
    city.tell(post=["token"])
    delivery = go(approve())
    assert (delivery.state, delivery.token, minutes_until(delivery)) == (State.WAITING_TOKEN, "t-1", 1)
    assert go(delivery).state == State.WAITING_TOKEN
    assert minutes_until(delivery) == 5
    city.tell(tokens={"t-1": "LATE-9"})
    assert (go(delivery).state, delivery.number) == (State.SENT, "LATE-9")
    assert len(city.posts) == 1


# --- It certainly didn't arrive: again, later ------------------------------------------------------------------------


def test_a_dead_city_is_tried_again_after_1_5_30_120_minutes_and_then_given_up(city, endpoint, approve, go):
    Endpoint.objects.update(url="http://127.0.0.1:9")
    delivery, waits = approve(), []
    for _n in range(7):
        waits.append(minutes_until(go(delivery)))
        assert delivery.state == State.QUEUED
    assert waits == [1, 5, 30, 120, 120, 120, 120]
    assert go(delivery).state == State.DEAD
    assert "connection" in delivery.last_error
    assert Delivery.objects.to_decide().get() == delivery


def test_a_dead_city_is_left_alone_for_a_minute_whatever_else_waits_for_it(city, approve, organizer):
    Endpoint.objects.update(url="http://127.0.0.1:9")
    approve(), approve()
    assert send_due() == 1
    assert send_due() == 0


def test_busy_now_and_well_later(city, approve, go):
    city.tell(post=["status:503", "status:429"])
    delivery = go(approve())
    assert (delivery.state, minutes_until(delivery)) == (State.QUEUED, 1)
    assert "We say 503" in delivery.last_error
    assert go(delivery).state == State.QUEUED
    assert (go(delivery).state, delivery.n_attempts) == (State.SENT, 3)
    assert city.numbers == ["C-1"]


def test_a_refusal_is_final_and_keeps_their_words(city, approve, go, organizer):
    city.tell(post=["status:400"])
    delivery = go(approve())
    assert (delivery.state, delivery.fields) == (State.REFUSED, {})
    assert delivery.last_error == "They said: 400: We say 400"
    note_seen(delivery=delivery, by=organizer)
    assert not Delivery.objects.to_decide().exists()
    approve(delivery.concern)  # it may be sent once more


def test_a_refused_key_pauses_the_endpoint_and_its_keeper_is_told(city, endpoint, approve, go, organizer):
    city.tell(key="another")
    delivery = go(approve())
    endpoint.refresh_from_db()
    assert (delivery.state, delivery.n_attempts) == (State.QUEUED, 0)
    assert endpoint.paused_at is not None
    assert "Invalid api_key" in endpoint.paused_reason
    mail = OutboxMessage.objects.get()
    assert mail.to_address == organizer.email
    assert endpoint.name in mail.subject
    assert "the-citys-own-key" not in mail.body_text + endpoint.paused_reason
    assert send_due() == 0
    city.tell(key="the-citys-own-key")
    sign_off(endpoint=endpoint, by=organizer)
    assert go(delivery).state == State.SENT


# --- It may have arrived: looked up, never blindly again -------------------------------------------------------------


@pytest.mark.parametrize(
    "how", ["silent", "html", "broken", "big", "short", "gzip", "drip", "drip-head", "status:500", "status:504"]
)
def test_filed_with_a_lost_answer_is_found_by_its_mark(city, approve, go, how):
    city.tell(post=[f"filed-{how}"])
    delivery = go(approve())
    assert (delivery.state, minutes_until(delivery)) == (State.LOOKING, 1)
    assert (go(delivery).state, delivery.number) == (State.SENT, "C-1")
    assert city.numbers == ["C-1"]


@pytest.mark.parametrize("how", ["silent", "html", "drip"])
def test_what_nobody_answered_and_isnt_there_is_asked_about_and_never_sent_again(city, approve, go, how):
    city.tell(post=[how])
    delivery, waits = approve(), []
    for _n in range(3):
        waits.append(minutes_until(go(delivery)))
        assert delivery.state == State.LOOKING
    assert waits == [1, 5, 30]
    assert go(delivery).state == State.CHECK
    assert len(city.posts) == 1
    assert go(delivery).state == State.CHECK


def test_their_failure_that_isnt_on_their_list_is_sent_again(city, approve, go):
    city.tell(post=["status:500"])
    delivery = go(go(approve()))
    assert delivery.state == State.QUEUED
    assert (go(delivery).state, city.numbers) == (State.SENT, ["C-1"])


def test_a_city_that_hides_our_words_is_recognised_by_place_and_a_person_is_asked(city, approve, go, organizer):
    city.tell(post=["filed-silent"], shows_words=False)
    delivery = go(go(approve()))
    assert delivery.state == State.CHECK
    assert "C-1" in delivery.last_error
    settle_by_hand(delivery=delivery, by=organizer, number="C-1")
    delivery.refresh_from_db()
    assert (delivery.state, ExternalCase.objects.get().number) == (State.SENT, "C-1")


def test_a_worker_that_dies_between_their_yes_and_our_mark_files_nothing_twice(city, approve, go, monkeypatch):
    delivery = approve()
    with monkeypatch.context() as patch:
        patch.setattr(sending, "settle", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send_due()
    delivery.refresh_from_db()
    assert (delivery.state, city.numbers) == (State.SENDING, ["C-1"])
    assert send_due() == 0, "its lease still runs"
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert (go(delivery).state, delivery.number) == (State.SENT, "C-1")
    assert len(city.posts) == 1


def test_a_late_answer_of_a_worker_whose_lease_ran_out_changes_nothing(city, approve):
    delivery = approve()
    claimed = sending.claim_one(timezone.now())
    assert claimed
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    outcome = sending.work_on(claimed)
    assert send_due() == 1  # another worker looks it up and finds it
    assert sending.settle(claimed, outcome) is False
    assert ExternalCase.objects.count() == 1
    delivery.refresh_from_db()
    assert delivery.state == State.SENT


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_the_same(city, approve, organizer):
    approve()
    done: list[int] = []

    def work() -> None:
        try:
            done.append(send_due())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 0, 0, 1]
    assert city.numbers == ["C-1"]


# --- A lying city ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["http://169.254.169.254/latest", "http://127.0.0.1:9/", "file:///etc/passwd"])
@pytest.mark.parametrize(("code", "state"), [(302, State.LOOKING), (307, State.QUEUED)])
def test_o43_a_redirect_is_not_followed_and_pauses_the_endpoint(city, endpoint, approve, go, where, code, state):
    city.tell(post=[f"redirect:{code}:{where}"])
    delivery = go(approve())
    endpoint.refresh_from_db()
    assert delivery.state == state
    assert str(code) in endpoint.paused_reason
    assert len(city.state["asked"]) == 1


def test_the_number_of_somebody_else_is_nobodys(city, endpoint, approve, go, organizer):
    other = factories.make_published_concern()
    actions.add_case(concern=other, by=organizer, system=endpoint.name, number="OLD-7")
    city.tell(post=["number:OLD-7"])
    delivery = go(approve())
    assert delivery.state == State.CHECK
    assert "OLD-7" in delivery.last_error
    assert not delivery.concern.cases.exists()


@pytest.mark.parametrize("number", ["x" * 61, "<script>", "a b", "1,2"])
def test_a_number_that_isnt_one_is_asked_about(city, approve, go, number):
    city.tell(post=[f"number:{number}"])
    assert go(approve()).state == State.CHECK
    assert not ExternalCase.objects.exists()


def test_taken_without_any_number_is_asked_about(city, approve, go):
    city.tell(post=["nothing"])
    assert go(approve()).state == State.CHECK


def test_a_number_we_wrote_down_ourselves_meanwhile_is_the_same_case(city, endpoint, approve, go, organizer):
    delivery = approve()
    actions.add_case(concern=delivery.concern, by=organizer, system=endpoint.name, number="C-1")
    assert go(delivery).state == State.SENT
    assert delivery.case == ExternalCase.objects.get()


# --- What may not leave ----------------------------------------------------------------------------------------------


def test_where_people_live_nothing_leaves_before_help_was_offered(approve, go, organizer):
    house = factories.make_concern(category="VACANT_BLD", answers={"occupied": "part"})
    with pytest.raises(Refused, match="People live there"):
        approve(house)
    actions.offer_help(concern=house, by=organizer, kind="offered")
    assert go(approve(house)).state == State.SENT


@pytest.mark.parametrize("words", ["The man who lives at 4512", "Call 816-555-0142", "x" * 3901])
def test_words_about_a_person_never_leave(approve, words):
    with pytest.raises(Refused, match="words"):
        approve(words=words)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"publication": Publication.SPAM}, "spam"),
        ({"status": Status.WITHDRAWN}, "nothing to send"),
        ({"status": Status.VERIFIED_FIXED, "triaged_at": timezone.now()}, "nothing to send"),
        ({"address": "Mr. Linden, 816-555-0142"}, "person"),
    ],
)
def test_what_is_over_or_names_somebody_is_refused(approve, fields, why):
    with pytest.raises(Refused, match=why):
        approve(factories.make_concern(**fields))


def test_what_is_never_public_is_never_sent(endpoint, organizer):
    nuisance = factories.make_concern(category="NUISANCE")
    service = endpoint.services.create(category=nuisance.category, service_code="9")
    with pytest.raises(Refused, match="never public"):
        approve_delivery(concern=nuisance, service=service, words="Loud", by=organizer)


@pytest.mark.parametrize("change", [{"is_active": False}, {"approved_at": None}, {"paused_at": timezone.now()}])
def test_nothing_is_sent_to_an_endpoint_that_nobody_signed_off(city, endpoint, approve, change):
    approve()
    Endpoint.objects.update(**change)
    assert send_due() == 0
    with pytest.raises(Refused, match="in use"):
        approve()
    assert city.posts == []


@pytest.mark.parametrize(
    "change",
    [{"address": "9 Elsewhere St"}, {"status": Status.WITHDRAWN}, {"answers": {"occupied": "yes"}}],
)
def test_what_changed_after_it_was_approved_doesnt_leave(city, approve, go, change):
    delivery = approve()
    Concern.objects.filter(pk=delivery.concern_id).update(**change)
    assert go(delivery).state == State.CANCELLED
    assert delivery.last_error
    assert city.posts == []


def test_one_on_its_way_is_enough(approve, go):
    delivery = approve()
    for _n in range(2):
        with pytest.raises(Refused, match="on its way"):
            approve(delivery.concern)
        go(delivery)


def test_the_database_itself_keeps_one_live_delivery():
    delivery = factories.make_delivery()
    with pytest.raises(IntegrityError, match="delivery_one_live"), transaction.atomic():
        factories.make_delivery(concern=delivery.concern, endpoint=delivery.endpoint)


def test_a_concern_that_changed_on_the_page_meanwhile_isnt_approved(endpoint, organizer):
    concern = factories.make_published_concern()
    seen = actions.version_of(concern)
    actions.move_concern(concern=Concern.objects.get(), to=Status.MONITORING, by=organizer)
    with pytest.raises(Refused, match="Somebody was quicker"):
        approve_delivery(concern=concern, service=endpoint.services.first(), words="x", by=organizer, expected=seen)


# --- What a person decides -------------------------------------------------------------------------------------------


def test_it_can_be_called_off_until_it_leaves(city, approve, go, organizer):
    delivery = call_off(delivery=approve(), by=organizer)
    assert (go(delivery).state, delivery.fields, city.posts) == (State.CANCELLED, {}, [])
    sent = go(approve())
    with pytest.raises(Refused, match="Too late"):
        call_off(delivery=sent, by=organizer)


def test_a_person_who_asked_them_sends_it_again_or_gives_it_up(city, approve, go, organizer):
    city.tell(post=["nothing", "nothing"])
    delivery = settle_by_hand(delivery=go(approve()), by=organizer, again=True)
    assert go(delivery).state == State.CHECK
    assert settle_by_hand(delivery=delivery, by=organizer).state == State.CANCELLED
    with pytest.raises(Refused, match="quicker"):
        settle_by_hand(delivery=delivery, by=organizer, again=True)


def test_a_number_by_hand_must_be_one(approve, go, city, organizer):
    city.tell(post=["nothing"])
    with pytest.raises(Refused, match="letters, digits"):
        settle_by_hand(delivery=go(approve()), by=organizer, number="no number, they said")


def test_a_purge_takes_what_was_sent_along(approve, go, organizer):
    delivery = go(approve())
    actions.purge_concern(concern=delivery.concern, by=organizer)
    assert not Delivery.objects.exists()

"""What a city says about what we sent: asked once an hour, and never more than a claim."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from concerns import actions
from concerns.models import Concern, ConcernUpdate
from concerns.public import PublicUpdate
from concerns.workflow import Status
from open311.models import Delivery, Endpoint
from open311.polling import poll_due
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(approve, go) -> Delivery:
    return go(approve())


def poll(delivery: Delivery) -> Delivery:
    """Ask once more, as if the hour were over."""
    Delivery.objects.update(next_poll_at=timezone.now())
    poll_due()
    delivery.refresh_from_db()
    delivery.concern.refresh_from_db()
    return delivery


def says(city: Any, *, number: str = "C-1", **told: Any) -> None:
    requests = [one | (told if one["service_request_id"] == number else {}) for one in city.state["requests"]]
    city.tell(requests=requests)


def test_closed_only_ever_claims_fixed_with_the_citys_voice(city, sent):
    says(city, status="closed", status_notes="Crew replaced the lamp. Call Bob 816-555-0142")
    delivery = poll(sent)
    assert delivery.concern.status == Status.CLAIMED_FIXED
    line = ConcernUpdate.objects.get(to_value=Status.CLAIMED_FIXED)
    assert (line.voice, line.by, line.note[:12]) == ("agency", None, "Crew replace")
    assert not PublicUpdate.objects.filter(note__contains="Crew").exists()
    assert delivery.case.their_status == "closed"
    assert delivery.closed_at


def test_what_is_closed_with_them_isnt_asked_about_again_and_may_be_sent_anew(city, sent, approve, organizer):
    says(city, status="closed")
    delivery = poll(sent)
    actions.record_look(concern=delivery.concern, by=organizer, result="still_there", lit="dark")
    assert delivery.concern.status == Status.REOPENED
    asked = len(city.state["asked"])
    assert poll(delivery).concern.status == Status.REOPENED
    assert len(city.state["asked"]) == asked
    approve(delivery.concern)


@pytest.mark.parametrize("status", [Status.VERIFIED_FIXED, Status.NOT_ACTIONABLE, Status.WITHDRAWN])
def test_closed_moves_nothing_that_we_know_better(city, sent, status):
    Concern.objects.filter(pk=sent.concern_id).update(status=status)
    says(city, status="closed", status_notes="Done")
    assert poll(sent).concern.status == status
    assert ConcernUpdate.objects.filter(kind="said", voice="agency", note="Done", is_public=False).count() == 1


def test_their_words_are_kept_once_and_at_the_desk(city, sent):
    for words in ("We look at it", "We look at it", "Ordered a lamp"):
        says(city, status="open", status_notes=words)
        poll(sent)
    kept = ConcernUpdate.objects.filter(kind="said", voice="agency").order_by("id")
    assert [line.note for line in kept] == ["We look at it", "Ordered a lamp"]
    assert not any(line.is_public for line in kept)
    assert sent.concern.status == Status.REPORTED


def test_a_day_they_promise_counts(city, sent):
    says(city, expected_datetime="2031-05-02T12:00:00-05:00")
    delivery = poll(sent)
    assert str(delivery.case.expected_on) == str(delivery.concern.due_on) == "2031-05-02"


def test_everything_due_is_asked_in_one_call_and_at_most_once_an_hour(city, approve, go):
    for _n in range(3):
        go(approve())
    Delivery.objects.update(next_poll_at=timezone.now())
    before = len(city.state["asked"])
    assert poll_due() == 3
    assert poll_due() == 0
    asked = city.state["asked"][before:]
    assert [one["query"]["service_request_id"] for one in asked] == ["C-1,C-2,C-3"]
    Delivery.objects.update(next_poll_at=timezone.now() + timedelta(minutes=59))
    assert poll_due() == 0


def test_a_city_that_answers_one_number_at_a_time_is_asked_one_by_one(city, approve, go):
    city.tell(one_at_a_time=True)
    first, second = go(approve()), go(approve())
    says(city, number="C-2", status="closed")
    poll(first)
    assert [one.their_status for one in Delivery.objects.order_by("id")] == ["open", "closed"]
    assert second.concern_id


@pytest.mark.parametrize("how", ["other", "html", "broken", "big", "drip", "status:500", "silent", "bomb"])
@pytest.mark.parametrize("form", ["json", "xml"])
def test_whatever_else_they_answer_moves_nothing(city, sent, how, form):
    Endpoint.objects.update(form=form)
    city.tell(get=[how] * 2)
    delivery = poll(sent)
    assert (delivery.concern.status, delivery.their_status) == (Status.REPORTED, "")


def test_a_status_that_is_neither_open_nor_closed_is_no_news(city, sent):
    says(city, status="verified", status_notes="Hooray")
    assert (poll(sent).concern.status, sent.their_status) == (Status.REPORTED, "")


def test_in_xml_it_is_the_same(city, sent):
    Endpoint.objects.update(form="xml")
    says(city, status="closed", status_notes="Fixed & done <b>")
    assert poll(sent).concern.status == Status.CLAIMED_FIXED
    assert ConcernUpdate.objects.filter(note="Fixed & done <b>").exists()


@pytest.mark.parametrize("how", ["redirect:302:http://169.254.169.254/", "status:403"])
def test_a_redirect_or_a_refused_key_pauses_it(city, sent, endpoint, how):
    city.tell(get=[how])
    poll(sent)
    endpoint.refresh_from_db()
    assert endpoint.paused_at


def test_a_number_that_somebody_took_back_stops_nothing(city, sent):
    sent.case.delete()
    says(city, status="closed")
    assert poll(sent).concern.status == Status.REPORTED


def test_a_merged_one_keeps_what_the_city_says_and_moves_nothing(city, sent, organizer):
    other = factories.make_published_concern()
    actions.mark_duplicate(concern=sent.concern, of=other, by=organizer)
    says(city, status="closed")
    assert poll(sent).concern.status == Status.DUPLICATE
    other.refresh_from_db()
    assert other.status == Status.TRIAGED

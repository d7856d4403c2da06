"""The desk joins two reports of one thing, side by side, and takes it apart again."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from concerns import actions
from concerns.models import Concern
from concerns.receipts import code_for, receipt_token, reporter_of_code
from concerns.workflow import Source
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def desk(organizer: User) -> Client:
    browser = Client()
    browser.force_login(organizer, backend=BACKEND)
    return browser


def url(name: str, *concerns: Concern) -> str:
    return reverse(f"concerns:{name}", args=[concern.public_id for concern in concerns])


def page(desk: Client, name: str, *concerns: Concern) -> str:
    response = desk.get(url(name, *concerns))
    assert response.status_code == 200
    return response.content.decode()


def two_houses(**fields: Any) -> tuple[Concern, Concern]:
    walk = factories.make_walk()
    first = factories.make_concern(walk=walk, category="VACANT_OPEN", address="4512 Lawn Ave", note="Door is open")
    second = factories.make_concern(
        walk=walk, category="VACANT_BLD", address="4512 LAWN AVENUE", location=None, note="Boards are gone", **fields
    )
    return first, second


def test_the_page_says_why_two_may_be_the_same(desk: Client) -> None:
    first, second = two_houses()
    shown = page(desk, "desk_detail", second)
    assert "same address" in shown
    assert url("desk_compare", second, first) in shown


def test_both_stand_side_by_side_before_they_are_joined(desk: Client) -> None:
    first, second = two_houses()
    photo = factories.make_photo(concern=first)
    shown = page(desk, "desk_compare", second, first)
    for words in (
        "Door is open",
        "Boards are gone",
        "4512 Lawn Ave",
        "4512 LAWN AVENUE",
        first.walk.title,
        "same address",
    ):
        assert words in shown
    assert f"/desk/photos/{photo.public_id}/400.jpg" in shown
    assert shown.count("This is the second report of the other") == 2
    desk.post(url("desk_merge", second), {"of": str(first.public_id), "seen": actions.version_of(second)})
    second.refresh_from_db()
    assert second.duplicate_of == first
    assert "They are joined already" in page(desk, "desk_compare", second, first)


def test_nobody_compares_a_concern_with_itself_or_without_the_right(desk: Client, lead: User) -> None:
    first, second = two_houses()
    assert desk.get(url("desk_compare", first, first)).status_code == 404
    other = Client()
    other.force_login(lead, backend=BACKEND)
    assert other.get(url("desk_compare", second, first)).status_code in (403, 404)


def test_the_list_says_how_many_may_be_the_same_in_as_many_queries_as_ever(desk: Client) -> None:
    two_houses()
    factories.make_concern(category="DUMPING", address="9 Far Ave", location=None, segment=None)
    desk.get("/desk/concerns/")  # what is kept between requests is asked by the first one
    with CaptureQueriesContext(connection) as few:
        shown = desk.get("/desk/concerns/").content.decode()
    assert shown.count("may be the same as 1 other") == 2
    for _ in range(4):
        two_houses()
    with CaptureQueriesContext(connection) as many:
        shown = desk.get("/desk/concerns/").content.decode()
    assert "may be the same as 5 others or more" in shown
    assert len(many) == len(few) <= 12


def test_everybody_who_saw_it_stays_a_witness(desk: Client, organizer: User) -> None:
    first, second = two_houses()
    third = factories.make_concern(category="VACANT_BLD", address="4512 Lawn Ave")
    for one in (second, third):
        actions.mark_duplicate(concern=one, of=first, by=organizer)
    shown = page(desk, "desk_detail", first)
    assert "seen by 3 people on 2 walks" in shown
    assert url("desk_detail", second) in shown
    assert url("desk_detail", third) in shown
    assert "Boards are gone" in page(desk, "desk_detail", second)


def test_merged_and_taken_apart_again_nothing_is_lost(client: Client, desk: Client, organizer: User) -> None:
    first, second = factories.make_published_concern(), factories.make_published_concern(source=Source.WEB)
    reporter = factories.make_reporter(concern=second)
    old_link, receipt = url("detail", second), reverse("concerns:receipt", args=[receipt_token(reporter)])
    open311 = f"/open311/v2/requests/{second.public_id}.json"
    for _round in range(2):
        desk.post(url("desk_merge", second), {"of": str(first.public_id)})
        answer = client.get(old_link)
        assert (answer.status_code, answer["Location"]) == (302, url("detail", first))
        assert client.get(open311).json()[0]["service_request_id"] == str(first.public_id)
        assert "Somebody reported the same before" in client.get(receipt).content.decode()
        assert "seen by 2 people" in client.get(url("detail", first)).content.decode()
        desk.post(url("desk_unmerge", second))
        assert client.get(old_link).status_code == 200
        assert client.get(open311).json()[0]["service_request_id"] == str(second.public_id)
        assert "Somebody reported the same before" not in client.get(receipt).content.decode()
        assert "seen by 2 people" not in client.get(url("detail", first)).content.decode()
    assert reporter_of_code(code_for(reporter.form_token)) == reporter


def test_an_old_link_leads_nowhere_while_the_first_is_hidden(client: Client, organizer: User) -> None:
    first, second = factories.make_published_concern(), factories.make_published_concern()
    actions.mark_duplicate(concern=second, of=first, by=organizer)
    actions.hide_concern(concern=first, by=organizer)
    assert client.get(url("detail", second)).status_code == 404

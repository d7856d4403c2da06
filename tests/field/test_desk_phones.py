"""/desk/walks/<uuid>/phones/: which phones are on a walk, confirmed, taken off and let back in."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from office.models import AuditEvent
from tests import factories
from tests.field.phone import Phone

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
MOST_QUERIES = 12

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(db, lead):
    return factories.make_running_walk(lead=lead.person)


@pytest.fixture
def phone(walk):
    return Phone(walk, name="Rosa’s phone")


def page_of(walk):
    return f"/desk/walks/{walk.public_id}/phones/"


def button_of(phone, action):
    return f"{page_of(phone.walk)}{phone.device.public_id}/{action}/"


def test_it_lists_phones_with_what_waits_on_them(desk, phone):
    phone.put_concern()
    phone.send("status/", {"waiting": 3, "oldest_at": None, "app": "1"}, method="POST")
    text = desk.get(page_of(phone.walk)).content.decode()
    assert "Rosa’s phone" in text
    assert "3 records still wait on phones" in text
    assert "not confirmed" in text


def test_it_says_what_to_do_where_no_phone_has_joined(desk, walk):
    assert "No phone has joined yet" in desk.get(page_of(walk)).content.decode()


def test_the_walk_lead_confirms_takes_off_and_lets_back_in(client, lead, phone):
    client.force_login(lead, backend=BACKEND)
    for action, word in [("confirm", "confirmed"), ("revoke", "taken off"), ("readmit", "not confirmed")]:
        response = client.post(button_of(phone, action), follow=True)
        assert response.redirect_chain == [(page_of(phone.walk), 302)]
        assert word in response.content.decode()
    assert phone.get("pack/").status_code == 200
    actions = AuditEvent.objects.order_by("id").values_list("action", "object_id", "actor")
    assert list(actions) == [
        (f"field.{action}", phone.device.public_id, lead.public_id) for action in ("confirm", "revoke", "readmit")
    ]


def test_a_phone_that_was_taken_off_is_refused_at_once(desk, phone):
    desk.post(button_of(phone, "revoke"))
    assert phone.put_concern().status_code == 403


@pytest.mark.parametrize("who", ["volunteer", "outsider", "partner"])
def test_others_find_nothing(client, request, phone, who):
    client.force_login(request.getfixturevalue(who), backend=BACKEND)
    assert client.get(page_of(phone.walk)).status_code == 404
    assert client.post(button_of(phone, "revoke")).status_code == 404
    phone.device.refresh_from_db()
    assert phone.device.revoked_at is None


def test_a_lead_reaches_only_phones_of_the_own_walk(client, lead, walk, phone):
    client.force_login(lead, backend=BACKEND)
    other = Phone(factories.make_running_walk())
    assert client.post(button_of(other, "revoke")).status_code == 404
    crossed = f"{page_of(walk)}{other.device.public_id}/revoke/"
    assert client.post(crossed).status_code == 404
    other.device.refresh_from_db()
    assert other.device.revoked_at is None


def test_a_stranger_is_asked_to_sign_in(client, phone):
    assert client.get(page_of(phone.walk)).status_code == 302
    assert client.post(button_of(phone, "revoke")).status_code == 302


@pytest.mark.parametrize("action", ["confirm", "revoke", "readmit"])
def test_looking_changes_nothing(desk, phone, action):
    assert desk.get(button_of(phone, action)).status_code == 405


def test_an_unknown_phone_or_walk_is_not_found(desk, walk):
    assert desk.get(f"/desk/walks/{uuid.uuid4()}/phones/").status_code == 404
    assert desk.post(f"{page_of(walk)}{uuid.uuid4()}/confirm/").status_code == 404


def test_its_queries_do_not_grow_with_phones(desk, phone):
    desk.get(page_of(phone.walk))
    counts = []
    for _n in range(2):
        with CaptureQueriesContext(connection) as queries:
            desk.get(page_of(phone.walk))
        counts.append(len(queries))
        for _more in range(5):
            Phone(phone.walk, team=factories.make_team(walk=phone.walk))
    assert counts[0] == counts[1] <= MOST_QUERIES

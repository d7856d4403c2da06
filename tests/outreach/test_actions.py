"""outreach.actions: a contact is a kind, a result and a block; nobody's name, number or door."""

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from outreach import actions
from outreach.models import Contact
from tests import factories

ON_THE_NORTH_SIDE = Point(-94.53912, 39.10612, srid=4326)
pytestmark = pytest.mark.django_db


def make_contact(**fields):
    defaults = {
        "walk": fields.pop("walk", None) or factories.make_walk(),
        "team": None,
        "device": None,
        "received_at": timezone.now(),
        "kind": "business",
        "result": "talked",
        "needs": ("food",),
        "captured_at": timezone.now(),
        "is_clock_off": False,
        "location": None,
    }
    return actions.log_contact(**defaults | fields)


def said(**fields):
    defaults = {"kind": "door", "result": "no_one", "needs": [], "captured_at": timezone.now(), "is_clock_off": False}
    return defaults | {"location": None} | fields


def test_it_keeps_the_block_and_side_of_a_place_and_not_the_place():
    contact = make_contact(location=ON_THE_NORTH_SIDE)
    assert (contact.segment, contact.side) == (contact.walk.corridor.segments.first(), "left")
    columns = {field.name for field in Contact._meta.concrete_fields}
    assert columns == {
        "id", "public_id", "walk", "team", "device", "kind", "result", "needs", "segment", "side", "captured_at",
        "received_at", "withdrawn_at", "is_clock_off", "source", "landmark", "note", "recorded_by",
    }  # fmt: skip


def test_only_blocks_of_the_walks_own_corridor_are_taken():
    factories.make_corridor()
    elsewhere = factories.make_corridor(name="Far away")
    elsewhere.segments.all().delete()
    contact = make_contact(walk=factories.make_walk(corridor=elsewhere), location=ON_THE_NORTH_SIDE)
    assert (contact.segment, contact.side) == (None, "")


def test_a_newer_state_says_anew_what_came_of_it():
    contact = make_contact(location=ON_THE_NORTH_SIDE)
    actions.change_contact(contact, **said())
    stored = Contact.objects.get()
    assert (stored.kind, stored.result, stored.needs) == ("door", "no_one", [])
    assert stored.segment == contact.walk.corridor.segments.first()


def test_what_is_taken_back_stands_nowhere():
    contact, kept = make_contact(), make_contact()
    actions.withdraw_contact(contact, at=timezone.now())
    assert list(Contact.objects.standing()) == [kept]


def test_the_admin_reads_contacts_and_changes_none(client, admin):
    client.force_login(admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    contact = make_contact(location=ON_THE_NORTH_SIDE, needs=("food", "housing"))
    page = client.get("/admin/outreach/contact/")
    assert page.status_code == 200
    assert "food, housing" in page.content.decode()
    one = f"/admin/outreach/contact/{contact.pk}/change/"
    assert client.get(one).status_code == 200
    assert client.post(one, {"kind": "door"}).status_code == 403
    assert client.get("/admin/outreach/contact/add/").status_code == 403


@pytest.mark.parametrize("who", ["organizer", "coordinator", "lead"])
def test_nobody_but_an_admin_opens_the_list(client, request, who):
    client.force_login(request.getfixturevalue(who), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/admin/outreach/contact/").status_code == 403

"""/desk/corridors/…: drawing and changing a corridor, landmarks, areas."""

import json
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from corridors.models import Area, Corridor, Landmark
from corridors.panels import panels
from office.models import Coalition
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LINE = json.dumps({"type": "LineString", "coordinates": [[-94.540, 39.106], [-94.530, 39.106]]})
FORM = {
    "name": "Independence Avenue",
    "line": LINE,
    "cross_streets": "Askew Ave, -94.538, 39.106, 3600\nLawn Ave, -94.533, 39.106",
    "from_street": "Benton Blvd",
    "to_street": "Hardesty Ave",
    "first_block": "3100",
    "even_side": "north",
    "buffer_m": "60",
    "note": "",
    "is_public": "on",
}
PAGES = ["", "new/", "areas/", "landmarks/", "landmarks/new/", "the-avenue/", "the-avenue/edit/"]


@pytest.fixture
def corridor() -> Corridor:
    return factories.make_corridor(name="The Avenue", slug="the-avenue")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_open_with_a_steady_number_of_queries(
    desk: Client, corridor: Corridor, page: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        factories.make_landmark(corridor=corridor)
        factories.make_walk(corridor=corridor)
    Coalition.current()
    with django_assert_max_num_queries(12):
        assert desk.get(f"/desk/corridors/{page}").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_they_are_for_organizers(client: Client, volunteer: User, partner: User, corridor: Corridor, page: str) -> None:
    assert client.get(f"/desk/corridors/{page}").status_code == 302
    for user in (volunteer, partner):
        assert signed_in(user).get(f"/desk/corridors/{page}").status_code == 403


@pytest.mark.parametrize("page", ["", "areas/", "landmarks/", "the-avenue/"])
def test_pages_to_look_at_take_no_post(desk: Client, corridor: Corridor, page: str) -> None:
    assert desk.post(f"/desk/corridors/{page}").status_code == 405


@pytest.mark.parametrize("page", ["nothing/", "nothing/edit/", f"landmarks/{'0' * 8}-0000-4000-8000-{'0' * 12}/"])
def test_what_is_not_there_is_not_there(desk: Client, page: str) -> None:
    assert desk.get(f"/desk/corridors/{page}").status_code == 404


# --- drawing ---


def test_a_corridor_is_made_from_the_form(desk: Client, organizer: User) -> None:
    response = desk.post("/desk/corridors/new/", FORM, follow=True)
    corridor = Corridor.objects.get()
    assert response.redirect_chain == [("/desk/corridors/independence-avenue/", 302)]
    assert "Independence Avenue is drawn, with 3 blocks." in text(response)
    assert corridor.even_side == "left"
    assert list(corridor.segments.values_list("from_street", "block")) == [
        ("Benton Blvd", 3100),
        ("Askew Ave", 3600),
        ("Lawn Ave", 3700),
    ]


def test_names_alone_are_spaced_evenly_between_what_is_known(desk: Client) -> None:
    streets = "Askew Ave\nNorton Ave, -94.535, 39.106\nElmwood Ave\nLawn Ave"
    desk.post("/desk/corridors/new/", FORM | {"cross_streets": streets})
    starts = [segment.line.coords[0][0] for segment in Corridor.objects.get().segments.all()]
    assert starts == pytest.approx([-94.54, -94.5375, -94.535, -94.53333, -94.53167], abs=1e-4)


BAD = {
    "name": ("", "required"),
    "line": ('{"type": "LineString", "coordinates": [[0, 0], [1e999, 1]]}', "infinite"),
    "cross_streets": ("Truman Rd, -94.535, 39.09", "m from the line"),
    "first_block": ("-1", "greater than or equal to 0"),
    "even_side": ("east", "This street has a north side and a south side. Choose one of them."),
    "buffer_m": ("9999", "less than or equal to 500"),
}
BAD_STREETS = {
    "Askew Ave, 39.106, -94.538": "looks swapped",
    "Askew Ave, 139.106, -94.538": "looks swapped",
    "Askew Ave, -94.538": "Line 1 can’t be read",
    "Askew Ave\n,,,": "Line 2 can’t be read",
    f"{'x' * 81}": "Line 1 can’t be read",
    "\n".join(f"Street {n}" for n in range(201)): "201 cross streets are too many",
    "A, -94.535, 39.106\nB, -94.53501, 39.106": "less than 12 m apart",
}


@pytest.mark.parametrize("field", BAD)
def test_a_wrong_field_is_named_and_everything_typed_is_kept(desk: Client, field: str) -> None:
    value, words = BAD[field]
    response = desk.post("/desk/corridors/new/", FORM | {field: value})
    assert response.status_code == 422
    assert words in text(response)
    for typed in (FORM | {field: value}).values():
        assert escape(typed.splitlines()[0] if typed else "") in response.content.decode()
    assert not Corridor.objects.exists()


@pytest.mark.parametrize("typed", BAD_STREETS)
def test_wrong_cross_streets_get_a_sentence_and_stay(desk: Client, typed: str) -> None:
    response = desk.post("/desk/corridors/new/", FORM | {"cross_streets": typed})
    assert response.status_code == 422
    assert BAD_STREETS[typed] in text(response)
    assert escape(typed.splitlines()[-1]) in response.content.decode()


def test_a_name_that_is_a_word_of_the_desk_s_addresses_gets_another_one(desk: Client) -> None:
    desk.post("/desk/corridors/new/", FORM | {"name": "New"})
    assert Corridor.objects.get().slug == "new-2"


# --- changing ---


def shown(desk: Client, address: str = "/desk/corridors/the-avenue/edit/") -> dict[str, Any]:
    """The form's fields as the page shows them, ready to be sent back."""
    form = desk.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    values["line"] = form["line"].value().geojson
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def test_saving_the_form_as_it_was_changes_nothing(desk: Client, corridor: Corridor) -> None:
    before = list(corridor.segments.values_list("pk", "from_street", "to_street", "block", "position"))
    response = desk.post("/desk/corridors/the-avenue/edit/", shown(desk), follow=True)
    assert "Saved. All blocks stay as they were." in text(response)
    assert list(corridor.segments.values_list("pk", "from_street", "to_street", "block", "position")) == before
    corridor.refresh_from_db()
    assert (corridor.even_side, corridor.stretch) == ("left", "Askew Ave to Jackson Ave")


def test_a_new_cross_street_says_what_happened_to_the_blocks(desk: Client, corridor: Corridor) -> None:
    fields = shown(desk)
    fields["cross_streets"] += "\nNew Ave, -94.5370, 39.1060"
    response = desk.post("/desk/corridors/the-avenue/edit/", fields, follow=True)
    assert "2 blocks stay, 2 are new, 1 are retired and keep what was noticed there." in text(response)
    assert "1 block of before" in text(response)


def test_somebody_else_s_change_meanwhile_is_not_written_over(desk: Client, corridor: Corridor) -> None:
    fields = shown(desk)
    desk.post("/desk/corridors/the-avenue/edit/", fields | {"cross_streets": ""})
    response = desk.post("/desk/corridors/the-avenue/edit/", fields | {"name": "Typed Name"})
    assert response.status_code == 422
    assert "Somebody else changed this corridor meanwhile." in text(response)
    assert "Typed Name" in text(response)
    assert corridor.segments.current().count() == 1


@pytest.mark.parametrize(("role", "status"), [("organizer", 403), ("volunteer", 403), ("admin", 302)])
def test_only_an_admin_deletes_a_corridor(
    request: pytest.FixtureRequest, corridor: Corridor, role: str, status: int
) -> None:
    client = signed_in(request.getfixturevalue(role))
    assert client.get("/desk/corridors/the-avenue/delete/").status_code in (405, 403)
    assert client.post("/desk/corridors/the-avenue/delete/").status_code == status
    assert Corridor.objects.exists() is (status == 403)


def test_a_corridor_in_use_stays_and_the_reason_is_told(admin: User, corridor: Corridor) -> None:
    factories.make_walk(corridor=corridor)
    response = signed_in(admin).post("/desk/corridors/the-avenue/delete/", follow=True)
    assert "The Avenue can’t be deleted" in text(response)
    assert Corridor.objects.exists()


# --- landmarks ---

LANDMARK = {
    "name": "Fire Station 23",
    "kind": "meeting_point",
    "location": '{"type": "Point", "coordinates": [-94.5267, 39.1052]}',
    "is_public": "on",
}


def test_a_landmark_is_added_changed_and_deleted(desk: Client, corridor: Corridor) -> None:
    desk.post("/desk/corridors/landmarks/new/", LANDMARK | {"corridor": corridor.pk})
    landmark = Landmark.objects.get()
    assert landmark.corridor == corridor
    address = f"/desk/corridors/landmarks/{landmark.public_id}/"
    desk.post(address, LANDMARK | {"name": "Station 23", "location": "39.1050, -94.5260"})
    landmark.refresh_from_db()
    assert (landmark.name, landmark.location.coords) == ("Station 23", (-94.526, 39.105))
    assert desk.get(f"{address}delete/").status_code == 405
    desk.post(f"{address}delete/")
    assert not Landmark.objects.exists()


def test_a_landmark_s_bad_place_gets_a_sentence_and_nothing_is_changed(desk: Client) -> None:
    landmark = factories.make_landmark()
    address = f"/desk/corridors/landmarks/{landmark.public_id}/"
    for place, words in (("39.1, -194.5", "outside the map"), ("the station", "GeoJSON"), ("", "Draw it on the map")):
        response = desk.post(address, LANDMARK | {"name": "Other", "location": place})
        assert response.status_code == 422
        assert words in text(response)
        assert escape(place.partition(", ")[2] or place) in response.content.decode()
    landmark.refresh_from_db()
    assert landmark.name == "Fire Station 23"


def test_a_landmark_where_walks_meet_is_not_deleted(desk: Client) -> None:
    landmark = factories.make_landmark()
    factories.make_walk(meeting_landmark=landmark)
    response = desk.post(f"/desk/corridors/landmarks/{landmark.public_id}/delete/", follow=True)
    assert "Walks meet at Fire Station 23" in text(response)
    assert Landmark.objects.exists()


# --- areas; panels ---


def test_areas_are_listed_by_kind_and_nameless_ones_say_so(desk: Client) -> None:
    box = MultiPolygon(Polygon.from_bbox((0, 0, 1, 1)), srid=4326)
    Area.objects.create(kind="neighborhood", name="Lykins", source_id="17", shape=box)
    Area.objects.create(kind="neighborhood", name="", source_id="0", shape=box)
    html = text(desk.get("/desk/corridors/areas/"))
    assert "Lykins" in html
    assert "neighborhood without a name (0)" in html


def test_a_corridor_without_blocks_needs_an_organizer(organizer: User, corridor: Corridor) -> None:
    assert list(panels(user=organizer, now=timezone.now())) == []
    corridor.segments.update(retired_at=timezone.now())
    (panel,) = panels(user=organizer, now=timezone.now())
    assert (panel.n, panel.url) == (1, "/desk/corridors/the-avenue/edit/")


def test_scripts_in_what_was_typed_come_out_as_text(desk: Client) -> None:
    nasty = "</textarea></script><img src=x onerror=alert(1)>"
    factories.make_landmark(name=nasty, location=Point(-94.5, 39.1, srid=4326))
    html = desk.post("/desk/corridors/new/", dict.fromkeys(FORM, nasty)).content.decode()
    assert "<img src=x" not in html

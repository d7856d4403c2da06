"""Views of the desk's list under a name: own or shared, and never more than known filters."""

from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.test import Client

from concerns.models import SavedFilter
from concerns.saved_views import known_query
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
LIST, VIEWS = "/desk/concerns/", "/desk/concerns/views/"


def names_on_the_list(desk: Client, query: str = "") -> list[tuple[str, bool]]:
    return [(view.name, is_now) for view, is_now in desk.get(LIST + query).context["views"]]


def test_the_present_filters_are_kept_under_a_name(desk: Client, organizer: User) -> None:
    given = {"name": " Late  lights ", "query": "show=open&category=LIGHT_OUT&overdue=1"}
    response = desk.post(VIEWS, given)
    view = SavedFilter.objects.get()
    assert (view.user, view.name, view.is_shared) == (organizer, "Late lights", False)
    assert response.headers["Location"] == f"{LIST}?{view.query}"
    assert names_on_the_list(desk, f"?{view.query}") == [("Late lights", True)]
    assert names_on_the_list(desk, "?overdue=1&category=LIGHT_OUT&show=open") == [("Late lights", True)]
    assert names_on_the_list(desk) == [("Late lights", False)]


def test_shared_ones_are_for_everybody_and_own_ones_are_not(desk: Client, admin: User) -> None:
    factories.make_saved_view(user=admin, name="Ours", is_shared=True)
    factories.make_saved_view(user=admin, name="Mine")
    assert names_on_the_list(desk) == [("Ours", False)]
    page = desk.get(VIEWS).content.decode()
    assert "Ours" in page
    assert "Mine" not in page
    assert admin.short_name in page


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("show=open&category=LIGHT_OUT&category=DUMPING", {"show": "open", "category": "LIGHT_OUT,DUMPING"}),
        ("order_by=password&next=//evil.example&page=3&lang=es&overdue=far", {"overdue": "far"}),
        ("show=<script>&find=<script>alert(1)</script>", {"find": "<script>alert(1)</script>"}),
        ("corridor=x'&corridor=independence-avenue", {"corridor": "independence-avenue"}),
        ("status=open&older=30&since=2026-11-01&owner=none&photo=1&again=1",
         {"status": "open", "older": "30", "since": "2026-11-01", "owner": "none", "photo": "1", "again": "1"}),
        ("bbox=-94.6,39.0,-94.5,39.1", {"bbox": "-94.6,39.0,-94.5,39.1"}),
        ("javascript:alert(1)", {}),
        ("#/../../admin/", {}),
    ],
)  # fmt: skip
def test_only_known_filters_are_kept_in_our_spelling(query: str, kept: dict[str, str]) -> None:
    known = known_query(query)
    assert dict(parse_qsl(known)) == kept
    assert known_query(known) == known


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "required"),
        ({"name": " \u00a0 "}, "required"),
        ({"name": "x" * 61}, "60"),
        ({"name": "x", "query": "walk=7"}, "walk:"),
        ({"name": "x", "query": "status=secret"}, "status:"),
        ({"name": "x", "query": "category=" + ",".join(["LIGHT_OUT"] * 70)}, "too many filters"),
        ({"name": "nul \x00"}, "Null"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words_and_stays_typed(
    desk: Client, given: dict[str, str], words: str
) -> None:
    response = desk.post(VIEWS, {"query": "", **given})
    page = response.content.decode()
    assert response.status_code == 400
    assert words in page
    assert not SavedFilter.objects.exists()


def test_a_name_is_taken_once_by_each(desk: Client, organizer: User, admin: User) -> None:
    factories.make_saved_view(user=admin, name="Late")
    desk.post(VIEWS, {"name": "Late", "query": ""})
    response = desk.post(VIEWS, {"name": "Late", "query": "photo=1"})
    assert response.status_code == 400
    assert "of that name already" in response.content.decode()
    assert 'value="photo=1"' in response.content.decode()
    assert SavedFilter.objects.filter(user=organizer).count() == 1


def test_thirty_are_enough(desk: Client, organizer: User) -> None:
    for n in range(30):
        factories.make_saved_view(user=organizer, name=f"View {n}")
    assert "Delete one first" in desk.post(VIEWS, {"name": "One more", "query": ""}).content.decode()
    assert SavedFilter.objects.count() == 30


def change(desk: Client, view: SavedFilter, **fields: Any) -> Any:
    return desk.post(f"{VIEWS}{view.public_id}/", {f"v{view.pk}-{name}": value for name, value in fields.items()})


def test_it_is_renamed_shared_and_deleted(desk: Client, organizer: User) -> None:
    view = factories.make_saved_view(user=organizer)
    assert change(desk, view, name="Dark corners", is_shared="on").status_code == 302
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Dark corners", True)
    response = change(desk, view, name="")
    assert response.status_code == 400
    assert SavedFilter.objects.get().name == "Dark corners"
    desk.post(f"{VIEWS}{view.public_id}/delete/")
    assert not SavedFilter.objects.exists()


def test_somebody_elses_is_not_found_even_where_it_is_shared(desk: Client, admin: User) -> None:
    view = factories.make_saved_view(user=admin, is_shared=True)
    assert change(desk, view, name="Mine now").status_code == 404
    assert desk.post(f"{VIEWS}{view.public_id}/delete/").status_code == 404
    assert SavedFilter.objects.get().name == view.name


def test_o05_no_link_deletes_or_renames(desk: Client, organizer: User) -> None:
    view = factories.make_saved_view(user=organizer)
    for method in (desk.get, desk.head):
        assert method(f"{VIEWS}{view.public_id}/").status_code == 405
        assert method(f"{VIEWS}{view.public_id}/delete/").status_code == 405
        assert method(VIEWS).status_code == 200
    assert SavedFilter.objects.count() == 1


def test_hostile_names_stay_text(desk: Client, organizer: User) -> None:
    factories.make_saved_view(user=organizer, name='"><svg/onload=alert(1)>')
    for address in (LIST, VIEWS):
        assert "<svg/onload" not in desk.get(address).content.decode()


def test_an_old_view_whose_walk_is_gone_shows_an_empty_list(desk: Client) -> None:
    factories.make_concern()
    response = desk.get(f"{LIST}?{known_query('walk=00000000-0000-0000-0000-000000000007')}")
    assert response.status_code == 200
    assert len(response.context["page"]) == 0

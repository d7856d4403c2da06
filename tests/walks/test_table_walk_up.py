"""Who walks up may say which organization they come with, and the plan counts them beside what it promised."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories
from walks.models import Presence, Walk
from walks.table import Table
from walks.table_links import greeter_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk() -> Walk:
    return factories.make_running_walk()


def desk_url(walk: Walk) -> str:
    return f"/desk/walks/{walk.public_id}/table/"


def greet_url(walk: Walk) -> str:
    return f"/greet/{greeter_token(walk)}/"


def walk_up(client: Client, url: str, organization: object) -> Any:
    body = {"do": "walk_up", "name": "Ada", "organization": str(organization)}
    return client.post(f"{url}do/", body, content_type="application/json").json()


def test_the_desk_offers_organizations_of_this_walk_first_and_then_the_others(desk: Client, walk: Walk) -> None:
    factories.make_organization(name="Aardvark Club")
    factories.make_organization(name="Gone", merged_into=factories.make_organization(name="Zebra Club"))
    promised = factories.make_organization(name="Promised Five")
    factories.make_pledge(walk=walk, organization=promised, n_people=5, answered_at=timezone.now())
    factories.make_signup(walk=walk, organization=factories.make_organization(name="Signed Up"))
    page = desk.get(desk_url(walk)).content.decode()
    own, others = page.split("<optgroup", 1)
    select = own[own.index("id_walk_up_organization") :]
    assert "Promised Five" in select
    assert "Signed Up" in select
    assert "Aardvark Club" not in select
    assert "Aardvark Club" in others
    assert "Gone" not in page


def test_greeters_by_link_see_and_name_only_those_of_this_walk(client: Client, walk: Walk) -> None:
    other = factories.make_organization(name="Aardvark Club")
    own = factories.make_organization(name="Signed Up")
    factories.make_signup(walk=walk, organization=own)
    for name, fields in (
        ("Merely Asked", {}),
        ("Cannot Come", {"n_people": 0, "answered_at": timezone.now()}),
    ):
        factories.make_pledge(walk=walk, organization=factories.make_organization(name=name), **fields)
    withdrawn = factories.make_organization(name="Withdrew")
    factories.make_signup(walk=walk, organization=withdrawn, state="withdrawn", withdrawn_at=timezone.now())
    page = client.get(greet_url(walk)).content.decode()
    assert f'value="{own.public_id}"' in page
    assert "<optgroup" not in page
    for name in ("Aardvark Club", "Merely Asked", "Cannot Come"):
        assert name not in page
    assert f'value="{withdrawn.public_id}"' not in page
    assert "isn’t in the list" in walk_up(client, greet_url(walk), other.public_id)["says"]
    assert not Presence.objects.exists()
    assert walk_up(client, greet_url(walk), own.public_id) == {"ok": True}
    assert Presence.objects.get().organization == own


def test_the_desk_may_name_any_and_none(desk: Client, walk: Walk) -> None:
    other = factories.make_organization()
    assert walk_up(desk, desk_url(walk), other.public_id) == {"ok": True}
    assert walk_up(desk, desk_url(walk), "") == {"ok": True}
    assert [one.organization for one in Presence.objects.order_by("id")] == [other, None]


@pytest.mark.parametrize("unknown", [uuid.uuid4(), "Hearth and Key", "0", "x" * 300])
def test_an_unknown_organization_is_refused_in_words(desk: Client, walk: Walk, unknown: object) -> None:
    assert "Choose another one, or none." in walk_up(desk, desk_url(walk), unknown)["says"]
    assert not Presence.objects.exists()


def test_a_page_hears_of_an_organization_that_is_new_on_the_walk(client: Client, walk: Walk) -> None:
    first = client.get(greet_url(walk), headers={"X-Part": "table"})
    kept = {"X-Part": "table", "X-Stamp": first["X-Stamp"]}
    assert client.get(greet_url(walk), headers=kept).status_code == 204
    factories.make_pledge(walk=walk, n_people=2, answered_at=timezone.now())
    assert client.get(greet_url(walk), headers=kept).status_code == 200


def test_of_what_a_team_told_the_last_counts(desk: Client, walk: Walk) -> None:
    team, silent = factories.make_team(walk=walk, number=1), factories.make_team(walk=walk, number=2)
    for n_back, minutes in ((2, 20), (4, 5), (1, 30)):
        at = timezone.now() - timedelta(minutes=minutes)
        factories.make_team_back(walk=walk, team=team, n_back=n_back, n_out=5, back_at=at)
    rows = {row.team: row.back for row in Table(walk, timezone.now()).teams}
    assert rows[team]
    assert (rows[team].n_back, rows[team].n_out, rows[silent]) == (4, 5, None)
    assert "the team says 4 of 5 back" in desk.get(desk_url(walk)).content.decode()


def lines_of(desk: Client, walk: Walk) -> Any:
    return desk.get(f"/desk/walks/{walk.public_id}/plan/").context["lines"]


def test_the_plan_counts_who_came_apart_from_who_signed_up(desk: Client, walk: Walk) -> None:
    own, silent = factories.make_pledge(walk=walk), factories.make_pledge(walk=walk)
    signup = factories.make_signup(walk=walk, organization=own.organization, n_people=4)
    factories.make_presence(walk=walk, signup=signup, organization=own.organization, n_people=3)
    factories.make_presence(walk=walk, organization=own.organization, n_people=2, method="walk_up")
    factories.make_presence(walk=walk, organization=own.organization, withdrawn_at=timezone.now())
    factories.make_presence(walk=walk)
    factories.make_presence(organization=own.organization)
    told = {line.pledge: (line.n_signed_up, line.n_came) for line in lines_of(desk, walk)}
    assert told == {own: (4, 5), silent: (0, 0)}
    assert 'data-label="Came">5<' in desk.get(f"/desk/walks/{walk.public_id}/plan/").content.decode()


def test_before_the_walk_nobody_can_have_come(desk: Client) -> None:
    walk = factories.make_walk()
    factories.make_pledge(walk=walk)
    assert walk.meet_at > timezone.now() + timedelta(hours=1)
    page = desk.get(f"/desk/walks/{walk.public_id}/plan/")
    assert [line.n_came for line in page.context["lines"]] == [None]
    assert 'data-label="Came"' not in page.content.decode()


def test_counting_who_came_is_one_query_at_any_size(
    desk: Client, walk: Walk, django_assert_max_num_queries: Any
) -> None:
    desk.get(f"/desk/walks/{walk.public_id}/plan/")
    for n in (1, 20):
        for _n in range(n):
            pledge = factories.make_pledge(walk=walk)
            factories.make_presence(walk=walk, organization=pledge.organization)
        with django_assert_max_num_queries(13):
            assert lines_of(desk, walk)[-1].n_came == 1

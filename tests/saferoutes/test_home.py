from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories

MOST_QUERIES = 12


def n_queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    return len(queries)


@pytest.mark.django_db
def test_an_empty_site_says_what_to_do(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "No walk is planned right now" in page
    assert "No corridor yet" in page


@pytest.mark.django_db
def test_it_shows_walks_tally_and_what_was_mended(client: Client) -> None:
    walk = factories.make_walk(title="Askew to Jackson, by day")
    factories.make_published_concern(walk=walk, public_text="Light is out")
    factories.make_published_concern(walk=walk, public_text="Lamp is back on", status="verified_fixed")
    factories.make_published_concern(walk=walk, public_text="A painted wall", category="ASSET", status="monitoring")
    page = " ".join(client.get("/").content.decode().split())
    assert "Askew to Jackson, by day" in page
    assert "2 things noticed:" in page
    assert "1 still open, 0 the city says are fixed, 1 we saw fixed." in page
    assert "1 good thing." in page
    assert "Lamp is back on" in page
    assert "A painted wall" in page


@pytest.mark.django_db
def test_a_draft_and_a_called_off_walk_do_not_invite(client: Client) -> None:
    factories.make_walk(title="Only planned", state="draft", published_at=None)
    factories.make_walk(
        title="It storms", state="called_off", call_off_reason="Storm", called_off_at=timezone.now()
    )  # fmt: skip
    page = client.get("/").content.decode()
    assert "Only planned" not in page
    assert "It storms" not in page


@pytest.mark.django_db
def test_more_rows_ask_no_more_queries(client: Client) -> None:
    walk = factories.make_walk()
    for status, category in (("verified_fixed", "LIGHT_OUT"), ("monitoring", "ASSET"), ("triaged", "DUMPING")):
        factories.make_published_concern(walk=walk, status=status, category=category, public_text="")
    n_queries(client)  # the first visit ever makes the coalition's row
    few = n_queries(client)
    for _ in range(3):
        again = factories.make_walk()
        for status, category in (("verified_fixed", "LIGHT_OUT"), ("monitoring", "ASSET"), ("reopened", "SIDEWALK")):
            factories.make_published_concern(walk=again, status=status, category=category, public_text="")
    assert n_queries(client) == few <= MOST_QUERIES


@pytest.mark.django_db
def test_nothing_is_changed_by_sending_to_it(client: Client) -> None:
    assert client.post("/").status_code == 405


@pytest.mark.django_db
def test_its_strip_knows_the_sides_that_were_walked_and_leaves_the_others_unknown(client: Client) -> None:
    now = timezone.now()
    times = {"meet_at": now - timedelta(days=2), "step_off_at": now - timedelta(days=2), "end_at": now - timedelta(1)}
    walk = factories.make_walk(**times)
    before = client.get("/").content.decode()
    factories.make_pass(walk=walk, side="left")
    after = client.get("/").content.decode()
    assert (before.count('class="strip-0" d="M'), after.count('class="strip-0" d="M')) == (0, 1)
    assert before.count('class="strip-unknown"') - after.count('class="strip-unknown"') == 1

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import User
from saferoutes.demo.story import Story

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Eight rooms with at most four questions each; how many it is doesn't depend on how much there is to do.
MOST_QUERIES = 18


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["organizer", "admin", "police"])
def test_the_demo_gives_everybody_at_the_desk_something_to_do(client: Client, key: str) -> None:
    story = Story(now=timezone.now(), password="lantern-bakery-4777")
    story.tell()
    client.force_login(story.users[key], backend=BACKEND)
    client.get("/desk/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/desk/").content.decode()
    assert "concerns nobody has read" in page
    assert "Gladstone Block Club" in page
    assert "walk is still a draft" in page
    assert len(queries) <= MOST_QUERIES


@pytest.mark.django_db
def test_colleagues_and_organizations_are_asked_for_once(client: Client, organizer: User) -> None:
    client.force_login(organizer, backend=BACKEND)
    assert "No organizations yet" in client.get("/desk/").content.decode()

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
OF_HELP = 3  # more for who may see requests for help


@pytest.mark.django_db
def test_the_demo_gives_everybody_at_the_desk_something_to_do(client: Client) -> None:
    story = Story(now=timezone.now(), password="lantern-bakery-4777")
    story.tell()
    for key in ("organizer", "coordinator", "admin", "police"):
        client.force_login(story.users[key], backend=BACKEND)
        client.get("/desk/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/desk/").content.decode()
        assert "concerns nobody has read" in page, key
        assert "Gladstone Block Club" in page, key
        assert "walk is still a draft" in page, key
        assert ("requests for help need you" in page) == (key == "coordinator"), key
        assert len(queries) <= MOST_QUERIES + OF_HELP * (key == "coordinator"), key


@pytest.mark.django_db
def test_colleagues_and_organizations_are_asked_for_once(client: Client, organizer: User) -> None:
    client.force_login(organizer, backend=BACKEND)
    assert "No organizations yet" in client.get("/desk/").content.decode()

"""Hours of service: one definition, a letter for who was there, nothing for anybody else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
from tests import factories
from walks.hours import hours_of
from walks.links import signup_token
from walks.models import Walk

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def walk(lead: User) -> Walk:
    """Met four hours ago, stepped off half an hour later, over since an hour."""
    now = timezone.now()
    return factories.make_walk(
        lead=lead.person,
        meet_at=now - timedelta(hours=4),
        step_off_at=now - timedelta(hours=3, minutes=30),
        end_at=now - timedelta(hours=1),
    )


@pytest.mark.parametrize(
    ("method", "left_after", "hours"),
    [
        ("roster", None, 3.0),  # until the walk's end
        ("roster", timedelta(hours=1, minutes=50), 1.75),  # to the nearest quarter
        ("walk_up", None, 2.5),  # the length of the walk
        ("walk_up", timedelta(hours=1), 1.0),
        ("roster", timedelta(0), 0),
    ],
)
def test_hours_are_counted_as_everybody_hears(
    walk: Walk, method: str, left_after: timedelta | None, hours: float
) -> None:
    left_at = walk.meet_at + left_after if left_after is not None else None
    told = hours_of(factories.make_presence(walk=walk, method=method, left_at=left_at), walk)
    assert told is not None
    assert told.hours == hours
    assert told.is_told == (left_at is not None)


def test_nothing_is_counted_while_somebody_is_still_there() -> None:
    walk = factories.make_running_walk()
    assert hours_of(factories.make_presence(walk=walk), walk) is None


def test_who_was_there_prints_the_letter_by_their_own_link(client: Client, walk: Walk) -> None:
    signup = factories.make_signup(walk=walk)
    page = f"/my/{signup_token(signup)}/"
    assert client.get(f"{page}hours/")["Location"] == page
    assert "Your hours" not in client.get(page).content.decode()
    factories.make_presence(walk=walk, signup=signup)
    assert f"{page}hours/" in client.get(page).content.decode()
    letter = client.get(f"{page}hours/")
    assert letter["Cache-Control"] == "no-store"
    told = letter.content.decode()
    for words in (signup.name, "estimate", "Signature", "<strong>3</strong>"):
        assert words in told


def test_the_desk_lists_everybody_s_hours_in_few_questions(client: Client, lead: User, walk: Walk) -> None:
    client.force_login(lead, backend=BACKEND)
    page = reverse("walks:desk_hours", args=[walk.public_id])
    assert "Nobody was checked in" in client.get(page).content.decode()
    for n in range(3):
        one = factories.make_presence(walk=walk, name=f"Person {n}", n_people=2)
    told = client.get(page).content.decode()
    assert "About 18 hours in all" in told
    assert "Person 2" in client.get(reverse("walks:desk_letter", args=[walk.public_id, one.public_id])).content.decode()
    other = factories.make_presence()
    assert client.get(reverse("walks:desk_letter", args=[walk.public_id, other.public_id])).status_code == 404

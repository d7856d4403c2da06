"""What somebody should fix, in its four tabs and on its pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from concerns.models import Assignment
from concerns.partner_access import shown
from concerns.partner_states import PAGE_SIZE, STATES, by_state, page_of
from people.models import Organization
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(db: None) -> Organization:
    return factories.make_organization(name="City Street Lights")


def give(city: Organization, status: str = "in_progress", due: int | None = None, answer: str = "") -> Assignment:
    today = timezone.localdate()
    concern = factories.make_concern(
        status=status, triaged_at=timezone.now(), due_on=None if due is None else today + timedelta(days=due)
    )
    answered_at = timezone.now() if answer else None
    return factories.make_assignment(concern=concern, organization=city, answer=answer, answered_at=answered_at)


def test_each_stands_in_its_tabs_late_first(city: Organization) -> None:
    made = {
        "whenever": give(city),
        "later": give(city, due=9),
        "late": give(city, due=-3),
        "promised": give(city, due=20, answer="will_fix"),
        "back": give(city, "reopened", due=1, answer="fixed"),
        "fixed": give(city, "verified_fixed", answer="fixed"),
    }
    give(city, "withdrawn")
    names = {one.pk: name for name, one in made.items()}
    found = by_state(shown(Assignment.objects.filter(organization=city)))
    assert list(found) == list(STATES)
    assert {state: [names[pk] for pk in ids] for state, ids in found.items()} == {
        "open": ["late", "back", "later", "promised", "whenever"],
        "ask": ["late", "back", "later", "whenever"],
        "done": ["fixed"],
        "all": ["late", "back", "later", "promised", "whenever", "fixed"],
    }


def test_a_page_holds_its_part_in_order_without_what_was_taken_away_meanwhile(city: Organization) -> None:
    rows = shown(Assignment.objects.filter(organization=city))
    made = [give(city, due=n) for n in range(4)]
    ids = [one.pk for one in made]
    Assignment.objects.filter(pk=ids[1]).update(until_at=timezone.now())
    many = [*ids, *range(-PAGE_SIZE, 0)]
    assert [one.pk for one in page_of(rows, many, "1")] == [ids[0], ids[2], ids[3]]
    assert page_of(rows, many, "2").paginator.num_pages == 2
    assert list(page_of(rows, [], "7")) == []

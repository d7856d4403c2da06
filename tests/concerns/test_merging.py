"""Two reports of one thing."""

import pytest

from concerns import actions
from concerns.models import Concern
from concerns.public import PublicConcern, PublicConcernAlias
from office.refused import Refused
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db


def status_of(concern: Concern) -> tuple[str, int | None]:
    row = Concern.objects.get(pk=concern.pk)
    return row.status, row.duplicate_of_id


def test_the_second_report_becomes_a_look_at_the_first(organizer: User) -> None:
    first, second = factories.make_published_concern(), factories.make_concern()
    actions.mark_duplicate(concern=second, of=first, by=organizer)
    assert status_of(second) == ("duplicate", first.pk)
    look = first.looks.get()
    assert (look.duplicate, look.walk, look.result) == (second, second.walk, "still_there")


def test_taking_it_back_restores_the_status_and_takes_the_look_away(organizer: User) -> None:
    first, second = factories.make_concern(), factories.make_published_concern(status="in_progress")
    actions.mark_duplicate(concern=second, of=first, by=organizer)
    actions.unmark_duplicate(concern=second, by=organizer)
    assert status_of(second) == ("in_progress", None)
    assert not first.looks.exists()
    with pytest.raises(Refused):
        actions.unmark_duplicate(concern=second, by=organizer)


def test_one_that_nobody_had_read_is_open_afterwards(organizer: User) -> None:
    first, second = factories.make_concern(), factories.make_concern()
    actions.mark_duplicate(concern=second, of=first, by=organizer)
    actions.unmark_duplicate(concern=second, by=organizer)
    assert status_of(second) == ("triaged", None)


def test_there_are_no_chains_and_taking_back_restores_them(organizer: User) -> None:
    a, b, c = factories.make_concern(), factories.make_concern(), factories.make_concern()
    actions.mark_duplicate(concern=a, of=b, by=organizer)
    b.refresh_from_db()
    actions.mark_duplicate(concern=b, of=c, by=organizer)
    assert (status_of(a), status_of(b)) == (("duplicate", c.pk), ("duplicate", c.pk))
    assert c.looks.count() == 2
    actions.unmark_duplicate(concern=b, by=organizer)
    assert status_of(a) == ("duplicate", b.pk)
    assert (b.looks.count(), c.looks.count()) == (1, 0)


def test_merging_with_a_duplicate_goes_to_the_first(organizer: User) -> None:
    a, b, c = factories.make_concern(), factories.make_concern(), factories.make_concern()
    actions.mark_duplicate(concern=b, of=c, by=organizer)
    b.refresh_from_db()
    actions.mark_duplicate(concern=a, of=b, by=organizer)
    assert status_of(a) == ("duplicate", c.pk)


def test_it_is_never_the_same_as_itself(organizer: User) -> None:
    a, b = factories.make_concern(), factories.make_concern()
    with pytest.raises(Refused, match="itself"):
        actions.mark_duplicate(concern=a, of=a, by=organizer)
    actions.mark_duplicate(concern=a, of=b, by=organizer)
    b.refresh_from_db()
    with pytest.raises(Refused, match="itself"):
        actions.mark_duplicate(concern=b, of=a, by=organizer)


def test_a_published_duplicate_leads_to_the_first_and_is_listed_no_more(organizer: User) -> None:
    first, second = factories.make_published_concern(), factories.make_published_concern()
    actions.mark_duplicate(concern=second, of=first, by=organizer)
    assert [row.public_id for row in PublicConcern.objects.all()] == [first.public_id]
    assert PublicConcernAlias.objects.get().same_as == first.public_id


def test_many_are_marked_and_each_is_answered(organizer: User) -> None:
    first, second, withdrawn = (
        factories.make_concern(),
        factories.make_concern(),
        factories.make_concern(status="withdrawn"),
    )
    outcomes = actions.mark_duplicates(concerns=[second, withdrawn], of=first, by=organizer)
    assert [bool(skipped) for _concern, skipped in outcomes] == [False, True]

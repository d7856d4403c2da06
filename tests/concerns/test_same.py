"""What may be the same thing: identity first, then the distance, within the time of its kind."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from concerns import actions
from concerns.models import Category, Concern
from concerns.public import PublicSeen
from concerns.same import Reason, count_same, draft, likely_same, public_same
from concerns.witnesses import witnesses_of
from concerns.workflow import Source
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db

WEST, NORTH = -94.53900, 39.10610
METRE_EAST = 1 / 86_370  # degrees, at this latitude


def east(metres: float) -> Point:
    """A place so many metres east of where the first one is."""
    return Point(WEST + metres * METRE_EAST, NORTH, srid=4326)


def make(metres: float = 0, *, category: str = "LIGHT_OUT", address: str = "", **fields: Any) -> Concern:
    """A concern off the blocks, so that nothing but what a test names speaks for it."""
    defaults = {"location": east(metres), "segment": None, "side": "", "category": category, "address": address}
    return factories.make_concern(**defaults | fields)


def found(concern: Concern) -> list[tuple[Concern, str]]:
    return [(one.concern, one.reason) for one in likely_same(concern)]


# --- Identity ---


def test_one_house_is_the_same_however_its_address_is_written() -> None:
    here = make(category="VACANT_BLD", address="1311 East 28th Terrace, Apt 2", location=None)
    same = make(2000, category="VACANT_BLD", address="1311 E 28TH TER")
    make(2000, category="VACANT_BLD", address="1311 E 28TH ST")
    assert found(here) == [(same, Reason.ADDRESS)]
    assert likely_same(here)[0].words == "same address"


def test_neighbors_are_two_houses_however_near() -> None:
    here = make(category="VACANT_BLD", address="4512 Lawn Ave")
    make(9, category="VACANT_BLD", address="4514 Lawn Ave")
    assert found(here) == []


def test_without_an_address_the_distance_speaks_for_a_house() -> None:
    here = make(category="VACANT_BLD", address="4512 Lawn Ave")
    near, _far = make(9, category="VACANT_BLD"), make(40, category="VACANT_BLD")
    assert found(here) == [(near, Reason.NEAR)]
    assert found(near) == [(here, Reason.NEAR)]


def test_two_houses_at_one_corner_are_two() -> None:
    here = make(category="VACANT_BLD", address="Lawn Ave & Independence Ave", location=None)
    make(500, category="VACANT_BLD", address="Independence Ave & Lawn Ave")
    assert found(here) == []


def test_trash_at_one_corner_may_be_the_same() -> None:
    here = make(category="DUMPING", address="Lawn & Independence Ave", location=None)
    same = make(500, category="DUMPING", address="corner of Independence and Lawn")
    assert found(here) == [(same, Reason.CORNER)]


def test_a_house_open_today_may_be_boarded_tomorrow() -> None:
    here = make(category="VACANT_OPEN", address="4512 Lawn Ave")
    closed = make(category="VACANT_BLD", address="4512 Lawn Avenue")
    danger = make(category="DANGER_BLD", address="4512 LAWN AVE")
    make(category="DUMPING", address="4512 Lawn Ave")
    assert {one.concern for one in likely_same(here)} == {closed, danger}


def test_a_pole_is_known_by_its_number() -> None:
    here = make(answers={"pole": "SAH 1621"})
    same = make(400, answers={"pole": "sah1621"})
    make(5, answers={"pole": "SAH 1622"})
    unnumbered = make(20)
    assert found(here) == [(same, Reason.POLE), (unnumbered, Reason.NEAR)]
    assert likely_same(here)[0].words == "same pole sah1621"


def test_dark_spots_are_mixed_up_with_broken_lamps() -> None:
    here, dark = make(), make(10, category="LIGHT_NONE")
    assert found(here) == [(dark, Reason.NEAR)]


def test_other_things_are_the_same_on_one_side_of_a_block() -> None:
    walk = factories.make_walk()
    block = walk.corridor.segments.first()
    fields = {"walk": walk, "category": "DUMPING", "segment": block}
    here = factories.make_concern(**fields, side="left", location=None, address="behind the bakery")
    same = factories.make_concern(**fields, side="left", location=east(90), address="")
    factories.make_concern(**fields, side="right", location=east(90), address="")
    assert found(here) == [(same, Reason.BLOCK)]


def test_the_likeliest_comes_first() -> None:
    here = make(category="SIDEWALK", address="4512 Lawn Ave")
    near, nearer = make(30, category="SIDEWALK"), make(10, category="SIDEWALK")
    same = make(45, category="SIDEWALK", address="4512 Lawn")
    assert [one.concern for one in likely_same(here)] == [same, nearer, near]
    assert [one.words for one in likely_same(here)] == ["same address", "33 ft away", "99 ft away"]
    assert [one.concern for one in likely_same(here, limit=1)] == [same]


# --- Distance, time, status ---


@pytest.mark.parametrize(("category", "reach"), [("VACANT_BLD", 25), ("LIGHT_OUT", 30), ("DUMPING", 50)])
def test_each_kind_has_its_own_reach(category: str, reach: int) -> None:
    here = make(category=category)
    inside = make(reach - 1, category=category)
    make(reach + 1, category=category)
    assert found(here) == [(inside, Reason.NEAR)]


def days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def test_what_was_last_seen_too_long_ago_is_something_else_from_both_ends() -> None:
    old = make(category="NEEDLES", first_seen_at=days_ago(31))
    here = make(category="NEEDLES", first_seen_at=days_ago(0))
    assert (found(here), found(old)) == ([], [])
    factories.make_look(concern=old, result="still_there", received_at=days_ago(20))
    assert (found(here), found(old)) == ([(old, Reason.NEAR)], [(here, Reason.NEAR)])


def test_a_look_that_saw_it_fixed_keeps_nothing_alive() -> None:
    old = make(category="NEEDLES", first_seen_at=days_ago(31))
    factories.make_look(concern=old, result="fixed", received_at=days_ago(20))
    assert found(make(category="NEEDLES")) == []


@pytest.mark.parametrize(
    "gone",
    [{"status": "withdrawn"}, {"status": "verified_fixed", "triaged_at": timezone.now()}, {"publication": "spam"}],
    ids=["withdrawn", "seen fixed", "spam"],
)
def test_what_is_over_is_not_suggested(gone: dict[str, Any]) -> None:
    make(**gone)
    assert found(make()) == []


def test_what_the_city_says_is_fixed_may_be_still_there() -> None:
    claimed = make(status="claimed_fixed", triaged_at=timezone.now())
    assert found(make()) == [(claimed, Reason.NEAR)]


# --- Kept with the concern ---


def test_the_keys_are_kept_and_follow_every_change(organizer: User) -> None:
    light = Category.objects.get(code="LIGHT_OUT")
    concern = actions.log_concern(
        category=light, source=Source.DESK, address="4777 Independence Avenue", answers={"pole": "SAH 1621"}
    )
    assert (concern.address_key, concern.pole_key) == ("4777 independence||ave", "SAH1621")
    actions.change_concern(concern=concern, address="4779 Independence Ave", answers={})
    concern.refresh_from_db()
    assert (concern.address_key, concern.pole_key) == ("4779 independence||ave", "")
    actions.re_place(concern=concern, by=organizer, location=None, address="12 Lawn Ave")
    concern.refresh_from_db()
    assert concern.address_key == "12 lawn||ave"


def test_a_row_of_an_older_program_is_kept_without_keys() -> None:
    concern = make(category="VACANT_BLD", address="4512 Lawn Ave")
    names = [field.column for field in Concern._meta.concrete_fields if field.column not in ("id", "public_id")]
    old = [name for name in names if name not in ("address_key", "pole_key")]
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into concerns_concern (public_id, {', '.join(old)}) "
            f"select gen_random_uuid(), {', '.join(old)} from concerns_concern where id = %s",
            [concern.pk],
        )
    assert Concern.objects.filter(address_key="", pole_key="").count() == 1


def test_something_that_is_not_kept_yet_can_be_asked_about() -> None:
    known = make(category="VACANT_BLD", address="4512 Lawn Ave", location=None)
    wanted = draft(category=Category.objects.get(code="VACANT_OPEN"), address="4512 lawn avenue")
    assert found(wanted) == [(known, Reason.ADDRESS)]


def test_a_whole_list_is_asked_in_one_statement() -> None:
    rows = [make(n * 5) for n in range(8)] + [make(900), make(status="withdrawn")]
    concerns = list(Concern.objects.select_related("category").order_by("id"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        counts = count_same(concerns)
    assert len(queries) == 1
    assert [counts.get(row.pk) for row in rows] == [5] * 8 + [0, None]
    with CaptureQueriesContext(connection) as queries:
        likely_same(concerns[0])
    assert len(queries) == 2


# --- For everybody ---


def a_public_light(**fields: Any) -> Concern:
    return factories.make_published_concern(**fields)


def test_residents_are_shown_what_is_public_on_their_side_of_the_block() -> None:
    light = a_public_light()
    near = draft(category=light.category, location=Point(-94.53912, 39.10612, srid=4326))
    across = draft(category=light.category, location=Point(-94.53912, 39.10590, srid=4326))
    assert [one.public_id for one in public_same(near)] == [light.public_id]
    assert public_same(across) == []


@pytest.mark.parametrize(
    "hidden",
    [{"publication": "held"}, {"publication": "hidden", "hidden_reason": "x"}, {"publication": "spam"},
     {"status": "verified_fixed"}, {"category": "VACANT_BLD"}, {"category": "NUISANCE"}],
    ids=str,
)  # fmt: skip
def test_nobody_learns_of_what_is_not_public(hidden: dict[str, Any]) -> None:
    concern = a_public_light(**hidden)
    assert public_same(draft(category=concern.category, location=concern.location)) == []
    assert public_same(draft(category=Category.objects.get(code="LIGHT_OUT"), location=concern.location)) == []


def test_an_exact_address_cannot_be_found_out_by_guessing() -> None:
    light = a_public_light(address="3512 Independence Ave")
    for number in (3510, 3512, 3514, 3598):
        guess = draft(category=light.category, address=f"{number} {light.walk.corridor.name}")
        assert [one.public_id for one in public_same(guess)] == [light.public_id]
    assert public_same(draft(category=light.category, address="3512 Another Ave")) == []


def test_off_the_corridors_the_public_grid_counts() -> None:
    far = Point(-94.4100, 39.0100, srid=4326)
    concern = factories.make_concern(location=far, segment=None, side="", address="")
    actions.publish_concern(concern=concern, by=factories.make_user(role="organizer"), text="x")
    nearby = Point(-94.41005, 39.01005, srid=4326)
    elsewhere = Point(-94.4150, 39.0100, srid=4326)
    light = concern.category
    assert [one.public_id for one in public_same(draft(category=light, location=nearby))] == [concern.public_id]
    assert public_same(draft(category=light, location=elsewhere)) == []


# --- Who saw it ---


def test_everybody_who_saw_it_is_counted_once(organizer: User) -> None:
    first, second = a_public_light(), factories.make_concern(device=factories.make_device())
    third = factories.make_concern(walk=second.walk, device=second.device)
    for one in (second, third):
        actions.mark_duplicate(concern=one, of=first, by=organizer)
    factories.make_look(concern=first, result="worse", walk=factories.make_walk(), by=organizer)
    factories.make_look(concern=first, result="worse", walk=second.walk, by=organizer)
    factories.make_look(concern=first, result="still_there", is_by_fixer=True)
    factories.make_look(concern=second, result="still_there", device=second.device)
    assert witnesses_of(first).words == "seen by 3 people on 3 walks"
    assert PublicSeen.objects.get(concern=first.pk).n_people == 2  # the looks aren't read yet
    actions.mark_spam(concern=third, by=organizer)
    actions.unmark_duplicate(concern=second, by=organizer)
    assert witnesses_of(first).words == "seen by 2 people on 3 walks"


def test_one_witness_needs_no_words() -> None:
    assert witnesses_of(factories.make_concern()).words == ""

"""corridors/actions.py: drawing a corridor, drawing it again, deleting one; landmarks."""

from typing import Any

import pytest
from django.contrib.gis.geos import LineString, Point

from corridors.actions import (
    create_corridor,
    delete_corridor,
    delete_landmark,
    redraw_corridor,
    save_landmark,
    version_of,
)
from corridors.geometry import CrossStreet, reversed_line
from corridors.models import Corridor, Landmark, Segment
from office.models import AuditEvent
from office.refused import Refused
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
LINE = LineString([(-94.540, 39.106), (-94.530, 39.106)], srid=4326)


def street(name: str, lon: float, lat: float = 39.106, block: int | None = None) -> CrossStreet:
    return CrossStreet(name, Point(lon, lat, srid=4326), block)


STREETS = [street("Askew Ave", -94.538), street("Norton Ave", -94.535), street("Lawn Ave", -94.532)]


def draw(**fields: Any) -> Corridor:
    defaults: dict[str, Any] = {"name": "Independence Avenue", "line": LINE, "cross_streets": STREETS, "by": None}
    ends = {"from_street": "Benton Blvd", "to_street": "Hardesty Ave"}
    return create_corridor(**defaults | ends | fields)


def rows(corridor: Corridor) -> list[tuple[str, str]]:
    return [(s.from_street, s.to_street) for s in corridor.segments.current().order_by("position")]


def test_a_drawn_corridor_has_a_segment_between_each_two_cross_streets(organizer: User) -> None:
    corridor = draw(by=organizer, first_block=3100)
    assert rows(corridor) == [
        ("Benton Blvd", "Askew Ave"),
        ("Askew Ave", "Norton Ave"),
        ("Norton Ave", "Lawn Ave"),
        ("Lawn Ave", "Hardesty Ave"),
    ]
    assert list(corridor.segments.values_list("position", "block")) == [(0, 3100), (1, 3200), (2, 3300), (3, 3400)]
    assert (corridor.slug, corridor.stretch) == ("independence-avenue", "Benton Blvd to Hardesty Ave")


def test_it_is_written_down_who_drew_it(organizer: User) -> None:
    corridor = draw(by=organizer)
    event = AuditEvent.objects.get(resource="corridor")
    assert (event.action, event.object_id, event.actor) == ("create", corridor.public_id, organizer.public_id)


def test_two_corridors_of_one_name_get_two_addresses() -> None:
    assert [draw().slug, draw().slug, draw().slug] == [
        "independence-avenue",
        "independence-avenue-2",
        "independence-avenue-3",
    ]


def test_a_wanted_address_that_is_taken_is_refused() -> None:
    draw(slug="the-avenue")
    with pytest.raises(Refused, match="the-avenue"):
        draw(slug="the-avenue")


def test_ends_nobody_named_are_named_by_the_compass_and_stay_out_of_the_title() -> None:
    corridor = draw(from_street="", to_street="", cross_streets=[])
    assert rows(corridor) == [("west end", "east end")]
    assert corridor.stretch == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (LineString([(-94.540, 39.106), (-94.5399, 39.106)], srid=4326), "only 8 m long"),
        (LineString([(-94.540, 39.106), (-90.530, 39.106)], srid=4326), "346 km long"),
        (LineString([(0, 0), (0.001, 0.001), (0.001, 0), (0, 0.001)], srid=4326), "cross itself"),
        (LineString([(-94.540, 39.106), (-94.530, 39.106)], srid=3857), "longitude and latitude"),
    ],
)
def test_a_line_that_is_no_street_is_refused(line: LineString, words: str) -> None:
    with pytest.raises(Refused, match=words):
        draw(line=line)
    assert not Corridor.objects.exists()


def test_a_cross_street_elsewhere_is_refused_and_nothing_is_kept() -> None:
    with pytest.raises(Refused, match="Truman Rd"):
        draw(cross_streets=[street("Truman Rd", -94.535, 39.096)])
    assert not Corridor.objects.exists()


# --- drawing again ---


def test_nothing_changes_where_nothing_was_changed() -> None:
    corridor = draw()
    before = list(corridor.segments.values_list("pk", "public_id", "position"))
    done = redraw_corridor(
        corridor=corridor,
        by=None,
        line=LINE,
        cross_streets=STREETS,
        from_street="Benton Blvd",
        to_street="Hardesty Ave",
    )
    assert list(corridor.segments.values_list("pk", "public_id", "position")) == before
    assert (done.n_kept, done.added, done.retired) == (4, [], [])


def test_a_new_cross_street_splits_one_block_and_leaves_the_others_alone() -> None:
    corridor = draw()
    old = list(corridor.segments.order_by("position"))
    split = [*STREETS, street("Myrtle Ave", -94.5365)]
    done = redraw_corridor(corridor=corridor, by=None, line=LINE, cross_streets=split)
    assert [s.pk for s in done.retired] == [old[1].pk]
    now = list(corridor.segments.current().order_by("position"))
    assert [now[0].pk, now[3].pk, now[4].pk] == [old[0].pk, old[2].pk, old[3].pk]
    old[1].refresh_from_db()
    assert old[1].retired_at
    assert set(old[1].successors.all()) == {now[1], now[2]}


def test_a_cross_street_that_goes_joins_two_blocks_into_their_common_successor() -> None:
    corridor = draw()
    old = list(corridor.segments.order_by("position"))
    redraw_corridor(corridor=corridor, by=None, line=LINE, cross_streets=STREETS[:2])
    joined = corridor.segments.current().get(from_street="Norton Ave")
    assert set(joined.predecessors.all()) == {old[2], old[3]}
    assert Segment.objects.filter(pk__in=[s.pk for s in old]).count() == 4


def test_a_block_moved_a_little_or_renamed_stays_the_same_row() -> None:
    corridor = draw()
    old = list(corridor.segments.order_by("position").values_list("public_id", flat=True))
    moved = [street("Askew Avenue", -94.5379), *STREETS[1:]]
    done = redraw_corridor(corridor=corridor, by=None, line=LINE, cross_streets=moved)
    assert list(corridor.segments.current().order_by("position").values_list("public_id", flat=True)) == old
    assert rows(corridor)[0][1] == "Askew Avenue"
    assert done.n_kept == 4


def test_a_longer_line_keeps_the_old_blocks_and_moves_their_positions() -> None:
    corridor = draw()
    old = {s.pk: s.position for s in corridor.segments.all()}
    longer = LineString([(-94.545, 39.106), (-94.530, 39.106)], srid=4326)
    redraw_corridor(
        corridor=corridor,
        by=None,
        line=longer,
        cross_streets=[street("Benton Blvd", -94.540), *STREETS],
        from_street="A",
    )
    now = {s.pk: s.position for s in corridor.segments.current()}
    assert {pk: now[pk] for pk in old} == {pk: position + 1 for pk, position in old.items()}


def test_a_line_drawn_from_the_other_end_is_turned_so_that_sides_keep_their_meaning() -> None:
    corridor = draw(even_side="left", first_block=3100)
    old = list(corridor.segments.order_by("position").values_list("public_id", "block"))
    done = redraw_corridor(
        corridor=corridor,
        by=None,
        line=reversed_line(LINE),
        cross_streets=STREETS,
        from_street="Hardesty Ave",
        to_street="Benton Blvd",
        first_block=3400,
        block_step=-100,
        even_side="right",
    )
    corridor.refresh_from_db()
    assert done.was_turned
    assert corridor.line.coords == LINE.coords
    assert (corridor.even_side, corridor.stretch) == ("left", "Benton Blvd to Hardesty Ave")
    assert list(corridor.segments.current().order_by("position").values_list("public_id", "block")) == old


def test_another_street_altogether_retires_every_block() -> None:
    corridor = draw()
    elsewhere = LineString([(-94.540, 39.2), (-94.530, 39.2)], srid=4326)
    done = redraw_corridor(corridor=corridor, by=None, line=elsewhere, cross_streets=[])
    assert len(done.retired) == 4
    assert not any(segment.successors.exists() for segment in done.retired)
    assert corridor.segments.count() == 5


def test_a_concern_keeps_its_block_when_the_corridor_is_drawn_again() -> None:
    concern = factories.make_concern()
    assert concern.segment
    corridor = concern.segment.corridor
    redraw_corridor(corridor=corridor, by=None, line=corridor.line, cross_streets=[])
    concern.refresh_from_db()
    assert concern.segment
    assert not concern.segment.is_current
    assert concern.segment.successors.get().is_current


def test_somebody_else_s_change_is_not_written_over() -> None:
    corridor = draw()
    seen = version_of(corridor)
    redraw_corridor(corridor=corridor, by=None, line=LINE, cross_streets=STREETS[:1], expected=seen)
    with pytest.raises(Refused, match="Somebody else changed this corridor"):
        redraw_corridor(corridor=corridor, by=None, line=LINE, cross_streets=STREETS, expected=seen)
    assert len(rows(corridor)) == 2


def test_a_refused_redrawing_leaves_everything_as_it_was() -> None:
    corridor = draw()
    with pytest.raises(Refused):
        redraw_corridor(corridor=corridor, by=None, line=LINE, cross_streets=[street("Far Rd", -94.5, 39.2)], name="X")
    corridor.refresh_from_db()
    assert (corridor.name, len(rows(corridor))) == ("Independence Avenue", 4)


# --- deleting; landmarks ---


def test_a_corridor_nothing_points_at_can_be_deleted(admin: User) -> None:
    corridor = draw()
    delete_corridor(corridor=corridor, by=admin)
    assert not Corridor.objects.exists()
    assert AuditEvent.objects.filter(action="delete", resource="corridor").exists()


@pytest.mark.parametrize("maker", [factories.make_walk, factories.make_concern])
def test_a_corridor_with_walks_or_concerns_is_not_deleted(maker: Any, admin: User) -> None:
    row = maker()
    corridor = getattr(row, "corridor", None) or row.segment.corridor
    with pytest.raises(Refused, match="can’t be deleted"):
        delete_corridor(corridor=corridor, by=admin)
    assert corridor.segments.count() == 3


def test_a_landmark_is_kept_while_walks_meet_there(organizer: User) -> None:
    landmark = save_landmark(by=organizer, name="Fire Station 23", location=Point(-94.5, 39.1, srid=4326))
    walk = factories.make_walk(meeting_landmark=landmark)
    with pytest.raises(Refused, match="Walks meet at Fire Station 23"):
        delete_landmark(landmark=landmark, by=organizer)
    walk.meeting_landmark = None
    walk.save()
    delete_landmark(landmark=landmark, by=organizer)
    assert not Landmark.objects.exists()
    assert list(AuditEvent.objects.filter(resource="landmark").order_by("id").values_list("action", flat=True)) == [
        "create",
        "delete",
    ]

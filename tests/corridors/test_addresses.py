"""A house number finds its block and side, so that an address alone is a place."""

import pytest

from corridors.models import Corridor, Segment
from corridors.places import face_of_address, street_words
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def corridor(db: None) -> Corridor:
    return factories.make_corridor(name="Independence Avenue")


def first_block(corridor: Corridor) -> Segment:
    """The first block that has house numbers."""
    return corridor.segments.exclude(block=None)[0]


def number_on(block: Segment) -> int:
    assert block.block is not None
    return block.block + 12


@pytest.mark.parametrize(
    "written",
    [
        "{n} Independence Ave",
        "{n} independence avenue",
        "  {n}  E. Independence Ave., Kansas City, MO",
        "{n} East Independence",
    ],
)
def test_it_finds_the_block_and_the_side_however_it_is_written(corridor: Corridor, written: str) -> None:
    block = first_block(corridor)
    for number, side in ((number_on(block), "left"), (number_on(block) + 65, "right")):
        face = face_of_address(written.format(n=number))
        assert face
        assert (face.segment, face.side) == (block, side)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "Independence Ave",
        "behind the bakery",
        "{n} Lawn Ave",
        "99{n} Independence Ave",
        "12 Independence Ave",
        "{n}",
    ],
)
def test_it_finds_nothing_where_it_cannot_know(corridor: Corridor, address: str) -> None:
    assert face_of_address(address.format(n=number_on(first_block(corridor)))) is None


def test_two_corridors_with_the_number_are_no_answer_and_the_walks_own_is(corridor: Corridor) -> None:
    other = factories.make_corridor(name="Independence Ave", slug="another")
    address = f"{number_on(first_block(corridor))} Independence Ave"
    assert face_of_address(address) is None
    face = face_of_address(address, corridor=other)
    assert face
    assert face.segment.corridor == other


@pytest.mark.parametrize(
    ("name", "words"),
    [("Independence Avenue", "independence"), ("N Lawn Ave.", "lawn"), ("The Paseo", "the paseo"), ("", "")],
)
def test_a_street_is_told_apart_by_its_own_words(name: str, words: str) -> None:
    assert street_words(name) == words

"""Shops on paper: which stand on whose sheet, what is said of them, whom not to visit, and what is typed in."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from corridors.models import Landmark
from field.paper import Kind, Pack, leaves_of, pack_of, pages_of
from field.paper_actions import make_sheets
from field.paper_pdf import render_pack
from outreach.models import Contact, Shop
from people.models import User
from people.roles import Role
from tests import factories
from walks.models import Sheet, Team, TeamSegment, Walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer() -> User:
    return factories.make_user(role=Role.ORGANIZER)


@pytest.fixture
def walk() -> Walk:
    return factories.make_running_walk()


@pytest.fixture
def desk(client: Client, organizer: User) -> Client:
    client.force_login(organizer, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def shop(walk: Walk, share: float, *, north: float = 0.0001, **fields: Any) -> Landmark:
    """A business beside the street, so far along it."""
    at = walk.corridor.line.interpolate_normalized(share)
    names = {"name": f"Shop {share}"} | {key: fields.pop(key) for key in ("name", "address") if key in fields}
    place = Point(at.x, at.y + north, srid=4326)
    landmark = factories.make_landmark(corridor=walk.corridor, kind=Landmark.Kind.BUSINESS, location=place, **names)
    Shop.objects.create(landmark=landmark, **fields)
    return landmark


def team_on(walk: Walk, number: int, block: int, sides: str = "both") -> Team:
    team = factories.make_team(walk=walk, number=number)
    segment = list(walk.corridor.segments.current())[block]
    TeamSegment.objects.create(team=team, segment=segment, sides=sides)
    return team


def names_of(pack: Pack) -> list[list[str]]:
    return [[item.landmark.name for item in part.shops] for part in pack.parts]


def sheets_of(walk: Walk, by: User) -> list[Sheet]:
    pack = pack_of(walk, with_hidden=True)
    return make_sheets(walk=walk, pack=pack, kinds=[Kind.SHOPS], team_ids=None, copies=1, by=by)


def paper_of(walk: Walk) -> str:
    pack = pack_of(walk, with_hidden=False)
    pages = pages_of(pack, leaves_of([(Kind.SHOPS, part.team and part.team.pk, None) for part in pack.parts]))
    pdf = render_pack(pack, pages, languages=("en", "es"), cover=False)
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


# --- Printing ---


def test_each_team_gets_the_shops_on_its_blocks_in_the_order_of_the_street(walk: Walk) -> None:
    for share in (0.9, 0.2, 0.1):
        shop(walk, share)
    factories.make_landmark(corridor=walk.corridor, kind=Landmark.Kind.SCHOOL)
    team_on(walk, 1, 0)
    team_on(walk, 2, 2)
    assert names_of(pack_of(walk, with_hidden=False)) == [["Shop 0.1", "Shop 0.2"], ["Shop 0.9"]]


def test_a_team_that_walks_one_side_gets_the_shops_of_that_side(walk: Walk) -> None:
    shop(walk, 0.1, name="North of it", north=0.0001)
    shop(walk, 0.2, name="South of it", north=-0.0001)
    team_on(walk, 1, 0, "left")
    team_on(walk, 2, 0, "right")
    assert names_of(pack_of(walk, with_hidden=False)) == [["North of it"], ["South of it"]]


def test_without_teams_all_shops_are_on_one_list_and_without_shops_there_is_no_sheet(
    walk: Walk, organizer: User
) -> None:
    pack = pack_of(walk, with_hidden=False)
    assert not pack.parts[0].has(Kind.SHOPS)
    shop(walk, 0.5)
    assert names_of(pack_of(walk, with_hidden=False)) == [["Shop 0.5"]]
    assert [sheet.kind for sheet in sheets_of(walk, organizer)] == [Kind.SHOPS]


def test_the_sheet_says_how_to_visit_and_crosses_out_who_wants_none(walk: Walk) -> None:
    known = {"hours": "Mon to Sat 7 to 3", "best_time": "after two", "language": "vi"}
    bakery = shop(walk, 0.1, name="Lantern Bakery", address="4602 Independence Ave", **known)
    Shop.objects.filter(landmark=bakery).update(call_back_on=timezone.localdate())
    factories.make_shop_note(shop=bakery.shop, asked="askedmarker", happened="The light burns again")
    factories.make_contact(landmark=bakery, captured_at=timezone.now() - timedelta(days=40))
    why = {"do_not_visit": True, "do_not_visit_since": timezone.localdate(), "do_not_visit_why": "whymarker"}
    shop(walk, 0.2, name="Corner Store", hours="hoursmarker", **why)
    text = paper_of(walk)
    for words in ("Lantern Bakery", "4602", "7 to 3", "after two", "Vietnamese", "come back by", "The light burns"):
        assert words in text
    assert "last visit" in text
    assert text.upper().count("DO NOT VISIT") == 1
    assert "Corner Store" in text
    assert not [marker for marker in ("whymarker", "hoursmarker", "askedmarker") if marker in text]


def test_more_shops_are_more_pages_and_no_more_questions(walk: Walk, django_assert_num_queries: Any) -> None:
    shop(walk, 0.1)
    with django_assert_num_queries(6):
        pack_of(walk, with_hidden=False)
    for n in range(22):
        shop(walk, n / 22)
    with django_assert_num_queries(6):
        pack = pack_of(walk, with_hidden=False)
    assert [len(leaf["shops"]) for leaf in pack.leaves(Kind.SHOPS, pack.parts[0])] == [10, 10, 3]


# --- Typing in ---


def test_what_came_of_visits_is_typed_in_once(desk: Client, walk: Walk, organizer: User) -> None:
    first, second = shop(walk, 0.1), shop(walk, 0.9)
    sheet = sheets_of(walk, organizer)[0]
    url = reverse("field:desk_sheet", args=[walk.public_id, sheet.number])
    page = desk.get(url).content.decode()
    assert page.index(first.name) < page.index(second.name)
    for _twice in range(2):
        answer = desk.post(url, {str(first.public_id): "talked", str(second.public_id): ""}, follow=True)
    assert "0 visits are typed in" in answer.content.decode()
    visit = Contact.objects.get()
    assert (visit.landmark, visit.result, visit.kind, visit.source) == (first, "talked", "business", "paper")
    assert visit.segment is not None
    assert visit.captured_at <= timezone.now()
    desk.post(url, {str(second.public_id): "closed", "done": "1"})
    sheet.refresh_from_db()
    assert Contact.objects.count() == 2
    assert sheet.typed_at is not None


def test_a_sheet_keeps_its_lines_when_shops_come_and_go(desk: Client, walk: Walk, organizer: User) -> None:
    gone, stays = shop(walk, 0.3), shop(walk, 0.5)
    sheet = sheets_of(walk, organizer)[0]
    gone.delete()
    shop(walk, 0.1, name="New one")
    page = desk.get(reverse("field:desk_sheet", args=[walk.public_id, sheet.number])).content.decode()
    assert stays.name in page
    assert "New one" not in page


def test_an_unknown_result_is_refused_with_a_sentence_and_nothing_is_kept(
    desk: Client, walk: Walk, organizer: User
) -> None:
    landmark = shop(walk, 0.5)
    sheet = sheets_of(walk, organizer)[0]
    url = reverse("field:desk_sheet", args=[walk.public_id, sheet.number])
    answer = desk.post(url, {str(landmark.public_id): "invented"})
    assert answer.status_code == 400
    assert "invented" in answer.content.decode()
    assert not Contact.objects.exists()

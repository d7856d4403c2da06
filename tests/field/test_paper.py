"""The print pack: its sheets and their numbers, what paper may say, and what is typed in from it."""

import io
import itertools
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pypdf import PdfReader

from concerns.models import Concern
from concerns.workflow import Source
from field.paper import BLANK_ROWS, MOST_PAGES, Kind, files_of, leaves_of, on_the_street, pack_of, pages_of, plan
from field.paper_actions import make_sheets, take_back, tick_present, type_concern
from field.paper_pdf import render_pack
from office.models import Coalition
from office.pdf import make_pdf
from office.refused import Refused
from outreach.models import Contact
from people.models import User
from people.roles import Role
from tests import factories
from walks.models import HeadCount, Presence, Sheet, Signup, Team, TeamSegment, Walk

pytestmark = pytest.mark.django_db

ARABIC, VIETNAMESE = "فاطمة الزهراء", "Nguyễn Thị Ngọc Ánh"
HOSTILE = '<img src="http://evil.example/x.png"><script>1</script><img src="file:///etc/passwd">'


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


def words(pdf: bytes) -> list[str]:
    """What stands on each page, in one line."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def people(walk: Walk, n: int, **fields: Any) -> list[Signup]:
    return [factories.make_signup(walk=walk, name=f"Juniper Vale{number}", **fields) for number in range(n)]


def team_on(walk: Walk, number: int, *blocks: int, sides: str = "both") -> Team:
    team = factories.make_team(walk=walk, number=number)
    segments = list(walk.corridor.segments.all())
    for block in blocks:
        TeamSegment.objects.create(team=team, segment=segments[block], sides=sides)
    return team


def numbered(walk: Walk, by: User, *kinds: str, copies: int = 1) -> bytes:
    """The PDF of sheets that were just numbered, in both languages."""
    pack = pack_of(walk, with_hidden=True)
    sheets = make_sheets(walk=walk, pack=pack, kinds=kinds or list(Kind.values), team_ids=None, copies=copies, by=by)
    pages = pages_of(pack, leaves_of([(sheet.kind, sheet.team_id, sheet.number) for sheet in sheets]))
    return render_pack(pack, pages, languages=("en", "es"), cover=True)


# --- What is printed ---


def test_a_walk_of_forty_is_printed_with_names_of_every_alphabet_and_without_contacts(
    walk: Walk, organizer: User
) -> None:
    team, other = team_on(walk, 1, 0, 1), team_on(walk, 2, 2, sides="left")
    people(walk, 36, team=team)
    lead = factories.make_signup(
        walk=walk, name="Marisol Vega", team=other, person=factories.make_person(phone="+18165550123")
    )
    Team.objects.filter(pk=other.pk).update(lead=lead)
    factories.make_signup(walk=walk, name=ARABIC, team=other)
    factories.make_signup(walk=walk, name=VIETNAMESE, team=other, age_band="13_17")
    factories.make_signup(walk=walk, name=HOSTILE, team=other)
    Walk.objects.filter(pk=walk.pk).update(note=HOSTILE, title=HOSTILE[:100])
    factories.make_published_concern(walk=walk, address="3517 Zebra Ave", note="secret words of a neighbor")
    house = factories.make_concern(
        walk=walk, category="VACANT_BLD", address="3519 Yak Ave", status="triaged", triaged_at=timezone.now()
    )
    pdf = numbered(Walk.objects.get(pk=walk.pk), organizer)
    cover, *pages = words(pdf)
    everything = " ".join(pages)
    assert VIETNAMESE in everything
    # A reader gives right-to-left letters back in their order on the page, or in the shapes they are drawn in.
    assert any(letters in everything for letters in ("فاطمة", ARABIC.split()[0][::-1], "ﻓﺎﻃﻤﺔ"))
    assert "evil.example" in everything, "a name is shown as text"
    assert "(816) 555-0123" in cover
    assert "555-0123" not in everything, "leads' phones stay at the table"
    assert "3517 Zebra Ave" in everything
    assert house.address in everything, "numbered sheets show empty buildings"
    assert "secret words" not in everything
    assert "Vega" not in " ".join(page for page in pages if "The way" in page), "first names only on the street"
    assert [page for page in pages if "Marisol" in page and "The way" in page]
    assert Sheet.objects.filter(walk=walk).count() == len(pages)
    assert no_glyph_is_missing(pdf)


def no_glyph_is_missing(pdf: bytes) -> bool:
    """Whether every letter was drawn by a font that has it: a font that hasn't draws its glyph 0."""
    fonts: dict[str, Any] = {}
    page: Any
    for page in PdfReader(io.BytesIO(pdf)).pages:
        fonts |= {str(font.get_object()["/BaseFont"]): font for font in page["/Resources"]["/Font"].values()}
    assert fonts
    return all("DejaVu" in name for name in fonts)


@pytest.mark.parametrize("n", [0, 1])
def test_a_pack_is_printed_for_nobody_and_for_one(organizer: User, n: int) -> None:
    walk = factories.make_walk()
    if n == 0:
        walk.corridor.segments.all().delete()
    people(walk, n)
    cover, sign_in, *rest = words(numbered(walk, organizer))
    assert str(BLANK_ROWS + n) in sign_in
    assert "Observe and report" in cover
    assert len(rest) == 3, "nothing to look at again: no list of it"


def test_a_walk_of_three_hundred_comes_in_files_of_whole_teams(desk: Client, organizer: User) -> None:
    walk = factories.make_walk()
    teams = [team_on(walk, n, n % 3) for n in range(1, 61)]
    persons = [factories.make_person() for _n in range(300)]
    Signup.objects.bulk_create(
        Signup(walk=walk, person=person, name=f"Wren {n}", team=teams[n % 60]) for n, person in enumerate(persons)
    )
    pack = pack_of(walk, with_hidden=True)
    sheets = make_sheets(walk=walk, pack=pack, kinds=list(Kind.values), team_ids=None, copies=2, by=organizer)
    files = files_of(sheets)
    assert len(sheets) == 16 + 60 * 4
    assert files[0][0] == 1
    assert files[-1][1] == len(sheets)
    assert all(last - first < MOST_PAGES for first, last in files)
    assert all(one[1] + 1 == other[0] for one, other in itertools.pairwise(files))
    of_team = {sheet.number: sheet.team_id for sheet in sheets}
    assert all(of_team[last] != of_team.get(last + 1) for _first, last in files), "no team is torn apart"
    address = reverse("field:desk_pack", args=[walk.public_id])
    sign_in, way = words(desk.get(f"{address}?first=16&last=17&lang=en").content)
    assert "320" in sign_in, "the last page of the list, not its first again"
    assert "The way" in way


def test_a_pack_asks_the_same_number_of_questions_for_any_number_of_people(
    django_assert_max_num_queries: Any,
) -> None:
    walk = factories.make_walk()
    people(walk, 12, team=team_on(walk, 1, 0, 1))
    people(walk, 12, team=team_on(walk, 2, 1, 2))
    with django_assert_max_num_queries(9):
        pack_of(walk, with_hidden=True)


def test_a_draft_has_no_numbers_and_no_empty_buildings(desk: Client, walk: Walk) -> None:
    factories.make_concern(
        walk=walk, category="VACANT_BLD", address="3519 Yak Ave", status="triaged", triaged_at=timezone.now()
    )
    response = desk.get(reverse("field:desk_pack", args=[walk.public_id]) + "?lang=en")
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    text = " ".join(words(response.content))
    assert "Draft without a number" in text
    assert "3519 Yak Ave" not in text
    assert not Sheet.objects.exists(), "looking makes nothing"


def test_a_pack_is_made_once_for_each_press_and_goes_on_counting(desk: Client, walk: Walk) -> None:
    team_on(walk, 1, 0)
    address = reverse("field:desk_pack", args=[walk.public_id])
    chosen = {"parts": ["concerns", "map"], "language": "es", "copies": 3}
    first = desk.post(address, chosen)
    assert first.status_code == 302
    assert "lang=es" in first["Location"]
    assert list(walk.sheets.values_list("number", flat=True)) == [1, 2, 3, 4]
    desk.post(address, chosen | {"copies": 1})
    assert list(walk.sheets.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    page = desk.get(reverse("field:desk_paper", args=[walk.public_id])).content.decode()
    assert "first=5&amp;last=6" in page
    assert "first=1&amp;last=4" in page


def test_nothing_ticked_says_what_to_do_and_makes_nothing(desk: Client, walk: Walk) -> None:
    response = desk.post(reverse("field:desk_pack", args=[walk.public_id]), {"language": "both", "copies": 99})
    assert response.status_code == 400
    assert "Tick at least one part." in response.content.decode()
    assert not Sheet.objects.exists()


def test_nothing_that_a_text_names_is_fetched(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    opened: list[str] = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda _self, url, *rest, **more: opened.append(url))
    (tmp_path / "hostile.html").write_text(
        '<img src="http://evil.example/a.png"><img src="file:///etc/passwd"><img src="data:image/png;base64,AAAA">'
        '<link rel="stylesheet" href="http://evil.example/b.css"><style>@import "file:///etc/hosts";'
        "p { background: url(http://evil.example/c.png) }</style><p>only words</p>"
        '<svg><image href="http://evil.example/d.png" width="9" height="9"/></svg>'
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    pdf = make_pdf("hostile.html", {}, styles=[])
    assert words(pdf) == ["only words"]
    assert opened == []


def test_a_first_name_is_enough_unless_the_team_has_it_twice() -> None:
    names = ["Teo Linden", "Teo Marsh", "Wren"]
    assert [on_the_street(name, names) for name in names] == ["Teo L.", "Teo M.", "Wren"]


def test_a_team_that_was_not_chosen_gets_no_sheets() -> None:
    walk = factories.make_walk()
    one, _other = team_on(walk, 1, 0), team_on(walk, 2, 1)
    sheets = plan(pack_of(walk, with_hidden=True), [Kind.MAP, Kind.CONTACTS], {one.pk}, 1)
    assert sheets == [(Kind.MAP, one), (Kind.CONTACTS, one)]


# --- What comes back ---


def typed(**fields: str) -> dict[str, str]:
    """The first line of a concern sheet."""
    return {f"line0-{name}": value for name, value in fields.items()}


def test_a_line_is_kept_once_however_often_it_is_sent(desk: Client, walk: Walk, organizer: User) -> None:
    sheet = factories.make_sheet(walk=walk, team=team_on(walk, 4))
    segment = walk.corridor.segments.all()[1]
    clock = (walk.step_off_at + timedelta(minutes=5)).astimezone(walk.zone)
    light = Concern._meta.get_field("category").related_model.objects.get(code="LIGHT_OUT")
    line = typed(
        token=str(uuid.uuid4()), category=str(light.pk), face=f"{segment.pk}:right", note="Lamp is dark",
        clock=f"{clock:%H:%M}",
    )  # fmt: skip
    address = reverse("field:desk_sheet", args=[walk.public_id, sheet.number])
    assert f'<option value="{light.pk}">1 {light.name}</option>' in desk.get(address).content.decode()
    assert [desk.post(address, line).status_code for _twice in range(2)] == [302, 302]
    concern = Concern.objects.get()
    assert (concern.source, concern.sheet, concern.team) == (Source.PAPER, sheet, sheet.team)
    assert (concern.segment, concern.side, concern.lit != "") == (segment, "right", True)
    assert concern.first_seen_at == clock.replace(second=0, microsecond=0)
    assert concern.updates.get().by == organizer
    sheet.refresh_from_db()
    assert sheet.back_at is not None
    assert sheet.typed_at is None, "more may follow"
    desk.post(address, {"done": "1"})
    sheet.refresh_from_db()
    assert (sheet.typed_by, sheet.is_blank) == (organizer, False)


def test_a_bad_line_stays_with_its_words_and_the_good_one_is_kept(desk: Client, walk: Walk) -> None:
    sheet = factories.make_sheet(walk=walk)
    light = Concern._meta.get_field("category").related_model.objects.get(code="LIGHT_OUT")
    good = typed(token=str(uuid.uuid4()), category=str(light.pk), address="3512 Independence Ave")
    bad = {"line2-note": "no place given", "line2-clock": "quarter past", "line2-category": str(light.pk)}
    address = reverse("field:desk_sheet", args=[walk.public_id, sheet.number])
    response = desk.post(address, good | bad | {"done": "1"})
    page = response.content.decode()
    assert response.status_code == 400
    assert Concern.objects.count() == 1
    assert "no place given" in page
    assert "quarter past" in page
    assert escape("Say where: an address, or a block and its side.") in page
    assert Sheet.objects.get().typed_at is None


def test_a_line_without_a_place_is_refused(walk: Walk, organizer: User) -> None:
    light = Concern._meta.get_field("category").related_model.objects.get(code="LIGHT_OUT")
    with pytest.raises(Refused):
        type_concern(sheet=factories.make_sheet(walk=walk), token=uuid.uuid4(), by=organizer, category=light)
    assert not Concern.objects.exists()


def test_names_ticked_on_paper_are_there_once_and_heads_are_counted(desk: Client, walk: Walk) -> None:
    sheet = factories.make_sheet(walk=walk, kind="sign_in")
    here, waiting = people(walk, 1)[0], factories.make_signup(walk=walk, state="guardian", age_band="13_17")
    form = {"here": [str(here.public_id), str(waiting.public_id)], "25_34": "7", "token": str(uuid.uuid4())}
    address = reverse("field:desk_sheet", args=[walk.public_id, sheet.number])
    for _twice in range(2):
        assert desk.post(address, form).status_code == 302
    presence = Presence.objects.get()
    assert (presence.signup, presence.method, presence.arrived_at) == (here, "paper", walk.meet_at)
    assert HeadCount.objects.get().by_band["25_34"] == 7
    late = people(walk, 1)[0]
    desk.post(address, {"here": [str(late.public_id)], "done": "1"})
    sheet.refresh_from_db()
    assert late.presences.exists(), "being done loses no tick"
    assert sheet.typed_at is not None


def test_who_is_checked_in_already_stays_as_they_are(walk: Walk, organizer: User) -> None:
    signup = people(walk, 1)[0]
    factories.make_presence(walk=walk, signup=signup, method="qr")
    assert tick_present(sheet=factories.make_sheet(walk=walk, kind="sign_in"), signups=[signup], by=organizer) == 0
    assert Presence.objects.get().method == "qr"


def test_a_tally_becomes_contacts_once(desk: Client, walk: Walk) -> None:
    sheet = factories.make_sheet(walk=walk, kind="contacts", team=team_on(walk, 3))
    form = {"business-talked": "3", "door-no_one": "2", "token": str(uuid.uuid4())}
    address = reverse("field:desk_sheet", args=[walk.public_id, sheet.number])
    for _twice in range(2):
        desk.post(address, form)
    assert Contact.objects.filter(team=sheet.team, kind="business", result="talked").count() == 3
    assert Contact.objects.count() == 5
    assert desk.post(address, form | {"business-talked": "1000"}).status_code == 400


def test_sheets_are_ticked_off_and_what_is_typed_in_stays_back(walk: Walk, organizer: User) -> None:
    out, empty, done = (factories.make_sheet(walk=walk) for _n in range(3))
    factories.make_concern(walk=walk, sheet=done)
    numbers = [out.number, empty.number, done.number]
    take_back(walk=walk, numbers=numbers, how="back", by=organizer)
    assert walk.sheets.to_type_in().count() == 3
    take_back(walk=walk, numbers=[empty.number, done.number], how="blank", by=organizer)
    assert set(walk.sheets.to_type_in()) == {out, done}
    take_back(walk=walk, numbers=numbers, how="out", by=organizer)
    assert set(walk.sheets.out()) == {out, empty}


def test_the_list_of_sheets_asks_a_constant_number_of_questions(
    desk: Client, walk: Walk, django_assert_max_num_queries: Any
) -> None:
    for _n in range(30):
        factories.make_sheet(walk=walk, team=team_on(walk, next(factories.serial)))
    with django_assert_max_num_queries(17):
        response = desk.get(reverse("field:desk_paper", args=[walk.public_id]))
    assert response.status_code == 200


def test_the_emergency_number_is_the_coalitions(organizer: User) -> None:
    Coalition.objects.update_or_create(pk=1, defaults={"emergency_number": "112"})
    walk = factories.make_walk(designee_name="Odessa Quill", designee_phone="+18165550199")
    pack = pack_of(walk, with_hidden=False)
    text = words(render_pack(pack, [], languages=("es",), cover=True))[0]
    assert "112" in text
    assert "Odessa Quill" in text
    assert "555" in text

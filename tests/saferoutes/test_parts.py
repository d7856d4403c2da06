"""The parts of the look: words, shapes, form markup, maps. docs/look.md says how pages use them."""

import gzip
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.gis.geos import Point
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.test import override_settings
from django.utils import timezone

from concerns.models import Category
from concerns.workflow import Status
from office import marks
from office.strip import Block, kind_of, layout
from office.templatetags import look
from office.widgets import PointPick
from saferoutes.management.commands.parts_page import PAGE, parts_page

CSS = sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
# What is printed as PDF: ink on white paper, read by nothing but the printer, so tokens and themes mean nothing there.
OF_PDFS = ("leave-behind", "service-cards", "paper-pack", "poster", "week-paper", "week-tight")
ON_SCREEN = [path for path in CSS if path.name != "tokens.css" and not path.name.startswith(OF_PDFS)]


@pytest.fixture(autouse=True)
def plain_static() -> Iterator[None]:
    """Pages may name static files that nobody collected."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        yield


def render(source: str, **context: object) -> str:
    return Template("{% load look %}" + source).render(Context(context))


class SignUpForm(forms.Form):
    name = forms.CharField(label="Your name", help_text="As you like to be called.")
    age = forms.ChoiceField(label="Your age", choices=[("a", "13–17"), ("b", "18–24")], widget=forms.RadioSelect)
    told = forms.BooleanField(label="Write to me")
    note = forms.CharField(label="Note", required=False)


# --- tokens ---


def test_the_two_dark_sets_are_the_same() -> None:
    css = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    by_system = re.search(r'prefers-color-scheme: dark\) \{\s*:root:not\(\[data-theme="light"\]\) \{(.*?)\}', css, re.S)
    by_page = re.search(r'\n\[data-theme="dark"\] \{(.*?)\}', css, re.S)
    assert by_system
    assert by_page
    assert by_system[1].split() == by_page[1].split()


def test_paper_gets_every_colour_that_dark_changes() -> None:
    css = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    dark = re.search(r'\n\[data-theme="dark"\] \{(.*?)\}', css, re.S)
    assert dark
    on_screen_only = {"--focus", "--focus-gap", "--shadow"}
    printed = set(re.findall(r"(--[\w-]+):", css[css.index("@media print") :]))
    assert set(re.findall(r"(--[\w-]+):", dark[1])) - on_screen_only <= printed


@pytest.mark.parametrize("path", ON_SCREEN, ids=lambda path: path.name)
def test_no_other_sheet_names_a_colour(path: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", css)


@pytest.mark.parametrize("path", [path for path in CSS if path.name != "tokens.css"], ids=lambda path: path.name)
def test_every_token_that_is_used_exists(path: Path) -> None:
    known = set(re.findall(r"(--[\w-]+):", (settings.BASE_DIR / "static/css/tokens.css").read_text()))
    own = set(re.findall(r"(--[\w-]+):", path.read_text()))
    assert not set(re.findall(r"var\((--[\w-]+)", path.read_text())) - known - own


def test_a_public_page_with_a_map_stays_far_below_200_kb() -> None:
    files = ["css/tokens.css", "css/base.css", "css/parts.css", "css/lists.css", "css/says.css", "css/forms.css"]
    files += ["css/porch.css", "css/print.css"]
    files += ["css/map.css", "leaflet/leaflet.css", "leaflet/leaflet.js", "img/icons.svg", "img/favicon.svg"]
    files += ["js/page.js", "js/map.js", "js/map-kit.js", "js/map-names.js", "js/marks.js", "js/marks-data.js"]
    sent = sum(len(gzip.compress(Path(str(finders.find(name))).read_bytes())) for name in files)
    assert sent < 80_000


# --- marks, badges, chips ---


def test_every_status_of_a_concern_has_a_drawing_a_word_and_a_tone() -> None:
    drawn = marks.drawing_data()["statuses"]
    for status in Status.values:
        assert status in drawn
        assert status in marks.STATUS_WORDS


def test_every_group_of_categories_has_a_shape_and_a_word() -> None:
    for group in Category.Group.values:
        assert group in marks.drawing_data()["groups"]
        assert group in marks.GROUP_WORDS


def test_no_two_statuses_of_different_meaning_look_alike() -> None:
    data = marks.drawing_data()
    seen: dict[tuple[str, str], str] = {}
    alike = {"open": "triaged", "reported": "referred_to_owner", "not_actionable": "withdrawn"}
    for status, state in data["statuses"].items():
        looks = (state["fill"], state["tone"])
        twin = seen.setdefault(looks, status)
        assert twin == status or alike.get(status) == twin or alike.get(twin) == status


def test_a_mark_without_a_title_is_hidden_and_with_one_speaks() -> None:
    assert 'aria-hidden="true"' in render('{% mark "light" "reopened" %}')
    assert 'role="img" aria-label="Back again"' in render('{% mark "light" "reopened" "Back again" %}')


def test_a_status_badge_is_shape_word_and_colour() -> None:
    html = render('{% status_badge "claimed_fixed" "house" %}')
    assert "tone-violet" in html
    assert "<svg" in html
    assert "City says fixed" in html


def test_a_good_thing_is_never_drawn_as_trouble() -> None:
    assert "tone-ink" in render('{% mark "good" "triaged" %}')
    assert "tone-ochre" in render('{% mark "light" "triaged" %}')


def test_a_badge_escapes_its_own_word() -> None:
    assert "<b>" not in render("{% status_badge 'open' word=word %}", word="<b>x")


@pytest.mark.parametrize(
    ("days", "words", "kind"),
    [(-12, "12 days late", "due-late"), (-1, "1 day late", "due-late"), (0, "due today", "due-soon"), (9, "due ", "")],
)
def test_a_deadline_says_late_today_or_when(days: int, words: str, kind: str) -> None:
    html = render("{% deadline when %}", when=timezone.localdate() + timedelta(days=days))
    assert words in html
    assert f'class="due {kind}"' in html


def test_no_deadline_shows_nothing() -> None:
    assert render("{% deadline when %}", when=None) == ""


def test_age_is_counted_in_days() -> None:
    assert "5 days" in render("{% age since %}", since=timezone.localdate() - timedelta(days=5))


def test_a_person_chip_shows_initials_and_escapes_the_name() -> None:
    html = render("{% person name %}", name="Teo <Linden>")
    assert ">T&lt;</i>" in html
    assert "Teo &lt;Linden&gt;" in html


def test_every_icon_that_a_template_or_tag_names_is_in_the_sprite() -> None:
    sprite = (settings.BASE_DIR / "static/img/icons.svg").read_text()
    known = set(re.findall(r'symbol id="([\w-]+)"', sprite))
    templates = list((settings.BASE_DIR / "templates").rglob("*.html"))
    used = {name for path in templates for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())}
    used |= {door.icon for door in look.DESK_DOORS}
    assert used <= known


# --- forms ---


def test_a_field_ties_label_hint_and_error_to_its_input() -> None:
    html = str(SignUpForm({"age": "a"})["name"].as_field_group())
    assert '<label for="id_name">Your name</label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_radio_buttons_are_a_group_with_a_legend() -> None:
    html = str(SignUpForm()["age"].as_field_group())
    assert "<fieldset" in html
    assert "<legend>Your age</legend>" in html
    assert "choices" in html


def test_a_single_box_stands_before_its_words() -> None:
    html = str(SignUpForm()["told"].as_field_group())
    assert html.index("<input") < html.index("<label")


def test_what_may_be_left_empty_says_so() -> None:
    assert "(optional)" in str(SignUpForm()["note"].as_field_group())
    assert "(optional)" not in str(SignUpForm()["name"].as_field_group())


def test_the_error_summary_links_to_each_field() -> None:
    html = render("{% error_summary form %}", form=SignUpForm({"note": "kept"}))
    assert "3 things need another look" in html
    assert 'href="#id_name"' in html
    assert 'href="#id_age_0"' in html
    assert 'tabindex="-1"' in html


def test_there_is_no_error_summary_without_errors() -> None:
    assert render("{% error_summary form %}", form=SignUpForm()).strip() == ""


def test_a_point_can_be_typed_as_latitude_and_longitude() -> None:
    value = PointPick().value_from_datadict({"where": "39.1053, -94.5411"}, {}, "where")
    assert value == '{"type": "Point", "coordinates": [-94.5411, 39.1053]}'


@pytest.mark.parametrize("typed", ["", "here", "1,2,3", '{"type": "Point"}'])
def test_a_point_typed_otherwise_is_left_for_the_field_to_refuse(typed: str) -> None:
    assert PointPick().value_from_datadict({"where": typed}, {}, "where") == typed


def test_a_stored_point_comes_back_as_geojson() -> None:
    assert '"Point"' in str(PointPick().format_value(Point(-94.5, 39.1, srid=4326)))


# --- strip, map, page ---


def block(length: float, left: int | None, right: int | None) -> Block:
    return Block(name="a to b", from_name="a", to_name="b", length_m=length, left=left, right=right)


def test_a_strip_keeps_the_proportions_of_the_blocks() -> None:
    _, ticks = layout([block(100, 0, 0), block(300, 0, 0)], top=0)
    first, second = ticks[1].x - ticks[0].x, ticks[2].x - ticks[1].x
    assert second == pytest.approx(3 * first, rel=0.01)


def test_a_side_nobody_walked_is_hatched_not_empty() -> None:
    bars, _ = layout([block(100, None, 0)], top=0)
    assert [bar.kind for bar in bars] == ["unknown", "0"]
    assert bars[0].hatch.startswith("M")


@pytest.mark.parametrize(("count", "kind"), [(None, "unknown"), (0, "0"), (2, "1"), (3, "2"), (5, "2"), (6, "3")])
def test_more_trouble_is_a_thicker_line(count: int | None, kind: str) -> None:
    assert kind_of(count) == kind


def test_a_corridor_without_blocks_is_an_empty_strip() -> None:
    assert layout([], top=0) == ([], [])


def test_map_data_cannot_close_its_script() -> None:
    nasty = {"type": "FeatureCollection", "features": [{"properties": {"name": "</script><script>alert(1)"}}]}
    html = render('{% map_panel label="Map" data=data %}', data=nasty)
    assert "<script>alert" not in html


def test_a_map_says_what_it_shows() -> None:
    html = render('{% map_panel label="Concerns" id="m" sentence="3 concerns on 2 blocks" %}')
    assert 'aria-label="Concerns"' in html
    assert 'aria-describedby="m-says"' in html
    assert "3 concerns on 2 blocks" in html


def test_no_template_of_ours_holds_inline_script_or_style() -> None:
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        if "mail" in path.parts or "email" in path.parts:  # a mail has no other way to look like something
            continue
        source = path.read_text()
        assert not re.search(r"\sstyle=|\son(click|load|submit|change)=|javascript:", source), path
        assert not re.search(r"<script(?![^>]*(src=|application/json))", source), path


def test_every_mail_says_its_language_by_the_one_frame_of_mails() -> None:
    mails = settings.BASE_DIR / "templates" / "mail"
    for path in mails.rglob("*.html"):
        assert ("<html" in path.read_text()) == (path == mails / "base.html"), path


def test_the_parts_page_is_current() -> None:
    """If this fails, run `script/manage parts_page`."""
    assert PAGE.read_text(encoding="utf-8") == parts_page(date(2026, 11, 24))

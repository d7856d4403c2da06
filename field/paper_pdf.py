"""A print pack as PDF: what `field.paper` found, in the words of its languages."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from concerns.models import Category
from field.pack import people_to_call
from field.paper import Pack, Page, TeamPart, tally_columns
from field.paper_words import words_in
from office.bilingual import Words, said
from office.models import Coalition
from office.pdf import make_pdf
from walks import invites
from walks.models import Purpose, Walk
from walks.templatetags.walk_tags import qr
from walks.times import say_clock, say_time

STYLES = ["css/paper-pack.css"]
NEEDS_A_ROW = 3
KIND_COLUMNS = 4


def render_pack(pack: Pack, pages: Sequence[Page], *, languages: Sequence[str], cover: bool) -> bytes:
    """One PDF. One query for the coalition, one for the numbers of the sheets."""
    walk = pack.walk
    words = words_in(languages)
    kinds, results, needs = tally_columns()
    context: dict[str, Any] = {
        "walk": walk,
        "coalition": Coalition.current(),
        "languages": languages,
        "t": words,
        "pages": pages,
        "cover": cover,
        "when": said(lambda: say_time(walk.meet_at, walk), languages),
        "times": {name: said(_when(walk, at), languages) for name, at in _times(walk)},
        "clocks": {name: say_clock(at, walk) for name, at in _times(walk)},
        "purposes": [said(Purpose(value).label, languages) for value in walk.purposes if value in Purpose.values],
        "call": [_call(one, languages, words) for one in people_to_call(walk, Coalition.current())],
        **_kinds(pack, languages),
        "contact_kinds": [said(label, languages) for label in kinds],
        "contact_results": [said(label, languages) for label in results],
        "needs": _rows([said(label, languages) for label in needs], NEEDS_A_ROW),
        "teams": _teams(pack, pages) if cover else [],
        **_joining(walk),
    }
    with translation.override(languages[0]):
        return make_pdf("field/paper/pack.html", context, styles=STYLES)


def _kinds(pack: Pack, languages: Sequence[str]) -> dict[str, Any]:
    """The kinds of concern with numbers, in columns, and a box for each number."""
    words = [(n, said(_name_of(kind), languages)) for n, kind in enumerate(pack.categories, start=1)]
    size = -(-len(words) // KIND_COLUMNS) or 1
    columns = [words[start : start + size] for start in range(0, len(words), size)]
    return {"kinds": columns, "kind_boxes": "  ".join(f"☐\N{NO-BREAK SPACE}{n}" for n, _words in words)}


def _name_of(kind: Category) -> Words:
    return lambda: kind.name


def _rows(words: list[SafeString], n: int) -> list[list[SafeString]]:
    return [words[start : start + n] for start in range(0, len(words), n)]


def _times(walk: Walk) -> list[tuple[str, Any]]:
    return [("meet", walk.meet_at), ("step_off", walk.step_off_at), ("back", walk.end_at)]


def _when(walk: Walk, at: Any) -> Any:
    return lambda: say_time(at, walk)


def _call(one: dict[str, Any], languages: Sequence[str], words: dict[str, Any]) -> dict[str, Any]:
    """The emergency number's name comes in both languages, the others' are names of people."""
    if isinstance(one["name"], dict):
        names: dict[str, str] = one["name"]
        return {"phone": one["phone"], "name": "", "words": said(lambda: names[translation.get_language()], languages)}
    told = {"lead": words["walk_lead"], "designee": words["designee"]}.get(one["kind"], "")
    return {"phone": one["phone"], "name": one["name"], "words": told}


def _joining(walk: Walk) -> dict[str, Any]:
    """The way into the field page; nothing once the walk is over, or before it is published."""
    if walk.state != Walk.State.PUBLISHED or walk.end_at < timezone.now():
        return {"joining": False}
    return {
        "joining": True,
        "field_qr": qr(invites.field_link(walk)),
        "letters": invites.letters_for(walk),
        "field_host": f"{urlsplit(settings.SITE_URL).netloc}/field/",
    }


def _teams(pack: Pack, pages: Sequence[Page]) -> list[dict[str, Any]]:
    """The table of the cover, which stays with the organizers: leads with their phones, sheets to collect."""
    numbers: dict[int | None, list[int]] = {}
    first = next((page.number for page in pages if page.number), 0)
    together = pack.walk.sheets.filter(printed_at__in=pack.walk.sheets.filter(number=first).values("printed_at"))
    for team_id, number in together.exclude(team=None).values_list("team_id", "number"):
        numbers.setdefault(team_id, []).append(number)
    return [_team_row(part, numbers.get(part.team.pk, [])) for part in pack.parts if part.team]


def _team_row(part: TeamPart, numbers: list[int]) -> dict[str, Any]:
    team = part.team
    assert team is not None
    return {
        "team": team,
        "lead": team.lead.name if team.lead else "",
        "phone": team.lead.person.shown_phone if team.lead and team.lead.person.phone else "",
        "marshal": team.marshal.name if team.marshal else "",
        "n_people": part.n_people,
        "n_blocks": 0 if part.is_whole_street else len(part.way),
        "sheets": f"{min(numbers)}–{max(numbers)}" if numbers else "",
    }

"""Whose work a concern is, by the table that admins edit, and the words to file it with. Reads only."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.contrib.gis.geos import GEOSGeometry, Point
from django.contrib.gis.geos.prepared import PreparedGeometry
from django.utils import translation
from django.utils.translation import gettext as _

from concerns.flags import flags_for_text
from concerns.models import Category, Concern, Question, RoutingRule
from concerns.words import answers_in_words, exact_place
from corridors.models import Area

# Where a rule brings no words of its own.
USUAL_TEXT = "{category}: {address}\n{block}\n{answers}\n{note}"
BLANK = re.compile(r"\{(category|address|block|note|answers)\}")


@dataclass
class Router:
    """The rules in use, in their order, ready to be asked about many concerns without another query."""

    rules: list[RoutingRule]
    shapes: dict[int, PreparedGeometry] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Iterable[RoutingRule]) -> "Router":
        """Rules as they are given, saved or not: those in use, sorted. One query for the areas' shapes."""
        used = sorted((rule for rule in rules if rule.is_active), key=_order)
        areas = {rule.area_id for rule in used if rule.area_id}
        shapes = Area.objects.filter(pk__in=areas).values_list("pk", "shape") if areas else ()
        return cls(used, {pk: shape.prepared for pk, shape in shapes})

    @classmethod
    def current(cls) -> "Router":
        """Two queries at most."""
        return cls.of(RoutingRule.objects.filter(is_active=True).select_related("organization", "category", "area"))

    def rule_for(self, concern: Concern) -> RoutingRule | None:
        """The first rule that fits. Reads the concern's block where it has no place of its own."""
        return next((rule for rule in self.rules if self._fits(rule, concern)), None)

    def _fits(self, rule: RoutingRule, concern: Concern) -> bool:
        if rule.category_id is not None and rule.category_id != concern.category_id:
            return False
        if rule.area_id is None:
            return True
        place, shape = place_of(concern), self.shapes.get(rule.area_id)
        return place is not None and shape is not None and shape.covers(place)


def _order(rule: RoutingRule) -> tuple[int, bool, int]:
    """By position; a rule that isn't saved yet gets its number last."""
    return rule.position, rule.pk is None, rule.pk or 0


def place_of(concern: Concern) -> GEOSGeometry | None:
    """The exact place; the middle of the block where only an address is known."""
    if concern.location is not None:
        return concern.location
    middle: Point | None = concern.segment.line.interpolate_normalized(0.5) if concern.segment else None
    return middle


def route_for(concern: Concern) -> RoutingRule | None:
    """Whose work it is; None where no rule takes it. Up to three queries."""
    return Router.current().rule_for(concern)


def routes_for(concerns: Iterable[Concern]) -> dict[int, RoutingRule | None]:
    """The rule of each concern by its database id. Two queries, where the blocks are read."""
    router = Router.current()
    return {concern.pk: router.rule_for(concern) for concern in concerns}


@dataclass(frozen=True)
class Filing:
    """What is to be copied into somebody's form, and what a reader should look at first."""

    address: str
    text: str
    warnings: list[str]


def file_text(rule: RoutingRule | None, concern: Concern, language: str = "en") -> str:
    """The words to file a concern with, in `language`. Reads category, its questions and the block.

    Only an organizer's public words go out as {note}, and a free answer that seems to describe a person doesn't.
    """
    return filing_of(rule, concern, language).text


def filing_of(
    rule: RoutingRule | None, concern: Concern, language: str = "en", questions: Iterable[Question] | None = None
) -> Filing:
    """`file_text` with its address and its warnings. `questions` are the category's, where they were read before."""
    asked = list(concern.category.questions.all() if questions is None else questions)
    with translation.override(language):
        told, left_out = _answers(concern, asked)
        words = {
            "category": concern.category.name,
            "address": exact_place(concern) or _pin(concern),
            "block": _block(concern),
            "note": concern.public_text.strip(),
            "answers": "\n".join(told),
        }
    text = fill((rule.template_en if rule else "") or USUAL_TEXT, words)
    return Filing(words["address"], text, list(_warnings(concern, text, left_out)))


def fill(template: str, words: dict[str, str]) -> str:
    """Put words into a template: once, so that braces in what people wrote stay braces. Emptied lines are left out."""
    lines = []
    for line in template.splitlines():
        filled = BLANK.sub(lambda blank: words[blank[1]], line).strip()
        if filled or not BLANK.search(line):
            lines.append(filled)
    return "\n".join(lines).strip()


def _answers(concern: Concern, questions: list[Question]) -> tuple[list[str], bool]:
    """ "What is wrong with it? Out" for each answer, and whether one was left out because it describes somebody."""
    free = {question.label for question in questions if question.kind == Question.Kind.TEXT}
    told, left_out = [], False
    for label, words in answers_in_words(concern, questions):
        if label in free and flags_for_text(words):
            left_out = True
        else:
            told.append(f"{label} {words}" if label.endswith(("?", ":")) else f"{label}: {words}")
    return told, left_out


def _block(concern: Concern) -> str:
    if concern.segment is None:
        return ""
    side = f", {concern.segment.side_name(concern.side)}" if concern.side else ""
    return f"{concern.segment.name}{side}"


def _pin(concern: Concern) -> str:
    return f"{concern.location.y:.5f}, {concern.location.x:.5f}" if concern.location else ""


def _warnings(concern: Concern, text: str, left_out: bool) -> Iterator[str]:
    if concern.note and not concern.public_text:
        yield _("The words of the report aren’t in it: nobody has made them public. Read them and use your own.")
    if left_out:
        yield _("An answer that seems to describe a person was left out.")
    if flags_for_text(text):
        yield _("The text seems to describe a person. Describe the place.")


def kinds_without_rule(router: Router, categories: Iterable[Category]) -> list[Category]:
    """Kinds that no rule takes everywhere: some place of theirs may be nobody's."""
    everywhere = {rule.category_id for rule in router.rules if rule.area_id is None}
    return [] if None in everywhere else [category for category in categories if category.pk not in everywhere]

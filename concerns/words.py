"""What a concern says, in words for people."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from concerns.models import Concern, Look, Question
from concerns.workflow import LookResult
from walks.sun import Lit


def answers_in_words(concern: Concern, questions: Iterable[Question]) -> list[tuple[str, str]]:
    """Each answered question with its answer. Answers to questions that are gone stay, under their code."""
    known = {question.code: question for question in questions}
    told = []
    for code, answer in concern.answers.items():
        question = known.get(code)
        label = question.label if question else code
        if words := _words(answer, question):
            told.append((label, words))
    return told


def _words(answer: Any, question: Question | None) -> str:
    options = {option["code"]: option for option in question.options} if question else {}
    parts = answer if isinstance(answer, list) else [answer]
    return ", ".join(_option(options.get(str(part)), part) for part in parts if part not in ("", None))


def _option(option: dict[str, str] | None, part: Any) -> str:
    if option is None:
        return str(part)
    return option.get((get_language() or "en")[:2]) or option["en"]


def exact_place(concern: Concern) -> str:
    """The exact place for the desk: address, else block and side. Reads block and corridor."""
    if concern.address:
        return concern.address
    if concern.segment:
        side = f", {concern.segment.side_name(concern.side)}" if concern.side else ""
        return f"{concern.segment.name}{side}"
    return ""


LABELS: dict[str, Any] = {
    "note": _("Words"),
    "address": _("Address"),
    "category": _("Kind"),
    "lit": _("Light"),
    "danger_now": _("Danger now"),
    "told_by": _("How we know"),
    "city_case": _("311 number"),
    "answers": _("Answers"),
}


LOOK_LABELS: dict[str, Any] = {"result": _("What was seen again"), "lit": _("Light"), "note": _("Words")}


def proposed_changes(body: dict[str, Any], concern: Concern, look: Look | None = None) -> list[tuple[str, str, str]]:
    """What a proposed body would change: label, before, after. Reads the category."""
    if look is not None:
        return _changes_of_look(body, look)
    if body.get("deleted"):
        return [(str(_("The report")), "", str(_("to be taken back")))]
    changes = []
    for name, label in LABELS.items():
        before = concern.category.code if name == "category" else getattr(concern, name)
        if name in body and body[name] not in (None, before):
            changes.append((str(label), _plain(before), _plain(body[name])))
    return changes


def _changes_of_look(body: dict[str, Any], look: Look) -> list[tuple[str, str, str]]:
    if body.get("deleted"):
        return [(str(_("The look")), look.get_result_display(), str(_("to be taken back")))]
    words = dict([*LookResult.choices, *Lit.choices])
    pairs = [(label, getattr(look, name), body.get(name)) for name, label in LOOK_LABELS.items()]
    return [
        (str(label), str(words.get(before, before)), str(words.get(after, after)))
        for label, before, after in pairs
        if after not in (None, before)
    ]


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{code}: {_words(answer, None)}" for code, answer in value.items())
    return str(value)


def bulk_words(do: str, n_done: int, n_skipped: int) -> str:
    """What became of many at once: "497 published, 3 skipped"."""
    told = {
        "publish": ngettext("%(n)d published", "%(n)d published", n_done),
        "read": ngettext("%(n)d marked as read", "%(n)d marked as read", n_done),
        "hide": ngettext("%(n)d hidden", "%(n)d hidden", n_done),
        "status": ngettext("%(n)d has a new status", "%(n)d have a new status", n_done),
        "assign": ngettext("%(n)d given to who fixes it", "%(n)d given to who fixes it", n_done),
    }
    words = told.get(do, do) % {"n": n_done}
    if n_skipped:
        words += ngettext(", %(n)d skipped", ", %(n)d skipped", n_skipped) % {"n": n_skipped}
    return words

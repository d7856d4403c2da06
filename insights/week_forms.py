"""What organizers type about the weekly page: which three things are stuck, in which words, and who gets it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.models import Snapshot
from insights.week_stuck import SHOWN, Said, say
from insights.week_words import OWN
from people.models import Organization

LANGUAGES = ("en", "es")
PARTS = {"head": 140, "text": 240, "ask": 160}


class SlotForm(forms.Form):
    """One of the three things: a candidate, own words, or nothing. The words are those that go out."""

    pick = forms.ChoiceField(label=gettext_lazy("What is stuck"), required=False)
    was = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, candidates: Sequence[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = {one["key"]: one for one in candidates}
        choices = [(key, say(one).head) for key, one in self.found.items()]
        pick = self.fields["pick"]
        assert isinstance(pick, forms.ChoiceField)
        pick.choices = [*choices, (OWN, _("something else, in own words")), ("", _("nothing"))]
        for language in LANGUAGES:
            for part, most in PARTS.items():
                self.fields[f"{part}_{language}"] = _words(part, language, most)

    def fields_in(self, language: str) -> list[forms.BoundField]:
        return [self[f"{part}_{language}"] for part in PARTS]

    @property
    def english(self) -> list[forms.BoundField]:
        return self.fields_in("en")

    @property
    def spanish(self) -> list[forms.BoundField]:
        return self.fields_in("es")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("pick") == OWN and not data.get("head_en"):
            self.add_error("head_en", _("Say in a few words what is stuck."))
        return data

    def slot(self) -> dict[str, Any] | None:
        """What is kept: another candidate comes with its own words, the same one with what stands in the form."""
        pick = self.cleaned_data["pick"]
        if not pick:
            return None
        if pick != OWN and pick != self.cleaned_data["was"]:
            return {"key": pick}
        typed = {language: self._typed(language) for language in LANGUAGES}
        if pick in self.found and typed == {language: _computed(self.found[pick], language) for language in LANGUAGES}:
            return {"key": pick}
        return {"key": pick, **{language: words for language, words in typed.items() if words["head"]}}

    def _typed(self, language: str) -> dict[str, str]:
        return {part: self.cleaned_data.get(f"{part}_{language}", "") for part in PARTS}


def _words(part: str, language: str, most: int) -> forms.CharField:
    labels = {"head": _("In a few words"), "text": _("More"), "ask": _("Ask whom, for what")}
    widget = forms.Textarea(attrs={"rows": 2, "lang": language}) if part == "text" else None
    field = forms.CharField(label=labels[part], max_length=most, required=False, widget=widget)
    field.widget.attrs["lang"] = language
    return field


def _computed(candidate: dict[str, Any], language: str) -> dict[str, str]:
    with translation.override(language):
        return say(candidate)._asdict()


def first_words(slot: dict[str, Any], candidate: dict[str, Any] | None) -> dict[str, str]:
    """What the form of a slot holds to begin with."""
    words: dict[str, str] = {"pick": slot["key"], "was": slot["key"]}
    has_own = any(language in slot for language in LANGUAGES)
    for language in LANGUAGES:
        own = slot.get(language) or {}
        said = _computed(candidate, language) if candidate and not has_own else Said("", "", "")._asdict()
        for part in PARTS:
            words[f"{part}_{language}"] = own.get(part) or str(said[part])
    return words


class NoteForm(forms.Form):
    """A sentence of the organizers to the table, at the foot of the page."""

    en = forms.CharField(label=gettext_lazy("A sentence to the table, in English"), max_length=240, required=False)
    es = forms.CharField(label=gettext_lazy("The same in Spanish"), max_length=240, required=False)


class WordsForms:
    """The forms of a page's words together: three slots and the note. `may_see_help`: else slots about help are left
    out, and stay as they are.
    """

    def __init__(self, snapshot: Snapshot, data: Any = None, *, may_see_help: bool) -> None:
        found = {one["key"]: one for one in snapshot.numbers["stuck"]}
        slots = snapshot.words.get("stuck")
        self.before: list[dict[str, Any]] = [{"key": key} for key in list(found)[:SHOWN]] if slots is None else slots
        self.hidden = [] if may_see_help else [slot for slot in self.before if _is_help(slot, found)]
        shown = [slot for slot in self.before if slot not in self.hidden]
        offered = [one for one in found.values() if may_see_help or not one.get("is_help")]
        n = SHOWN - len(self.hidden)
        self.slots = [
            SlotForm(
                data,
                prefix=f"slot{place}",
                candidates=offered,
                initial=_initial(shown[place], found) if place < len(shown) else {"pick": "", "was": ""},
            )
            for place in range(n)
        ]
        self.note = NoteForm(data, prefix="note", initial=snapshot.words.get("note") or {})

    @property
    def all(self) -> list[forms.Form]:
        return [*self.slots, self.note]

    def is_valid(self) -> bool:
        # Every form says what is wrong with it, not only the first.
        return not [form for form in self.all if not form.is_valid()]

    def chosen(self) -> list[dict[str, Any]]:
        """Each candidate once, those about help that somebody may not see where they stood."""
        slots = [slot for form in self.slots if (slot := form.slot()) is not None]
        known: set[str] = set()
        once = []
        for slot in slots:
            if slot["key"] == OWN or slot["key"] not in known:
                once.append(slot)
            known.add(slot["key"])
        for slot in self.hidden:
            once.insert(min(self.before.index(slot), len(once)), slot)
        return once


def _is_help(slot: dict[str, Any], found: dict[str, Any]) -> bool:
    return bool(found.get(slot["key"], {}).get("is_help"))


def _initial(slot: dict[str, Any], found: dict[str, Any]) -> dict[str, str]:
    return first_words(slot, found.get(slot["key"]))


class ReaderForm(forms.Form):
    """Somebody who gets the page by mail."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        error_messages={"required": gettext_lazy("Say where the page goes: an e-mail address.")},
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES, initial="en")
    organization = forms.ModelChoiceField(
        label=gettext_lazy("Organization"),
        queryset=Organization.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=gettext_lazy("none"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organization.objects.current().order_by("name").only("public_id", "name")

    def reader_fields(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("email", "name", "language", "organization")}

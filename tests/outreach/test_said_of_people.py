"""Words that seem to say who somebody is are warned about once, and kept at the second press."""

import pytest
from django import forms
from django.http import QueryDict

from outreach.said_of_people import WarnedForm, seems_to_say_who


class Note(WarnedForm):
    note = forms.CharField(required=False)


def sent(**data: str) -> Note:
    typed = QueryDict(mutable=True)
    typed.update(data)
    return Note(typed)


@pytest.mark.parametrize("words", ["call 816-555-0142", "Mrs. Quarles asked", "vive en la casa azul"])
def test_a_number_a_name_and_a_door_seem_to_say_who(words: str) -> None:
    assert seems_to_say_who("", words)


@pytest.mark.parametrize("words", ["", "needs a ramp at the back door", "asked about rent help, twice"])
def test_words_about_a_need_do_not(words: str) -> None:
    assert not seems_to_say_who(words)


def test_the_first_press_is_warned_and_the_second_kept() -> None:
    first = sent(note="call 816-555-0142")
    assert not first.is_valid()
    assert "leave it out, or ask for a yes" in first.errors["note"][0]
    seal = first["said_seal"].value()
    assert "816" not in seal
    assert sent(note="call 816-555-0142", said_seal=seal).is_valid()


def test_other_words_are_warned_about_anew() -> None:
    first = sent(note="call 816-555-0142")
    first.is_valid()
    assert not sent(note="call 816-555-0199", said_seal=first["said_seal"].value()).is_valid()


def test_harmless_words_are_never_held_up() -> None:
    assert sent(note="come after five").is_valid()

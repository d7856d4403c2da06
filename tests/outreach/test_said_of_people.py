"""Words that seem to say who somebody is are warned about once, and kept at the second press."""

import re

import pytest
from django import forms
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from outreach.models import Referral
from outreach.said_of_people import WarnedForm, seems_to_say_who
from people.models import Organization
from tests import factories


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
    assert "555-0142" not in seal
    assert sent(note="call 816-555-0142", said_seal=seal).is_valid()


def test_other_words_are_warned_about_anew() -> None:
    first = sent(note="call 816-555-0142")
    first.is_valid()
    assert not sent(note="call 816-555-0199", said_seal=first["said_seal"].value()).is_valid()


def test_harmless_words_are_never_held_up() -> None:
    assert sent(note="come after five").is_valid()


@pytest.mark.django_db
def test_words_to_an_agency_that_may_not_know_who_are_warned_about_once(desk_of: Client, agency: Organization) -> None:
    asked = factories.make_help_request()
    factories.make_consent(help_request=asked, scope="need_only")
    where = reverse("outreach:request_do", args=[asked.public_id])
    words = "Mrs. Quarles, 816-555-0142"
    sent = {"act": "refer", "need": "food", "organization": str(agency.public_id), "words": words}
    html = desk_of.post(where, sent).content.decode()
    assert "leave it out, or ask for a yes" in html
    assert not Referral.objects.exists()
    seal = re.search(r'name="said_seal" value="([0-9a-f]{64})"', html)
    assert seal is not None
    assert f'value="{words}"' in html
    desk_of.post(where, sent | {"said_seal": seal[1]})
    assert Referral.objects.get().words == words


@pytest.mark.django_db
def test_words_to_an_agency_that_may_know_who_go_at_once(desk_of: Client, agency: Organization) -> None:
    asked = factories.make_help_request()
    factories.make_consent(help_request=asked, organization=agency)
    where = reverse("outreach:request_do", args=[asked.public_id])
    sent = {"act": "refer", "need": "food", "organization": str(agency.public_id), "words": "Mrs. Quarles asked"}
    desk_of.post(where, sent)
    assert Referral.objects.count() == 1

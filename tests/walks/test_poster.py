"""The poster and the flyer of a walk: for everybody, and with public facts only."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from tests import factories
from walks.models import Walk

pytestmark = pytest.mark.django_db


def words(client: Client, walk: Walk, name: str, query: str = "") -> tuple[str, PdfReader]:
    response = client.get(reverse(f"walks:{name}", args=[walk.public_id]) + query)
    assert response["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(response.content))
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().split()), reader


def test_a_poster_and_a_flyer_say_in_both_languages_what_everybody_may_know(client: Client) -> None:
    lead = factories.make_person(name="Odessa Quill", phone="+18165550123")
    walk = factories.make_walk(
        lead=lead, internal_note="marker of organizers", designee_name="Bastian Reyes", designee_phone="+18165550124"
    )
    factories.make_signup(walk=walk, name="Juniper Vale")
    for name, query in (("poster", ""), ("poster", "?size=a4"), ("flyer", "")):
        text, reader = words(client, walk, name, query)
        assert walk.title in text
        assert walk.meeting_place in text
        assert walk.code in text
        assert "Miramos lugares" in text, "Spanish is there, too"
        for secret in ("Quill", "Reyes", "555", "marker", "Vale", "field"):
            assert secret not in text
        assert (round(reader.pages[0].mediabox.width) == 595) == (query == "?size=a4")


def test_a_draft_has_no_poster(client: Client) -> None:
    walk = factories.make_walk(state="draft")
    assert client.get(reverse("walks:poster", args=[walk.public_id])).status_code == 404


def test_a_change_makes_the_poster_anew(client: Client) -> None:
    walk = factories.make_walk()
    words(client, walk, "flyer")
    walk.title = "Moved to the corner of Askew"
    walk.save()
    text, _reader = words(client, walk, "flyer")
    assert "Moved to the corner of Askew" in text

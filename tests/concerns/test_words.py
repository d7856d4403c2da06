"""Words about a person: how well they are found, what the form says, what is kept and what isn't once it was read."""

import logging
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from concerns import actions
from concerns.flags import flags_for_text, without_status
from concerns.models import Concern
from office.refused import Refused
from people.models import User
from tests import factories
from tests.browser import PHONE, Window
from tests.concerns.flag_sentences import (
    PERSONS_EN,
    PERSONS_ES,
    PLACES_EN,
    PLACES_ES,
    UNSEEN_PERSONS,
    UNSEEN_PLACES,
)
from tests.concerns.test_report import open_form, send

pytestmark = pytest.mark.django_db
SENTENCE = "This seems to describe a person; describe the place."


def measured(persons: list[str], places: list[str]) -> tuple[float, float]:
    """Recall and precision, 0 to 1."""
    found = sum(bool(flags_for_text(text)) for text in persons)
    wrong = sum(bool(flags_for_text(text)) for text in places)
    return found / len(persons), found / (found + wrong)


@pytest.mark.parametrize(
    ("persons", "places", "recall", "precision"),
    [
        (PERSONS_EN, PLACES_EN, 1.0, 1.0),
        (PERSONS_ES, PLACES_ES, 1.0, 1.0),
        (UNSEEN_PERSONS, UNSEEN_PLACES, 0.9, 0.95),
    ],
)
def test_o13_persons_are_found_and_places_are_left_alone(
    persons: list[str], places: list[str], recall: float, precision: float
) -> None:
    """The last list was written before the patterns were changed and not looked at while changing them."""
    found = measured(persons, places)
    print(f"recall {found[0]:.2f}, precision {found[1]:.2f} of {len(persons)} and {len(places)} sentences")
    assert found[0] >= recall
    assert found[1] >= precision


@pytest.mark.parametrize(
    "words",
    ["call 816-555-0142", "write dan@example.org", "Ford, plate ABC 1234", "he lives at 4512", "black male in hoodie",
     "hombre negro con sudadera", "el que vive en la esquina"],
)  # fmt: skip
def test_o13_the_form_says_so_once_and_then_takes_the_words_as_they_are(client: Client, words: str) -> None:
    token = open_form(client)
    first = send(client, token=token, note=words)
    page = first.content.decode()
    assert first.status_code == 400
    assert SENTENCE in page
    assert words in page
    assert 'name="words_seen" value="1"' in page
    assert not Concern.objects.exists()
    again = send(client, token=token, note=words, words_seen="1")
    assert again.status_code == 200
    concern = Concern.objects.get()
    assert (concern.note, concern.flags) == (words, sorted({*concern.flags, "person_text"}))


def test_o13_the_queue_shows_the_flag_and_the_organizer_the_words(client: Client, organizer: User) -> None:
    concern = factories.make_concern(source="web", note="black male in hoodie", flags=["person_text"])
    client.force_login(organizer)
    listed = client.get(reverse("concerns:desk_list"), {"show": "all"}).content.decode()
    page = client.get(reverse("concerns:desk_detail", args=[concern.public_id])).content.decode()
    assert re.search(r"describe a person|about a person", listed)
    assert "black male in hoodie" in page


def test_a_bot_in_the_trap_is_not_told(client: Client) -> None:
    assert send(client, note="black male in hoodie", website="x").status_code == 200
    assert Concern.objects.get().publication == "spam"


def test_the_script_s_question_is_answered_and_not_kept(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    address = reverse("concerns:report_words")
    assert SENTENCE in client.post(address, {"note": "markerwoman who lives at 4512"}).json()["says"]
    assert client.post(address, {"note": "the lamp is dark"}).json() == {"says": ""}
    assert client.get(address).status_code == 405
    assert "markerwoman" not in caplog.text
    assert not Concern.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_form_says_so_while_somebody_writes(site: str, browser: Browser) -> None:
    """Only a browser knows when somebody stops typing."""
    window = Window(browser, site, viewport=PHONE)
    page = window.page
    page.goto(f"{site}/report/")
    page.get_by_label("What should people know about it?").fill("a man who lives at 4512 did it")
    page.wait_for_selector(f"text={SENTENCE}")
    assert page.locator("[name=words_seen]").input_value() == "1"
    page.get_by_label("What should people know about it?").fill("the lamp at 4512 is dark")
    page.wait_for_selector(f"text={SENTENCE}", state="hidden")
    assert page.locator("[name=words_seen]").input_value() == ""
    window.check()
    window.close()


# --- Immigration status: flagged, and not kept once it was read -------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The lamp is out. They are undocumented. Pole SAH 1621", "The lamp is out. […]. Pole SAH 1621"),
        ("dark corner, the family has no papers, so nobody calls", "dark corner, […], so nobody calls"),
        ("son indocumentados", "[…]"),
        ("ICE came for them", "[…]"),
        ("ice on the sidewalk. no papers in the bin", "ice on the sidewalk. no papers in the bin"),
        ("el poste está apagado; familia sin papeles\nal lado", "el poste está apagado; […]\nal lado"),
        ("", ""),
    ],
)
def test_only_the_part_that_speaks_of_papers_goes(text: str, kept: str) -> None:
    assert without_status(text) == kept
    assert without_status(kept) == kept


NOTE = "Lamp is out, they are undocumented, since May"


def flagged() -> Concern:
    return factories.make_concern(note=NOTE, flags=["person_text"])


@pytest.mark.parametrize(
    "read",
    [
        lambda concern, by: actions.triage(concern=concern, by=by),
        lambda concern, by: actions.publish_concern(concern=concern, by=by, text="Lamp is out"),
        lambda concern, by: actions.hide_concern(concern=concern, by=by),
        lambda concern, by: actions.take_down(concern=concern, by=by),
        lambda concern, by: actions.mark_spam(concern=concern, by=by),
        lambda concern, by: actions.move_concern(concern=concern, to="monitoring", by=by),
    ],
    ids=["triage", "publish", "hide", "take down", "spam", "move"],
)
def test_words_about_papers_go_once_an_organizer_read_them(organizer: User, read: Any) -> None:
    concern = flagged()
    read(concern, organizer)
    concern.refresh_from_db()
    assert concern.note == "Lamp is out, […], since May"


def test_they_stay_until_somebody_reads_them(client: Client, organizer: User) -> None:
    concern = flagged()
    client.force_login(organizer)
    page = client.get(reverse("concerns:desk_detail", args=[concern.public_id])).content.decode()
    assert NOTE in page
    assert "We don’t keep that" in page
    concern.refresh_from_db()
    assert concern.note == NOTE


def test_the_rest_of_a_flagged_note_stays_for_the_organizer(organizer: User) -> None:
    concern = factories.make_concern(note="the man who lives at 4512", flags=["person_text"])
    actions.triage(concern=concern, by=organizer)
    concern.refresh_from_db()
    assert concern.note == "the man who lives at 4512"


def test_words_about_papers_never_become_public(organizer: User) -> None:
    concern = flagged()
    with pytest.raises(Refused, match="immigration status"):
        actions.publish_concern(concern=concern, by=organizer, text="They are undocumented")
    concern.refresh_from_db()
    assert (concern.publication, concern.note) == ("held", NOTE)


def test_they_go_from_a_look_and_from_a_proposal_that_was_decided(organizer: User) -> None:
    concern = factories.make_concern()
    look = factories.make_look(concern=concern, note=NOTE)
    actions.hide_look(look=look, by=organizer)
    look.refresh_from_db()
    proposal = factories.make_proposal(concern=concern, body={"note": NOTE, "rev": 2})
    actions.decide_proposal(proposal=proposal, by=organizer, accept=False)
    proposal.refresh_from_db()
    assert look.note == "Lamp is out, […], since May"
    assert proposal.body == {"note": "Lamp is out, […], since May", "rev": 2}

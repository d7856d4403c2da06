"""The desk's page of one concern and its buttons."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from concerns import actions
from concerns.models import Concern, Look, Photo
from office.models import Coalition
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Every button, with a body that works on an unread light.
BUTTONS: dict[str, dict[str, str]] = {
    "desk_triage": {},
    "desk_publish": {"text": "Lamp out"},
    "desk_hide": {"reason": "It is not true"},
    "desk_spam": {},
    "desk_move": {"to": "in_progress"},
    "desk_help": {"kind": "offered"},
    "desk_case": {"system": "311", "number": "2026-1"},
    "desk_look": {"result": "still_there", "lit": "dark"},
}


def url(name: str, concern: Concern) -> str:
    return reverse(f"concerns:{name}", args=[concern.public_id])


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


def make_photo(**fields: Any) -> Photo:
    return Photo.objects.create(**{"sha256": "0" * 64, "n_bytes": 1, "state": "ready", "image": "x.jpg"} | fields)


# The page.


def test_it_shows_everything_an_organizer_needs(desk: Client) -> None:
    concern = factories.make_concern(
        note="Dark by the stop",
        answers={"what": ["out", "dim"], "pole": "SAH 1621", "gone_question": "x"},
        flags=["person_text"],
        lit="dark",
    )
    near = factories.make_concern(walk=concern.walk)
    page = desk.get(url("desk_detail", concern)).content.decode()
    for words in (
        "Dark by the stop",
        "3512 Independence Ave",
        "What is wrong with it?",
        "Out, Dim",
        "SAH 1621",
        "seems to describe a person",
        "after dark",
        "reported it",
        str(near.public_id),
    ):
        assert words in page


def test_answers_are_shown_in_the_page_s_language(desk: Client) -> None:
    concern = factories.make_concern(answers={"what": ["out"]})
    assert "Apagada" in desk.get(url("desk_detail", concern) + "?lang=es").content.decode()


@pytest.mark.parametrize(
    "answers", [{"what": {"a": 1}}, {"what": None}, {"what": []}, {"x": [1, None]}, {"<b>": "<i>"}]
)
def test_odd_answers_break_nothing(desk: Client, answers: dict[str, Any]) -> None:
    page = desk.get(url("desk_detail", factories.make_concern(answers=answers))).content.decode()
    assert "<i>" not in page.split("index-list")[1]


def test_text_is_text(desk: Client) -> None:
    evil = '"><img src=x onerror=alert(1)></script><script>alert(2)</script>'
    concern = factories.make_concern(note=evil, address=evil[:100], city_case=evil[:40])
    for address in (url("desk_detail", concern), "/desk/concerns/"):
        page = desk.get(address).content.decode()
        assert "<img src=x" not in page
        assert "<script>alert" not in page


def test_what_is_not_there_is_not_found(desk: Client) -> None:
    assert desk.get(reverse("concerns:desk_detail", args=[uuid.uuid4()])).status_code == 404


def test_the_page_asks_the_database_a_constant_number_of_times(desk: Client, organizer: User) -> None:
    concern = factories.make_published_concern(status="claimed_fixed", answers={"what": ["out"]})
    Coalition.current()

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(url("desk_detail", concern)).status_code == 200
        return len(asked)

    def add() -> None:
        make_photo(concern=concern)
        look = actions.record_look(concern=concern, result="cannot_tell", by=organizer, walk=concern.walk)
        make_photo(look=look)
        actions.add_case(concern=concern, by=organizer, system="311", number=str(concern.cases.count()))
        factories.make_concern(walk=concern.walk)
        actions.propose_change(concern=concern, device=factories.make_device(), body={"note": "x"})

    add()
    first = count()
    for _n in range(4):
        add()
    assert count() == first
    # No list: each of its parts asks once.
    assert first <= 24


# Who.


@pytest.mark.parametrize("name", ["desk_detail", *BUTTONS])
def test_a_stranger_is_asked_to_sign_in(client: Client, name: str) -> None:
    concern = factories.make_concern()
    response = client.get(url(name, concern)) if name == "desk_detail" else client.post(url(name, concern))
    assert response.status_code == 302
    assert "/accounts/login/" in response.headers["Location"]
    assert Concern.objects.get().status == "new"


@pytest.mark.parametrize("who", ["volunteer", "partner", "outsider"])
@pytest.mark.parametrize("name", ["desk_detail", *BUTTONS])
def test_others_are_refused_and_change_nothing(who: str, name: str, request: Any) -> None:
    concern = factories.make_concern()
    browser = signed_in(request.getfixturevalue(who))
    response = (
        browser.get(url(name, concern)) if name == "desk_detail" else browser.post(url(name, concern), BUTTONS[name])
    )
    assert response.status_code in {403, 404}
    row = Concern.objects.get()
    assert (row.status, row.publication, row.updates.count()) == ("new", "held", 1)


@pytest.mark.parametrize("name", BUTTONS)
def test_reading_a_button_s_address_changes_nothing(desk: Client, name: str) -> None:
    concern = factories.make_concern()
    assert desk.get(url(name, concern)).status_code == 405
    assert desk.head(url(name, concern)).status_code == 405
    assert Concern.objects.get().updates.count() == 1


@pytest.mark.parametrize("name", BUTTONS)
def test_every_button_works_for_an_organizer(desk: Client, name: str) -> None:
    concern = factories.make_concern()
    before = concern.updates.count()
    response = desk.post(url(name, concern), BUTTONS[name])
    assert (response.status_code, response.headers["Location"]) == (302, url("desk_detail", concern))
    assert concern.updates.count() > before


def test_a_walk_lead_sees_and_hides_the_concerns_of_own_walks_and_no_more(lead: User) -> None:
    mine = factories.make_published_concern(walk=factories.make_walk(lead=lead.person))
    other = factories.make_published_concern()
    browser = signed_in(lead)
    page = browser.get(url("desk_detail", mine)).content.decode()
    assert "Hide it" in page
    assert "Publish" not in page
    assert browser.get(url("desk_detail", other)).status_code == 404
    assert browser.post(url("desk_hide", other)).status_code == 404
    assert browser.post(url("desk_publish", mine), {"text": "x"}).status_code == 403
    assert browser.post(url("desk_move", mine), {"to": "in_progress"}).status_code == 403
    assert browser.post(url("desk_hide", mine)).status_code == 302
    assert [row.publication for row in Concern.objects.order_by("id")] == ["hidden", "published"]


# What the buttons do, and how they refuse.


def test_it_publishes_the_words_of_the_form_and_goes_to_the_next(desk: Client) -> None:
    concern, following = factories.make_concern(note="Ask Dan, 816-555-0142"), factories.make_concern()
    seen = desk.get(url("desk_detail", concern)).context["seen"]
    response = desk.post(url("desk_publish", concern), {"text": "Lamp out", "seen": seen, "then": "next"})
    assert response.headers["Location"] == url("desk_detail", following)
    row = Concern.objects.get(pk=concern.pk)
    assert (row.publication, row.public_text) == ("published", "Lamp out")


def test_next_leads_to_what_nobody_has_read_on_the_same_walk_first(desk: Client) -> None:
    here = factories.make_concern()
    same_walk = factories.make_concern(walk=here.walk)
    elsewhere = factories.make_concern(danger_now=True)
    assert desk.get(url("desk_next", here)).headers["Location"] == url("desk_detail", same_walk)
    Concern.objects.exclude(pk=here.pk).update(publication="spam")
    assert desk.get(url("desk_next", here)).headers["Location"] == reverse("concerns:desk_list")
    assert elsewhere.pk


def test_an_old_page_is_refused_and_what_was_typed_is_kept(desk: Client, admin: User) -> None:
    concern = factories.make_concern()
    seen = desk.get(url("desk_detail", concern)).context["seen"]
    actions.publish_concern(concern=concern, by=admin, text="Ada’s words")
    response = desk.post(url("desk_publish", concern), {"text": "Odessa’s words", "seen": seen})
    page = response.content.decode()
    assert response.status_code == 400
    assert "Ada Penhallow" in page
    assert ">\nOdessa’s words</textarea>" in page
    assert Concern.objects.get().public_text == "Ada’s words"


def test_a_too_long_text_names_its_field_and_is_kept(desk: Client) -> None:
    concern = factories.make_concern()
    response = desk.post(url("desk_publish", concern), {"text": "x" * 2001})
    assert response.status_code == 400
    assert "x" * 2001 in response.content.decode()
    assert response.context["publish_form"].errors["text"]
    assert Concern.objects.get().publication == "held"


def test_a_status_from_an_old_page_says_who_was_quicker(desk: Client, admin: User) -> None:
    concern = factories.make_concern()
    actions.move_concern(concern=concern, to="not_actionable", by=admin, note="x")
    response = desk.post(url("desk_move", concern), {"to": "monitoring", "expected": "new", "note": "my note"})
    page = response.content.decode()
    assert response.status_code == 400
    assert "Ada Penhallow" in page
    assert "my note" in page


@pytest.mark.parametrize("to", ["verified_fixed", "duplicate", "nonsense", ""])
def test_a_status_that_is_not_allowed_is_refused(desk: Client, to: str) -> None:
    concern = factories.make_concern()
    assert desk.post(url("desk_move", concern), {"to": to}).status_code == 400
    assert Concern.objects.get().status == "new"


@pytest.mark.parametrize(
    "body", [{}, {"number": ""}, {"system": "311", "number": "x" * 61}, {"number": "1", "expected_on": "soon"}]
)
def test_a_case_number_that_cannot_be_kept_is_refused(desk: Client, body: dict[str, str]) -> None:
    concern = factories.make_concern()
    assert desk.post(url("desk_case", concern), body).status_code == 400
    assert not concern.cases.exists()


@pytest.mark.parametrize("body", [{}, {"result": "great"}, {"result": "fixed", "lit": "moon"}])
def test_a_look_that_cannot_be_read_is_refused(desk: Client, body: dict[str, str]) -> None:
    concern = factories.make_concern()
    assert desk.post(url("desk_look", concern), body).status_code == 400
    assert not Look.objects.exists()


def test_help_first_opens_the_way(desk: Client) -> None:
    concern = factories.make_concern(category="VACANT_BLD", answers={"occupied": "yes"})
    assert "Help was offered" in desk.get(url("desk_detail", concern)).content.decode()
    assert desk.post(url("desk_publish", concern), {"text": ""}).status_code == 400
    desk.post(url("desk_help", concern), {"kind": "offered"})
    assert desk.post(url("desk_publish", concern), {"text": ""}).status_code == 302


def test_merging_takes_a_number_or_a_whole_address_and_is_undone(desk: Client) -> None:
    first = factories.make_concern()
    for of in (str(first.public_id), f"http://localhost/desk/concerns/{first.public_id}/?x=1"):
        second = factories.make_concern()
        assert desk.post(url("desk_merge", second), {"of": of}).status_code == 302
        second.refresh_from_db()
        assert second.duplicate_of == first
        assert "They are two" in desk.get(url("desk_detail", second)).content.decode()
        desk.post(url("desk_unmerge", second))
        second.refresh_from_db()
        assert second.duplicate_of is None


@pytest.mark.parametrize("of", ["", "nonsense", str(uuid.UUID(int=7))])
def test_merging_with_nothing_is_refused_and_kept(desk: Client, of: str) -> None:
    concern = factories.make_concern()
    response = desk.post(url("desk_merge", concern), {"of": of})
    assert response.status_code == 400
    assert of in response.content.decode()


def test_spam_and_back(desk: Client) -> None:
    concern = factories.make_concern()
    desk.post(url("desk_spam", concern))
    assert Concern.objects.get().publication == "spam"
    desk.post(url("desk_restore", concern))
    assert Concern.objects.get().publication == "held"
    assert desk.post(url("desk_restore", concern)).status_code == 400


def test_a_proposed_change_is_shown_and_decided(desk: Client) -> None:
    concern = factories.make_concern(note="One lamp", status="triaged", triaged_at=timezone.now())
    proposal = actions.propose_change(concern=concern, device=None, body={"note": "Two lamps"})
    page = desk.get(url("desk_detail", concern)).content.decode()
    assert "One lamp → <b>Two lamps</b>" in page
    desk.post(url("desk_proposal", concern), {"proposal": proposal.pk, "decision": "accept"})
    assert Concern.objects.get().note == "Two lamps"
    for odd in ("", "x", "99999999999999999999999", "-1"):
        assert desk.post(url("desk_proposal", concern), {"proposal": odd}).status_code == 404


def test_looks_are_published_and_hidden(desk: Client) -> None:
    concern = factories.make_published_concern()
    look = actions.record_look(concern=concern, result="worse")
    address = reverse("concerns:desk_look_publication", args=[look.public_id])
    desk.post(address, {"decision": "publish"})
    assert Look.objects.get().publication == "published"
    desk.post(address, {"decision": "hide"})
    assert Look.objects.get().publication == "hidden"


def test_photos_are_approved_and_hidden(desk: Client, lead: User) -> None:
    photo = make_photo(concern=factories.make_concern(walk=factories.make_walk(lead=lead.person)))
    approve = reverse("concerns:desk_photo_approve", args=[photo.public_id])
    hide = reverse("concerns:desk_photo_hide", args=[photo.public_id])
    assert signed_in(lead).post(approve).status_code == 403
    desk.post(approve)
    assert Photo.objects.get().approved_at
    assert signed_in(lead).post(hide).status_code == 302
    assert Photo.objects.get().approved_at is None


def test_a_photo_of_a_building_is_refused(desk: Client) -> None:
    photo = make_photo(concern=factories.make_concern(category="VACANT_OPEN"))
    response = desk.post(reverse("concerns:desk_photo_approve", args=[photo.public_id]))
    assert response.status_code == 400
    assert "never public" in response.content.decode()


# Photos at the desk.


@pytest.fixture
def stored(settings: Any, tmp_path: Any) -> Photo:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "x.jpg").write_bytes(b"\xff\xd8jpeg")
    return make_photo(concern=factories.make_concern(), thumbnail="x.jpg")


def test_a_photo_is_served_to_who_may_see_the_concern(desk: Client, stored: Photo, volunteer: User, lead: User) -> None:
    address = reverse("concerns:desk_photo", args=[stored.public_id, "400"])
    response = desk.get(address)
    assert b"".join(response.streaming_content) == b"\xff\xd8jpeg"
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert signed_in(volunteer).get(address).status_code == 404
    assert signed_in(lead).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert Client().get(address.replace("/desk", "")).status_code == 404


def test_an_original_is_never_served(desk: Client, stored: Photo) -> None:
    stored.original = "x.jpg"
    stored.image = stored.thumbnail = ""
    stored.save()
    for size in ("400", "1600"):
        assert desk.get(reverse("concerns:desk_photo", args=[stored.public_id, size])).status_code == 404
    assert desk.get("/media/x.jpg").status_code == 404


# Today.


def test_the_desk_says_what_waits(organizer: User, volunteer: User) -> None:
    from concerns.panels import panels

    factories.make_concern(danger_now=True)
    factories.make_concern()
    factories.make_concern(flags=["person_text"])
    make_photo(concern=factories.make_published_concern())
    actions.record_look(concern=factories.make_published_concern(), result="gone")
    told = [(panel.n, str(panel.text)) for panel in panels(user=organizer, now=timezone.now())]
    expected = [
        (1, "report of danger now"),
        (2, "concerns nobody has read"),
        (1, "flagged concern"),
        (0, "concerns whose content was reported"),
        (1, "photo to check"),
        (1, "thing that is gone"),
    ]
    assert [line for line in told if line in expected] == expected
    assert list(panels(user=volunteer, now=timezone.now())) == []


def test_every_panel_leads_to_what_it_counts(desk: Client, organizer: User) -> None:
    from concerns.panels import panels

    factories.make_concern(danger_now=True)
    factories.make_concern()
    factories.make_concern(flags=["person_text"])
    make_photo(concern=factories.make_published_concern())
    for panel in panels(user=organizer, now=timezone.now()):
        if panel.n and "gone" not in str(panel.text) and panel.url.startswith(reverse("concerns:desk_list") + "?"):
            n = desk.get(panel.url).context["page"].paginator.count
            assert n >= panel.n, panel.url

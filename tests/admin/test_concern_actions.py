"""The review desk's bulk actions, one by one, and the pages that mend one concern."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from concerns.actions import mark_duplicate
from concerns.models import Category, Concern, Photo
from office.models import AuditEvent
from people.models import User
from tests import factories

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LIST = "/admin/concerns/concern/"


@pytest.fixture
def review(client: Client, admin: User) -> Client:
    client.force_login(admin, backend=BACKEND)
    return client


def run(client: Client, action: str, *concerns: Concern, **more: object):
    fields = {"action": action, "_selected_action": [concern.pk for concern in concerns], "index": 0, **more}
    return client.post(LIST, fields, follow=True)


def told(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def fresh(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


def test_publish_says_what_was_published_and_what_was_skipped(review: Client, admin: User) -> None:
    good = [factories.make_concern() for _n in range(4)]
    never = factories.make_concern(category="NUISANCE")
    words = told(run(review, "publish", *good, never))
    assert words[0] == "4 published, 1 skipped:"
    assert str(never) in words[1]
    assert "never public" in words[1]
    assert {fresh(concern).publication for concern in good} == {"published"}
    assert fresh(never).publication == "held"
    assert AuditEvent.objects.filter(action="publish", actor=admin.public_id).count() == 4
    assert fresh(good[0]).updates.filter(kind="publication", by=admin).exists()


def test_publish_skips_an_occupied_building_until_help_was_offered(review: Client) -> None:
    home = factories.make_concern(category="VACANT_BLD", answers={"occupied": ["yes"]})
    assert "People live there" in " ".join(told(run(review, "publish", home)))
    assert fresh(home).publication == "held"


def test_hide_asks_for_the_reason_first(review: Client) -> None:
    concern = factories.make_published_concern()
    page = run(review, "hide", concern)
    assert "Why it is hidden" in page.content.decode()
    assert fresh(concern).publication == "published"
    assert run(review, "hide", concern, sure="1", reason=" ").status_code == 400
    assert fresh(concern).publication == "published"
    assert told(run(review, "hide", concern, sure="1", reason="shows a face")) == ["1 hidden"]
    assert (fresh(concern).publication, fresh(concern).hidden_reason) == ("hidden", "shows a face")


def test_restore_puts_back_what_was_hidden_and_skips_the_rest(review: Client) -> None:
    hidden = factories.make_concern(publication="hidden", hidden_reason="mistake")
    held = factories.make_concern()
    words = told(run(review, "restore", hidden, held))
    assert words[0] == "1 put back, 1 skipped:"
    assert fresh(hidden).publication == "held"


def test_spam(review: Client) -> None:
    concern = factories.make_concern()
    assert told(run(review, "spam", concern)) == ["1 put aside as spam"]
    assert fresh(concern).publication == "spam"


def test_mark_as_read_skips_what_was_read(review: Client) -> None:
    new, old = factories.make_concern(), factories.make_published_concern()
    assert told(run(review, "read", new, old))[0] == "1 marked as read, 1 skipped:"
    assert fresh(new).status == "triaged"


def test_the_same_as_asks_which_one_stays(review: Client) -> None:
    walk = factories.make_walk()
    first, second = factories.make_concern(walk=walk), factories.make_concern(walk=walk)
    page = run(review, "same_as", first, second).content.decode()
    assert f'value="{first.pk}"' in page
    assert f'value="{second.pk}"' in page
    assert fresh(second).duplicate_of is None
    assert told(run(review, "same_as", first, second, sure="1", of=first.pk)) == ["1 marked as the same"]
    assert fresh(second).duplicate_of == first
    assert fresh(first).duplicate_of is None


def test_the_same_as_offers_what_lies_near(review: Client) -> None:
    walk = factories.make_walk()
    concern, near = factories.make_concern(walk=walk), factories.make_concern(walk=walk)
    page = run(review, "same_as", concern).content.decode()
    assert str(near) in page
    assert "same address" in page


def test_the_same_as_takes_a_number_typed_by_hand(review: Client) -> None:
    concern, other = factories.make_concern(), factories.make_concern(category="DUMPING")
    run(review, "same_as", concern, sure="1", number=str(other.public_id)[:8])
    assert fresh(concern).duplicate_of == other


@pytest.mark.parametrize("typed", ["zzz", "00000000", "12", "'; drop", "\x00"])
def test_the_same_as_refuses_a_number_that_is_none(review: Client, typed: str) -> None:
    concern = factories.make_concern()
    answer = run(review, "same_as", concern, sure="1", number=typed)
    assert answer.status_code == 400
    assert fresh(concern).duplicate_of is None


def test_the_same_as_refuses_itself_and_nothing(review: Client) -> None:
    concern = factories.make_concern()
    itself = run(review, "same_as", concern, sure="1", number=str(concern.public_id))
    assert itself.status_code == 400
    assert "same as itself" in itself.content.decode()
    assert run(review, "same_as", concern, sure="1").status_code == 400


def test_not_the_same_takes_it_back(review: Client, admin: User) -> None:
    first, second = factories.make_concern(), factories.make_concern()
    mark_duplicate(concern=second, of=first, by=admin)
    assert told(run(review, "not_the_same", first, second))[0] == "1 stands by itself again, 1 skipped:"
    assert fresh(second).duplicate_of is None


def test_more_than_two_hundred_at_once_are_refused(review: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concerns.admin.MOST_AT_ONCE", 1)
    concerns = [factories.make_concern() for _n in range(2)]
    assert "Nothing was changed" in told(run(review, "publish", *concerns))[0]
    assert {fresh(concern).publication for concern in concerns} == {"held"}


def test_photos_are_approved_and_taken_back(review: Client) -> None:
    concern = factories.make_concern()
    ready, held = (
        Photo.objects.create(concern=concern, sha256="0" * 64, n_bytes=1, state=state)
        for state in (Photo.State.READY, Photo.State.HELD)
    )
    fields = {"_selected_action": [ready.pk, held.pk]}
    answer = review.post("/admin/concerns/photo/", fields | {"action": "approve"}, follow=True)
    assert told(answer)[0] == "1 photo may be public, 1 skipped:"
    ready.refresh_from_db()
    assert ready.approved_at
    review.post("/admin/concerns/photo/", fields | {"action": "take_back"})
    ready.refresh_from_db()
    assert ready.approved_at is None


# --- Mending one concern ---


def mend(client: Client, concern: Concern, page: str, **fields: object):
    return client.post(reverse(f"admin:concerns_concern_{page}", args=[concern.pk]), fields, follow=True)


def undo(client: Client, concern: Concern):
    return client.post(reverse("admin:concerns_concern_undo", args=[concern.pk]), follow=True)


def test_another_kind_shows_before_it_does_and_undoes(review: Client) -> None:
    concern = factories.make_published_concern()
    vacant = Category.objects.get(code="VACANT_OPEN")
    preview = mend(review, concern, "recategorise", category=vacant.pk).content.decode()
    assert "taken back from the public" in preview
    assert fresh(concern).category.code == "LIGHT_OUT"
    done = mend(review, concern, "recategorise", category=vacant.pk, sure="1")
    assert "Undo: another kind" in done.content.decode()
    assert (fresh(concern).category.code, fresh(concern).publication) == ("VACANT_OPEN", "held")
    undo(review, concern)
    assert fresh(concern).category.code == "LIGHT_OUT"
    assert AuditEvent.objects.filter(action="recategorise").count() == 2


def test_another_walk_shows_before_it_does_and_undoes(review: Client) -> None:
    concern, walk = factories.make_concern(), factories.make_walk()
    before = concern.walk
    preview = mend(review, concern, "move_to_walk", walk=walk.pk).content.decode()
    assert f"counts for “{walk}”" in preview
    assert "another corridor" in preview
    assert fresh(concern).walk == before
    mend(review, concern, "move_to_walk", walk=walk.pk, sure="1")
    assert fresh(concern).walk == walk
    undo(review, concern)
    assert fresh(concern).walk == before
    mend(review, concern, "move_to_walk", walk="", sure="1")
    assert fresh(concern).walk is None


def pin(lon: float, lat: float) -> str:
    return json.dumps({"type": "Point", "coordinates": [lon, lat]})


def test_another_place_shows_before_it_does_and_undoes(review: Client) -> None:
    concern = factories.make_concern()
    there = {"location": pin(-94.5350, 39.10612), "address": "3712 Independence Ave"}
    preview = mend(review, concern, "re_place", **there).content.decode()
    assert "3500 block → 3700 block" in preview
    assert "355 m" in preview
    assert fresh(concern).segment == concern.segment
    mend(review, concern, "re_place", **there, sure="1")
    moved = fresh(concern)
    assert moved.location
    assert moved.segment
    assert (moved.location.x, moved.segment.block, moved.address) == (-94.5350, 3700, "3712 Independence Ave")
    undo(review, concern)
    back = fresh(concern)
    assert back.location
    assert back.segment == concern.segment
    assert (back.location.x, back.address) == (-94.53912, "3512 Independence Ave")


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("", "Put the pin on the map"),
        ("nonsense", "isn’t GeoJSON"),
        (pin(39.1, -94.5), "swapped"),
        ('{"type": "Point", "coordinates": [1e999, 3]}', "infinite"),
        ("POINT(1 2)", "isn’t GeoJSON"),
    ],
)
def test_a_bad_place_is_refused_with_a_sentence(review: Client, location: str, said: str) -> None:
    concern = factories.make_concern()
    answer = mend(review, concern, "re_place", location=location, sure="1")
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert fresh(concern).location == concern.location


def test_an_exact_place_is_not_in_the_audit_trail(review: Client) -> None:
    concern = factories.make_concern()
    mend(review, concern, "re_place", location=pin(-94.5350, 39.10612), address="3712 Independence Ave", sure="1")
    details = " ".join(str(event.detail) for event in AuditEvent.objects.all())
    assert "94.53" not in details
    assert "3712" not in details


def test_undo_is_refused_once_somebody_else_changed_it(review: Client, organizer: User) -> None:
    concern, walk = factories.make_concern(), factories.make_walk()
    mend(review, concern, "move_to_walk", walk=walk.pk, sure="1")
    run(review, "read", concern)
    answer = undo(review, concern)
    assert "changed since" in told(answer)[0]
    assert fresh(concern).walk == walk


def test_undo_is_a_post(review: Client) -> None:
    concern = factories.make_concern()
    assert review.get(reverse("admin:concerns_concern_undo", args=[concern.pk])).status_code == 405


def test_the_page_has_the_story_the_answers_and_the_map(review: Client) -> None:
    concern = factories.make_published_concern(answers={"what": ["out"]})
    page = review.get(f"{LIST}{concern.pk}/change/").content.decode()
    assert "3512 Independence Ave" in page
    assert "-94.53912" in page
    assert "desk-story" in page
    assert "What is wrong" in page or "desk-answers" in page


def test_the_search_finds_by_number_and_by_address(review: Client) -> None:
    concern = factories.make_concern(address="4777 Marker Ave")
    other = factories.make_concern()
    for words in (str(concern.public_id), str(concern.public_id)[:8], "4777 marker"):
        page = review.get(LIST, {"q": words}).content.decode()
        assert str(concern.public_id)[:8] in page
        assert str(other.public_id)[:8] not in page


@pytest.mark.parametrize(
    "query",
    [
        {"publication": "held", "status": "new"},
        {"flag": "clock_off"},
        {"flag": "'"},
        {"photos": "yes"},
        {"photos": "waiting"},
        {"photos": "no"},
        {"danger_now__exact": "1"},
        {"o": "99.-3"},
        {"p": "1e9"},
        {"_facets": "1"},
    ],
)
def test_filters_answer_without_an_error(review: Client, query: dict[str, str]) -> None:
    factories.make_concern()
    assert review.get(LIST, query, follow=True).status_code == 200


# --- Categories ---


def test_a_category_gets_stricter_and_never_looser(review: Client) -> None:
    from concerns.admin_forms import CategoryForm

    vacant = Category.objects.get(code="VACANT_OPEN")
    fields = {name: getattr(vacant, name) for name in CategoryForm.Meta.fields} | {"cpted": "AC,MM"}
    looser = CategoryForm(fields | {"publication_rule": "place"}, instance=vacant)
    assert "only be made stricter" in str(looser.errors["publication_rule"])
    vacant.refresh_from_db()
    assert CategoryForm(fields | {"publication_rule": "never"}, instance=vacant).is_valid()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ('{"out": "Out"}', "Write a list"),
        ('[{"code": "out"}]', "English (en) and Spanish (es)"),
        ('[{"code": "Out!", "en": "Out", "es": "Apagada"}]', "small letters"),
        ('[{"code": "a", "en": "A", "es": "A"}, {"code": "a", "en": "B", "es": "B"}]', "there twice"),
        ("[", "valid JSON"),
    ],
)
def test_answers_of_a_question_are_checked(db: None, options: str, said: str) -> None:
    from concerns.admin_forms import QuestionForm

    form = QuestionForm(
        {
            "category": Category.objects.get(code="LIGHT_OUT").pk,
            "code": "new_one",
            "kind": "one",
            "label_en": "Which?",
            "options": options,
            "position": 9,
        }
    )
    assert not form.is_valid()
    assert said in str(form.errors)

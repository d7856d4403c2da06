"""Three voices side by side: what the city says, what walkers saw, what residents say. Nobody gets a veto."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns import actions
from concerns.models import Concern, ConcernUpdate
from concerns.pairs import photo_pair, public_pair
from concerns.public import PublicConcern, PublicSeen, PublicUpdate
from concerns.reporting import say_whether_fixed
from concerns.voices import Beat, disagreement, public_beats, standings_of
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def told(*lines: tuple[str, str]) -> list[Beat]:
    """Beats one day apart: ("city", "fixed") …"""
    return [
        Beat(NOW + timedelta(days=n), voice, "", says=says, short=f"{voice} {says}")
        for n, (voice, says) in enumerate(lines)
    ]


@pytest.mark.parametrize(
    ("lines", "voices"),
    [
        ([], []),
        ([("city", "fixed")], []),
        ([("city", "fixed"), ("walk", "fixed"), ("resident", "fixed")], []),
        ([("city", "fixed"), ("walk", "not_fixed")], ["city", "walk"]),
        ([("city", "fixed"), ("walk", "fixed"), ("resident", "not_fixed")], ["city", "walk", "resident"]),
        # What was said before the claim has not answered it.
        ([("resident", "not_fixed"), ("walk", "not_fixed"), ("city", "fixed")], []),
        ([("resident", "not_fixed"), ("city", "fixed"), ("walk", "fixed")], []),
        # "Being worked on" takes the claim back: then all agree that it isn't fixed.
        ([("city", "fixed"), ("walk", "not_fixed"), ("city", "not_fixed")], []),
        # What says neither leaves the last word.
        ([("city", "fixed"), ("walk", "not_fixed"), ("walk", "")], ["city", "walk"]),
        ([("walk", "fixed"), ("resident", "not_fixed")], ["walk", "resident"]),
    ],
)
def test_disagreement_is_said_plainly_and_only_where_there_is_one(
    lines: list[tuple[str, str]], voices: list[str]
) -> None:
    words = {"city": "city", "walk": "Walkers", "resident": "resident"}
    said = disagreement(told(*lines))
    assert [voice for voice in voices if any(words[voice] in sentence for sentence in said)] == voices
    assert len(said) == len(voices)


def public(concern: Concern) -> PublicConcern:
    return PublicConcern.objects.select_related("category").get(pk=concern.pk)


def test_what_a_resident_says_is_public_in_fixed_words_only(client: Client) -> None:
    reporter = factories.make_reporter(concern=factories.make_published_concern(source="web"))
    say_whether_fixed(reporter=reporter, says="not_fixed")
    line = reporter.concern.updates.get(kind=ConcernUpdate.Kind.SAID)
    # Whatever might ever be written beside it stays inside.
    seen = PublicUpdate.objects.get(kind="said")
    assert (seen.pk, seen.voice, seen.to_value, seen.note, seen.at) == (line.pk, "resident", "not_fixed", "", line.at)
    page = client.get(reverse("concerns:detail", args=[reporter.concern.public_id])).content.decode()
    assert "It isn’t fixed." in page


@pytest.mark.parametrize("words", ["call 816 555 0100", "fixed by J.", ""])
def test_no_other_words_of_a_resident_get_out(words: str) -> None:
    concern = factories.make_published_concern()
    line = {"kind": ConcernUpdate.Kind.SAID, "voice": "resident", "to_value": words, "public_note": words or "x"}
    ConcernUpdate.objects.create(concern=concern, **line)
    ConcernUpdate.objects.create(concern=concern, **line, is_public=True)
    assert not PublicUpdate.objects.filter(kind="said").exists()


def test_what_was_said_about_a_merged_report_counts_for_the_other(organizer: User) -> None:
    first = factories.make_published_concern()
    twin = factories.make_concern(source="web", walk=first.walk, status="triaged", triaged_at=NOW)
    say_whether_fixed(reporter=factories.make_reporter(concern=twin), says="fixed")
    actions.mark_duplicate(concern=twin, of=first, by=organizer)
    assert [beat.says for beat in public_beats(public(first)) if beat.voice == "resident"] == ["fixed"]
    Concern.objects.filter(pk=twin.pk).update(publication="spam")
    assert [beat for beat in public_beats(public(first)) if beat.voice == "resident"] == []


def test_the_page_says_that_they_do_not_agree(client: Client, organizer: User) -> None:
    reporter = factories.make_reporter(concern=factories.make_published_concern(source="web"))
    actions.move_concern(concern=reporter.concern, to="claimed_fixed", by=organizer)
    say_whether_fixed(reporter=reporter, says="not_fixed")
    page = client.get(reverse("concerns:detail", args=[reporter.concern.public_id])).content.decode()
    assert "The city says it is fixed." in page
    assert "A resident says it isn’t." in page


def test_a_light_seen_by_day_says_nothing_about_it(organizer: User) -> None:
    concern = factories.make_published_concern(status="claimed_fixed")
    for lit in ("day", "dark"):
        actions.publish_look(look=actions.record_look(concern=concern, result="still_there", lit=lit), by=organizer)
    assert [beat.says for beat in public_beats(public(concern)) if beat.is_look] == ["", "not_fixed"]


def test_the_desk_sees_each_voices_last_word_in_one_query(organizer: User, django_assert_num_queries: Any) -> None:
    concerns = [factories.make_concern(status="triaged", triaged_at=NOW) for _ in range(3)]
    for concern in concerns:
        actions.move_concern(concern=concern, to="claimed_fixed", by=organizer, note="private")
        actions.record_look(concern=concern, result="worse", lit="dark", note="unread")
    rows = list(Concern.objects.select_related("category"))
    with django_assert_num_queries(1):
        last = standings_of(rows)
    city, walk, resident = last[concerns[0].pk]
    assert (city.beat and city.beat.status, walk.beat and walk.beat.short) == ("claimed_fixed", "It got worse.")
    assert resident.beat is None


# Then and now.


def test_the_pair_is_the_first_photo_and_the_one_of_the_last_look() -> None:
    concern = factories.make_published_concern()
    assert photo_pair(concern) == (None, None)
    later = {"received_at": NOW + timedelta(days=1)}
    factories.make_photo(concern=concern, width=1200, height=1600)
    then = factories.make_photo(concern=concern, approved_at=None)
    assert photo_pair(concern)[1] is None
    early, late = factories.make_look(concern=concern), factories.make_look(concern=concern, publication="published")
    factories.make_photo(concern=None, look=early, **later)
    now = factories.make_photo(concern=None, look=late, received_at=NOW + timedelta(days=2))
    factories.make_photo(concern=None, look=late, position=1, received_at=NOW + timedelta(days=3))
    assert photo_pair(concern) == (then, now)


def test_everybody_sees_the_pair_of_approved_photos_only() -> None:
    concern = factories.make_published_concern()
    factories.make_photo(concern=concern, approved_at=None)
    then = factories.make_photo(concern=concern)
    look, held = factories.make_look(concern=concern, publication="published"), factories.make_look(concern=concern)
    now = factories.make_photo(concern=None, look=look)
    factories.make_photo(concern=None, look=look, position=1, approved_at=None)
    factories.make_photo(concern=None, look=held)
    pair = public_pair(list(public(concern).photos.all()))
    assert [photo and photo.public_id for photo in pair] == [then.public_id, now.public_id]
    assert pair[1] is not None
    assert pair[1].update_id == public(concern).updates.get(kind="look").pk


def test_a_photo_of_a_hidden_look_is_no_now() -> None:
    concern = factories.make_concern()
    then = factories.make_photo(concern=concern)
    factories.make_photo(concern=None, look=factories.make_look(concern=concern, publication="hidden"))
    factories.make_photo(concern=concern, state="held")
    assert photo_pair(concern) == (then, None)


def test_without_a_first_photo_then_is_an_earlier_look() -> None:
    concern = factories.make_concern()
    shots = [factories.make_photo(concern=None, look=factories.make_look(concern=concern)) for _ in range(2)]
    assert photo_pair(concern) == (shots[0], shots[1])


# By how many it was seen.


def test_it_says_by_how_many_people_on_how_many_walks_it_was_seen(organizer: User) -> None:
    first, second = factories.make_running_walk(), factories.make_running_walk()
    wren = factories.make_person()
    phones = [
        factories.make_device(walk=walk, signup=factories.make_signup(walk=walk, person=wren))
        for walk in (first, second)
    ]
    concern = factories.make_published_concern(walk=first, device=phones[0])
    assert PublicSeen.objects.get(pk=concern.pk).n_people == 1
    again = {"concern": concern, "publication": "published"}
    factories.make_look(**again, walk=second, device=phones[1])  # the same person, on another walk
    factories.make_look(**again, walk=second, device=factories.make_device(walk=second))
    factories.make_look(**again, by=organizer)
    factories.make_look(**again, is_by_fixer=True)
    factories.make_look(concern=concern)  # not read yet
    seen = PublicSeen.objects.get(pk=concern.pk)
    assert (seen.n_people, seen.n_walks) == (3, 2)
    twin = factories.make_concern(source="web", status="triaged", triaged_at=NOW)
    actions.mark_duplicate(concern=twin, of=concern, by=organizer)
    seen = PublicSeen.objects.get(pk=concern.pk)
    assert (seen.n_people, seen.n_walks) == (4, 3)
    draft = factories.make_walk(state="draft", published_at=None)
    factories.make_look(**again, walk=draft)
    assert PublicSeen.objects.get(pk=concern.pk).n_walks == 3

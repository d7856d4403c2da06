"""What becomes public, when, and how it is taken back."""

from typing import Any

import pytest
from django.contrib.gis.geos import LineString, Point
from django.utils import timezone

from concerns import actions
from concerns.models import Category, Concern, Photo
from concerns.public import PublicConcern, PublicHouseCount, PublicPhoto, PublicUpdate
from concerns.workflow import Publication
from corridors.models import Segment
from office.models import AuditEvent
from office.refused import Refused
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db


def test_it_publishes_the_words_at_the_block_and_reads_it(organizer: User) -> None:
    concern = factories.make_concern()
    actions.publish_concern(concern=concern, by=organizer, text=" Light out by the stop ")
    shown = PublicConcern.objects.get(public_id=concern.public_id)
    assert (shown.text, shown.status) == ("Light out by the stop", "triaged")
    assert shown.place.startswith("3500 block, north side")
    assert shown.point != concern.location
    lines = list(concern.updates.values_list("kind", "from_value", "to_value", "by"))
    assert ("publication", "held", "published", organizer.pk) in lines
    assert ("status", "new", "triaged", organizer.pk) in lines
    assert AuditEvent.objects.filter(action="publish", object_id=concern.public_id).count() == 1


def test_the_organizer_s_words_are_published_and_the_note_stays_private(organizer: User) -> None:
    concern = factories.make_concern(note="Ask Mrs. Alvarez in 3512")
    actions.publish_concern(concern=concern, by=organizer, text="")
    assert PublicConcern.objects.get().text == ""
    assert Concern.objects.get().note == "Ask Mrs. Alvarez in 3512"


def test_two_concerns_on_one_block_face_stand_at_one_point(organizer: User) -> None:
    walk = factories.make_walk()
    for lon in (-94.53912, -94.53850):
        concern = factories.make_concern(walk=walk, location=Point(lon, 39.10612, srid=4326))
        actions.publish_concern(concern=concern, by=organizer, text="")
    assert PublicConcern.objects.values("point").distinct().count() == 1


def test_off_the_corridors_the_grid_hides_the_address(organizer: User) -> None:
    where = Point(-94.50123, 39.05678, srid=4326)
    concern = factories.make_concern(location=where, segment=None, side="", address="12 Elsewhere St")
    actions.publish_concern(concern=concern, by=organizer, text="")
    shown = PublicConcern.objects.get()
    assert shown.segment is None
    assert "12" not in shown.place
    assert (round(shown.point.x, 4), round(shown.point.y, 4)) != (-94.5012, 39.0568)


def test_the_public_place_stays_when_the_corridor_is_edited(organizer: User) -> None:
    concern = factories.make_concern()
    actions.publish_concern(concern=concern, by=organizer, text="")
    before = PublicConcern.objects.get()
    Segment.objects.filter(pk=concern.segment_id).update(block=9900, line=LineString((-94.54, 39.2), (-94.5, 39.2)))
    actions.hide_concern(concern=concern, by=organizer, reason="x")
    actions.publish_concern(concern=concern, by=organizer)
    after = PublicConcern.objects.get()
    assert (after.point, after.place) == (before.point, before.place)


def test_a_concern_known_by_address_and_block_is_published_at_the_block(organizer: User) -> None:
    concern = factories.make_concern(location=None)
    actions.publish_concern(concern=concern, by=organizer, text="")
    assert PublicConcern.objects.get().place.startswith("3500 block, north side")


def test_without_block_and_point_it_is_refused(organizer: User) -> None:
    concern = factories.make_concern(location=None, segment=None)
    with pytest.raises(Refused, match="no place on the map"):
        actions.publish_concern(concern=concern, by=organizer, text="")
    assert Concern.objects.get().publication == "held"


def test_repeated_trouble_is_never_published(organizer: User) -> None:
    concern = factories.make_concern(category="NUISANCE")
    with pytest.raises(Refused, match="never public"):
        actions.publish_concern(concern=concern, by=organizer, text="x")
    assert not PublicConcern.objects.exists()


@pytest.mark.parametrize("code", ["VACANT_OPEN", "VACANT_BLD", "DANGER_BLD"])
def test_a_building_is_only_counted_on_its_block(organizer: User, code: str) -> None:
    concern = factories.make_concern(category=code, note="Back door open")
    actions.publish_concern(concern=concern, by=organizer, text="Back door open at 4512")
    row = Concern.objects.get()
    assert (row.public_point, row.public_place, row.public_text) == (None, "", "")
    assert row.public_segment == row.segment
    assert not PublicConcern.objects.exists()
    assert not PublicUpdate.objects.exists()


def test_three_buildings_are_counted_and_two_are_not_told(organizer: User) -> None:
    walk = factories.make_walk()
    week_ago = timezone.now() - timezone.timedelta(days=8)
    for _n in range(3):
        concern = factories.make_concern(category="VACANT_BLD", walk=walk)
        actions.publish_concern(concern=concern, by=organizer, at=week_ago)
        told = PublicHouseCount.objects.get(segment=concern.segment).n
    assert told == 3
    actions.hide_concern(concern=concern, by=organizer, reason="x")
    assert PublicHouseCount.objects.get(segment=concern.segment).n is None


def test_a_building_counts_only_a_week_after_it_was_read(organizer: User) -> None:
    walk = factories.make_walk()
    for _n in range(3):
        actions.publish_concern(concern=factories.make_concern(category="VACANT_BLD", walk=walk), by=organizer)
    assert set(PublicHouseCount.objects.values_list("n", flat=True)) == {None}


def test_an_occupied_house_waits_for_help(organizer: User) -> None:
    concern = factories.make_concern(category="VACANT_BLD", answers={"occupied": "part"})
    with pytest.raises(Refused, match="help was offered"):
        actions.publish_concern(concern=concern, by=organizer)
    actions.offer_help(concern=concern, by=organizer, kind="danger")
    assert actions.publish_concern(concern=concern, by=organizer).publication == "published"


@pytest.mark.parametrize("status", ["withdrawn", "duplicate"])
def test_what_was_taken_back_or_merged_is_not_published(organizer: User, status: str) -> None:
    other = factories.make_concern()
    more = {"duplicate_of": other} if status == "duplicate" else {}
    concern = factories.make_concern(status=status, triaged_at=timezone.now(), **more)
    with pytest.raises(Refused):
        actions.publish_concern(concern=concern, by=organizer, text="")


def test_flagged_words_need_an_organizer_who_chooses_them(organizer: User) -> None:
    concern = factories.make_concern(note="Call 816-555-0142", flags=["person_text"])
    with pytest.raises(Refused, match="describe a person"):
        actions.publish_concern(concern=concern, by=organizer)
    actions.publish_concern(concern=concern, by=organizer, text="Lamp out")
    assert PublicConcern.objects.get().text == "Lamp out"


def test_publishing_again_changes_the_words_only(organizer: User) -> None:
    concern = factories.make_concern()
    actions.publish_concern(concern=concern, by=organizer, text="One")
    first = Concern.objects.get().published_at
    actions.publish_concern(concern=concern, by=organizer, text="Two")
    row = Concern.objects.get()
    assert (row.public_text, row.published_at) == ("Two", first)


def test_an_old_page_is_refused_with_both_versions(organizer: User, admin: User) -> None:
    concern = factories.make_concern()
    seen = actions.version_of(concern)
    actions.publish_concern(concern=concern, by=admin, text="Ada’s words")
    with pytest.raises(Refused) as refusal:
        actions.publish_concern(concern=concern, by=organizer, text="Odessa’s words", expected=seen)
    for words in ("Ada Penhallow", "Ada’s words", "Odessa’s words", "Nothing was changed"):
        assert words in refusal.value.message
    assert PublicConcern.objects.get().text == "Ada’s words"


# Hiding.


@pytest.mark.parametrize("publication", Publication.values)
@pytest.mark.parametrize("status", ["new", "triaged", "verified_fixed", "withdrawn"])
def test_hiding_works_from_any_state(organizer: User, publication: str, status: str) -> None:
    more = {"hidden_reason": "x"} if publication == "hidden" else {}
    concern = factories.make_published_concern(publication=publication, status=status, **more)
    actions.hide_concern(concern=concern, by=organizer)
    assert Concern.objects.get().publication == "hidden"
    assert not PublicConcern.objects.exists()


def test_hiding_works_from_an_old_page(organizer: User, admin: User) -> None:
    concern = factories.make_concern()
    old = Concern.objects.get()
    actions.publish_concern(concern=concern, by=admin, text="")
    actions.hide_concern(concern=old, by=organizer, reason="It is about a person")
    assert Concern.objects.get().hidden_reason == "It is about a person"


def test_spam_and_hidden_come_back_to_be_read(organizer: User) -> None:
    concern = factories.make_published_concern()
    actions.mark_spam(concern=concern, by=organizer)
    assert not PublicConcern.objects.exists()
    actions.restore_concern(concern=concern, by=organizer)
    assert Concern.objects.get().publication == "held"
    with pytest.raises(Refused):
        actions.restore_concern(concern=concern, by=organizer)


# Many at once.


def test_each_of_many_succeeds_or_is_skipped_alone(organizer: User) -> None:
    good = factories.make_concern()
    never = factories.make_concern(category="NUISANCE")
    public = factories.make_published_concern()
    outcomes = actions.publish_concerns(concerns=[good, never, public], by=organizer)
    assert [bool(skipped) for _concern, skipped in outcomes] == [False, True, True]
    assert Concern.objects.get(pk=good.pk).publication == "published"
    assert "already" in outcomes[2][1]


# Looks and photos.


def make_photo(**fields: Any) -> Photo:
    defaults = {
        "sha256": "0" * 64,
        "n_bytes": 1,
        "state": "ready",
        "image": "photos/a.jpg",
        "thumbnail": "thumbs/a.jpg",
    }
    return Photo.objects.create(**defaults | fields)


def test_a_look_is_held_until_an_organizer_publishes_it(organizer: User) -> None:
    concern = factories.make_published_concern()
    look = actions.record_look(concern=concern, result="still_there", lit="dark", note="Still dark")
    assert not PublicUpdate.objects.filter(kind="look").exists()
    actions.publish_look(look=look, by=organizer)
    told = PublicUpdate.objects.get(kind="look")
    assert (told.to_value, told.note, told.voice) == ("still_there", "Still dark", "walkers")
    with pytest.raises(Refused):
        actions.publish_look(look=look, by=organizer)
    actions.hide_look(look=look, by=organizer)
    assert not PublicUpdate.objects.filter(kind="look").exists()


def test_a_look_at_a_building_is_never_public(organizer: User) -> None:
    look = actions.record_look(concern=factories.make_concern(category="VACANT_BLD"), result="worse")
    with pytest.raises(Refused, match="not public"):
        actions.publish_look(look=look, by=organizer)


def test_a_photo_is_public_only_when_approved_and_its_concern_is(organizer: User) -> None:
    concern = factories.make_published_concern()
    photo = make_photo(concern=concern)
    assert not PublicPhoto.objects.exists()
    actions.approve_photo(photo=photo, by=organizer)
    assert PublicPhoto.objects.get().public_id == photo.public_id
    actions.hide_photo(photo=photo, by=organizer)
    assert not PublicPhoto.objects.exists()
    actions.approve_photo(photo=photo, by=organizer)
    actions.hide_concern(concern=concern, by=organizer, reason="x")
    assert not PublicPhoto.objects.exists()


def test_a_photo_of_a_look_is_public_only_with_the_look(organizer: User) -> None:
    look = actions.record_look(concern=factories.make_published_concern(), result="cannot_tell")
    actions.approve_photo(photo=make_photo(look=look), by=organizer)
    assert not PublicPhoto.objects.exists()
    actions.publish_look(look=look, by=organizer)
    assert PublicPhoto.objects.get().is_look


@pytest.mark.parametrize(
    ("code", "state"), [("VACANT_BLD", "ready"), ("LIGHT_OUT", "held"), ("LIGHT_OUT", "unreadable")]
)
def test_a_photo_that_may_not_be_public_is_refused(organizer: User, code: str, state: str) -> None:
    photo = make_photo(concern=factories.make_concern(category=code), state=state)
    with pytest.raises(Refused):
        actions.approve_photo(photo=photo, by=organizer)
    assert Photo.objects.get().approved_at is None


# What a look does to the status.


@pytest.mark.parametrize(
    ("status", "result", "lit", "by_fixer", "after"),
    [
        ("claimed_fixed", "fixed", "dark", False, "verified_fixed"),
        ("claimed_fixed", "fixed", "day", False, "claimed_fixed"),
        ("claimed_fixed", "fixed", "dark", True, "claimed_fixed"),
        ("claimed_fixed", "still_there", "dark", False, "reopened"),
        ("verified_fixed", "worse", "dark", False, "reopened"),
        ("triaged", "still_there", "dark", False, "triaged"),
        ("triaged", "gone", "dark", False, "triaged"),
        ("triaged", "cannot_tell", "dark", False, "triaged"),
    ],
)
def test_a_look_moves_the_status_by_the_table(status: str, result: str, lit: str, by_fixer: bool, after: str) -> None:
    concern = factories.make_published_concern(status=status)
    actions.record_look(concern=concern, result=result, lit=lit, by_fixer=by_fixer)
    row = Concern.objects.get()
    assert row.status == concern.status == after
    assert row.updates.filter(kind="status").exists() == (after != status)


def test_a_look_at_a_duplicate_counts_for_the_first(organizer: User) -> None:
    first = factories.make_published_concern(category="DUMPING", status="claimed_fixed")
    second = factories.make_published_concern(category="DUMPING")
    actions.mark_duplicate(concern=second, of=first, by=organizer)
    look = actions.record_look(concern=second, result="fixed")
    assert look.concern == first
    assert Concern.objects.get(pk=first.pk).status == "verified_fixed"


def test_categories_change_nothing_behind_the_back_of_the_public_view(organizer: User) -> None:
    """An admin who makes a kind stricter takes everything of it off the map at once: the view itself says so."""
    factories.make_published_concern()
    Category.objects.filter(code="LIGHT_OUT").update(publication_rule="segment_count")
    assert not PublicConcern.objects.exists()

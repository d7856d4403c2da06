"""Taking something out of everything public in one tap, and taking that back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns import actions
from concerns.models import Concern, Look, Photo
from concerns.photo_editing import Rectangle, edit_photo
from concerns.takedown import undo_take_down
from office.models import AuditEvent
from office.refused import Refused
from people.models import User
from tests import factories
from tests.concerns.test_photo_editing import four_colours

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def shown_photo(**fields: Any) -> Photo:
    photo = factories.make_photo(**fields)
    for copy in (photo.image, photo.thumbnail):
        copy.save("photo.jpg", ContentFile(four_colours()))
    return photo


@pytest.fixture
def concern(organizer: User) -> Concern:
    """Public, with a public photo and a private one, and a public look with a photo of its own."""
    made = factories.make_published_concern()
    shown_photo(concern=made)
    shown_photo(concern=made, approved_at=None)
    look = factories.make_look(concern=made, publication="published")
    shown_photo(concern=None, look=look)
    factories.make_look(concern=made, publication="held")
    return made


def hide(client: Client, concern: Concern) -> Any:
    return client.post(reverse("concerns:desk_hide", args=[concern.public_id]))


def undo(client: Client, concern: Concern) -> Any:
    return client.post(reverse("concerns:desk_hide_undo", args=[concern.public_id]))


def statuses(client: Client) -> list[int]:
    """What everybody gets for each photo, small and large."""
    photos = Photo.objects.order_by("pk")
    return [
        client.get(reverse("concerns:photo", args=[photo.public_id, size])).status_code
        for photo in photos
        for size in ("400", "1600")
    ]


PUBLIC = ["concerns:list", "concerns:geojson", "concerns:news"]


def where_it_is(client: Client, concern: Concern) -> list[str]:
    found = [name for name in PUBLIC if str(concern.public_id) in client.get(reverse(name)).content.decode()]
    pages = {
        "detail": reverse("concerns:detail", args=[concern.public_id]),
        "Open311": reverse("open311:request", args=[concern.public_id, "json"]),
    }
    found += [name for name, address in pages.items() if client.get(address).status_code == 200]
    listed = client.get(reverse("open311:requests", args=["json"])).content.decode()
    return found + (["Open311 list"] if str(concern.public_id) in listed else [])


def test_o15_one_tap_takes_everything_out_at_once(client: Client, organizer: User, concern: Concern) -> None:
    assert statuses(client) == [200, 200, 404, 404, 200, 200]
    assert where_it_is(client, concern) == [*PUBLIC, "detail", "Open311", "Open311 list"]
    desk = Client()
    desk.force_login(organizer)
    assert hide(desk, concern).status_code == 302
    assert statuses(client) == [404] * 6
    assert where_it_is(client, concern) == []
    assert not Photo.objects.exclude(approved_at=None).exists()
    assert not Look.objects.filter(publication="published").exists()


def test_o15_photos_are_never_stored_by_a_cache_and_the_rest_for_a_minute(client: Client, concern: Concern) -> None:
    photo = concern.photos.exclude(approved_at=None).get()
    assert client.get(reverse("concerns:photo", args=[photo.public_id, "400"]))["Cache-Control"] == "no-store"
    addresses = [reverse(name) for name in PUBLIC] + [reverse("open311:requests", args=["json"]), reverse("home")]
    addresses += [reverse("concerns:detail", args=[concern.public_id])]
    for address in addresses:
        kept = client.get(address).headers.get("Cache-Control", "")
        seconds = int(kept.partition("max-age=")[2].split(",")[0] or 0) if "max-age" in kept else 0
        assert seconds <= 60, (address, kept)


def test_undo_puts_back_what_was_public_and_nothing_else(client: Client, organizer: User, concern: Concern) -> None:
    client.force_login(organizer)
    hide(client, concern)
    page = client.get(reverse("concerns:desk_detail", args=[concern.public_id])).content.decode()
    assert reverse("concerns:desk_hide_undo", args=[concern.public_id]) in page
    assert undo(client, concern).status_code == 302
    assert statuses(client) == [200, 200, 404, 404, 200, 200]
    assert sorted(Look.objects.values_list("publication", flat=True)) == ["held", "published"]
    concern.refresh_from_db()
    assert (concern.publication, concern.hidden_reason) == ("published", "")
    page = client.get(reverse("concerns:desk_detail", args=[concern.public_id])).content.decode()
    assert reverse("concerns:desk_hide_undo", args=[concern.public_id]) not in page


def test_a_photo_that_was_changed_meanwhile_stays_private(organizer: User, concern: Concern) -> None:
    actions.take_down(concern=concern, by=organizer)
    photo = concern.photos.order_by("pk")[0]
    edit_photo(
        photo=photo, by=organizer, turned=0, rectangles=[Rectangle(0, 0, 0.1, 0.1)], seen=photo.shown_version
    )  # fmt: skip
    undo_take_down(concern=concern, by=organizer)
    photo.refresh_from_db()
    assert photo.approved_at is None
    assert Photo.objects.exclude(approved_at=None).count() == 1


def test_after_ten_minutes_it_is_published_anew_instead(organizer: User, concern: Concern, time_machine: Any) -> None:
    actions.take_down(concern=concern, by=organizer)
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    with pytest.raises(Refused, match="can’t be undone"):
        undo_take_down(concern=concern, by=organizer)


def test_somebody_else_s_later_decision_is_not_undone(organizer: User, concern: Concern) -> None:
    actions.take_down(concern=concern, by=organizer)
    actions.hide_concern(concern=concern, by=organizer, reason="It is about a person")
    with pytest.raises(Refused, match="can’t be undone"):
        undo_take_down(concern=concern, by=organizer)


def test_what_was_never_public_does_not_become_so_by_undoing(organizer: User) -> None:
    held = factories.make_concern()
    actions.take_down(concern=held, by=organizer)
    with pytest.raises(Refused, match="can’t be undone"):
        undo_take_down(concern=held, by=organizer)


def test_the_trail_says_who_and_what_in_numbers(organizer: User, concern: Concern) -> None:
    actions.take_down(concern=concern, by=organizer, reason="It is about a person")
    line = AuditEvent.objects.get(action="take_down")
    assert line.actor == organizer.public_id
    assert set(line.detail) == {"before", "photos", "looks"}
    assert (len(line.detail["photos"]), len(line.detail["looks"])) == (2, 1)


def test_the_public_page_has_the_tap_for_who_may_and_for_nobody_else(
    client: Client, organizer: User, volunteer: User, concern: Concern
) -> None:
    address, tap = (reverse(name, args=[concern.public_id]) for name in ("concerns:detail", "concerns:desk_hide"))
    seen = {}
    for who in (None, volunteer, organizer):
        window = Client()
        if who:
            window.force_login(who)
        seen[who] = tap in window.get(address).content.decode()
    assert seen == {None: False, volunteer: False, organizer: True}
    assert concern.walk is not None
    concern.walk.lead = volunteer.person
    concern.walk.save()
    lead = Client()
    lead.force_login(volunteer)
    assert tap in lead.get(address).content.decode()
    assert hide(lead, concern).status_code == 302
    assert undo(lead, concern).status_code == 403
    assert where_it_is(client, concern) == []


def test_who_may_not_take_it_down_changes_nothing(client: Client, volunteer: User, concern: Concern) -> None:
    assert hide(client, concern).status_code == 302  # to sign in
    client.force_login(volunteer)
    assert hide(client, concern).status_code == 404
    concern.refresh_from_db()
    assert concern.publication == "published"

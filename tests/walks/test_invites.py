"""The invite in the QR code and the six letters that do the same."""

from datetime import timedelta

import pytest
from django.utils import timezone

from office.models import AuditEvent
from tests import factories
from walks.invites import (
    LETTERS,
    N_LETTERS,
    InviteRefused,
    field_link,
    invite_for,
    letters_for,
    rotate_invite,
    walk_for_invite,
    walk_for_letters,
)
from walks.models import Walk

pytestmark = pytest.mark.django_db


def _refused(call, code, *, now=None):
    with pytest.raises(InviteRefused) as refused:
        call(code, now=now or timezone.now())
    assert refused.value.message
    return refused.value.reason


@pytest.mark.parametrize(("code_of", "read"), [(invite_for, walk_for_invite), (letters_for, walk_for_letters)])
class TestBoth:
    def test_it_opens_its_walk(self, code_of, read, django_assert_num_queries):
        factories.make_running_walk()
        walk = factories.make_running_walk()
        with django_assert_num_queries(1):
            assert read(code_of(walk), now=timezone.now()) == walk

    def test_it_opens_two_hours_before_and_no_earlier(self, code_of, read):
        walk = factories.make_walk()
        opens = walk.meet_at - timedelta(hours=2)
        assert read(code_of(walk), now=opens) == walk
        assert _refused(read, code_of(walk), now=opens - timedelta(seconds=1)) == "too_early"

    def test_it_ends_with_the_walk(self, code_of, read):
        walk = factories.make_running_walk()
        assert read(code_of(walk), now=walk.end_at) == walk
        assert _refused(read, code_of(walk), now=walk.end_at + timedelta(seconds=1)) == "over"

    def test_a_new_code_ends_the_old_one(self, code_of, read, organizer):
        walk = factories.make_running_walk()
        old = code_of(walk)
        rotate_invite(walk=walk, by=organizer)
        assert _refused(read, old) in {"rotated", "unknown"}
        assert read(code_of(walk), now=timezone.now()) == walk
        assert AuditEvent.objects.filter(action="walk.rotate_invite", object_id=walk.public_id).count() == 1

    def test_it_refuses_drafts_and_walks_called_off(self, code_of, read):
        draft = factories.make_running_walk(state=Walk.State.DRAFT)
        off = factories.make_running_walk(
            state=Walk.State.CALLED_OFF, called_off_at=timezone.now(), call_off_reason="Ice"
        )
        assert _refused(read, code_of(draft)) == "draft"
        assert _refused(read, code_of(off)) == "called_off"

    def test_it_refuses_what_nobody_made(self, code_of, read):
        factories.make_running_walk()
        for wrong in ("", "AAAAAA", "x" * 300, code_of(factories.make_running_walk())[:-1] + "!", "ñ~1.x", "\x00"):
            assert _refused(read, wrong) == "unknown"

    def test_it_refuses_a_deleted_walk(self, code_of, read):
        walk = factories.make_running_walk(deleted_at=timezone.now())
        assert _refused(read, code_of(walk)) == "unknown"


def test_letters_are_six_that_nobody_mixes_up():
    letters = letters_for(factories.make_running_walk())
    assert len(letters) == N_LETTERS
    assert set(letters) <= set(LETTERS)
    assert not set("ILOU") & set(LETTERS)


def test_letters_are_read_as_people_type_them():
    walk = factories.make_running_walk()
    letters = letters_for(walk)
    assert walk_for_letters(f" {letters[:3].lower()}-{letters[3:]} ", now=timezone.now()) == walk


def test_the_link_keeps_the_invite_out_of_the_request(settings):
    walk = factories.make_running_walk()
    address, _hash, rest = field_link(walk).partition("#")
    assert address == f"{settings.SITE_URL}/field/"
    assert walk_for_invite(rest.removeprefix("i="), now=timezone.now()) == walk

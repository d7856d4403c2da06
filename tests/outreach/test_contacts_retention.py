"""The words of a contact go after 90 days; the contact stays as a number."""

from datetime import timedelta

import pytest
from django.utils import timezone

from office.models import AuditEvent
from office.retention import apply_retention
from outreach.models import Contact
from tests import factories

pytestmark = pytest.mark.django_db
KIND = "words of contacts"


def emptied(**options: bool) -> list[str]:
    return next(one.ids for one in apply_retention(**options) if one.kind == KIND)  # type: ignore[arg-type]


def test_the_dry_run_lists_what_then_goes_and_nothing_goes_twice() -> None:
    now = timezone.now()
    old = factories.make_contact(note="ring twice", captured_at=now - timedelta(days=91), needs=["food"])
    young = factories.make_contact(note="come after five", captured_at=now - timedelta(days=89))
    assert emptied(dry_run=True) == [str(old.public_id)[:8]] == emptied()
    assert emptied() == []
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.note, old.needs, old.kind, young.note) == ("", ["food"], "business", "come after five")
    assert AuditEvent.objects.filter(action="contact.forget", object_id=old.public_id).count() == 1


def test_a_phone_whose_clock_is_off_is_gone_by_when_it_arrived() -> None:
    now = timezone.now()
    ages = {"captured_at": now - timedelta(days=4000), "is_clock_off": True}
    factories.make_contact(note="just arrived", **ages)
    future = {"captured_at": now + timedelta(days=4000), "is_clock_off": True}
    late = factories.make_contact(note="long ago", received_at=now - timedelta(days=91), **future)
    assert emptied() == [str(late.public_id)[:8]]
    assert Contact.objects.exclude(note="").count() == 1

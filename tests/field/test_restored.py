"""A backup is older than what people took back: once the restore's step ran, they have taken it back again."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from field.models import Tombstone
from field.purging import purge
from office.models import AuditEvent, OutboxMessage
from outreach import helping, referring
from outreach.help_links import referral_token
from outreach.models import Consent, Contact, HelpRequest, Referral
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
WHO = ("Nadia", "Quarles", "8165550142", "nadia", "example.org", "Two children", "food", "Pantry")


@pytest.fixture
def referral(coordinator: User) -> Referral:
    """Nadia said yes to Open Pantry, and they were asked; the mail to them still waits."""
    agency = factories.make_organization(name="Open Pantry", email="intake@example.org")
    asked = factories.make_help_request()
    factories.make_consent(help_request=asked, organization=agency)
    return referring.refer(help_request=asked, organization=agency, need="food", by=coordinator)


def whole(*models: Any) -> dict[Any, list[dict[str, Any]]]:
    """The backup: every row as it stands."""
    return {model: list(model.objects.values()) for model in models}


def restore(backup: dict[Any, list[dict[str, Any]]]) -> None:
    for model, rows in backup.items():
        for row in rows:
            model.objects.update_or_create(pk=row["id"], defaults=row)


def opens(referral: Referral) -> bool:
    referral.refresh_from_db()
    link = reverse("outreach:referral_link", args=[referral_token(referral)])
    return Client().get(link).status_code == 200


def test_a_yes_that_was_taken_back_after_the_backup_is_taken_back_again(referral: Referral, tmp_path: Path) -> None:
    backup = whole(HelpRequest, Consent, Referral, OutboxMessage)
    helping.withdraw_consent(consent=Consent.objects.get())
    call_command("save_stones", tmp_path / "stones.json")
    restore(backup)
    assert opens(referral), "the restore brought it back"
    assert OutboxMessage.objects.filter(status="queued").exists()

    call_command("purge_again", tmp_path / "stones.json")

    assert not opens(referral)
    asked = HelpRequest.objects.get()
    assert (asked.name, asked.phone, asked.email, asked.note) == ("", "", "", "")
    assert Consent.objects.get().withdrawn_at is not None
    assert not OutboxMessage.objects.filter(status="queued").exists()
    assert AuditEvent.objects.filter(action="consent.withdraw", actor=None).count() == 2


def test_the_file_says_nothing_of_anybody(referral: Referral, tmp_path: Path) -> None:
    helping.withdraw_consent(consent=Consent.objects.get())
    helping.close_help(help_request=referral.help_request, party="person")
    helping.forget_help(help_request=referral.help_request)
    call_command("save_stones", tmp_path / "stones.json")
    text = (tmp_path / "stones.json").read_text()
    assert str(Consent.objects.get().public_id) in text
    assert not any(word.lower() in text.lower() for word in WHO)


def test_a_yes_that_still_holds_and_a_request_that_goes_on_are_left_alone(referral: Referral, tmp_path: Path) -> None:
    other = factories.make_consent(help_request=referral.help_request)
    helping.withdraw_consent(consent=other)
    call_command("save_stones", tmp_path / "stones.json")
    Consent.objects.filter(pk=other.pk).update(withdrawn_at=None)
    call_command("purge_again", tmp_path / "stones.json")
    assert opens(referral)
    assert HelpRequest.objects.get(pk=referral.help_request_id).name == "Nadia Quarles"
    assert Consent.objects.get(pk=other.pk).withdrawn_at is not None


def test_what_was_forgotten_after_the_backup_is_forgotten_again(
    referral: Referral, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = whole(HelpRequest, Consent, Referral)
    helping.close_help(help_request=referral.help_request, party="coordinator")
    helping.forget_help(help_request=referral.help_request)
    call_command("save_stones", tmp_path / "stones.json")
    restore(backup)
    for n in (1, 0):
        call_command("purge_again", tmp_path / "stones.json")
        assert f"Requests forgotten again: {n}" in capsys.readouterr().out
    asked = HelpRequest.objects.get()
    assert (asked.name, asked.note, asked.forgotten_at is None, asked.closed_at is None) == ("", "", False, False)
    assert not opens(referral)


def test_the_agency_from_which_it_was_passed_on_loses_it_again(
    referral: Referral, coordinator: User, tmp_path: Path
) -> None:
    backup = whole(Referral)
    other = factories.make_consent(help_request=referral.help_request).organization
    assert other is not None
    referring.reassign(referral=referral, organization=other, by=coordinator)
    call_command("save_stones", tmp_path / "stones.json")
    restore(backup)
    old = reverse("outreach:referral_link", args=[referral_token(Referral.objects.get(pk=referral.pk))])
    assert Client().get(old).status_code == 200
    call_command("purge_again", tmp_path / "stones.json")
    assert Client().get(old).status_code == 404
    assert not opens(referral)


def test_contacts_that_were_purged_are_purged_again_from_the_same_file(organizer: User, tmp_path: Path) -> None:
    contact = factories.make_contact(note="Ask for Mrs. Quarles")
    backup = whole(Contact)
    purge(record=contact, by=organizer)
    call_command("save_stones", tmp_path / "stones.json")
    Tombstone.objects.all().delete()
    restore(backup)
    call_command("purge_again", tmp_path / "stones.json")
    assert not Contact.objects.exists()
    assert Tombstone.objects.get().public_id == contact.public_id


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 2, "purged": []}', '{"version": 1, "purged": [{}]}', "\0"]
)
def test_a_file_that_is_not_whole_changes_nothing(tmp_path: Path, text: str) -> None:
    contact = factories.make_contact()
    Tombstone.objects.create(public_id=contact.public_id, kind="contact", purged_at=timezone.now())
    (tmp_path / "stones.json").write_text(text)
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("purge_again", tmp_path / "stones.json")
    assert Contact.objects.exists()

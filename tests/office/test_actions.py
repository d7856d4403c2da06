import pytest
from django.db import IntegrityError, connection, transaction

from office.actions import queue_mail, record
from office.models import AuditEvent, OutboxMessage
from people.models import User


@pytest.fixture
def letter(settings: pytest.FixtureRequest, tmp_path: object) -> str:
    """A mail template of the test's own."""
    folder = tmp_path / "mail" / "hello"  # type: ignore[operator]
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("Hello\n  {{ name }}\n")
    (folder / "body.txt").write_text("{% load i18n %}{% trans 'Walks' %} {{ name }}")
    (folder / "body.html").write_text("<p>{{ name }}</p>")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]  # type: ignore[attr-defined]
    return "mail/hello"


@pytest.mark.django_db
def test_mail_is_a_row_with_one_line_of_subject_and_escaped_html(letter: str) -> None:
    message = queue_mail(kind="hello", template=letter, to_address="teo@example.org", context={"name": "<Teo>\nx"})
    assert message is not None
    assert message.status == OutboxMessage.Status.QUEUED
    assert "\n" not in message.subject
    assert "<Teo>" not in message.body_html
    assert "&lt;Teo&gt;" in message.body_html


@pytest.mark.django_db
def test_the_same_event_writes_one_mail(letter: str) -> None:
    values = {"kind": "hello", "template": letter, "to_address": "teo@example.org", "context": {"name": "Teo"}}
    assert queue_mail(**values, dedupe_key="walk-1:teo") is not None
    assert queue_mail(**values, dedupe_key="walk-1:teo") is None
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_mail_outside_a_transaction_is_refused(letter: str) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        queue_mail(kind="hello", template=letter, to_address="teo@example.org", context={"name": "Teo"})
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["update office_auditevent set action = 'x'", "delete from office_auditevent"])
def test_the_audit_trail_cannot_be_rewritten(organizer: User, statement: str) -> None:
    record(actor=organizer, action="publish", resource="concern")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.get().action == "publish"


@pytest.mark.django_db
def test_retention_has_a_door_that_closes_with_its_transaction(organizer: User) -> None:
    record(actor=organizer, action="publish", resource="concern")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local saferoutes.retention = 'on'")
        AuditEvent.objects.all().delete()
        cursor.execute("set local saferoutes.retention = 'off'")
    record(actor=organizer, action="hide", resource="concern")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEvent.objects.all().delete()

"""What is forgotten when: the list of a dry run is what the real run does, a second run changes nothing."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from concerns import actions
from concerns.content_flags import ContentFlag, flag_content
from concerns.models import Concern, ConcernUpdate, Follower, Photo
from concerns.reporters import Reporter
from concerns.reporting import take_contact_back
from field.models import Tombstone
from office.models import AuditEvent, OutboxMessage, RateCount
from office.retention import apply_retention, registered_rules
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
MAIL, WORD, PHONE = "marker.resident@example.org", "markerword", "+18165550177"


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def run(*, dry: bool = False) -> dict[str, list[str]]:
    return {one.kind: one.ids for one in apply_retention(dry_run=dry) if one.ids}


def printed(*arguments: str) -> str:
    out = io.StringIO()
    call_command("apply_retention", *arguments, stdout=out)
    return out.getvalue()


def write_mail(**fields: Any) -> OutboxMessage:
    defaults = {"kind": "report.news", "to_address": MAIL, "subject": WORD, "body_text": WORD, "body_html": WORD}
    return OutboxMessage.objects.create(**defaults | fields)


def reporter(*, ended: float | None = None, **fields: Any) -> Reporter:
    """Somebody who can be reached, of a concern that ended so many days ago (None: still open)."""
    concern = fields.pop("concern", None) or factories.make_concern(source="web")
    if ended is not None:
        fixed = {"status": "verified_fixed", "status_changed_at": ago(ended), "triaged_at": ago(ended)}
        Concern.objects.filter(pk=concern.pk).update(**fixed)
    contact = {"name": WORD, "email": MAIL, "phone": PHONE, "wants_mail": True, "mail_confirmed_at": timezone.now()}
    return factories.make_reporter(concern=concern, **contact | fields)


def everything_stored(settings: Any) -> str:
    """Every value of every table but the audit trail, and every file."""
    parts = []
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            parts += [re.sub(r" object at 0x\w+", "", str(list(model._default_manager.order_by("pk").values())))]
    files = [path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    return "\n".join(parts) + b"\n".join(files).decode("latin-1")


# --- Contacts of reporters --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "goes"), [(89, False), (91, True)])
def test_a_contact_goes_90_days_after_the_concern_ended(days: int, goes: bool) -> None:
    one = reporter(ended=days)
    run()
    one.refresh_from_db()
    assert one.has_contact is not goes
    assert one.gets_mail is not goes


def test_the_contact_of_an_open_concern_stays_for_two_years_without_news() -> None:
    one = reporter(created_at=ago(900))
    Concern.objects.update(status_changed_at=ago(800))
    Reporter.objects.update(says="fixed", says_at=ago(20))
    assert run() == {}
    Reporter.objects.update(says_at=ago(740))
    assert run() == {"contacts of reporters": [str(one.public_id)[:8]]}


def test_of_a_report_that_was_the_same_as_another_the_other_one_counts(organizer: User) -> None:
    kept, other = factories.make_concern(), factories.make_concern(source="web")
    one = reporter(concern=other)
    actions.mark_duplicate(concern=other, of=kept, by=organizer)
    Concern.objects.update(status_changed_at=ago(100))
    assert run() == {}
    Concern.objects.filter(pk=kept.pk).update(status="verified_fixed", triaged_at=ago(100))
    assert run() == {"contacts of reporters": [str(one.public_id)[:8]]}


def test_o18_a_contact_is_gone_from_the_database_and_the_outbox(settings: Any) -> None:
    one = reporter(ended=100)
    about = f"report {one.public_id}"
    sent = write_mail(about=about, status="sent", sent_at=ago(95), headers={"To": f"{WORD} <{MAIL}>"})
    waiting = write_mail(about=about, dedupe_key=f"report.confirm:{MAIL}")
    other = write_mail(about="report of somebody else", to_address="other@example.org", subject="", body_html="")
    OutboxMessage.objects.filter(pk=other.pk).update(body_text="stays")
    run()
    stored = everything_stored(settings)
    assert [marker for marker in (MAIL, WORD, PHONE) if marker in stored] == []
    sent.refresh_from_db(), waiting.refresh_from_db(), other.refresh_from_db()
    assert (sent.status, sent.kind, sent.sent_at is not None) == ("sent", "report.news", True)
    assert waiting.status == "cancelled"
    assert (other.to_address, other.status) == ("other@example.org", "queued")


def test_it_is_written_down_without_what_was_there() -> None:
    one = reporter(ended=100)
    run()
    line = AuditEvent.objects.get(action="concern.contact_forgotten")
    assert (line.object_id, line.detail, line.reason, line.actor) == (one.public_id, {}, "", None)


def test_o19_taking_a_contact_back_leaves_nothing_and_the_audit_says_only_that(settings: Any) -> None:
    one = reporter()
    write_mail(about=f"report {one.public_id}")
    take_contact_back(reporter=one)
    stored = everything_stored(settings)
    assert [marker for marker in (MAIL, WORD, PHONE) if marker in stored] == []
    line = AuditEvent.objects.get(action="concern.contact_taken_back")
    assert (line.detail, line.reason) == ({}, "")


# --- Records ----------------------------------------------------------------------------------------------------------


def photo_of(concern: Concern) -> Photo:
    photo = factories.make_photo(concern=concern, image="", thumbnail="", approved_at=None)
    for copy in (photo.original, photo.image, photo.thumbnail):
        copy.save("photo.jpg", ContentFile(WORD.encode()))
    return photo


def spam(days: float, **fields: Any) -> Concern:
    concern = factories.make_concern(publication="spam", note=WORD, address=WORD, **fields)
    line = concern.updates.create(kind="publication", from_value="held", to_value="spam", note=WORD, at=ago(days))
    assert line.pk
    return concern


@pytest.mark.parametrize(("days", "goes"), [(29, False), (31, True)])
def test_spam_goes_after_30_days(days: int, goes: bool) -> None:
    concern = spam(days, received_at=ago(400))
    run()
    assert Concern.objects.filter(pk=concern.pk).exists() is not goes


def test_o18_a_purged_report_takes_photos_copies_story_mail_and_looks_along(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    concern = spam(31)
    photo_of(concern)
    look = factories.make_look(concern=concern, note=WORD)
    factories.make_proposal(concern=concern, body={"note": WORD})
    one = reporter(concern=concern)
    write_mail(about=f"report {one.public_id}", status="dead")
    with django_capture_on_commit_callbacks(execute=True):
        run()
    stored = everything_stored(settings)
    assert [marker for marker in (WORD, MAIL, PHONE) if marker in stored] == []
    assert not Concern.objects.exists()
    assert {stone.public_id for stone in Tombstone.objects.all()} == {concern.public_id, look.public_id}
    assert AuditEvent.objects.filter(action="purge", object_id=concern.public_id, reason="retention").exists()


def test_what_was_taken_back_unread_goes_and_what_was_read_stays(organizer: User) -> None:
    unread = factories.make_concern(status="withdrawn", status_changed_at=ago(31))
    read = factories.make_concern(status="withdrawn", status_changed_at=ago(31), triaged_at=ago(40))
    fresh = factories.make_concern(status="withdrawn", status_changed_at=ago(2))
    run()
    assert set(Concern.objects.all()) == {read, fresh}
    assert Tombstone.objects.get().public_id == unread.public_id


def test_a_report_that_others_are_the_same_as_stays_and_says_why() -> None:
    first, second = spam(31), factories.make_concern()
    Concern.objects.filter(pk=second.pk).update(status="duplicate", duplicate_of=first, triaged_at=ago(1))
    (kept,) = [one for one in apply_retention() if one.kept]
    assert "Other reports are the same" in kept.kept[str(first.public_id)[:8]]
    assert Concern.objects.filter(pk=first.pk).exists()


def test_one_that_stays_does_not_keep_the_others() -> None:
    first, other = spam(40), spam(35)
    duplicate = factories.make_concern()
    Concern.objects.filter(pk=duplicate.pk).update(status="duplicate", duplicate_of=first, triaged_at=ago(1))
    assert run()["spam"] == [str(other.public_id)[:8]]


# --- Smaller things ---------------------------------------------------------------------------------------------------


def test_what_was_sent_as_a_photo_and_can_not_be_read_goes(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    photo = factories.make_photo(state="unreadable", image="", thumbnail="", received_at=ago(31))
    photo.original.save("x.jpg", ContentFile(WORD.encode()))
    with django_capture_on_commit_callbacks(execute=True):
        assert run() == {"unreadable photos": [str(photo.public_id)[:8]]}
    photo.refresh_from_db()
    assert photo.original.name == ""
    assert WORD not in everything_stored(settings)


def test_who_reported_content_is_forgotten_after_it_was_read(organizer: User) -> None:
    concern = factories.make_published_concern()
    flag_content(concern=concern, source="ip:1", reason="other")
    before = ContentFlag.objects.get().source_hmac
    assert run() == {}
    ContentFlag.objects.update(reviewed_at=ago(91))
    assert list(run()) == ["who reported content"]
    assert ContentFlag.objects.get().source_hmac != before
    assert run() == {}


def follower(**fields: Any) -> Follower:
    return Follower.objects.create(**{"corridor": factories.make_corridor(), "email": MAIL} | fields)


def test_followers_that_stopped_or_never_said_yes_go() -> None:
    stays = follower(confirmed_at=ago(100), created_at=ago(100))
    never = follower(created_at=ago(15))
    stopped = follower(confirmed_at=ago(100), stopped_at=ago(15), email="")
    write_mail(about=f"follower {never.public_id}")
    assert run() == {"followers": [str(never.public_id)[:8], str(stopped.public_id)[:8]]}
    assert list(Follower.objects.all()) == [stays]
    assert OutboxMessage.objects.get().to_address == ""


@pytest.mark.parametrize(
    ("fields", "goes"),
    [
        ({"status": "sent", "sent_at": 91, "created_at": 91, "due_at": 91}, True),
        ({"status": "sent", "sent_at": 80, "created_at": 120, "due_at": 120}, False),
        ({"status": "dead", "created_at": 91, "due_at": 91}, True),
        ({"status": "cancelled", "created_at": 91, "due_at": 91}, True),
        ({"status": "queued", "created_at": 91, "due_at": 91}, False),
    ],
)
def test_a_message_keeps_its_kind_time_and_state_only(fields: dict[str, Any], goes: bool) -> None:
    given = {name: ago(value) if isinstance(value, int) else value for name, value in fields.items()}
    message = write_mail(last_error=f"550 {MAIL}", **given)
    run()
    message.refresh_from_db()
    assert (message.to_address == "" == message.body_text == message.subject == message.last_error) is goes
    assert (message.kind, message.status) == ("report.news", fields["status"])


def test_a_message_that_was_forgotten_is_not_sent_again(organizer: User) -> None:
    from office.mending import retry_message
    from office.refused import Refused

    message = write_mail(status="dead", created_at=ago(91), due_at=ago(91))
    run()
    with pytest.raises(Refused, match="90 days"):
        retry_message(message=message, by=organizer)


def test_counts_of_networks_go_after_two_days() -> None:
    RateCount.objects.create(key="report:ip:192.0.2.7", window_start=ago(3))
    now = RateCount.objects.create(key="report:ip:192.0.2.7", window_start=ago(1))
    run()
    assert list(RateCount.objects.all()) == [now]


# --- The run itself ---------------------------------------------------------------------------------------------------

MAKE: list[Callable[[], object]] = [
    lambda: reporter(ended=100),
    lambda: spam(31),
    lambda: factories.make_concern(status="withdrawn", status_changed_at=ago(31)),
    lambda: follower(created_at=ago(15)),
    lambda: write_mail(status="sent", sent_at=ago(91), created_at=ago(91), due_at=ago(91)),
    lambda: RateCount.objects.create(key="x", window_start=ago(3)),
]


def test_o18_a_dry_run_prints_the_same_list_and_a_second_run_changes_nothing(settings: Any) -> None:
    for make in MAKE:
        make()
    before = everything_stored(settings)
    dry = printed("--dry-run")
    assert everything_stored(settings) == before
    real = printed()
    assert dry.partition("\n")[2] == real.partition("\n")[2]
    assert real.count(": 1 (") == len(MAKE)
    after = everything_stored(settings)
    again = printed()
    assert everything_stored(settings) == after
    assert again.count(": 0\n") == len(registered_rules())


def test_old_audit_entries_stay_as_they_are() -> None:
    AuditEvent.objects.create(action="publish", resource="concern", at=ago(4000), detail={"from": "held"})
    run()
    assert AuditEvent.objects.get().detail == {"from": "held"}


def test_the_story_is_append_only_again_after_a_purge() -> None:
    spam(31)
    kept = factories.make_concern()
    run()
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute("delete from concerns_concernupdate where concern_id = %s", [kept.pk])


def test_a_broken_rule_does_not_keep_the_others(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from concerns import retention

    def broken(now: datetime) -> Any:
        raise ValueError("no such column")

    monkeypatch.setattr(retention, "RULES", [retention.Rule("broken", broken, broken)])  # type: ignore[arg-type]
    RateCount.objects.create(key="x", window_start=ago(3))
    with pytest.raises(ValueError, match="no such column"):
        apply_retention()
    assert not RateCount.objects.exists()


def test_it_runs_every_day(settings: Any) -> None:
    assert ("retention", 24 * 3600, "office.retention.daily") in settings.PERIODIC_JOBS


def test_the_words_of_a_purged_story_are_gone(settings: Any) -> None:
    concern = spam(31)
    ConcernUpdate.objects.create(concern=concern, kind="edited", note=WORD)
    run()
    assert not ConcernUpdate.objects.filter(concern_id=concern.pk).exists()

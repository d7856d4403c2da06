"""What a reporter does with the code or the link."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from concerns import actions, report_views
from concerns.models import Concern, ConcernUpdate
from concerns.public import PublicConcern
from concerns.receipts import code_for, mail_proof, receipt_token, shown
from concerns.reporter_mail import ask_whether_fixed
from concerns.reporters import Reporter
from concerns.workflow import Source, Status
from office.models import AuditEvent, OutboxMessage
from tests import factories

pytestmark = pytest.mark.django_db
CONTACT = {"name": "Rosa Linden", "email": "rosa@example.org", "phone": "816-555-0142"}


@pytest.fixture
def reporter(db: None) -> Reporter:
    return factories.make_reporter()


@pytest.fixture
def told(reporter: Reporter) -> Reporter:
    """Rosa asked for mail and said that the address is hers."""
    values = {"email": "rosa@example.org", "wants_mail": True, "mail_confirmed_at": timezone.now()}
    Reporter.objects.filter(pk=reporter.pk).update(**values)
    reporter.refresh_from_db()
    return reporter


def page_of(reporter: Reporter) -> str:
    return f"/receipt/{receipt_token(reporter)}/"


def act(client: Client, reporter: Reporter, what: str, **more: Any) -> Any:
    return client.post(f"{page_of(reporter)}act/", {"act": what} | more, follow=True)


def a_photo() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), "olive").save(buffer, "JPEG")
    return SimpleUploadedFile("lamp.jpg", buffer.getvalue(), "image/jpeg")


@pytest.mark.parametrize(
    "write", [str, str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("0", "O")]
)
def test_the_code_leads_to_the_report_however_it_is_written(client, reporter, write):
    response = client.post("/receipt/", {"code": write(shown(code_for(reporter.form_token)))}, follow=True)
    assert response.status_code == 200
    assert reporter.concern.note in response.content.decode()


@pytest.mark.parametrize("code", ["", "KHT4", "0000-0000-0000-0000", "x" * 5000, "<script>alert(1)</script>", "Ü" * 16])
def test_a_wrong_code_says_so_and_keeps_what_was_typed(client, reporter, code):
    response = client.post("/receipt/", {"code": code})
    assert response.status_code == 400
    assert "We don’t find this code" in response.content.decode()
    assert b"<script>alert" not in response.content


def test_codes_can_not_be_tried_without_end(client, monkeypatch):
    monkeypatch.setattr(report_views, "CODES_AN_HOUR", 2)
    answers = [client.post("/receipt/", {"code": "0" * 16}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]


def test_a_forged_or_old_link_is_not_found(client, reporter):
    address = page_of(reporter)
    Reporter.objects.filter(pk=reporter.pk).update(link_version=2)
    for one in (address, "/receipt/forged.token/", f"{address}act/", f"{address}stop/"):
        assert client.get(one).status_code in (404, 405)
        assert client.post(one, {"act": "fixed"}).status_code in (404, 405)


def test_the_page_is_kept_by_nobody(client, reporter):
    response = client.get(page_of(reporter))
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"


def test_looking_changes_nothing(client, told):
    for address in (page_of(told), f"{page_of(told)}stop/"):
        client.get(address)
        client.head(address)
    told.refresh_from_db()
    assert told.wants_mail
    assert client.get(f"{page_of(told)}act/").status_code == 405


@pytest.mark.parametrize("says", ["fixed", "not_fixed"])
def test_what_the_resident_says_is_a_voice_and_moves_nothing(client, reporter, says, desk):
    act(client, reporter, says)
    line = reporter.concern.updates.get(kind=ConcernUpdate.Kind.SAID)
    assert (line.voice, line.to_value, line.is_public) == ("resident", says, False)
    reporter.concern.refresh_from_db()
    assert reporter.concern.status == Status.NEW
    page = desk.get(f"/desk/concerns/{reporter.concern.public_id}/").content.decode()
    assert "it is fixed" in page if says == "fixed" else "it isn’t fixed" in page


def test_saying_the_same_again_is_one_line(client, reporter):
    for _ in range(3):
        act(client, reporter, "not_fixed")
    assert reporter.concern.updates.filter(kind=ConcernUpdate.Kind.SAID).count() == 1


def test_a_resident_never_verifies(client, reporter, organizer):
    actions.triage(concern=reporter.concern, by=organizer)
    act(client, reporter, "fixed")
    reporter.concern.refresh_from_db()
    assert reporter.concern.status == Status.TRIAGED


def test_a_photo_is_kept_and_no_photo_is_said(client, reporter):
    assert "The photo is kept" in act(client, reporter, "photo", photo=a_photo()).content.decode()
    assert reporter.concern.photos.count() == 1
    bad = SimpleUploadedFile("x.jpg", b"no", "image/jpeg")
    assert "Please send a JPEG" in act(client, reporter, "photo", photo=bad).content.decode()
    assert "Choose a photo first" in act(client, reporter, "photo").content.decode()


def test_a_contact_is_left_and_taken_back_without_the_audit_trail_knowing_it(client, reporter):
    act(client, reporter, "contact", **CONTACT)
    reporter.refresh_from_db()
    assert (reporter.name, reporter.email) == ("Rosa Linden", "rosa@example.org")
    act(client, reporter, "forget")
    reporter.refresh_from_db()
    assert not reporter.has_contact
    assert reporter.contact_removed_at
    trail = AuditEvent.objects.get(action="concern.contact_taken_back")
    assert "rosa" not in str(trail.detail).lower()


def test_a_bad_contact_is_shown_again_with_what_was_typed(client, reporter):
    response = act(client, reporter, "contact", name="Rosa Linden", email="no address")
    assert response.status_code == 400
    assert "Rosa Linden" in response.content.decode()
    reporter.refresh_from_db()
    assert not reporter.has_contact


def test_mail_comes_only_after_the_link_in_the_first_one_was_used(client, reporter, organizer):
    act(client, reporter, "contact", wants_mail="on", **CONTACT)
    actions.triage(concern=reporter.concern, by=organizer)
    assert list(OutboxMessage.objects.values_list("kind", flat=True)) == ["report.confirm"]
    link = re.search(r"/receipt/\S+", OutboxMessage.objects.get().body_text)
    assert link
    proof = re.search(r'name="yes" value="([^"]+)"', client.get(link.group()).content.decode())
    assert proof
    act(client, reporter, "confirm", yes=proof.group(1))
    actions.move_concern(concern=reporter.concern, to=Status.IN_PROGRESS, by=organizer)
    assert OutboxMessage.objects.filter(kind="report.news").count() == 1


def test_the_code_alone_does_not_say_that_an_address_is_ones_own(client, reporter):
    act(client, reporter, "contact", wants_mail="on", **CONTACT)
    other = factories.make_reporter(email=CONTACT["email"])
    for proof in ("", "guessed", "Ü", mail_proof(other)):
        assert "Open the link in the mail" in act(client, reporter, "confirm", yes=proof).content.decode()
        assert 'name="yes"' not in client.get(page_of(reporter), {"yes": proof}).content.decode()
    reporter.refresh_from_db()
    assert reporter.mail_confirmed_at is None


def test_another_address_is_asked_again(client, told):
    act(client, told, "contact", **CONTACT | {"email": "other@example.org", "wants_mail": "on"})
    told.refresh_from_db()
    assert told.mail_confirmed_at is None
    assert OutboxMessage.objects.get(kind="report.confirm").to_address == "other@example.org"


def test_one_click_stops_the_mail(told, organizer):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{page_of(told)}stop/", {"List-Unsubscribe": "One-Click"}).status_code == 200
    actions.triage(concern=told.concern, by=organizer)
    assert OutboxMessage.objects.count() == 0


def test_buttons_need_the_forms_secret(reporter):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{page_of(reporter)}act/", {"act": "fixed"}).status_code == 403


def test_after_a_merge_the_old_receipt_shows_what_became_of_both(client, told, organizer):
    first = factories.make_concern(source=Source.WEB)
    for concern in (first, told.concern):
        actions.triage(concern=concern, by=organizer)
    OutboxMessage.objects.all().delete()
    actions.mark_duplicate(concern=told.concern, of=first, by=organizer)
    actions.move_concern(concern=first, to=Status.IN_PROGRESS, by=organizer)
    page = client.get(page_of(told)).content.decode()
    assert "Somebody reported the same before" in page
    assert OutboxMessage.objects.filter(kind="report.news").count() == 1


def test_it_can_be_taken_back_until_it_was_read(client, reporter, organizer):
    act(client, reporter, "take_back")
    reporter.concern.refresh_from_db()
    assert reporter.concern.status == Status.WITHDRAWN
    other = factories.make_reporter()
    actions.triage(concern=other.concern, by=organizer)
    assert "An organizer has read it already" in act(client, other, "take_back").content.decode()


def claimed(reporter: Reporter, *, days: int) -> None:
    then = timezone.now() - timedelta(days=days)
    Concern.objects.filter(pk=reporter.concern_id).update(
        status=Status.CLAIMED_FIXED, status_changed_at=then, triaged_at=then
    )


def test_four_weeks_after_a_claim_the_reporter_is_asked_once(told):
    claimed(told, days=29)
    assert [ask_whether_fixed() for _ in range(3)] == [1, 0, 0]
    assert OutboxMessage.objects.get().kind == "report.ask"


@pytest.mark.parametrize("why", ["too early", "said already", "no mail"])
def test_nobody_else_is_asked(told, why):
    claimed(told, days=20 if why == "too early" else 29)
    if why == "said already":
        Reporter.objects.update(says="fixed", says_at=timezone.now())
    if why == "no mail":
        Reporter.objects.update(wants_mail=False)
    assert ask_whether_fixed() == 0


def test_spam_gets_no_mail(told, organizer):
    actions.triage(concern=told.concern, by=organizer)
    OutboxMessage.objects.all().delete()
    actions.mark_spam(concern=told.concern, by=organizer)
    actions.move_concern(concern=told.concern, to=Status.IN_PROGRESS, by=organizer)
    assert OutboxMessage.objects.count() == 0


def test_an_organizer_reads_the_contact_by_a_button_and_each_reading_is_written_down(desk, reporter):
    Reporter.objects.filter(pk=reporter.pk).update(**CONTACT)
    address = f"/desk/concerns/{reporter.concern.public_id}/"
    assert "rosa@example.org" not in desk.get(address).content.decode()
    assert "rosa@example.org" in desk.post(f"{address}reporter/").content.decode()
    assert AuditEvent.objects.filter(action="concern.contact_read").count() == 1
    assert desk.get(f"{address}reporter/").status_code == 405


def test_the_wall_keeps_contacts_from_any_role(client, reporter, walled_organizer):
    Reporter.objects.filter(pk=reporter.pk).update(**CONTACT)
    client.force_login(walled_organizer, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = f"/desk/concerns/{reporter.concern.public_id}/"
    assert "Show the contact" not in client.get(address).content.decode()
    assert client.post(f"{address}reporter/").status_code == 403
    assert AuditEvent.objects.filter(action="concern.contact_read").count() == 0


def test_no_contact_ever_reaches_the_public(client, reporter, organizer):
    Reporter.objects.filter(pk=reporter.pk).update(**CONTACT)
    actions.triage(concern=reporter.concern, by=organizer)
    actions.publish_concern(concern=reporter.concern, by=organizer)
    public = PublicConcern.objects.get()
    for address in ("/", "/concerns/", f"/concerns/{public.public_id}/", "/map/concerns.geojson"):
        page = client.get(address).content.decode()
        assert not any(value in page for value in CONTACT.values())


def test_too_many_changes_wait(client, reporter, monkeypatch):
    monkeypatch.setattr(report_views, "CHANGES_AN_HOUR", 1)
    assert [act(client, reporter, "fixed").status_code for _ in range(2)] == [200, 429]


def test_an_unknown_button_is_said(client, reporter):
    assert "This button isn’t known" in act(client, reporter, "publish").content.decode()

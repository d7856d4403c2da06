"""Adversarial cases of residents' reports and public pages that belong to no single page's own tests."""

import io
import logging
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from concerns.models import Concern, Photo
from concerns.receipts import receipt_token
from concerns.reporters import Reporter
from people.models import User
from people.roles import Role
from tests import factories
from tests.concerns.test_report import code_of, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    "lookup",
    ["reporters__email__startswith", "reporters__phone__contains", "device__token_sha256__startswith",
     "updates__by__password__startswith"],
)  # fmt: skip
def test_o08_the_admin_answers_no_question_about_what_it_does_not_list(client: Client, lookup: str) -> None:
    factories.make_reporter(email="rosa@example.org")
    client.force_login(
        factories.make_user(role=Role.ADMIN), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    response = client.get(reverse("admin:concerns_concern_changelist"), {lookup: "a"})
    refused = response.status_code in {400, 403} or (response.status_code == 302 and "e=1" in response["Location"])
    assert refused, response.status_code


@pytest.mark.parametrize("category", ["suspicious_person", "SUSPICIOUS_PERSON", "PERSON", "", "LIGHT_OUT' --"])
def test_o14_a_report_about_a_kind_of_person_is_refused(client: Client, category: str) -> None:
    response = send(client, category=category)
    assert response.status_code == 400
    assert not Concern.objects.exists()
    key_less = client.post(
        reverse("open311:requests", args=["json"]), {"service_code": category, "address_string": "4777 Independence"}
    )
    assert key_less.status_code in {400, 403}
    assert not Concern.objects.exists()


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}])
def test_o30_another_host_is_refused_and_never_stands_in_a_link(client: Client, headers: dict[str, str]) -> None:
    response = client.get(reverse("home"), headers=headers)
    assert response.status_code == 400 or "evil.example" not in response.content.decode()
    assert response.status_code == (400 if "Host" in headers else 200)


def test_o30_an_address_that_a_caller_invents_does_not_get_around_the_limit(client: Client) -> None:
    answers = [
        client.post(
            reverse("concerns:follow"),
            {"corridor": "none", "email": "x@example.org"},
            headers={"X-Forwarded-For": f"1.2.3.{n}"},
        ).status_code
        for n in range(2)
    ]
    assert answers == [400, 400]
    corridor = factories.make_corridor()
    codes = [
        client.post(
            reverse("concerns:follow"),
            {"corridor": corridor.slug, "email": f"r{n}@example.org"},
            headers={"X-Forwarded-For": f"1.2.3.{n}"},
        ).status_code
        for n in range(11)
    ]
    assert codes == [200] * 10 + [429]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "con.jpg", "x" * 300 + ".jpg", "a\u202egpj.exe", "a\nb.jpg", "x.php"]
)
def test_o41_a_photo_s_own_name_is_kept_nowhere(client: Client, settings: Any, name: str) -> None:
    send(client, photos=[SimpleUploadedFile(name, a_picture(), "image/jpeg")])
    photo = Photo.objects.get()
    assert photo.original.name.endswith(f"/{photo.public_id}.jpg")
    files = [path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert files == [f"{photo.public_id}.jpg"]


def test_o42_a_photo_s_address_is_worth_nothing_where_it_may_not_be_seen(client: Client, organizer: User) -> None:
    photo = factories.make_photo(concern=factories.make_concern(), approved_at=None)
    for copy in (photo.image, photo.thumbnail):
        copy.save("photo.jpg", ContentFile(a_picture()))
    desk = Client()
    desk.force_login(organizer)
    address = reverse("concerns:desk_photo", args=[photo.public_id, "400"])
    seen = desk.get(address)
    assert (seen.status_code, seen["X-Content-Type-Options"], seen["Cache-Control"]) == (
        200,
        "nosniff",
        "private, no-store",
    )
    assert "sandbox" in seen["Content-Security-Policy"]
    assert client.get(address).status_code == 302
    assert client.get(reverse("concerns:photo", args=[photo.public_id, "400"])).status_code == 404
    desk.logout()
    assert desk.get(address).status_code == 302


@pytest.mark.parametrize(
    "name", ["home", "concerns:list", "concerns:report", "concerns:receipt_enter", "concerns:follow"]
)
def test_o45_no_page_can_be_framed_by_another_site(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_o46_no_log_line_holds_what_people_typed(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    typed = {
        "note": "markernote by the bakery",
        "address": "7771 Marker Ave",
        "name": "Markername",
        "email": "marker.mail@example.org",
        "phone": "816-555-0177",
        "wants_mail": "on",
    }
    response = send(client, **typed)
    code, token = code_of(response), receipt_token(Reporter.objects.get())
    client.post(reverse("concerns:receipt_enter"), {"code": code})
    client.get(reverse("concerns:receipt", args=[token]))
    client.post(reverse("concerns:receipt_enter"), {"code": "AAAA-BBBB"})
    corridor = factories.make_corridor()
    client.post(reverse("concerns:follow"), {"corridor": corridor.slug, "email": "marker.mail@example.org"})
    told = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    markers = [*(text for name, text in typed.items() if name != "wants_mail"), code, code.replace("-", "")]
    assert [marker for marker in markers if marker in told] == []

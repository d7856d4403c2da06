"""The pages for when something goes wrong: readable, with a number to tell us, and standing without a database."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from people.access import EVERYBODY, access
from saferoutes import errors

STATUSES = [400, 403, 404, 413, 429, 500, 503]


@access("error page", "raise", allow=EVERYBODY)
def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("a secret of the settings")


@access("error page", "raise", allow=EVERYBODY)
def no_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("could not connect to server at /var/private/socket")


@access("error page", "raise", allow=EVERYBODY)
def closed(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("This walk has closed.")


@access("error page", "raise", allow=EVERYBODY)
def huge(request: HttpRequest) -> HttpResponse:
    raise RequestDataTooBig


@access("error page", "raise", allow=EVERYBODY)
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("sent")


urlpatterns = [
    path("broken/", broken),
    path("no-database/", no_database),
    path("closed/", closed),
    path("huge/", huge),
    path("form/", form),
]
handler400 = "saferoutes.errors.bad_request"
handler403 = "saferoutes.errors.permission_denied"
handler404 = "saferoutes.errors.not_found"
handler500 = "saferoutes.errors.server_error"


@pytest.fixture(autouse=True)
def plain_static() -> Iterator[None]:
    """Pages may name static files that nobody collected."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        yield


@pytest.fixture
def visitor() -> Iterator[Client]:
    """A stranger on a site whose addresses all go wrong. No database: a query fails the test."""
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False, enforce_csrf_checks=True)


def make_request() -> HttpRequest:
    request = RequestFactory().get("/somewhere/")
    request.request_id = "abc123def456"
    return request


@pytest.mark.parametrize("status", STATUSES)
def test_o47_each_page_has_a_heading_a_way_back_and_the_number(status: int) -> None:
    response = errors.error_page(make_request(), status)
    body = response.content.decode()
    assert response.status_code == status
    assert "<h1>" in body
    assert 'class="btn btn-go" href="/"' in body
    assert "abc123def456" in body


@pytest.mark.parametrize("status", STATUSES)
def test_no_page_holds_inline_script_or_style(status: int) -> None:
    body = errors.error_page(make_request(), status).content.decode()
    assert "style=" not in body
    assert "<script>" not in body


def test_a_crash_gets_the_500_page_without_a_word_of_the_cause(visitor: Client) -> None:
    response = visitor.get("/broken/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()
    assert "secret" not in response.content.decode()
    assert response["X-Request-ID"] in response.content.decode()


def test_o47_a_database_that_is_down_gets_the_503_page_and_a_time_to_come_back(visitor: Client) -> None:
    response = visitor.get("/no-database/")
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "kept on your phone" in response.content.decode()
    assert "socket" not in response.content.decode()


def test_the_last_page_stands_even_when_its_template_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> str:
        raise ValueError("no static files yet")

    monkeypatch.setattr(errors, "render_to_string", fail)
    response = errors.server_error(make_request())
    assert response.status_code == 500
    assert "Nothing you sent before is lost" in response.content.decode()


def test_an_address_nobody_knows_gets_the_404_page(visitor: Client) -> None:
    response = visitor.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_a_refusal_shows_the_sentence_the_view_wrote(visitor: Client) -> None:
    response = visitor.get("/closed/")
    assert response.status_code == 403
    assert "This walk has closed." in response.content.decode()


def test_a_request_too_large_is_413_not_400(visitor: Client) -> None:
    response = visitor.get("/huge/")
    assert response.status_code == 413
    assert "That was too large" in response.content.decode()


def test_too_many_requests_says_how_long_and_keeps_the_text() -> None:
    response = errors.too_many_requests(make_request(), retry_after_seconds=3600, typed="The light is <out>")
    body = response.content.decode()
    assert response.status_code == 429
    assert response["Retry-After"] == "3600"
    assert "60 minutes" in body
    assert "The light is &lt;out&gt;" in body


def test_o27_a_form_without_its_token_is_explained_and_handed_back(visitor: Client) -> None:
    typed = {"note": "The light at the stop is out", "place": "4700 block", "password": "hunter2"}
    response = visitor.post("/form/", typed)
    body = response.content.decode()
    assert response.status_code == 403
    assert "The form was open too long" in body
    assert "note: The light at the stop is out" in body
    assert "4700 block" in body
    assert "hunter2" not in body
    assert 'href="/form/"' in body
    assert response["Cache-Control"] == "no-store"


def test_what_was_typed_is_shown_as_text(visitor: Client) -> None:
    response = visitor.post("/form/", {"note": '</textarea><img src=x onerror="alert(1)">'})
    assert "<img src=x" not in response.content.decode()


def test_a_request_id_sent_from_outside_is_not_trusted(visitor: Client) -> None:
    response = visitor.get("/nowhere/", headers={"x-request-id": "<script>"})
    assert response["X-Request-ID"] != "<script>"
    assert len(response["X-Request-ID"]) == 12


def test_error_pages_speak_spanish(visitor: Client) -> None:
    response = visitor.get("/nowhere/?lang=es")
    assert '<html lang="es"' in response.content.decode()

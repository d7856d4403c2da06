"""GeoReport v2 (https://wiki.open311.org/GeoReport_v2/), server side: XML or JSON by the ending of the address."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from concerns.models import Concern
from office.models import Coalition
from office.refused import Refused
from open311.listing import read_query, service_request, service_requests
from open311.models import ApiKey
from open311.output import Problem, answer, answer_problem
from open311.posting import check_limit, key_of, post, read_post
from open311.services import definition, service_of, services
from people.access import EVERYBODY, access

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGED_AT = "2026-11-22T00:00:00-06:00"

View = Callable[..., HttpResponse]


def call(*methods: str) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Make a view a GeoReport call: one of `methods`; whatever it refuses becomes an errors document.

    There is nothing to forge without the key that stands in the body, and no cookie is read.
    """

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @access("open311.public", "view", allow=EVERYBODY)
        @wraps(view)
        def do(request: HttpRequest, form: str, **kwargs: Any) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    response = answer_problem(Problem(405, _("This address doesn’t take this method.")), form)
                    response["Allow"] = ", ".join(methods)
                    return response
                _check_jurisdiction(request)
                return view(request, form, **kwargs)
            except Problem as problem:
                return answer_problem(problem, form)
            except Refused as refused:
                return answer_problem(Problem(400, refused.message), form)

        return do

    return decorate


def _check_jurisdiction(request: HttpRequest) -> None:
    asked = request.GET.get("jurisdiction_id") or request.POST.get("jurisdiction_id")
    if asked and settings.OPEN311_JURISDICTION and asked != settings.OPEN311_JURISDICTION:
        raise Problem(404, _("jurisdiction_id was not found."))


def _cached(response: HttpResponse) -> HttpResponse:
    """The same for everybody, for a minute: what was hidden must be gone soon."""
    response["Cache-Control"] = "public, max-age=60"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@call("GET", "HEAD")
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Where the service is, in which formats, and whom to ask for a key."""
    coalition = Coalition.current()
    endpoint = {
        "specification": SPECIFICATION,
        "url": settings.SITE_URL + reverse("open311:root"),
        "changeset": CHANGED_AT,
        "type": "production" if not settings.DEBUG else "test",
        "formats": ["text/xml", "application/json"],
    }
    words = _("Ask us for a key to post: %(contact)s") % {"contact": coalition.reply_to or coalition.name}
    content = {"changeset": CHANGED_AT, "contact": words, "key_service": words, "endpoints": [endpoint]}
    return _cached(answer(content, form, root="discovery"))


@call("GET", "HEAD")
def service_list(request: HttpRequest, form: str) -> HttpResponse:
    return _cached(answer(services(), form, root="services", item="service"))


@call("GET", "HEAD")
def service_definition(request: HttpRequest, form: str, code: str) -> HttpResponse:
    return _cached(answer(definition(service_of(code)), form, root="service_definition"))


@call("GET", "HEAD", "POST")
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """GET: the list. POST: a new one."""
    if request.method == "POST":
        return _post(request, form)
    key = _key_if_given(request)
    found = service_requests(read_query(request.GET.dict(), now=timezone.now()), key=key)
    return _answer_requests(found, form, key)


@call("GET", "HEAD")
def request_by_id(request: HttpRequest, form: str, request_id: str) -> HttpResponse:
    key = _key_if_given(request)
    found = service_request(_as_uuid(request_id), key=key, extensions=request.GET.get("extensions") == "true")
    return _answer_requests(found, form, key)


@call("GET", "HEAD")
def token(request: HttpRequest, form: str, token: str) -> HttpResponse:
    """We give the id at once, so a token is the id; kept for clients that always ask."""
    named = _as_uuid(token)
    if named is None or not Concern.objects.filter(public_id=named, posted_by_open311__isnull=False).exists():
        raise Problem(404, _("token was not found."))
    content = [{"service_request_id": str(named), "token": str(named)}]
    return _private(answer(content, form, root="service_requests", item="request"))


def _answer_requests(found: list[dict[str, Any]], form: str, key: ApiKey | None) -> HttpResponse:
    response = answer(found, form, root="service_requests", item="request")
    return _private(response) if key else _cached(response)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response


def _post(request: HttpRequest, form: str) -> HttpResponse:
    key = key_of(request.POST.get("api_key", "") or request.GET.get("api_key", ""))
    if key is None:
        raise Problem(403, _("api_key is missing or not valid."))
    check_limit(key)
    concern = post(key=key, body=read_post(request.POST))
    notice = _("An organizer reads it before it is public. In danger, call the emergency number.")
    content = [{"service_request_id": str(concern.public_id), "service_notice": notice}]
    return _private(answer(content, form, root="service_requests", item="request", status=201))


def _key_if_given(request: HttpRequest) -> ApiKey | None:
    given = request.GET.get("api_key", "")
    key = key_of(given)
    if given and key is None:
        raise Problem(403, _("api_key is not valid."))
    return key


def _as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@call("GET", "HEAD")
def root(request: HttpRequest, form: str) -> HttpResponse:
    """The address itself leads to where a client begins."""
    return redirect("open311:discovery", "xml")

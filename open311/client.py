"""Speaking GeoReport v2 to somebody else's server: what is asked, and what its answers are taken for.

Nothing an answer says is believed further than it must be: a record without a usable number isn't one, a page isn't a
list, and every refusal keeps the server's own words for the person who has to decide.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from open311.models import Endpoint
from open311.safe_http import Answer, fetch
from open311.sealing import unseal

CONTENT_TYPES = {
    "json": {"application/json", "text/json", "application/geo+json", "text/javascript"},
    "xml": {"text/xml", "application/xml"},
}
NUMBER = re.compile(r"[\w.:/#-]{1,60}")
SHOWN = 200  # characters of their words that we keep of a refusal
Fields = Iterable[tuple[str, str]]


class Denied(Exception):
    """They answered, and the answer is no. `words` are theirs."""

    def __init__(self, status: int, words: str, retry_after: int = 0) -> None:
        super().__init__(f"{status}: {words}" if words else str(status))
        self.status, self.words, self.retry_after = status, words, retry_after


class Unreadable(Exception):
    """They answered, and the answer isn't GeoReport."""


@dataclass(frozen=True)
class Record:
    """A request as they tell it; what they left out, or wrote in a way that can't be read, is empty."""

    number: str = ""
    token: str = ""
    status: str = ""  # "open", "closed" or ""
    notes: str = ""
    description: str = ""
    address: str = ""
    service_code: str = ""
    lat: float | None = None
    long: float | None = None
    requested_at: datetime | None = None
    expected_at: datetime | None = None


# --- The calls -------------------------------------------------------------------------------------------------------


def file_request(endpoint: Endpoint, fields: Fields) -> Record:
    """POST a request. Raises Denied, Unreadable, and what `fetch` raises."""
    key = unseal(endpoint.api_key_sealed) if endpoint.api_key_sealed else ""
    sent = [*fields, *([("api_key", key)] if key else [])]
    found = _call(endpoint, "POST", "requests", sent)
    if not found:
        raise Unreadable(_("Their answer names no request."))
    return found[0]


def requests_by_number(endpoint: Endpoint, numbers: list[str]) -> list[Record]:
    """What they say about these numbers, in one call; records of others are left out."""
    found = _call(endpoint, "GET", "requests", [("service_request_id", ",".join(numbers))])
    return [record for record in found if record.number in numbers]


def request_by_number(endpoint: Endpoint, number: str) -> Record | None:
    found = _call(endpoint, "GET", f"requests/{quote(number, safe='')}", [])
    return next((record for record in found if record.number == number), None)


def requests_between(endpoint: Endpoint, service_code: str, since: datetime, until: datetime) -> list[Record]:
    """What they took in a span of time, for finding what we may have sent."""
    span = [("start_date", _w3(since)), ("end_date", _w3(until))]
    return _call(endpoint, "GET", "requests", [("service_code", service_code), *span])


def number_of_token(endpoint: Endpoint, token: str) -> str:
    """The number that a token has become; "" where it hasn't yet."""
    try:
        found = _call(endpoint, "GET", f"tokens/{quote(token, safe='')}", [])
    except Denied as denied:
        if denied.status == 404:
            return ""
        raise
    return next((record.number for record in found if record.number), "")


def _w3(moment: datetime) -> str:
    return moment.astimezone().isoformat(timespec="seconds")


def _call(endpoint: Endpoint, method: str, path: str, fields: Fields) -> list[Record]:
    named = [("jurisdiction_id", endpoint.jurisdiction_id)] if endpoint.jurisdiction_id else []
    answer = fetch(method, f"{endpoint.url.rstrip('/')}/{path}.{endpoint.form}", fields=[*named, *fields])
    if not 200 <= answer.status < 300:
        raise Denied(answer.status, _their_words(answer, endpoint.form), answer.retry_after)
    return [as_record(one) for one in read_records(answer, endpoint.form)]


# --- Reading answers -------------------------------------------------------------------------------------------------


def read_records(answer: Answer, form: str) -> list[dict[str, Any]]:
    """The flat records of an answer. Raises Unreadable."""
    if answer.content_type not in CONTENT_TYPES[form]:
        kind = answer.content_type or _("nothing")
        raise Unreadable(_("They answered with %(kind)s instead of %(form)s.") % {"kind": kind, "form": form.upper()})
    return read_json(answer.body) if form == "json" else read_xml(answer.body)


def read_json(body: bytes) -> list[dict[str, Any]]:
    try:
        content = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable(_("Their answer isn’t whole JSON.")) from None
    if isinstance(content, dict):  # some servers keep XML's outer name
        content = next((content[name] for name in ("service_requests", "errors", "requests") if name in content), None)
    if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
        raise Unreadable(_("Their answer isn’t a list of requests."))
    return content


def read_xml(body: bytes) -> list[dict[str, Any]]:
    """Without document types: nothing there can grow or reach for a file."""
    try:
        text = body.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValueError
        top = ElementTree.fromstring(text.encode())  # noqa: S314 - no document type, at most 2 MB
    except (ValueError, ElementTree.ParseError):
        raise Unreadable(_("Their answer isn’t whole XML.")) from None
    if _name(top) not in ("service_requests", "errors"):
        raise Unreadable(_("Their answer isn’t a list of requests."))
    return [{_name(field): field.text or "" for field in record} for record in top]


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def as_record(said: dict[str, Any]) -> Record:
    number = _text(said, "service_request_id", 120)
    status = _text(said, "status", 20).lower()
    return Record(
        number=number if NUMBER.fullmatch(number) else "",
        token=_text(said, "token", 120),
        status=status if status in ("open", "closed") else "",
        notes=_text(said, "status_notes", 1000),
        description=_text(said, "description", 4200),
        address=_text(said, "address", 300),
        service_code=_text(said, "service_code", 60),
        lat=_degrees(said.get("lat"), 90),
        long=_degrees(said.get("long"), 180),
        requested_at=_moment(said, "requested_datetime"),
        expected_at=_moment(said, "expected_datetime"),
    )


def _text(said: dict[str, Any], name: str, most: int) -> str:
    value = said.get(name)
    if value is None or isinstance(value, dict | list | bool):
        return ""
    return str(value).replace("\x00", "").strip()[:most]


def _degrees(value: Any, most: float) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) <= most else None


def _moment(said: dict[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(said, name, 40))
    except ValueError:
        return None
    return moment if moment.tzinfo and 1990 < moment.year < 2200 else None


def _their_words(answer: Answer, form: str) -> str:
    """What their errors say, in one line; of a page only its kind."""
    try:
        errors = read_records(answer, form)
    except Unreadable:
        return answer.content_type
    words = "; ".join(_text(error, "description", SHOWN) for error in errors)
    return " ".join(words.split())[:SHOWN]

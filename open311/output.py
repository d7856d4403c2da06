"""What GeoReport v2 answers look like in XML and in JSON: one structure, written in either. Pure.

A structure is a list of records or one record; a record is a dict of words, numbers, booleans, lists and records.
"""

import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from django.http import HttpResponse

# Characters that no XML 1.0 document may hold (section 2.2), beside tab and the two line ends.
_REFUSED = {
    code: None for code in [*range(0x20), 0x7F, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)] if code not in (9, 10, 13)
}
CONTENT_TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# How lists inside records are named in XML (GeoReport v2, examples of each call).
INNER = {
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}


class Problem(Exception):
    """A call that isn't done: the HTTP status is the error's code (GeoReport v2, "Errors")."""

    def __init__(self, status: int, description: str, *, retry_after: int = 0) -> None:
        super().__init__(description)
        self.status, self.description, self.retry_after = status, description, retry_after


def without_empty(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without what isn't known: empty optional elements are left out."""
    return {name: value for name, value in record.items() if value not in (None, "", [], {})}


def answer(content: Any, form: str, *, root: str, item: str = "", status: int = 200) -> HttpResponse:
    """The content as `form` ("xml" or "json"). A list stands as `root` around `item`s in XML."""
    body = to_xml(content, root=root, item=item) if form == "xml" else json.dumps(content, ensure_ascii=False).encode()
    return HttpResponse(body, status=status, content_type=CONTENT_TYPES[form])


def answer_problem(problem: Problem, form: str) -> HttpResponse:
    errors = [{"code": problem.status, "description": str(problem.description)}]
    response = answer(errors, form, root="errors", item="error", status=problem.status)
    if problem.retry_after:
        response["Retry-After"] = str(problem.retry_after)
    response["Cache-Control"] = "no-store"
    return response


def to_xml(content: Any, *, root: str, item: str = "") -> bytes:
    """UTF-8 with a declaration and without namespaces."""
    top = ElementTree.Element(root)
    if isinstance(content, list):
        for record in content:
            _fill(ElementTree.SubElement(top, item), record)
    else:
        _fill(top, content)
    return ElementTree.tostring(top, encoding="utf-8", xml_declaration=True)


def _fill(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _fill(ElementTree.SubElement(element, name), inner if not isinstance(inner, list) else _named(name, inner))
    elif isinstance(value, _Items):
        for inner in value.items:
            _fill(ElementTree.SubElement(element, value.name), inner)
    else:
        element.text = _as_text(value)


class _Items:
    """A list inside a record, and what each of its entries is called in XML."""

    def __init__(self, name: str, items: list[Any]) -> None:
        self.name, self.items = name, items


def _named(name: str, items: list[Any]) -> _Items:
    return _Items(INNER.get(name, "item"), items)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).translate(_REFUSED)

"""POST requests: a concern by an app or a city system, held until an organizer read it."""

import hashlib
import json
import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.actions import log_concern
from concerns.models import Category, Concern, Question
from concerns.receipts import code_for, hmac_of
from concerns.reporters import Reporter
from concerns.workflow import Source
from corridors.models import WGS84
from office.limits import seconds_to_wait
from open311.models import ApiKey, Posted
from open311.output import Problem
from open311.services import service_of

HOUR = 3600
# A client that didn't hear our answer sends the same again.
SAME_AGAIN = timedelta(hours=24)
ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,60})\](\[\])?")
LENGTHS = {
    "description": 4000, "address_string": 200, "email": 254, "first_name": 60, "last_name": 60, "phone": 20,
    "device_id": 200, "account_id": 200, "media_url": 2000, "jurisdiction_id": 200, "address_id": 60,
}  # fmt: skip
KNOWN = {"api_key", "service_code", "lat", "long", *LENGTHS}


@dataclass(frozen=True)
class Body:
    """A post that was understood."""

    category: Category
    point: Point | None
    address: str
    note: str
    answers: dict[str, Any]
    contact: dict[str, str]

    @property
    def sha256(self) -> str:
        point = self.point and (self.point.x, self.point.y)
        said = [self.category.code, point, self.address, self.note, self.answers, self.contact]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def key_digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def key_of(typed: str) -> ApiKey | None:
    """The key in use that was given. At most one query."""
    if not typed or len(typed) > 200:
        return None
    return ApiKey.objects.active().filter(key_sha256=key_digest(typed)).first()


def read_post(data: QueryDict) -> Body:
    """Read a post. Raises Problem: 400 with the field's name, 404 for an unknown service."""
    texts = {name: _text(data, name, most) for name, most in LENGTHS.items()}
    code = data.get("service_code", "").strip()
    if not code:
        raise Problem(400, _("service_code is missing."))
    category = service_of(code.replace("\x00", "")[:40])
    point, address = _point(data), texts["address_string"]
    if texts["address_id"]:
        raise Problem(400, _("address_id is not used here. Give lat and long, or address_string."))
    if point is None and not address:
        raise Problem(400, _("Say where it is: lat and long, or address_string."))
    if texts["email"]:
        _check_email(texts["email"])
    name = " ".join(filter(None, [texts["first_name"], texts["last_name"]]))
    contact = {"name": name, "email": texts["email"], "phone": texts["phone"]}
    return Body(category, point, address, texts["description"], _answers(data, category), contact)


def _text(data: QueryDict, name: str, most: int) -> str:
    text = data.get(name, "").replace("\x00", "").strip()
    if len(text) > most:
        raise Problem(400, _("%(name)s is too long: at most %(most)d characters.") % {"name": name, "most": most})
    return text


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise Problem(400, _("email isn’t a whole address.")) from None


def _point(data: QueryDict) -> Point | None:
    given = data.get("lat", "").strip(), data.get("long", "").strip()
    if not any(given):
        return None
    numbers = [_degrees(name, text, most) for name, text, most in zip(("lat", "long"), given, (90, 180), strict=True)]
    return Point(numbers[1], numbers[0], srid=WGS84)


def _degrees(name: str, text: str, most: int) -> float:
    if not re.fullmatch(r"-?\d{1,3}(\.\d{1,20})?", text) or abs(float(text)) > most:
        raise Problem(400, _("%(name)s must be degrees from −%(most)d to %(most)d.") % {"name": name, "most": most})
    return float(text)


def _answers(data: QueryDict, category: Category) -> dict[str, Any]:
    """The attributes by question. Raises Problem 400 for one that the service doesn't have."""
    questions = {question.code: question for question in category.questions.all()}
    answers: dict[str, Any] = {}
    for name in data:
        found = ATTRIBUTE.fullmatch(name)
        if found is None:
            if name not in KNOWN:
                raise Problem(400, _("%(name)s isn’t known here. Leave it out.") % {"name": name[:60]})
            continue
        # Empty is as good as not there (GeoReport v2, "Optional Arguments").
        given = [text for text in data.getlist(name) if text.strip()]
        if not given:
            continue
        question = questions.get(found.group(1))
        if question is None:
            raise Problem(400, _("This service has no attribute %(code)s.") % {"code": found.group(1)})
        answers[question.code] = _answer(question, given)
    return answers


def _answer(question: Question, given: list[str]) -> Any:
    texts = [text.replace("\x00", "").strip()[:300] for text in given][:40]
    options = {option["code"] for option in question.options}
    if options and question.kind in (Question.Kind.ONE, Question.Kind.MANY) and not set(texts) <= options:
        words = {"code": question.code, "options": ", ".join(sorted(options))}
        raise Problem(400, _("attribute %(code)s must be one of: %(options)s.") % words)
    return texts if question.kind == Question.Kind.MANY else texts[-1]


def post(*, key: ApiKey, body: Body) -> Concern:
    """Keep it. The same again from the same key within a day is the same concern. Raises Problem 429, Refused."""
    with transaction.atomic():
        _take_turn(key, body)
        since = timezone.now() - SAME_AGAIN
        same = Posted.objects.filter(key=key, content_sha256=body.sha256, posted_at__gte=since)
        known = same.select_related("concern").order_by("-posted_at").first()
        if known:
            return known.concern
        concern = log_concern(
            category=body.category,
            source=Source.OPEN311,
            location=body.point,
            place_from=Concern.PlaceFrom.PIN if body.point else Concern.PlaceFrom.ADDRESS,
            address=body.address,
            note=body.note,
            answers=body.answers,
            told_by=Concern.ToldBy.RESIDENT,
        )
        Posted.objects.create(key=key, concern=concern, content_sha256=body.sha256)
        if any(body.contact.values()):
            token = uuid.uuid4()
            Reporter.objects.create(
                concern=concern, form_token=token, code_hmac=hmac_of(code_for(token)), **body.contact
            )
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now())
    return concern


def _take_turn(key: ApiKey, body: Body) -> None:
    """Two sendings of the same at the same moment wait for each other until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"open311:{key.pk}:{body.sha256}"])


def check_limit(key: ApiKey) -> None:
    """Count one post of this hour. Raises Problem 429."""
    if wait := seconds_to_wait(key=f"open311:{key.pk}", limit=key.per_hour, per_seconds=HOUR):
        words = _("This key may post %(n)d times an hour. Send it again later.") % {"n": key.per_hour}
        raise Problem(429, words, retry_after=wait)

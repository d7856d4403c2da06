"""What a phone needs to ask somebody for a yes, and to visit shops: the words that are read out, who may be named."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from corridors.models import Corridor, Landmark
from field.words import words_of_the_street
from office.models import Coalition
from outreach.models import ConsentWording, Contact, Service, ShopNote
from people.models import Organization


def help_of(coalition: Coalition) -> dict[str, Any]:
    """`text` by language in the newest version, the sheet's `words`, whom it may name. Two queries."""
    words = list(ConsentWording.objects.order_by("-version", "language"))
    newest = words[0].version if words else 0
    body = coalition.public_body or coalition.name
    holder = body[:1].upper() + body[1:]
    return {
        "version": newest,
        "text": {one.language: one.text.replace("%(public_body)s", holder) for one in words if one.version == newest},
        "words": words_in_both(),
        "organizations": [_organization(one) for one in who_may_be_named()],
    }


@cache
def words_in_both() -> dict[str, dict[str, str]]:
    """The sentences of the sheet by key and language."""
    by_language = {code: words_of_the_street(code) for code, _name in settings.LANGUAGES}
    return {key: {code: words[key] for code, words in by_language.items()} for key in next(iter(by_language.values()))}


def who_may_be_named() -> QuerySet[Organization]:
    """Those that offer something, and the walled ones: a person may name the police, nobody else may."""
    offering = Service.objects.offered().values("organization")
    return Organization.objects.current().filter(Q(pk__in=offering) | Q(is_walled=True)).order_by("is_walled", "name")


def _organization(one: Organization) -> dict[str, Any]:
    return {"id": str(one.public_id), "name": one.name} | ({"walled": True} if one.is_walled else {})


def landmarks_of(corridor: Corridor) -> QuerySet[Landmark]:
    """With what is known of those that are shops: `shop`, `last_at`, `last`, `answer`. One query."""
    visits = Contact.objects.standing().filter(landmark=OuterRef("pk")).order_by("-captured_at")
    answers = ShopNote.objects.filter(shop__landmark=OuterRef("pk"), told_on=None).exclude(happened="")
    return (
        Landmark.objects.filter(corridor=corridor)
        .select_related("shop")
        .annotate(
            last_at=Subquery(visits.values("captured_at")[:1]),
            last=Subquery(visits.values("result")[:1]),
            answer=Subquery(answers.order_by("-created_at").values("happened")[:1]),
        )
    )


def shops_of(landmarks: Iterable[Landmark], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Businesses among `landmarks_of`, and how they want to be visited; what isn't known isn't there. No query.

    {id, name, lat, lon, do_not_visit?, hours?, language?, best_time?, call_back_on?, last_on?, last?, answer?}
    """
    return [_shop(one, zone) for one in landmarks if one.kind == Landmark.Kind.BUSINESS]


def _shop(landmark: Any, zone: ZoneInfo) -> dict[str, Any]:
    shop = getattr(landmark, "shop", None)
    last_at: datetime | None = landmark.last_at
    known = {
        "do_not_visit": bool(shop and shop.do_not_visit),
        "hours": shop and shop.hours,
        "language": shop and shop.language,
        "best_time": shop and shop.best_time,
        "call_back_on": shop and shop.call_back_on and shop.call_back_on.isoformat(),
        "last_on": last_at and last_at.astimezone(zone).date().isoformat(),
        "last": landmark.last,
        "answer": landmark.answer,
    }
    where = {"lat": round(landmark.location.y, 6), "lon": round(landmark.location.x, 6)}
    return {"id": str(landmark.public_id), "name": landmark.name, **where} | {k: v for k, v in known.items() if v}

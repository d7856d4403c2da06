"""Everything a phone needs for its walk with no network: times, people to call, blocks, questions, things to check."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from concerns.again import LOOKABLE, in_walking_order, the_most_wanted
from concerns.models import Category, Concern, Photo, Question
from concerns.workflow import Publication
from corridors.models import Corridor, Landmark, Segment
from field.answers import refuse
from field.pack_help import help_of, landmarks_of, shops_of
from field.tokens import Caller
from office.models import Coalition
from outreach.models import Contact, Need
from people.roles import AgeBand
from walks.models import Device, Incident, Rating, Team, Walk
from walks.sun import sunrise, sunset

LANGUAGES = ("en", "es")
PACK_AFTER_END = timedelta(hours=24)

SAFETY = _(
    "Observe and report. Don’t enter buildings or yards, don’t touch needles or wires. No faces, no license plates, "
    "no guessing who did it. Stay with your team and on the sidewalk. If anybody is in danger, call the emergency "
    "number first."
)


def expires_at(walk: Walk) -> datetime:
    """When the phone wipes the pack."""
    return walk.end_at + PACK_AFTER_END


def pack_for(caller: Caller, *, now: datetime) -> dict[str, Any]:
    """The pack of one phone, without the envelope. A constant number of queries. Raises Refusal 403 when it is over."""
    devices = Device.objects.select_related("walk__corridor", "walk__lead", "team")
    device = devices.get(pk=caller.device.pk)
    walk = device.walk
    if now > expires_at(walk):
        raise refuse(
            403, "walk", "walk_closed", gettext("This walk has closed. What waits on your phone is still sent.")
        )
    coalition = Coalition.current()
    segments, landmarks = segments_of(walk.corridor), list(landmarks_of(walk.corridor))
    teams = [_team(team) for team in walk.teams.prefetch_related("blocks__segment")]
    return {
        "expires_at": expires_at(walk).isoformat(),
        "device": {"id": str(device.public_id), "name": device.name, "confirmed": device.confirmed_at is not None},
        "coalition": coalition_of(coalition),
        "walk": walk_of(walk),
        "call": people_to_call(walk, coalition),
        "labels": labels_of(walk),
        "team": next((team for team in teams if device.team and team["id"] == str(device.team.public_id)), None),
        "teams": teams,
        "categories": categories(),
        "looks": _looks(device),
        "same": same_words(),
        "help": help_of(coalition),
        "shops": shops_of(landmarks, walk.zone),
        "map": {"type": "FeatureCollection", "features": features_of(walk, segments, landmarks)},
        "safety": both(SAFETY),
    }


def same_words() -> dict[str, Any]:
    """What the sheet asks where something to check again is near. Here, so that the app's page doesn't grow by it."""
    return {"ask": both(_("Is it one of these?")), "yes": both(_("Yes, still there"))}


def etag_of(pack: dict[str, Any]) -> str:
    return f'"{hashlib.sha256(json.dumps(pack, sort_keys=True).encode()).hexdigest()[:32]}"'


def may_look_at(device: Device) -> Q:
    """Concerns that a phone may look at again: read by an organizer, on its corridor, not taken out of sight.

    Vacant buildings only for phones that the walk lead confirmed; what is never public for nobody.
    """
    return LOOKABLE & may_have_held(device)


def may_have_held(device: Device) -> Q:
    """Concerns that may have been in a phone's pack: a look may arrive after somebody else saw it fixed, or hid it."""
    rules = [Category.Rule.PLACE]
    if device.confirmed_at is not None:
        rules.append(Category.Rule.SEGMENT_COUNT)
    return Q(
        triaged_at__isnull=False,
        segment__corridor=device.walk.corridor_id,
        category__publication_rule__in=rules,
    )


def segments_of(corridor: Corridor) -> list[Segment]:
    """Its blocks in walking order. One query."""
    return list(corridor.segments.current().select_related("corridor"))


def coalition_of(coalition: Coalition) -> dict[str, Any]:
    return {
        "name": coalition.name,
        "units": coalition.units,
        "emergency_number": coalition.emergency_number,
        "city_number": coalition.city_number,
        "city_number_name": coalition.city_number_name,
    }


def both(text: str | Promise) -> dict[str, str]:
    """A translatable sentence in every language of the app."""
    words = {}
    for language in LANGUAGES:
        with translation.override(language):
            words[language] = str(text)
    return words


def labels_of(walk: Walk) -> dict[str, list[dict[str, Any]]]:
    """The words of what a phone may choose from, in the order to show them. Only ratings that this walk asks for."""
    return {
        "ratings": [label for label in _labels(Rating.choices) if label["code"] in walk.ratings],
        "needs": _labels(Need.choices),
        "contact_kinds": _labels(Contact.Kind.choices),
        "contact_results": _labels(Contact.Result.choices),
        "incident_kinds": _labels(Incident.Kind.choices),
        "age_bands": _labels(AgeBand.choices),
    }


def _labels(choices: Iterable[tuple[Any, Any]]) -> list[dict[str, Any]]:
    return [{"code": code, "label": both(label)} for code, label in choices]


def _both_columns(row: Any, column: str) -> dict[str, str]:
    return {language: getattr(row, f"{column}_{language}") for language in LANGUAGES}


def walk_of(walk: Walk) -> dict[str, Any]:
    return {
        "id": str(walk.public_id),
        "title": walk.title,
        "corridor": walk.corridor.name,
        "meeting_place": walk.meeting_place,
        "facilities": walk.facilities,
        "meet_at": walk.meet_at.isoformat(),
        "step_off_at": walk.step_off_at.isoformat(),
        "end_at": walk.end_at.isoformat(),
        "time_zone": walk.time_zone,
        "purposes": walk.purposes,
        "police_walk_along": walk.police_walk_along,
        "weather_rule": walk.weather_rule,
        "note": walk.note,
        "state": walk.state,
        "call_off_reason": walk.call_off_reason,
        **_sun(walk),
    }


def _sun(walk: Walk) -> dict[str, str | None]:
    """Sunrise and sunset of the walk's day, where it starts; None where the sun doesn't do it that day."""
    place = walk.meeting_location or walk.corridor.line.centroid
    day = walk.step_off_at.astimezone(walk.zone).date()
    where: dict[str, Any] = {"lat": place.y, "lon": place.x, "day": day, "zone": walk.zone}
    times = {"sunset_at": sunset(**where), "sunrise_at": sunrise(**where)}
    return {name: moment.isoformat(timespec="seconds") if moment else None for name, moment in times.items()}


def people_to_call(walk: Walk, coalition: Coalition) -> list[dict[str, Any]]:
    """Whom somebody on the street may need now. One query for the walk lead."""
    call: list[dict[str, Any]] = [
        {"kind": "emergency", "name": both(_("Emergency")), "phone": coalition.emergency_number}
    ]
    if walk.lead is not None and walk.lead.phone:
        call.append({"kind": "lead", "name": walk.lead.name, "phone": walk.lead.phone})
    if walk.designee_phone:
        call.append({"kind": "designee", "name": walk.designee_name, "phone": walk.designee_phone})
    if coalition.city_number:
        call.append({"kind": "city", "name": coalition.city_number_name, "phone": coalition.city_number})
    return call


def _team(team: Team) -> dict[str, Any]:
    """`segments` in walking order; `sides` says of each whether both are theirs, or only "left" or "right"."""
    blocks = sorted(team.blocks.all(), key=lambda block: block.segment.position)
    return {
        "id": str(team.public_id),
        "number": team.number,
        "name": team.name,
        "segments": [str(block.segment.public_id) for block in blocks],
        "sides": {str(block.segment.public_id): block.sides for block in blocks},
    }


def categories() -> list[dict[str, Any]]:
    active = Question.objects.filter(is_active=True).order_by("position", "code")
    categories = Category.objects.filter(is_active=True).prefetch_related(Prefetch("questions", queryset=active))
    return [
        {
            "code": category.code,
            "group": category.group,
            "is_group_default": category.is_group_default,
            "needs_dark": category.needs_dark,
            "same_by": category.same_by,
            "same_m": category.duplicate_m,
            "name": _both_columns(category, "name"),
            "safety": _both_columns(category, "safety"),
            "questions": [_question(question) for question in category.questions.all()],
        }
        for category in categories
    ]


def _question(question: Question) -> dict[str, Any]:
    return {
        "code": question.code,
        "kind": question.kind,
        "label": _both_columns(question, "label"),
        "hint": question.hint,
        "options": question.options,
    }


def _looks(device: Device) -> list[dict[str, Any]]:
    """What to check again, in walking order. Where and what it is, never who said so nor their words.

    What is due, what the city says is fixed and what is open on the walk's corridor, as on the desk's list.
    """
    chosen = the_most_wanted(Concern.objects.filter(may_look_at(device)), timezone.localdate())
    found = (
        in_walking_order(chosen)
        .select_related("category", "segment__corridor")
        .prefetch_related(Prefetch("photos", queryset=_pictures(), to_attr="pictures"))
    )
    return [_look(concern, device.walk.zone) for concern in found]


def _pictures() -> QuerySet[Photo]:
    """Photos that a phone may see: an organizer approved them and the small copy is there."""
    ready = Photo.objects.filter(approved_at__isnull=False, state=Photo.State.READY)
    return ready.exclude(thumbnail="").order_by("position", "id")


def picture_for(caller: Caller, concern_id: UUID) -> Photo:
    """The photo of something that this phone may look at again. Raises Refusal 404. One query."""
    may_see = Concern.objects.filter(may_look_at(caller.device), public_id=concern_id)
    photo = _pictures().filter(concern__in=may_see).first()
    if photo is None or not photo.thumbnail.storage.exists(photo.thumbnail.name):
        raise refuse(404, "photo", "no_photo", gettext("There is no photo of this."))
    return photo


def _look(concern: Concern, zone: ZoneInfo) -> dict[str, Any]:
    segment = concern.segment
    place = concern.public_place or (
        ", ".join(filter(None, [segment.name, concern.side and segment.side_name(concern.side)])) if segment else ""
    )
    return {
        "id": str(concern.public_id),
        "category": concern.category.code,
        "status": concern.status,
        "place": place,
        "address": concern.address,
        "note": concern.public_text if concern.publication == Publication.PUBLISHED else "",
        "segment": str(segment.public_id) if segment else None,
        "side": concern.side,
        "lat": round(concern.location.y, 6) if concern.location else None,
        "lon": round(concern.location.x, 6) if concern.location else None,
        "seen_at": concern.first_seen_at.isoformat(),
        "lit": concern.lit,
        "photo": _picture_id(concern),
        "since_on": concern.status_changed_at.astimezone(zone).date().isoformat(),
    }


def _picture_id(concern: Concern) -> str | None:
    pictures: list[Photo] = concern.pictures  # type: ignore[attr-defined]  # prefetched by _looks
    return str(pictures[0].public_id) if pictures else None


def features_of(walk: Walk, segments: list[Segment], landmarks: list[Landmark]) -> list[dict[str, Any]]:
    """The corridor, its blocks, landmarks and the meeting point."""
    features = [_corridor(walk.corridor)]
    features += [_segment(segment) for segment in segments]
    features += [_feature(landmark.location, kind="landmark", name=landmark.name) for landmark in landmarks]
    if walk.meeting_location:
        features.append(_feature(walk.meeting_location, kind="meeting", name=walk.meeting_place))
    return features


def _corridor(corridor: Corridor) -> dict[str, Any]:
    return _feature(corridor.line, kind="corridor", name=corridor.name, reach_m=corridor.buffer_m)


def _segment(segment: Segment) -> dict[str, Any]:
    names = {}
    for language in LANGUAGES:
        with translation.override(language):
            names[language] = str(segment.name)
            names[f"left_{language}"] = segment.side_name("left")
            names[f"right_{language}"] = segment.side_name("right")
    return _feature(
        segment.line,
        kind="segment",
        id=str(segment.public_id),
        name=names["en"],
        name_es=names["es"],
        from_name=segment.from_street,
        to_name=segment.to_street,
        block=segment.block,
        sides={side: {language: names[f"{side}_{language}"] for language in LANGUAGES} for side in ("left", "right")},
    )


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    shape = {"type": geometry.geom_type, "coordinates": _rounded(geometry.coords)}
    return {"type": "Feature", "geometry": shape, "properties": properties}


def _rounded(coordinates: Any) -> Any:
    """Six decimals of a degree are ten centimetres; more only makes the pack larger."""
    if isinstance(coordinates, float):
        return round(coordinates, 6)
    return [_rounded(part) for part in coordinates]

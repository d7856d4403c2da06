"""The directory as HSDS 3.0 CSV (Human Services Data Specification, https://docs.openreferral.org): what stands where.

A tabular data package: one file for each table, named as the standard names them. Needs and room have no column there;
they are attributes with terms of two taxonomies of our own. Corridors and areas are service areas.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache

from django.conf import settings
from django.utils import translation

from outreach.models import Need, Service

FILES = {
    "organizations": ["id", "name", "alternate_name", "description", "email", "website"],
    "services": [
        "id", "organization_id", "name", "description", "url", "email", "status", "application_process",
        "fees_description", "eligibility_description", "minimum_age", "maximum_age", "assured_date", "last_modified",
    ],
    "phones": ["id", "service_id", "organization_id", "number", "type"],
    "languages": ["id", "service_id", "name", "code"],
    "locations": ["id", "location_type", "organization_id", "name", "latitude", "longitude"],
    "addresses": ["id", "location_id", "address_1", "city", "state_province", "postal_code", "country", "address_type"],
    "service_at_locations": ["id", "service_id", "location_id"],
    "schedules": ["id", "service_id", "freq", "byday", "opens_at", "closes_at", "description"],
    "service_areas": ["id", "service_id", "name", "extent", "extent_type"],
    "taxonomies": ["id", "name", "description"],
    "taxonomy_terms": ["id", "code", "name", "taxonomy", "taxonomy_id", "language"],
    "attributes": ["id", "link_id", "link_entity", "taxonomy_term_id", "value"],
}  # fmt: skip
NEEDS, ROOM = "safe-routes-needs", "safe-routes-room"
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STATUSES = {
    "active": Service.Status.ACTIVE,
    "inactive": Service.Status.INACTIVE,
    "temporarily closed": Service.Status.INACTIVE,
    "defunct": Service.Status.DEFUNCT,
}
# Words that other directories use for what we call a need (211 and AIRS headings, as people write them).
_OTHER_WORDS = {
    "food pantries": Need.FOOD,
    "food pantry": Need.FOOD,
    "meals": Need.FOOD,
    "shelter": Need.HOUSING,
    "rent payment assistance": Need.HOUSING,
    "rent": Need.HOUSING,
    "housing/shelter": Need.HOUSING,
    "utility assistance": Need.UTILITIES,
    "employment": Need.JOB,
    "job training": Need.JOB,
    "legal services": Need.LEGAL,
    "expungement": Need.LEGAL,
    "counseling": Need.MENTAL_HEALTH,
    "mental health care": Need.MENTAL_HEALTH,
    "crime victim support": Need.VICTIM_SERVICES,
    "grief": Need.VICTIM_SERVICES,
    "substance use disorder services": Need.SUBSTANCE_USE,
    "addiction": Need.SUBSTANCE_USE,
    "recovery": Need.SUBSTANCE_USE,
    "health care": Need.HEALTH,
    "child care": Need.FAMILY,
    "parenting": Need.FAMILY,
    "youth development": Need.YOUTH,
    "transportation": Need.TRANSPORT,
    "identification documents": Need.DOCUMENTS,
    "clothing": Need.CLOTHING,
    "immigration": Need.LANGUAGE,
    "english as a second language": Need.LANGUAGE,
    "home repair": Need.HOME_REPAIR,
    "small business": Need.BUSINESS,
    "safety": Need.SAFETY,
}


@dataclass(frozen=True)
class Facts:
    """What a service says, in the values that we keep. `hours` are (weekday, opens, closes), 0 is Monday."""

    name: str
    description: str = ""
    needs: tuple[str, ...] = ()
    status: str = Service.Status.ACTIVE
    capacity: str = Service.Capacity.OPEN
    eligibility: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    languages: tuple[str, ...] = ()
    application_process: str = ""
    fees: str = ""
    phone: str = ""
    email: str = ""
    url: str = ""
    address: str = ""
    place: tuple[float, float] | None = None  # longitude, latitude
    schedule_note: str = ""
    hours: tuple[tuple[int, time, time], ...] = ()
    corridors: tuple[str, ...] = ()  # slugs
    areas: tuple[str, ...] = ()  # public ids
    assured_on: date | None = field(default=None, compare=False)


def facts_of(service: Service) -> Facts:
    """What we have. Hours, corridors and areas are read already."""
    place = service.location
    return Facts(
        **{name: getattr(service, name) for name in SAME_NAME},
        needs=tuple(sorted(service.needs)),
        languages=tuple(sorted(service.languages)),
        place=(round(place.x, 6), round(place.y, 6)) if place else None,
        hours=tuple(sorted((one.weekday, one.opens_at, one.closes_at) for one in service.hours.all())),
        corridors=tuple(sorted(one.slug for one in service.corridors.all() if one.is_public)),
        areas=tuple(sorted(str(one.public_id) for one in service.areas.all())),
    )


SAME_NAME = (
    "name", "description", "status", "capacity", "eligibility", "minimum_age", "maximum_age", "application_process",
    "fees", "phone", "email", "url", "address", "schedule_note", "assured_on",
)  # fmt: skip


def plain(words: str) -> str:
    """For comparing what people typed: no case, no accents, single blanks."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w/]+", " ", bare.casefold()).split())


def need_of(word: str) -> str | None:
    """Our need for a term of another directory: by our code, our word in any of our languages, or a known heading."""
    return _needs_by_word().get(plain(word))


@cache
def _needs_by_word() -> dict[str, str]:
    words: dict[str, str] = {plain(word): need.value for word, need in _OTHER_WORDS.items()}
    for need in Need:
        words[plain(need.value)] = need.value
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                words[plain(str(need.label))] = need.value
    return words

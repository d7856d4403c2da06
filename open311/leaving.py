"""What of a concern would leave for a city, and why it may not. Nothing else of it ever does.

Kind, place and words that an organizer wrote for everybody: never the note of whoever reported it, never a contact,
a photo or an answer, and no words that seem to describe a person.
"""

from typing import Any

from django.utils.translation import gettext as _

from concerns.flags import flags_for_text
from concerns.models import Category, Concern
from concerns.workflow import ENDED_STATUSES, Publication
from office.models import Coalition
from open311.models import Delivery, EndpointService

MOST_WORDS = 3900  # GeoReport takes 4,000 characters; our marker stands behind
PLACE_NAMES = ("lat", "long", "address_string")


def why_not_sent(concern: Concern) -> str:
    """The sentence why this concern may not be sent to anybody now; "" where it may. Reads the category."""
    if concern.waits_for_help:
        return _("People live there: first write down that help was offered or that there is imminent danger.")
    if concern.category.publication_rule == Category.Rule.NEVER:
        words = _("“%(category)s” is never public, and a city may publish what it is sent. Tell them in person.")
        return words % {"category": concern.category.name}
    if concern.publication == Publication.SPAM:
        return _("It was put aside as spam.")
    if concern.status in ENDED_STATUSES:
        return _("It is “%(status)s”: there is nothing to send.") % {"status": concern.get_status_display()}
    if flags_for_text(concern.address):
        return _("Its address seems to name a person. Correct the place first.")
    return ""


def why_not_words(words: str) -> str:
    """The sentence why these words may not leave; "" where they may."""
    if len(words) > MOST_WORDS:
        return _("These words are too long: at most %(n)d characters.") % {"n": MOST_WORDS}
    if flags_for_text(words):
        return _("These words seem to describe a person. Say only what is wrong with the place.")
    return ""


def words_for_city(concern: Concern) -> str:
    """What the form offers: the words that an organizer made public, or the kind alone."""
    return concern.public_text or concern.category.name


def place_fields(concern: Concern) -> dict[str, str]:
    """Where it is, as GeoReport's fields. May query for the coalition."""
    fields: dict[str, str] = {}
    if concern.location:
        fields |= {"lat": f"{concern.location.y:.6f}", "long": f"{concern.location.x:.6f}"}
    if concern.address:
        around = Coalition.current().place
        fields["address_string"] = f"{concern.address}, {around}" if around else concern.address
    return fields


def leaving(concern: Concern, service: EndpointService, words: str) -> dict[str, Any]:
    """Every field that would leave, without the key and our marker; attributes under their names in brackets."""
    attributes = {f"attribute[{code}]": value for code, value in service.attributes.items()}
    return {"service_code": service.service_code, **place_fields(concern), "description": words, **attributes}


def as_sent(delivery: Delivery) -> list[tuple[str, str]]:
    """The fields of a delivery as they go out: the values of a list one by one, our marker behind the words."""
    sent: list[tuple[str, str]] = []
    for name, value in delivery.fields.items():
        if isinstance(value, list):
            sent += [(f"{name}[]", str(one)) for one in value]
        elif name == "description":
            sent.append((name, f"{value}\n\n({delivery.marker})"))
        else:
            sent.append((name, str(value)))
    return sent


def place_has_changed(delivery: Delivery, concern: Concern) -> bool:
    """Whether the concern is somewhere else than what was approved."""
    approved = {name: delivery.fields[name] for name in PLACE_NAMES if name in delivery.fields}
    return approved != place_fields(concern)

"""What the page of a concern shows about sending it to a city: `{% load open311_desk %}{% send_to_city %}`.

Templates of rooms to the left reach it by name only, so no room imports this one.
"""

from typing import Any

from django import template

from open311.leaving import why_not_sent
from open311.models import Delivery, EndpointService

register = template.Library()


@register.inclusion_tag("open311/_send_to_city.html", takes_context=True)
def send_to_city(context: Any) -> dict[str, Any]:
    """Cities that take this kind, and what became of what was sent. Two queries; one where no city takes it."""
    concern = context["concern"]
    deliveries = list(Delivery.objects.filter(concern=concern).select_related("endpoint"))
    busy = {delivery.endpoint_id for delivery in deliveries if delivery.is_live}
    services = EndpointService.objects.filter(category=concern.category_id).select_related("endpoint")
    usable = [service for service in services if service.endpoint.is_usable and service.endpoint_id not in busy]
    return {
        "concern": concern,
        "deliveries": deliveries,
        "services": usable,
        "refusal": why_not_sent(concern) if usable else "",
    }

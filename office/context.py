from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from office.models import Coalition


def coalition(request: HttpRequest) -> dict[str, object]:
    """`coalition` for every template. Lazy: a page that doesn't show it pays no query; one per request otherwise."""
    return {"coalition": SimpleLazyObject(Coalition.current)}

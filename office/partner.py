"""The partner's page: a shell to which rooms add sections by naming a function in `settings.PARTNER_SECTIONS`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Section:
    """One part of the page: `template` is included with this section as `section`, `context` is what it needs."""

    key: str
    title: str | Promise
    template: str
    n: int = 0
    context: dict[str, Any] = field(default_factory=dict)


# `(*, request, organizations) -> Section | None`; organizations are those the page is about.
SectionSource = Callable[..., Section | None]


def partner_sections(request: HttpRequest, organizations: Sequence[Any]) -> list[Section]:
    """The sections of a page about these organizations, in the order of the settings."""
    made = (import_string(name)(request=request, organizations=organizations) for name in settings.PARTNER_SECTIONS)
    return [section for section in made if section is not None]

"""What corridors ask of an organizer."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import ngettext

from corridors.models import Corridor, Segment
from office.panels import Panel


def panels(*, user: Any, now: datetime) -> Iterator[Panel]:
    """Corridors nobody cut into blocks yet. One query."""
    blocks = Segment.objects.current().filter(corridor=OuterRef("pk"))
    uncut = list(Corridor.objects.filter(~Exists(blocks)).values_list("slug", "name"))
    if uncut:
        slug, name = uncut[0]
        yield Panel(
            n=len(uncut),
            text=ngettext("corridor without blocks", "corridors without blocks", len(uncut)),
            url=reverse("corridors:desk_edit", args=[slug]),
            button=ngettext("Draw it", "Draw the first", len(uncut)),
            detail=name,
        )

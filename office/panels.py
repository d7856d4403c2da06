"""What needs an organizer today. Every room adds its panels by naming a function in `settings.DESK_PANELS`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Panel:
    """One thing to do: a number, a sentence and one button. Panels with `n` = 0 aren't shown."""

    n: int
    text: str | Promise
    url: str
    button: str | Promise
    due_at: datetime | None = None
    detail: str | Promise = ""


PanelSource = Callable[..., Iterable[Panel]]


def desk_panels(user: Any, now: datetime) -> list[Panel]:
    """Everything that needs this user, most urgent first; what has no deadline comes last."""
    panels = [panel for name in settings.DESK_PANELS for panel in import_string(name)(user=user, now=now) if panel.n]
    return sorted(panels, key=lambda panel: (panel.due_at is None, panel.due_at or now))

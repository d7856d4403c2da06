"""What needs an organizer today. Every room adds its panels by naming a function in `settings.DESK_PANELS`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Panel:
    """One thing to do: a number, a sentence and one button. Panels with `n` = 0 aren't shown."""

    n: int
    text: str | Promise
    url: str
    button: str | Promise
    due_at: datetime | None = None
    detail: str | Promise = ""
    comes_first: bool = False  # somebody may be in danger: before whatever else is late


PanelSource = Callable[..., Iterable[Panel]]


def desk_panels(user: Any, now: datetime) -> list[Panel]:
    """Everything that needs this user: danger, then by deadline; what has none comes last."""
    panels = [panel for name in settings.DESK_PANELS for panel in import_string(name)(user=user, now=now) if panel.n]
    return sorted(panels, key=lambda panel: (not panel.comes_first, panel.due_at is None, panel.due_at or now))


@dataclass(frozen=True)
class Band:
    """Panels of one stretch of time."""

    name: str | Promise
    panels: list[Panel]


def by_deadline(panels: Iterable[Panel], now: datetime) -> list[Band]:
    """Late, today, this week, later, without a deadline; empty bands are left out. Days are local ones."""
    today = timezone.localtime(now).date()
    bands: dict[str, list[Panel]] = {"late": [], "today": [], "week": [], "later": [], "open": []}
    for panel in panels:
        bands[_band_of(panel, now, today)].append(panel)
    names = {
        "late": _("Late"),
        "today": _("Today"),
        "week": _("This week"),
        "later": _("Later"),
        "open": _("When there is time"),
    }
    return [Band(names[key], rows) for key, rows in bands.items() if rows]


def _band_of(panel: Panel, now: datetime, today: date) -> str:
    if panel.due_at is None:
        return "open"
    if panel.due_at < now:
        return "late"
    days = (timezone.localtime(panel.due_at).date() - today).days
    return "today" if days == 0 else "week" if days < 7 else "later"

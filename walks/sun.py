"""When the sun rises and sets at a place. Pure: no database, no models. Source: the `astral` library."""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from astral import Observer
from astral import sun as astral_sun
from django.db import models
from django.utils.translation import gettext_lazy as _

Light = Literal["day", "into_dark", "dark"]


class Lit(models.TextChoices):
    """How light it was when somebody looked. A walk by day is never compared with one after dark."""

    DAY = "day", _("by day")
    DUSK = "dusk", _("at dusk")
    DARK = "dark", _("after dark")


def sunset(*, lat: float, lon: float, day: date, zone: ZoneInfo) -> datetime | None:
    """The moment the sun sets, on the clock of `zone`. None where it doesn't set that day (near the poles)."""
    try:
        return astral_sun.sunset(Observer(lat, lon), date=day, tzinfo=zone)
    except ValueError:
        return None


def sunrise(*, lat: float, lon: float, day: date, zone: ZoneInfo) -> datetime | None:
    """The moment the sun rises. None where it doesn't rise that day."""
    try:
        return astral_sun.sunrise(Observer(lat, lon), date=day, tzinfo=zone)
    except ValueError:
        return None


def light_of(*, step_off_at: datetime, end_at: datetime, sunset_at: datetime | None) -> Light:
    """Whether people walk by day, into the dark, or after dark."""
    if sunset_at is None or end_at <= sunset_at:
        return "day"
    return "dark" if step_off_at >= sunset_at else "into_dark"

"""What may be said about a stretch of street beside what is wrong there: perception, never a concern."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# Feelings are 0 (bad) to 3 (good); what isn't rated, or can't be told, is absent.
MOST_RATING = 3


class Rating(models.TextChoices):
    LIGHT = "light", _("light")
    FEELING = "feeling", _("how safe it feels")
    OPENNESS = "openness", _("openness")
    VISIBILITY = "visibility", _("seen from windows and shops")
    PEOPLE = "people", _("people about")
    MIX = "mix", _("mix of people")
    SECURITY = "security", _("security")
    PATH = "path", _("walk path")
    TRANSPORT = "transport", _("transport")


def usual_ratings() -> list[str]:
    """Which are asked where the organizer switched nothing else on."""
    return [Rating.LIGHT.value, Rating.FEELING.value]

"""What people do on a walk."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WalkRole(models.TextChoices):
    LEAD = "lead", _("walk lead")
    MARSHAL = "marshal", _("safety marshal, in front")
    SWEEP = "sweep", _("sweep, at the rear")
    SCRIBE = "scribe", _("scribe: writes down what is noticed")
    GREETER = "greeter", _("greeter: talks to people")
    NAVIGATOR = "navigator", _("navigator")
    INTERPRETER = "interpreter", _("interpreter")
    AGENCY = "agency", _("from an agency that helps")
    YOUTH_LEAD = "youth_lead", _("youth lead")
    LIAISON = "liaison", _("contact to the city")
    DESK = "desk", _("at the check-in table")
    DESIGNEE = "designee", _("waits off site")
    FIRST_AID = "first_aid", _("first aid")


# Who leads grown-ups through traffic, or answers for them, is an adult.
ADULT_ROLES = frozenset({WalkRole.LEAD, WalkRole.MARSHAL, WalkRole.DESIGNEE, WalkRole.FIRST_AID})
# What counts as “at the table” for young people: not only being there.
YOUTH_COUNTS_AS_LED = frozenset({WalkRole.YOUTH_LEAD, WalkRole.SCRIBE, WalkRole.GREETER, WalkRole.NAVIGATOR})

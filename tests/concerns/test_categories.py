"""The nineteen categories that every site starts with."""

import pytest

from concerns.models import Category, Question

pytestmark = pytest.mark.django_db

CODES = {
    *("LIGHT_OUT", "LIGHT_NONE", "VACANT_OPEN", "VACANT_BLD", "DANGER_BLD", "VACANT_LOT", "DUMPING", "OVERGROWTH"),
    *("SIDEWALK", "TRAFFIC", "GRAFFITI", "ABAND_VEH", "SIGHTLINE", "TRANSIT", "NEEDLES", "UTILITY"),
    *("NUISANCE", "ASSET", "OTHER"),
}

"""Who fixes what on the Avenue: a start that an admin changes. Request types are named as 311 names them."""

from typing import NamedTuple

TEXT = "{category} at {address}, {block}.\n{answers}\n{note}"
OPEN_HOUSE = "Vacant structure open to entry at {address}. Please board it up.\n{answers}\n{note}"


class Rule(NamedTuple):
    """`organization` is one of `cast.ORGANIZATIONS`; a rule with a `system` is filed there under `request_type`."""

    category: str
    system: str
    request_type: str
    organization: str = ""
    template: str = TEXT


RULES = [
    Rule("VACANT_OPEN", "311", "Dangerous Building: open to entry", template=OPEN_HOUSE),
    Rule("DANGER_BLD", "311", "Dangerous Building"),
    Rule("VACANT_BLD", "311", "Vacant structure"),
    Rule("LIGHT_OUT", "311", "Street Light: out", "Public Works, Street Lighting"),
    Rule("LIGHT_NONE", "", "", "Public Works, Street Lighting"),
    Rule("DUMPING", "311", "Illegal Dumping"),
    Rule("VACANT_LOT", "311", "Lot overgrown or littered"),
    Rule("OVERGROWTH", "311", "Trees and brush"),
    Rule("GRAFFITI", "311", "Graffiti"),
    Rule("ABAND_VEH", "311", "Abandoned Vehicle"),
    Rule("SIDEWALK", "311", "Sidewalk and curb"),
    Rule("TRAFFIC", "311", "Traffic signs and signals"),
    Rule("NEEDLES", "311", "Biohazard"),
    Rule("UTILITY", "311", "Utility: urgent"),
    Rule("TRANSIT", "Transit agency", "Bus stop"),
]

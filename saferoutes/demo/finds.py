"""What last month's walk found. Each line: category, place, side, words, answers, and what became of it."""

from typing import Any, NamedTuple


class Find(NamedTuple):
    """`end` is the status it reached; `words` may be empty; `text` is what an organizer made public."""

    category: str
    place: tuple[float, float]
    address: str
    words: str
    answers: dict[str, Any]
    end: str
    text: str = ""
    photo: bool = False
    team: int = 1
    told_by: str = "seen"


FINDS = [
    Find(
        "LIGHT_OUT",
        (-94.52602, 39.10555),
        "4799 Independence Ave",
        "Lamp over the bus stop is dark",
        {"what": ["out"], "under": ["bus_stop"]},
        "verified_fixed",
        "The light over the bus stop is out",
        photo=True,
    ),
    Find(
        "LIGHT_OUT",
        (-94.53838, 39.10598),
        "3514 Independence Ave",
        "Two lamps in a row are off",
        {"what": ["out"]},
        "reopened",
        "Two lights in a row are out",
        photo=True,
        team=2,
    ),
    Find(
        "LIGHT_OUT",
        (-94.52240, 39.10524),
        "5011 Independence Ave",
        "Goes on and off all the time",
        {"what": ["cycling"]},
        "claimed_fixed",
        "A light flickers",
        team=2,
    ),
    Find(
        "LIGHT_NONE",
        (-94.53660, 39.10591),
        "3706 Independence Ave",
        "Nothing lit between the two shops",
        {},
        "monitoring",
        "A dark stretch between two shops",
        team=3,
    ),
    Find(
        "DUMPING",
        (-94.52478, 39.10529),
        "4815 Independence Ave",
        "Mattress, bags, tires in the alley",
        {},
        "in_progress",
        "Dumping in the alley",
        photo=True,
    ),
    Find(
        "DUMPING",
        (-94.53488, 39.10570),
        "3809 Independence Ave",
        "Two sofas behind the fence",
        {},
        "verified_fixed",
        "Sofas dumped behind a fence",
        photo=True,
        team=3,
    ),
    Find(
        "SIDEWALK",
        (-94.53010, 39.10571),
        "4404 Independence Ave",
        "A stroller has to go into the street",
        {},
        "reported",
        "The sidewalk is broken, a stroller can’t pass",
        photo=True,
        team=2,
    ),
    Find(
        "SIDEWALK",
        (-94.52566, 39.10534),
        "4801 Independence Ave",
        "No ramp on this corner",
        {},
        "claimed_fixed",
        "A curb without a ramp",
    ),
    Find(
        "OVERGROWTH",
        (-94.52822, 39.10565),
        "4612 Independence Ave",
        "Bush hides the stop sign",
        {},
        "triaged",
        "A bush hides the stop sign",
    ),
    Find(
        "SIGHTLINE",
        (-94.53288, 39.10560),
        "4009 Independence Ave",
        "Blind corner behind the dumpsters",
        {},
        "triaged",
        "A blind corner",
        team=3,
    ),
    Find(
        "TRANSIT",
        (-94.52590, 39.10557),
        "4790 Independence Ave",
        "Seat is gone",
        {},
        "reported",
        "The bus stop has no seat",
    ),
    Find(
        "GRAFFITI",
        (-94.53200, 39.10556),
        "4107 Independence Ave",
        "On the side wall of the laundry",
        {},
        "referred_to_owner",
        "Graffiti on a side wall",
        team=3,
    ),
    Find(
        "VACANT_LOT",
        (-94.52150, 39.10540),
        "5106 Independence Ave",
        "Grass above the knee",
        {},
        "not_actionable",
        "An overgrown lot",
        team=2,
    ),
    Find(
        "TRAFFIC",
        (-94.52585, 39.10545),
        "4800 Independence Ave",
        "Cars don’t stop for the crossing",
        {},
        "triaged",
        "Cars don’t stop at the crossing",
        told_by="business",
    ),
    Find(
        "ASSET",
        (-94.52852, 39.10571),
        "4602 Independence Ave",
        "Leaves its lights on until nine",
        {},
        "monitoring",
        "A bakery that leaves its lights on until nine",
        photo=True,
    ),
    Find(
        "ASSET",
        (-94.53405, 39.10588),
        "3902 Independence Ave",
        "Painted wall, people stop and look",
        {},
        "monitoring",
        "A painted wall that people stop for",
        team=3,
    ),
    # Buildings: counted by block, never shown by place. Four on one block, so that block shows a number.
    Find("VACANT_OPEN", (-94.52356, 39.10526), "4909 Independence Ave", "Back door stands open", {}, "reported"),
    Find("VACANT_BLD", (-94.52338, 39.10551), "4914 Independence Ave", "Boarded, sign of the Land Bank", {}, "triaged"),
    Find("VACANT_BLD", (-94.52318, 39.10525), "4921 Independence Ave", "Boarded windows", {}, "triaged"),
    Find(
        "DANGER_BLD", (-94.52296, 39.10549), "4930 Independence Ave", "Bricks loose over the sidewalk", {}, "reported"
    ),
    Find(
        "VACANT_BLD",
        (-94.53720, 39.10596),
        "3622 Independence Ave",
        "Nobody there for a long time",
        {},
        "triaged",
        team=3,
    ),
    # People live in a part of this one: help comes before anything else.
    Find(
        "VACANT_BLD",
        (-94.53120, 39.10552),
        "4211 Independence Ave",
        "Upper floor looks lived in",
        {"occupied": "part"},
        "triaged",
        team=2,
    ),
    # Trouble at one address is never public.
    Find("NUISANCE", (-94.52930, 39.10571), "4508 Independence Ave", "Broken bottles every weekend", {}, "triaged"),
]

# Logged on the same evening, and nobody has read them yet.
UNREAD = [
    Find(
        "LIGHT_OUT",
        (-94.52455, 39.10554),
        "4822 Independence Ave",
        "Dim, blocked by a branch",
        {"what": ["dim"]},
        "new",
    ),
    Find(
        "DUMPING", (-94.53040, 39.10553), "4321 Independence Ave", "Man in a red jacket sleeps there", {}, "new", team=2
    ),
    Find("NEEDLES", (-94.52760, 39.10541), "4645 Independence Ave", "", {}, "new"),
    Find("ABAND_VEH", (-94.52060, 39.10517), "5131 Independence Ave", "No wheels", {}, "new", team=2, photo=True),
]

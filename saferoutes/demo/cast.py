"""The people and groups of the demo. All of them are invented."""

from typing import NamedTuple

from people.roles import OrganizationKind as Kind

MAIL_DOMAIN = "@demo.example"  # reserved for examples by RFC 2606

ORGANIZATIONS = [
    ("Avenue Business Circle", Kind.BUSINESS_ASSOCIATION, "816-555-0110"),
    ("Hearth and Key Housing", Kind.SERVICE_PROVIDER, "816-555-0121"),
    ("Nine Lives Recovery", Kind.SERVICE_PROVIDER, "816-555-0132"),
    ("Northeast Youth Table", Kind.SERVICE_PROVIDER, "816-555-0143"),
    ("Second Loaf Pantry", Kind.SERVICE_PROVIDER, "816-555-0154"),
    ("Bridgeway Job Training", Kind.SERVICE_PROVIDER, "816-555-0165"),
    ("Plain Paper Legal Aid", Kind.SERVICE_PROVIDER, "816-555-0141"),
    ("Porchlight Energy Help", Kind.SERVICE_PROVIDER, "816-555-0152"),
    ("Open Hand Clinic", Kind.SERVICE_PROVIDER, "816-555-0163"),
    ("Lykins Neighbors", Kind.NEIGHBORHOOD, ""),
    ("St. Brendan’s Church", Kind.FAITH, ""),
    ("Scarritt High Key Club", Kind.SCHOOL, ""),
    ("City Public Safety Office", Kind.CITY_DEPARTMENT, "816-555-0176"),
    ("Public Works, Street Lighting", Kind.CITY_DEPARTMENT, "816-555-0187"),
    ("Prosecutor’s Office, Community Team", Kind.PROSECUTOR, "816-555-0198"),
    ("East Patrol Community Officers", Kind.POLICE, "816-555-0109"),
]

# key, name, e-mail, role of the sign-in (None: no sign-in), coordinator, organization
PEOPLE = [
    ("admin", "Ada Penhallow", "admin@demo.example", "admin", False, None),
    ("organizer", "Odessa Quill", "organizer@demo.example", "organizer", False, "Avenue Business Circle"),
    ("coordinator", "Ines Marbury", "coordinator@demo.example", "organizer", True, "Hearth and Key Housing"),
    ("lead", "Linus Farrow", "lead@demo.example", "member", False, "Lykins Neighbors"),
    ("volunteer", "Teo Linden", "volunteer@demo.example", "member", False, None),
    ("agency", "Petra Oakes", "agency@demo.example", "member", False, "Nine Lives Recovery"),
    ("department", "Lucan Hale", "department@demo.example", "member", False, "City Public Safety Office"),
    ("police", "Piers Hallam", "police@demo.example", "organizer", False, "East Patrol Community Officers"),
]

# Who has something to fix, and where its mail would go.
FIXER, FIXER_MAIL = "City Public Safety Office", "to-fix@demo.example"

# Where organizations are asked how many people they bring. The others have no e-mail.
ORGANIZATION_MAILS = {
    "Avenue Business Circle": "circle@demo.example",
    "Hearth and Key Housing": "hearth@demo.example",
    "Nine Lives Recovery": "ninelives@demo.example",
    "Northeast Youth Table": "youthtable@demo.example",
    "Second Loaf Pantry": "pantry@demo.example",
    "Plain Paper Legal Aid": "paper@demo.example",
    "Porchlight Energy Help": "porchlight@demo.example",
    "Open Hand Clinic": "openhand@demo.example",
    "St. Brendan’s Church": "brendan@demo.example",
    "Lykins Neighbors": "lykins@demo.example",
}


class Coming(NamedTuple):
    """Somebody who signs up: e-mail or phone; the organization, known or as they typed it; `team` 0: in none yet."""

    name: str
    contact: str
    organization: str
    age_band: str
    language: str = "en"
    n_people: int = 1
    role: str = ""
    team: int = 0


LEAD = Coming("Linus Farrow", "lead@demo.example", "Lykins Neighbors", "35_54", role="lead", team=1)
# May walk with minors, and does so in their teams.
CLEARED = "wren@demo.example"
# A parent said yes on paper; the other one was asked and hasn't answered.
ALLOWED, ASKED = "noor@demo.example", "kit@demo.example"

# Who signs up for this week's walk, in this order. Nobody took first aid yet.
SIGNUPS = [
    LEAD,
    Coming("Wren Applegate", CLEARED, "Hearth and Key Housing", "25_34", role="scribe", team=1),
    Coming("Marisol Vega", "marisol@demo.example", "Second Loaf Pantry", "35_54", "es", 2, "greeter", 2),
    Coming("Jory Tennant", "816-555-0111", "Northeast Youth Table", "18_24", n_people=4),
    Coming("Amara Dovell", "amara@demo.example", "Bridgeway Job Training", "25_34", role="scribe", team=2),
    Coming("Silas Broome", "816-555-0112", "", "65_plus", role="desk"),
    Coming("Noor Castellan", ALLOWED, "Scarritt High Key Club", "13_17", role="greeter", team=1),
    Coming("Bastian Reyes", "bastian@demo.example", "Gladstone Block Club", "35_54", "es", role="sweep", team=2),
    Coming("Helga Sorensen", "helga@demo.example", "St. Brendan’s Church", "55_64", n_people=3),
    Coming("Devi Marchetti", "devi@demo.example", "Nine Lives Recovery", "25_34", role="marshal", team=1),
    Coming("Otto Fenwick", "otto@demo.example", "City Public Safety Office", "35_54", role="marshal", team=2),
    Coming("Teo Linden", "volunteer@demo.example", "", "25_34", role="sweep", team=1),
    Coming("Kit Alvarado", ASKED, "Northeast Youth Table", "13_17"),
]
PLACES = 20
# More than there are places left: they wait, while one or two could still come.
WAITING = Coming("Priya Nandan", "priya@demo.example", "Bridgeway Job Training", "35_54", n_people=3)

# What organizations say they bring this week; None: asked, and no answer yet.
PLEDGES: dict[str, tuple[int | None, str, str]] = {
    "Hearth and Key Housing": (2, "Ines Marbury", ""),
    "Northeast Youth Table": (5, "Jory Tennant", "We bring water"),
    "Second Loaf Pantry": (2, "Marisol Vega", ""),
    "St. Brendan’s Church": (3, "Helga Sorensen", "Two of us walk slowly"),
    "Nine Lives Recovery": (1, "Petra Oakes", ""),
    "Lykins Neighbors": (0, "Linus Farrow", "Our block party is on the same day; only Linus can come"),
    "Avenue Business Circle": (None, "", ""),
}

# Last month's walk: who had signed up, and who came how ("": didn't come).
ROSTER_OF_LAST = [
    (LEAD, "roster"),
    (Coming("Silas Broome", "816-555-0112", "", "65_plus", role="sweep", team=1), "roster"),
    (Coming("Marisol Vega", "marisol@demo.example", "Second Loaf Pantry", "35_54", "es", role="greeter", team=1), "qr"),
    (Coming("Devi Marchetti", "devi@demo.example", "Nine Lives Recovery", "25_34", role="marshal", team=1), "qr"),
    (Coming("Wren Applegate", CLEARED, "Hearth and Key Housing", "25_34", role="scribe", team=2), "qr"),
    (Coming("Jory Tennant", "816-555-0111", "Northeast Youth Table", "18_24", role="marshal", team=2), "roster"),
    (Coming("Noor Castellan", ALLOWED, "Scarritt High Key Club", "13_17", role="greeter", team=2), "self"),
    (Coming("Helga Sorensen", "helga@demo.example", "St. Brendan’s Church", "55_64", "en", 2, "scribe", 3), "paper"),
    (Coming("Bastian Reyes", "bastian@demo.example", "Gladstone Block Club", "35_54", "es", 1, "marshal", 3), "paper"),
    (Coming("Amara Dovell", "amara@demo.example", "Bridgeway Job Training", "25_34"), ""),
    (Coming("Otto Fenwick", "otto@demo.example", "City Public Safety Office", "35_54"), ""),
]
NEEDS_OF_LAST = {"lead": 1, "marshal": 3, "sweep": 1, "scribe": 2, "greeter": 2}
# Who walked up to the table that evening: name, organization, age, team, how a guardian said yes.
WALK_UPS = [
    ("Ruth", "Avenue Business Circle", "65_plus", 1, ""),
    ("Kit Alvarado", "Northeast Youth Table", "13_17", 2, "Jory called the mother; she said yes"),
]
PLEDGES_OF_LAST: dict[str, tuple[int | None, str, str]] = {
    "Avenue Business Circle": (2, "Odessa Quill", ""),
    "Hearth and Key Housing": (1, "Ines Marbury", ""),
    "Northeast Youth Table": (3, "Jory Tennant", "Two of us are 16"),
    "Second Loaf Pantry": (1, "Marisol Vega", ""),
    "St. Brendan’s Church": (2, "Helga Sorensen", ""),
    "Nine Lives Recovery": (1, "Petra Oakes", ""),
    "City Public Safety Office": (2, "Lucan Hale", ""),
    "Lykins Neighbors": (None, "", ""),
}

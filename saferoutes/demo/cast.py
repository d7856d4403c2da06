"""The people and groups of the demo. All of them are invented."""

from people.roles import OrganizationKind as Kind

MAIL_DOMAIN = "@demo.example"  # reserved for examples by RFC 2606

ORGANIZATIONS = [
    ("Avenue Business Circle", Kind.BUSINESS_ASSOCIATION, "816-555-0110"),
    ("Hearth and Key Housing", Kind.SERVICE_PROVIDER, "816-555-0121"),
    ("Nine Lives Recovery", Kind.SERVICE_PROVIDER, "816-555-0132"),
    ("Northeast Youth Table", Kind.SERVICE_PROVIDER, "816-555-0143"),
    ("Second Loaf Pantry", Kind.SERVICE_PROVIDER, "816-555-0154"),
    ("Bridgeway Job Training", Kind.SERVICE_PROVIDER, "816-555-0165"),
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

# Who signs up for this week's walk: name, contact, organization (or the words they typed), age, language, people.
SIGNUPS = [
    ("Wren Applegate", "wren@demo.example", "Hearth and Key Housing", "25_34", "en", 1),
    ("Marisol Vega", "marisol@demo.example", "Second Loaf Pantry", "35_54", "es", 2),
    ("Jory Tennant", "816-555-0111", "Northeast Youth Table", "18_24", "en", 4),
    ("Amara Dovell", "amara@demo.example", "Bridgeway Job Training", "25_34", "en", 1),
    ("Silas Broome", "816-555-0112", "", "65_plus", "en", 1),
    ("Noor Castellan", "noor@demo.example", "Scarritt High Key Club", "13_17", "en", 1),
    ("Bastian Reyes", "bastian@demo.example", "Gladstone Block Club", "35_54", "es", 1),
    ("Helga Sorensen", "helga@demo.example", "St. Brendan’s Church", "55_64", "en", 3),
    ("Devi Marchetti", "devi@demo.example", "Nine Lives Recovery", "25_34", "en", 1),
    ("Otto Fenwick", "otto@demo.example", "City Public Safety Office", "35_54", "en", 1),
]

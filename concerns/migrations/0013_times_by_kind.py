"""What makes two reports the same thing, and how long a fix may take, for the categories that came with the site."""

from django.db import migrations

ADDRESS, POLE = "address", "pole"
SAME_BY = {
    "VACANT_OPEN": ADDRESS,
    "VACANT_BLD": ADDRESS,
    "DANGER_BLD": ADDRESS,
    "NUISANCE": ADDRESS,
    "VACANT_LOT": ADDRESS,
    "LIGHT_OUT": POLE,
}
# Houses stay what they are for years; an abandoned car or a bag of trash doesn't.
SAME_WITHIN_DAYS = {
    "VACANT_OPEN": 730,
    "VACANT_BLD": 730,
    "DANGER_BLD": 730,
    "VACANT_LOT": 365,
    "ABAND_VEH": 60,
    "DUMPING": 90,
    "NEEDLES": 30,
}
# Days, and whether they are working days. "Open to entry" gets a board-up within 24 hours; the others are a start that
# an admin changes as soon as the city says what it promises.
FIX_WITHIN = {
    "VACANT_OPEN": (1, False),
    "UTILITY": (1, False),
    "NEEDLES": (2, False),
    "LIGHT_OUT": (10, True),
    "DUMPING": (10, True),
    "GRAFFITI": (10, True),
    "TRAFFIC": (20, True),
    "ABAND_VEH": (20, True),
    "OVERGROWTH": (20, True),
    "VACANT_LOT": (30, True),
    "DANGER_BLD": (30, True),
    "VACANT_BLD": (30, True),
    "SIDEWALK": (60, True),
    "TRANSIT": (60, True),
}


def fill(apps, schema_editor):
    categories = apps.get_model("concerns", "Category").objects
    for code, same_by in SAME_BY.items():
        categories.filter(code=code).update(same_by=same_by)
    for code, days in SAME_WITHIN_DAYS.items():
        categories.filter(code=code).update(duplicate_days=days)
    for code, (days, working) in FIX_WITHIN.items():
        categories.filter(code=code).update(fix_days=days, fix_in_working_days=working)


class Migration(migrations.Migration):
    dependencies = [("concerns", "0012_who_fixes_it_and_when")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

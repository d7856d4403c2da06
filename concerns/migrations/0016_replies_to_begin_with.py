"""Six replies to begin with; an admin changes them, or puts them out of use."""

from django.db import migrations

# Name, status, English, Spanish. {category}, {place} and {status} are filled in.
STARTERS = [
    (
        "Thank you, we read it",
        "triaged",
        "Thank you. We read your report about “{category}” at {place}. We will say here what becomes of it.",
        "Gracias. Leímos su reporte sobre «{category}» en {place}. Aquí diremos qué pasa con él.",
    ),
    (
        "Filed with the city",
        "reported",
        "We filed “{category}” at {place} with the city. When they answer, you will read it here.",
        "Entregamos «{category}» en {place} a la ciudad. Cuando respondan, lo leerá aquí.",
    ),
    (
        "Somebody works on it",
        "in_progress",
        "The city says that somebody works on it: {place}. We will go and look when they say it is fixed.",
        "La ciudad dice que ya trabajan en eso: {place}. Iremos a ver cuando digan que está arreglado.",
    ),
    (
        "The city says it is fixed",
        "claimed_fixed",
        (
            "The city says that it is fixed at {place}. Can you see it? Tell us with your link whether that is so. "
            "We will look, too."
        ),
        (
            "La ciudad dice que ya está arreglado en {place}. ¿Lo puede ver usted? Díganos con su enlace si es así. "
            "Nosotros también iremos a ver."
        ),
    ),
    (
        "It is back",
        "reopened",
        "We looked again at {place}, and it isn’t fixed. We told the city so.",
        "Fuimos a ver otra vez en {place} y no está arreglado. Se lo dijimos a la ciudad.",
    ),
    (
        "The owner has to fix it",
        "referred_to_owner",
        "What you told us about {place} belongs to the owner. We told the owner, and we keep an eye on it.",
        "Lo que nos contó sobre {place} le toca al dueño. Ya le avisamos, y lo seguimos viendo.",
    ),
]


def add_starters(apps, schema_editor):
    templates = apps.get_model("concerns", "ReplyTemplate")
    if templates.objects.exists():
        return
    for position, (name, status, english, spanish) in enumerate(STARTERS):
        templates.objects.create(
            name=name, status=status, text_en=english, text_es=spanish, position=(position + 1) * 10
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("concerns", "0015_three_voices")]

    operations = [migrations.RunPython(add_starters, migrations.RunPython.noop)]

"""What everybody agrees to before they walk, to begin with. An admin writes the next version."""

from typing import Any

from django.db import migrations

TEXT_EN = """We observe and report. We don’t step in, and we don’t follow anybody.
We don’t enter buildings, yards or lots.
We take no pictures of faces or license plates, and write nothing down about persons.
We stay with our team, at least two together, and on the sidewalk.
In danger we call 911 first, then the walk lead.
We are back at the meeting point at the time that was said, or we call."""
TEXT_ES = """Observamos e informamos. No intervenimos ni seguimos a nadie.
No entramos en edificios, patios ni lotes.
No tomamos fotos de caras ni de placas, y no anotamos nada sobre personas.
Nos quedamos con nuestro equipo, al menos dos juntos, y en la acera.
Si hay peligro llamamos primero al 911 y después a quien guía la caminata.
Volvemos al punto de encuentro a la hora acordada, o llamamos."""


def write(apps: Any, _editor: Any) -> None:
    apps.get_model("walks", "Agreement").objects.get_or_create(
        version=1, defaults={"text_en": TEXT_EN, "text_es": TEXT_ES}
    )


class Migration(migrations.Migration):
    dependencies = [("walks", "0008_when_a_text_was_taken")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]

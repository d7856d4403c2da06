"""The first words in which people are asked, in both languages. Changed ones get a version of their own."""

import datetime

from django.db import migrations

ENGLISH = (
    "Your name and number are optional. Help coordinators see them; the public and partner agencies do not, unless you "
    "say which one may. Some partners are public bodies and records law can apply. %(public_body)s holds what you tell "
    "us. You can take your yes back at any time with the code that you get. We never ask about immigration status."
)
SPANISH = (
    "Su nombre y su número son opcionales. Los ven las personas que coordinan la ayuda; el público y las agencias "
    "asociadas no, a menos que usted diga cuál puede verlos. Algunas agencias son organismos públicos y se les pueden "
    "aplicar leyes sobre registros públicos. %(public_body)s guarda lo que usted nos dice. Puede retirar su permiso "
    "cuando quiera con el código que recibe. Nunca preguntamos por la situación migratoria."
)


def add_wording(apps, schema_editor):
    wording = apps.get_model("outreach", "ConsentWording")
    for language, text in (("en", ENGLISH), ("es", SPANISH)):
        wording.objects.get_or_create(
            version=1, language=language, defaults={"text": text, "since": datetime.date(2026, 11, 1)}
        )


class Migration(migrations.Migration):
    dependencies = [("outreach", "0003_help_and_services")]

    operations = [migrations.RunPython(add_wording, migrations.RunPython.noop)]

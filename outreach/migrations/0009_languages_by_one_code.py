from django.db import migrations

# What files wrote for languages that have two letters, when this was made; a region is left out.
THREE_LETTERS = {
    "amh": "am", "ara": "ar", "ben": "bn", "bur": "my", "mya": "my", "chi": "zh", "zho": "zh", "deu": "de",
    "ger": "de", "eng": "en", "fas": "fa", "per": "fa", "fra": "fr", "fre": "fr", "hat": "ht", "hin": "hi",
    "ita": "it", "jpn": "ja", "khm": "km", "kin": "rw", "kor": "ko", "lao": "lo", "lin": "ln", "nep": "ne",
    "orm": "om", "pol": "pl", "por": "pt", "pus": "ps", "run": "rn", "rus": "ru", "som": "so", "spa": "es",
    "swa": "sw", "tgl": "tl", "tha": "th", "tir": "ti", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi",
}  # fmt: skip


def to_one_code(apps, schema_editor):
    for service in apps.get_model("outreach", "Service").objects.exclude(languages=[]).iterator():
        bases = [code.partition("-")[0] for code in service.languages]
        codes = sorted({THREE_LETTERS.get(code, code) for code in bases})
        if codes != sorted(service.languages):
            service.languages = codes
            service.save(update_fields=["languages"])


class Migration(migrations.Migration):
    """A service that an imported file called `spa` or `es-mx` is found by Spanish."""

    dependencies = [("outreach", "0008_contacts_with_words")]
    operations = [migrations.RunPython(to_one_code, migrations.RunPython.noop)]

"""What tells two places apart, kept with each concern: one indexed lookup finds the same house or the same pole."""

from django.db import migrations, models
from django.db.models import F, Func, Q, Value

from corridors.addresses import address_key, pole_key

BATCH = 1000


def fill(apps, schema_editor):
    concerns = apps.get_model("concerns", "Concern").objects
    rows = concerns.exclude(address="", answers={}).only("pk", "address", "answers").order_by("pk")
    batch = []
    for row in rows.iterator(chunk_size=BATCH):
        row.address_key, row.pole_key = address_key(row.address), pole_key(row.answers.get("pole"))
        if row.address_key or row.pole_key:
            batch.append(row)
        if len(batch) == BATCH:
            concerns.bulk_update(batch, ["address_key", "pole_key"])
            batch = []
    concerns.bulk_update(batch, ["address_key", "pole_key"])


class Migration(migrations.Migration):
    dependencies = [("concerns", "0013_times_by_kind")]

    operations = [
        migrations.AddField(
            model_name="concern",
            name="address_key",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=120),
        ),
        migrations.AddField(
            model_name="concern",
            name="pole_key",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=20),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="concern",
            index=models.Index(
                Func(F("address_key"), Value("|"), Value(1), function="split_part", output_field=models.CharField()),
                condition=~Q(address_key=""),
                name="concern_address_key",
            ),
        ),
        migrations.AddIndex(
            model_name="concern",
            index=models.Index(condition=~Q(pole_key=""), fields=["pole_key"], name="concern_pole_key"),
        ),
    ]

"""The admin calls one rule a rule."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("concerns", "0020_told_of_fixes")]

    operations = [
        migrations.AlterModelOptions(
            name="routingrule",
            options={
                "ordering": ["position", "id"],
                "verbose_name": "rule of who fixes what",
                "verbose_name_plural": "rules of who fixes what",
            },
        ),
    ]

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("concerns", "0019_quick_desk_search"),
        ("people", "0002_calendar_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="FixedNews",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="told")),
                (
                    "concern",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fixed_news",
                        to="concerns.concern",
                        verbose_name="concern",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fixed_news",
                        to="people.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "news of a fix",
                "verbose_name_plural": "news of fixes",
                "constraints": [models.UniqueConstraint(fields=("person", "concern"), name="fixed_news_once")],
            },
        ),
    ]

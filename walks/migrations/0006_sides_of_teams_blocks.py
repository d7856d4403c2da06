"""A team's blocks get their sides: the many-to-many table becomes a model with a column more."""

import django.db.models.deletion
from django.db import migrations, models

# Its unique constraint was named by Django; it keeps its rows and gets our name.
RENAME = """DO $$ DECLARE old text; BEGIN
SELECT conname INTO old FROM pg_constraint WHERE conrelid = 'walks_team_segments'::regclass AND contype = 'u';
EXECUTE format('ALTER TABLE walks_team_segments RENAME CONSTRAINT %I TO team_block_once', old);
END $$"""


class Migration(migrations.Migration):
    dependencies = [
        ("corridors", "0001_initial"),
        ("walks", "0005_ratings_to_ask"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RENAME, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="TeamSegment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="blocks",
                                to="walks.team",
                                verbose_name="team",
                            ),
                        ),
                        (
                            "segment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="team_blocks",
                                to="corridors.segment",
                                verbose_name="block",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "block of a team",
                        "verbose_name_plural": "blocks of teams",
                        "db_table": "walks_team_segments",
                        "constraints": [
                            models.UniqueConstraint(fields=("team", "segment"), name="team_block_once"),
                        ],
                    },
                ),
                migrations.AlterField(
                    model_name="team",
                    name="segments",
                    field=models.ManyToManyField(
                        blank=True,
                        related_name="teams",
                        through="walks.TeamSegment",
                        to="corridors.segment",
                        verbose_name="blocks",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="teamsegment",
            name="sides",
            field=models.CharField(
                choices=[("both", "both sides"), ("left", "left"), ("right", "right")],
                db_default="both",
                default="both",
                max_length=5,
                verbose_name="sides",
            ),
        ),
    ]

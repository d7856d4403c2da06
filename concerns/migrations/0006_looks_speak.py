"""Published looks stand in the public story and may show their photos; hiding one takes it out again at once."""

import django.db.models.deletion
from django.db import migrations, models

OLD_UPDATE = """
select u.id, u.concern_id, u.at, u.voice, u.kind, u.from_value, u.to_value, u.public_note as note
  from concerns_concernupdate u
  join public_concern p on p.id = u.concern_id
 where u.is_public
"""
LOOKS = """
union all
select -l.id, l.concern_id, l.received_at, case when l.is_by_fixer then 'agency' else 'walkers' end, 'look',
       l.lit, l.result, l.note
  from concerns_look l
  join public_concern p on p.id = l.concern_id
 where l.publication = 'published'
"""
OLD_PHOTO = """
select f.id, f.public_id, f.concern_id, f.position, f.width, f.height, f.image, f.thumbnail, f.received_at
  from concerns_photo f
  join public_concern p on p.id = f.concern_id
 where f.approved_at is not null and f.state = 'ready'
"""
PHOTO = """
select f.id, f.public_id, p.id as concern_id, f.position, f.width, f.height, f.image, f.thumbnail, f.received_at,
       f.look_id is not null as is_look
  from concerns_photo f
  left join concerns_look l on l.id = f.look_id and l.publication = 'published'
  join public_concern p on p.id = coalesce(f.concern_id, l.concern_id)
 where f.approved_at is not null and f.state = 'ready'
"""


class Migration(migrations.Migration):
    dependencies = [("concerns", "0005_categories")]

    operations = [
        migrations.AddField(
            model_name="look",
            name="is_by_fixer",
            field=models.BooleanField(
                default=False,
                help_text="The agency’s own voice: it never verifies.",
                verbose_name="by those who should fix it",
            ),
        ),
        migrations.AddField(
            model_name="look",
            name="duplicate",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                help_text="The second report of the same thing, which counts as a look at the first.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="as_look",
                to="concerns.concern",
            ),
        ),
        migrations.RunSQL(
            f"drop view public_update; create view public_update as {OLD_UPDATE} {LOOKS}",
            f"drop view public_update; create view public_update as {OLD_UPDATE}",
        ),
        migrations.RunSQL(
            f"drop view public_photo; create view public_photo as {PHOTO}",
            f"drop view public_photo; create view public_photo as {OLD_PHOTO}",
        ),
        migrations.AddField(
            model_name="publicphoto",
            name="is_look",
            field=models.BooleanField(default=False),
            preserve_default=False,
        ),
        migrations.AlterModelOptions(
            name="publicphoto", options={"managed": False, "ordering": ["received_at", "position", "id"]}
        ),
    ]

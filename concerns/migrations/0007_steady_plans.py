"""Let the public views be planned well on every site, and date the photo of a look by the look."""

from django.db import migrations, models

# `case … end` is for the planner: nineteen categories are too few to be analyzed by autovacuum, and without statistics
# it takes `publication_rule = 'place'` for rare and reads all concerns category by category.
PUBLIC_CONCERN = """
create or replace view public_concern as
select c.id, c.public_id, c.category_id, g.code as category_code, g."group" as category_group, c.status,
       c.public_point as point, c.public_place as place, c.public_text as text,
       c.public_segment_id as segment_id, c.public_side as side, s.corridor_id,
       case when w.state in ('published', 'called_off') and w.deleted_at is null then c.walk_id end as walk_id,
       c.first_seen_at, c.status_changed_at, c.published_at
  from concerns_concern c
  join concerns_category g on g.id = c.category_id
  left join corridors_segment s on s.id = c.public_segment_id
  left join walks_walk w on w.id = c.walk_id
 where c.publication = 'published'
   and c.status not in ('duplicate', 'withdrawn')
   and c.public_point is not null
   and {rule}
"""
PLAIN = "g.publication_rule = 'place'"
STEADY = "case when g.publication_rule = 'place' then true else false end"

PUBLIC_PHOTO = """
create or replace view public_photo as
select f.id, f.public_id, p.id as concern_id, f.position, f.width, f.height, f.image, f.thumbnail,
       {received} as received_at, f.look_id is not null as is_look
  from concerns_photo f
  left join concerns_look l on l.id = f.look_id and l.publication = 'published'
  join public_concern p on p.id = coalesce(f.concern_id, l.concern_id)
 where f.approved_at is not null and f.state = 'ready'
"""


class Migration(migrations.Migration):
    dependencies = [("concerns", "0006_looks_speak")]

    operations = [
        migrations.AddIndex(
            model_name="concern",
            index=models.Index(fields=["-danger_now", "-received_at", "-id"], name="concern_desk_order"),
        ),
        migrations.RunSQL(PUBLIC_CONCERN.format(rule=STEADY), PUBLIC_CONCERN.format(rule=PLAIN)),
        migrations.RunSQL(
            PUBLIC_PHOTO.format(received="coalesce(l.received_at, f.received_at)"),
            PUBLIC_PHOTO.format(received="f.received_at"),
        ),
    ]

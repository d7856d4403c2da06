"""What the public may see. Every public output selects and filters from these views and from nothing else."""

from django.db import migrations

# One row for each concern that may stand on a public map. Buildings counted by block never get one.
PUBLIC_CONCERN = """
create view public_concern as
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
   and g.publication_rule = 'place'
"""

# A published duplicate sends its readers on to the concern it is the same as.
PUBLIC_ALIAS = """
create view public_concern_alias as
select c.id, c.public_id, p.public_id as same_as
  from concerns_concern c
  join public_concern p on p.id = c.duplicate_of_id
 where c.publication = 'published' and c.status = 'duplicate'
"""

PUBLIC_PHOTO = """
create view public_photo as
select f.id, f.public_id, f.concern_id, f.position, f.width, f.height, f.image, f.thumbnail, f.received_at
  from concerns_photo f
  join public_concern p on p.id = f.concern_id
 where f.approved_at is not null and f.state = 'ready'
"""

PUBLIC_UPDATE = """
create view public_update as
select u.id, u.concern_id, u.at, u.voice, u.kind, u.from_value, u.to_value, u.public_note as note
  from concerns_concernupdate u
  join public_concern p on p.id = u.concern_id
 where u.is_public
"""

# Buildings by block: n is null for 0 to 2 ("fewer than 3"), and no total is given from which one could be computed.
PUBLIC_HOUSE_COUNT = """
create view public_house_count as
select s.id as segment_id, s.corridor_id, s.position,
       case when count(c.id) >= 3 then count(c.id) end as n
  from corridors_segment s
  left join (
        concerns_concern c join concerns_category g on g.id = c.category_id and g.publication_rule = 'segment_count'
       ) on c.public_segment_id = s.id
        and c.publication = 'published'
        and c.status not in ('duplicate', 'withdrawn', 'verified_fixed', 'not_actionable')
        and c.triaged_at < now() - interval '7 days'
 where s.retired_at is null
 group by s.id, s.corridor_id, s.position
"""


class Migration(migrations.Migration):
    dependencies = [("concerns", "0002_append_only_story")]

    operations = [
        migrations.RunSQL(PUBLIC_CONCERN, "drop view public_concern"),
        migrations.RunSQL(PUBLIC_ALIAS, "drop view public_concern_alias"),
        migrations.RunSQL(PUBLIC_PHOTO, "drop view public_photo"),
        migrations.RunSQL(PUBLIC_UPDATE, "drop view public_update"),
        migrations.RunSQL(PUBLIC_HOUSE_COUNT, "drop view public_house_count"),
    ]

"""Public lists, maps and Open311 stay quick with hundreds of thousands of concerns.

`public_concern` gets back its steady rule and `public_photo` the date of the look (0007; 0015 was made from the views
before it). Photos of concerns and of looks are two halves of a union: joined over `coalesce` no index could find them.
"""

from importlib import import_module

from django.db import migrations, models
from django.db.models import Q

steady = import_module("concerns.migrations.0007_steady_plans")

PUBLIC_CONCERN = steady.PUBLIC_CONCERN.replace("c.published_at\n", "c.published_at, c.relook_on\n")
PUBLIC_PHOTO = """
create or replace view public_photo as
select f.id, f.public_id, p.id as concern_id, f.position, f.width, f.height, f.image, f.thumbnail, f.received_at,
       false as is_look, null::bigint as update_id
  from concerns_photo f
  join public_concern p on p.id = f.concern_id
 where f.approved_at is not null and f.state = 'ready'
union all
select f.id, f.public_id, p.id, f.position, f.width, f.height, f.image, f.thumbnail, l.received_at,
       true, -f.look_id
  from concerns_photo f
  join concerns_look l on l.id = f.look_id and l.publication = 'published'
  join public_concern p on p.id = l.concern_id
 where f.approved_at is not null and f.state = 'ready'
"""
JOINED_PHOTO = """
create or replace view public_photo as
select f.id, f.public_id, p.id as concern_id, f.position, f.width, f.height, f.image, f.thumbnail, f.received_at,
       f.look_id is not null as is_look, -f.look_id as update_id
  from concerns_photo f
  left join concerns_look l on l.id = f.look_id and l.publication = 'published'
  join public_concern p on p.id = coalesce(f.concern_id, l.concern_id)
 where f.approved_at is not null and f.state = 'ready'
"""


class Migration(migrations.Migration):
    dependencies = [("concerns", "0016_replies_to_begin_with")]

    operations = [
        migrations.RunSQL(
            PUBLIC_CONCERN.format(rule=steady.STEADY),
            PUBLIC_CONCERN.format(rule=steady.PLAIN),
        ),
        migrations.RunSQL(PUBLIC_PHOTO, JOINED_PHOTO),
        migrations.AddIndex(
            "concern",
            models.Index(
                fields=["-first_seen_at", "-id"], name="concern_public_seen", condition=Q(publication="published")
            ),
        ),
        migrations.AddIndex(
            "concern",
            models.Index(
                fields=["category", "status", "public_segment"],
                name="concern_public_kind",
                include=["walk", "public_point"],
                condition=Q(publication="published", public_point__isnull=False),
            ),
        ),
    ]

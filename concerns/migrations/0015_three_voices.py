"""What a reporter answered stands in the public story, in fixed words; witnesses are counted; photos name their look."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

first = import_module("concerns.migrations.0003_public_views")
looks = import_module("concerns.migrations.0006_looks_speak")

# A column at the end leaves the views that stand on this one as they are.
CONCERN = first.PUBLIC_CONCERN.replace("create view", "create or replace view").replace(
    "c.published_at\n", "c.published_at, c.relook_on\n"
)
SAID = """
union all
select u.id, p.id, u.at, 'resident', 'said', '', u.to_value, ''
  from concerns_concernupdate u
  join public_concern p on p.id = u.concern_id
 where u.kind = 'said' and u.to_value in ('fixed', 'not_fixed')
union all
select u.id, p.id, u.at, 'resident', 'said', '', u.to_value, ''
  from concerns_concernupdate u
  join concerns_concern c on c.id = u.concern_id and c.publication not in ('hidden', 'spam')
  join public_concern p on p.id = c.duplicate_of_id
 where u.kind = 'said' and u.to_value in ('fixed', 'not_fixed')
"""
PHOTO = looks.PHOTO.replace("as is_look\n", "as is_look, -f.look_id as update_id\n")
# A look that is another resident's report of the same thing is a resident's voice.
VOICE = """case when l.is_by_fixer then 'agency'
            when exists (select from concerns_concern r where r.id = l.duplicate_id and r.source in ('web', 'open311'))
            then 'resident' else 'walkers' end"""
LOOKS = looks.LOOKS.replace("case when l.is_by_fixer then 'agency' else 'walkers' end", VOICE)
# Reports that were joined, and looks that an organizer read, but none by whoever should fix it. Whoever joined with a
# phone and a sign-up, or signed in, is one person; anything else is one witness of its own.
SEEN = """
create view public_seen as
select t.concern_id, count(distinct k.who) as n_people,
       count(distinct w.id) filter (where w.state in ('published', 'called_off') and w.deleted_at is null) as n_walks
  from (
    select p.id as concern_id, c.walk_id, c.device_id, null::bigint as by_id, 'c' || c.id as who
      from public_concern p
      join concerns_concern c on c.id = p.id
    union all
    select p.id, c.walk_id, c.device_id, null, 'c' || c.id
      from public_concern p
      join concerns_concern c on c.duplicate_of_id = p.id and c.publication not in ('hidden', 'spam')
    union all
    select p.id, l.walk_id, l.device_id, l.by_id, 'l' || l.id
      from public_concern p
      join concerns_look l on l.concern_id = p.id
     where l.publication = 'published' and l.duplicate_id is null and not l.is_by_fixer
    union all
    select p.id, l.walk_id, l.device_id, l.by_id, 'l' || l.id
      from public_concern p
      join concerns_concern c on c.duplicate_of_id = p.id
      join concerns_look l on l.concern_id = c.id
     where l.publication = 'published' and l.duplicate_id is null and not l.is_by_fixer
  ) t
  left join walks_walk w on w.id = t.walk_id
  left join walks_device d on d.id = t.device_id
  left join walks_signup s on s.id = d.signup_id
  left join people_user u on u.id = t.by_id
  cross join lateral (select coalesce('p' || s.person_id, 'p' || u.person_id, 'd' || t.device_id, t.who) as who) k
 group by t.concern_id
"""
DROP = "drop view public_seen; drop view public_photo; drop view public_update;"


class Migration(migrations.Migration):
    dependencies = [("concerns", "0014_same_address_same_pole")]

    operations = [
        migrations.RunSQL(
            f"{CONCERN}; drop view public_photo; drop view public_update; "
            f"create view public_update as {looks.OLD_UPDATE} and u.kind <> 'said' {LOOKS} {SAID}; "
            f"create view public_photo as {PHOTO}; {SEEN}",
            f"{DROP} drop view public_concern_alias; drop view public_concern; "
            f"{first.PUBLIC_CONCERN}; {first.PUBLIC_ALIAS}; "
            f"create view public_update as {looks.OLD_UPDATE} {looks.LOOKS}; "
            f"create view public_photo as {looks.PHOTO}",
        ),
        migrations.AddField("publicconcern", "relook_on", models.DateField(null=True)),
        migrations.AddField("publicphoto", "update_id", models.BigIntegerField(null=True)),
        migrations.CreateModel(
            name="PublicSeen",
            fields=[
                (
                    "concern",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="seen",
                        serialize=False,
                        to="concerns.publicconcern",
                    ),
                ),
                ("n_people", models.PositiveIntegerField()),
                ("n_walks", models.PositiveIntegerField()),
            ],
            options={"db_table": "public_seen", "managed": False},
        ),
    ]

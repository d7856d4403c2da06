"""Five years of concerns for `script/bench life`, made in the database by a few statements. The same in every run.

Spread as a corridor's work is: busy and quiet corridors, most of it recent or long done, a few hundred unread, what is
with somebody has a deadline, what was claimed has looks.
"""

import json
from typing import Any

from django.db import connection, models, transaction

from bench import data

N_ORGANIZATIONS = 15
# Shares of a hundred, added up one after another.
STATUSES = [
    ("new", 2), ("triaged", 12), ("reported", 14), ("in_progress", 5), ("claimed_fixed", 12), ("verified_fixed", 38),
    ("reopened", 4), ("not_actionable", 5), ("referred_to_owner", 3), ("monitoring", 3), ("withdrawn", 2),
]  # fmt: skip


def fill(n_concerns: int) -> None:
    """Load everything and let Postgres look at it."""
    load(n_concerns)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


@transaction.atomic
def load(n_concerns: int) -> None:
    with connection.cursor() as cursor:
        walks = data._walks(data._corridors())
        data._phones(walks[0])
        data._signups(walks)
        _organizations()
        cursor.execute("select setseed(0.2026)")
        _concerns(cursor, n_concerns)
        _duplicates(cursor)
        _story(cursor)
        _looks(cursor)
        _hand_overs(cursor)
        _photos(cursor)


def _organizations() -> None:
    from people.models import Organization

    Organization.objects.bulk_create(Organization(name=f"Bench Department {n}") for n in range(N_ORGANIZATIONS))


def insert(cursor: Any, model: type[models.Model], source: str, /, **values: str) -> None:
    """Insert `select <values> from <source>`; columns that aren't named get the field's own default."""
    columns, given, parameters = [], [], []
    for field in model._meta.local_concrete_fields:
        if field.attname in values:
            columns.append(field.column)
            given.append(values[field.attname])
        elif isinstance(field, models.UUIDField) and field.has_default():
            columns.append(field.column)
            given.append("gen_random_uuid()")
        elif not field.primary_key and not field.generated:
            default = field.get_default()
            if default is None or field.has_db_default():  # type: ignore[attr-defined]
                continue
            columns.append(field.column)
            given.append("%s" + ("::jsonb" if isinstance(field, models.JSONField) else ""))
            parameters.append(json.dumps(default) if isinstance(field, models.JSONField) else default)
    names = ", ".join(f'"{column}"' for column in columns)
    table = model._meta.db_table
    cursor.execute(f'insert into "{table}" ({names}) select {", ".join(given)} from {source}', parameters)  # noqa: S608


def _by_share(choices: list[tuple[str, int]], roll: str) -> str:
    """SQL that turns a number from 0 to 100 into one of the choices."""
    cases, total = "", 0
    for word, share in choices:
        total += share
        cases += f" when {roll} < {total} then '{word}'"
    return f"(case{cases} else '{choices[-1][0]}' end)"


def _concerns(cursor: Any, n: int) -> None:
    """Two thirds public once read, at the middle of their block face; the newer, the more of them."""
    from concerns.models import Concern

    cursor.execute(f"""
        create temp table made on commit drop as
        with rolls as (
          select n, random() as a, random() as b, random() as c, 100 * random() as d, 100 * random() as e,
                 random() as f, random() as g, now() - interval '5 years' * power(random(), 2) as at
            from generate_series(1, {int(n)}) n
        ), blocks as (
          select s.*, c.name as corridor_name, row_number() over (order by c.id, s.position) - 1 as i,
                 count(*) over () as n_blocks
            from corridors_segment s join corridors_corridor c on c.id = s.corridor_id
        ), kinds as (
          select id, code, publication_rule, relook_days, row_number() over (order by position) - 1 as i,
                 count(*) over () as n_kinds
            from concerns_category
        ), strolls as (
          select id, corridor_id, row_number() over (partition by corridor_id order by id) - 1 as i,
                 count(*) over (partition by corridor_id) as n_walks
            from walks_walk
        )
        select r.n, r.at, r.e, k.id as category_id, k.publication_rule as rule, b.id as segment_id, b.line,
               w.id as walk_id, case when r.c < 0.5 then 'left' else 'right' end as side,
               case when r.c < 0.5 then 1 else -1 end as north, r.g,
               3500 + mod(r.n, 1200) || ' ' || b.corridor_name as address, b.block,
               case when r.at > now() - interval '3 days' and r.d < 60 then 'new'
                    when r.d < 2 then 'triaged'
                    else {_by_share(STATUSES, "r.d")} end as status
          from rolls r
          join blocks b on b.i = floor(power(r.a, 1.7) * b.n_blocks)
          join kinds k on k.i = floor(r.b * k.n_kinds)
          join strolls w on w.corridor_id = b.corridor_id and w.i = floor(r.f * w.n_walks)
    """)  # noqa: S608 - our own words only
    public = "m.status not in ('new', 'withdrawn') and m.rule <> 'never' and m.e < 80"
    placed = f"{public} and m.rule = 'place'"
    middle = "st_translate(st_lineinterpolatepoint(m.line, 0.5), 0, m.north * 1.1e-4)"
    with_somebody = "m.status in ('reported', 'in_progress', 'referred_to_owner', 'reopened')"
    insert(
        cursor, Concern, "made m order by m.at",
        category_id="m.category_id", walk_id="m.walk_id", segment_id="m.segment_id", side="m.side",
        location="st_translate(st_lineinterpolatepoint(m.line, m.g), 0, m.north * 2.2e-4)",
        accuracy_m="12", place_from="'gps'", address="m.address", lit="case when m.g < 0.5 then 'day' else 'dark' end",
        note="'Lamp number ' || m.n || ' by the bus stop is dark'", status="m.status",
        flags="case when mod(m.n, 200) = 0 then array['person_text'] else array[]::varchar[] end",
        danger_now="mod(m.n, 2000) = 0", captured_at="m.at", received_at="m.at", first_seen_at="m.at",
        updated_at="m.at", status_changed_at="m.at + (now() - m.at) * m.g",
        triaged_at="case when m.status in ('new', 'withdrawn') then null else m.at end",
        due_on=f"case when {with_somebody} then (m.at + interval '30 days')::date end",
        far_due_on=f"case when {with_somebody} then (m.at + interval '60 days')::date end",
        relook_on="case when m.status in ('triaged', 'reported', 'in_progress', 'referred_to_owner', 'reopened', "
                  "'monitoring', 'claimed_fixed') then (m.at + interval '60 days')::date end",
        publication=f"case when {public} then 'published' when m.e > 99 then 'spam' when m.e > 97 and "
                    "m.status <> 'new' then 'hidden' else 'held' end",
        hidden_reason="case when m.e > 97 and m.e <= 99 then 'It is not true' else '' end",
        published_at=f"case when {public} then m.at end", public_point=f"case when {placed} then {middle} end",
        public_place=f"case when {placed} then m.block || ' block' else '' end",
        public_text=f"case when {placed} then 'Street light is out' else '' end",
        public_segment_id=f"case when {public} then m.segment_id end",
        public_side=f"case when {public} then m.side else '' end",
    )  # fmt: skip


def _duplicates(cursor: Any) -> None:
    """One in seventeen turned out to be the same as the one before it."""
    cursor.execute("""
        update concerns_concern c set status = 'duplicate', duplicate_of_id = o.id, due_on = null, far_due_on = null,
               relook_on = null
          from concerns_concern o
         where mod(c.id, 17) = 5 and o.id = c.id - 1 and c.status not in ('new', 'withdrawn')
    """)


def _story(cursor: Any) -> None:
    """Three or four lines each."""
    from concerns.models import ConcernUpdate

    lines: list[tuple[str, str, str, str, str]] = [
        ("true", "logged", "''", "'new'", "c.received_at"),
        ("c.triaged_at is not null", "status", "'new'", "'triaged'", "c.received_at + interval '1 hour'"),
        ("c.status not in ('new', 'triaged')", "status", "'triaged'", "c.status", "c.status_changed_at"),
        ("c.published_at is not null", "publication", "'held'", "'published'", "c.received_at + interval '2 hours'"),
    ]
    for where, kind, before, after, at in lines:
        insert(
            cursor, ConcernUpdate, f"concerns_concern c where {where} order by c.id",
            concern_id="c.id", at=at, kind=f"'{kind}'", from_value=before, to_value=after,
            voice="case when c.status = 'claimed_fixed' then 'agency' else 'desk' end", is_public="true",
        )  # fmt: skip


def _looks(cursor: Any) -> None:
    from concerns.models import Look

    looked_at = "(c.status in ('verified_fixed', 'reopened') or mod(c.id, 10) = 0)"
    insert(
        cursor, Look, f"concerns_concern c where {looked_at} order by c.id",
        concern_id="c.id", walk_id="c.walk_id",
        result="case when c.status = 'verified_fixed' then 'fixed' else 'still_there' end",
        lit="'dark'", publication="case when mod(c.id, 3) = 0 then 'held' else 'published' end",
        captured_at="c.status_changed_at", received_at="c.status_changed_at",
    )  # fmt: skip


def _hand_overs(cursor: Any) -> None:
    """Half of what was filed is with an organization and has a number."""
    from concerns.models import Assignment, ExternalCase

    filed = "c.status in ('reported', 'in_progress', 'claimed_fixed', 'verified_fixed', 'reopened')"
    organization = f"(select id from people_organization order by id offset mod(c.id, {N_ORGANIZATIONS}) limit 1)"  # noqa: S608
    insert(
        cursor, Assignment, f"concerns_concern c where {filed} and mod(c.id, 2) = 0 order by c.id",
        concern_id="c.id", organization_id=organization, from_at="c.received_at + interval '3 hours'",
        answer="case when c.status = 'claimed_fixed' then 'fixed' else '' end", answered_at="c.status_changed_at",
    )  # fmt: skip
    insert(
        cursor, ExternalCase, f"concerns_concern c where {filed} and mod(c.id, 2) = 1 order by c.id",
        concern_id="c.id", system="'311'", number="'2026-' || c.id", channel="'web'", filed_at="c.received_at",
    )  # fmt: skip


def _photos(cursor: Any) -> None:
    """Two in five have one, ready and mostly approved; the files aren't there."""
    from concerns.models import Photo

    insert(
        cursor, Photo, "concerns_concern c where mod(c.id, 5) < 2 order by c.id",
        concern_id="c.id", sha256="repeat('0', 64)", n_bytes="200000", state="'ready'", image="'photos/none.jpg'",
        thumbnail="'thumbs/none.jpg'", width="1600", height="1200", received_at="c.received_at",
        approved_at="case when mod(c.id, 7) > 0 and c.published_at is not null then c.received_at end",
    )  # fmt: skip

"""The public map as GeoJSON, written by one statement in the database and read from the public view only."""

from typing import Any

from django.db import connection
from django.urls import reverse

from concerns.filters import PublicFilter

MOST_FEATURES = 2000
GRID = 24  # cells across the box where there are more concerns than that
ZERO_ID = "00000000-0000-0000-0000-000000000000"

# Up to MOST_FEATURES concerns each with its own feature; beyond that every one is counted in a cell of a grid. Features
# are put together as text, which costs half of building them as json values; what people wrote goes through to_json.
FEATURES = """
with few as materialized (
  select p.public_id, p.category_id, p.status, p.place, p.point
    from public_concern p where {where} limit %(most)s + 1
), n as (select count(*) as n from few)
select case when n.n <= %(most)s then (
  select '{{"type":"FeatureCollection","count":' || n.n || ',"grid":false,"features":[' || coalesce(string_agg(
           '{{"type":"Feature","geometry":' || st_asgeojson(f.point, 6) || ',"properties":{{"id":"' || f.public_id
           || '","kind":"concern",' || g.says || ',"status":' || to_json(f.status) || ',"detail":' || to_json(f.place)
           || ',"url":"' || %(before)s || f.public_id || %(after)s || '"}}}}', ','), '') || ']}}'
    from few f join (
      select id, '"name":' || to_json({name}) || ',"group":' || to_json("group") as says from concerns_category
    ) g on g.id = f.category_id
) else ({cells}) end
from n
"""
# Cells are numbers, and `offset 0` keeps the points apart from them: grouping by geometries sorts all of them on disk.
CELLS = """
  select json_build_object('type', 'FeatureCollection', 'count', sum(c.n), 'grid', true, 'features', json_agg(
    json_build_object('type', 'Feature',
      'geometry', json_build_object('type', 'Point', 'coordinates', json_build_array(c.x, c.y)),
      'properties', json_build_object('id', c.cell, 'kind', 'cell', 'count', c.n))))::text
    from (
      select column_ * %(step)s || ',' || row_ * %(step)s as cell, count(*) as n,
             round(avg(x)::numeric, 5) as x, round(avg(y)::numeric, 5) as y
        from (
          select x, y, round(x / %(step)s) as column_, round(y / %(step)s) as row_
            from (select st_x(p.point) as x, st_y(p.point) as y from public_concern p where {where} offset 0) p
        ) s
       group by column_, row_
    ) c
"""
NAMES = {"en": "name_en", "es": "coalesce(nullif(name_es, ''), name_en)"}


def concerns_geojson(asked: PublicFilter, *, language: str) -> str:
    """A FeatureCollection as text, with `count` (how many concerns it stands for) and `grid`. One query.

    Where `grid` is true, features have `kind` "cell" and the `count` of concerns around their point.
    """
    where, values = _where(asked)
    sql = FEATURES.format(where=where, cells=CELLS.format(where=where), name=NAMES.get(language, NAMES["en"]))
    before, after = reverse("concerns:detail", args=[ZERO_ID]).split(ZERO_ID)
    values |= {"most": MOST_FEATURES, "step": _step(asked), "before": before, "after": after}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        (text,) = cursor.fetchone()
    return str(text)


def _step(asked: PublicFilter) -> float:
    """Degrees across a cell of the grid."""
    west, _south, east, _north = asked.box.extent if asked.box else (-180.0, -90.0, 180.0, 90.0)
    return (east - west) / GRID


def _where(asked: PublicFilter) -> tuple[str, dict[str, Any]]:
    parts = ["true"]
    values: dict[str, Any] = {}
    if asked.box:
        parts.append("p.point && st_makeenvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4326)")
        values |= zip("wsen", asked.box.extent, strict=True)
    if asked.categories:
        parts.append("p.category_code = any(%(categories)s)")
        values["categories"] = asked.categories
    if asked.statuses:
        parts.append("p.status = any(%(statuses)s)")
        values["statuses"] = asked.statuses
    if asked.corridor:
        parts.append("p.corridor_id in (select id from corridors_corridor where slug = %(corridor)s)")
        values["corridor"] = asked.corridor
    if asked.changed_from:
        parts.append("p.status_changed_at >= %(since)s")
        values["since"] = asked.changed_from
    for n, word in enumerate(asked.place.split()):
        parts.append(f"position(upper(%(place{n})s) in upper(p.place)) > 0")
        values[f"place{n}"] = word
    return " and ".join(parts), values

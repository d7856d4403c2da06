"""Bare views that the product is measured against: the least Django can do for the same kind of answer."""

import json

from django.db import connection, models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone

BOX = """
select c.public_id, c.category_group, c.status, c.place, st_x(c.point), st_y(c.point)
  from public_concern c where c.point && st_makeenvelope(%s, %s, %s, %s, 4326) limit 2000
"""

ROWS = """
select c.public_id, c.category_code, c.status, c.place, c.text, c.first_seen_at, st_x(c.point), st_y(c.point)
  from public_concern c order by c.published_at desc, c.id desc limit %s
"""


class Row(models.Model):
    """One row with what was sent."""

    body = models.JSONField()
    received_at = models.DateTimeField()

    class Meta:
        app_label = "bench"
        db_table = "bench_row"
        managed = False

    def __str__(self) -> str:
        return str(self.pk)


def insert(request: HttpRequest) -> JsonResponse:
    """Read JSON, insert one row, answer its number."""
    row = Row._default_manager.create(body=json.loads(request.body), received_at=timezone.now())
    return JsonResponse({"id": row.pk}, status=201)


def box(request: HttpRequest) -> HttpResponse:
    """A box of the map by one query, as GeoJSON."""
    with connection.cursor() as cursor:
        cursor.execute(BOX, request.GET["bbox"].split(","))
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [x, y]},
                "properties": {"id": str(public_id), "group": group, "status": status, "name": place},
            }
            for public_id, group, status, place, x, y in cursor
        ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def rows(request: HttpRequest) -> HttpResponse:
    """A list of the newest by one query, as JSON."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [min(int(request.GET["n"]), 1000)])
        names = ("id", "kind", "status", "place", "text", "seen_at", "x", "y")
        return JsonResponse([dict(zip(names, row, strict=True)) for row in cursor], safe=False)


urlpatterns = [path("rows/", rows), path("insert/", insert), path("box/", box)]

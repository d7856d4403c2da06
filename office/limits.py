"""How often somebody may do something, counted in the database so that all processes agree."""

import math
from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone

_COUNT = """
insert into office_ratecount (key, window_start, n) values (%s, %s, 1)
on conflict (key, window_start) do update set n = office_ratecount.n + 1 returning n
"""


def seconds_to_wait(*, key: str, limit: int, per_seconds: int) -> int:
    """Count one try under `key`; 0 where it is within `limit` per window, otherwise seconds until the next window.

    A fixed window: at most twice the limit can pass across a boundary, which is fine for what it protects.
    """
    now = timezone.now()
    start = now.timestamp() // per_seconds * per_seconds
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key[:200], datetime.fromtimestamp(start, tz=UTC)])
        (n,) = cursor.fetchone()
    return 0 if n <= limit else math.ceil(start + per_seconds - now.timestamp())

"""Which rows are the demo's, and how they go: what something real stands on stays and is counted."""

from collections import Counter
from typing import Any

from django.db import models, transaction

from office.models import DemoRecord
from people.models import User


class Cleared:
    """What went and what had to stay: counts by model label."""

    def __init__(self) -> None:
        self.removed: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()


def demo_rows(model: type[models.Model]) -> Any:
    ids = DemoRecord.objects.filter(model=model._meta.label_lower).values("object_id")
    return model._default_manager.filter(pk__in=ids)


def delete_rows(rows: models.QuerySet[Any], cleared: Cleared) -> None:
    _n, by_model = rows.delete()
    for label, count in by_model.items():
        cleared.removed[label.lower()] += count


def try_delete(row: models.Model, cleared: Cleared) -> None:
    try:
        with transaction.atomic():
            _n, by_model = row.delete()
    except (models.ProtectedError, models.RestrictedError):
        cleared.kept[row._meta.label_lower] += 1
        if isinstance(row, User):
            # Whoever did something real stays in its story, but the demo's password opens nothing any more.
            User.objects.filter(pk=row.pk).update(is_active=False)
        return
    for label, count in by_model.items():
        cleared.removed[label.lower()] += count

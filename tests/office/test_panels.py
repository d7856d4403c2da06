from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from office.panels import Panel, by_deadline, desk_panels


def _panels(*, user: object, now: object) -> list[Panel]:
    moment = timezone.now()
    return [
        Panel(3, "Someday", "/a/", "Do"),
        Panel(1, "Overdue", "/b/", "Do", due_at=moment - timedelta(hours=30)),
        Panel(0, "Nothing there", "/c/", "Do"),
        Panel(2, "Next month", "/d/", "Do", due_at=moment + timedelta(days=30)),
    ]


def test_the_most_urgent_comes_first_and_empty_panels_are_left_out(settings: object) -> None:
    settings.DESK_PANELS = [f"{__name__}._panels"]  # type: ignore[attr-defined]
    now = timezone.now()
    panels = desk_panels(None, now)
    assert [panel.text for panel in panels] == ["Overdue", "Next month", "Someday"]
    assert [str(band.name) for band in by_deadline(panels, now)] == ["Late", "Later", "When there is time"]


@pytest.mark.django_db
def test_today_says_so_when_nothing_waits(desk: Client, settings: object) -> None:
    settings.DESK_PANELS = []  # type: ignore[attr-defined]
    assert b"Everything is done for now" in desk.get("/desk/").content

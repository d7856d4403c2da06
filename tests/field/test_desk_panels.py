"""What the desk's first page says about walks that are under way, or just over."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from field.panels import panels
from tests import factories

pytestmark = pytest.mark.django_db


def past_walk(**ago):
    now = timezone.now()
    times = {"meet_at": now - timedelta(days=30), "step_off_at": now - timedelta(days=30)}
    return factories.make_walk(end_at=now - timedelta(**ago), **times)


def told(organizer):
    return list(panels(user=organizer, now=timezone.now()))


def test_calls_for_help_of_a_walk_are_one_line_that_leads_to_its_board(organizer):
    walk = factories.make_running_walk(title="Lawn to Quincy")
    factories.make_incident(walk=walk)
    factories.make_concern(walk=walk, danger_now=True)
    factories.make_incident(walk=walk, handled_at=timezone.now())
    factories.make_incident(walk=walk, withdrawn_at=timezone.now())
    factories.make_concern(walk=walk)
    [panel] = told(organizer)
    assert (panel.n, panel.text) == (2, "calls for help or dangers now: “Lawn to Quincy”")
    assert panel.url == f"/desk/walks/{walk.public_id}/day/#alarms"
    assert panel.due_at is not None
    assert panel.due_at <= timezone.now()


def test_a_call_for_help_stands_before_whatever_is_late(desk, organizer):
    factories.make_concern(received_at=timezone.now() - timedelta(days=40))
    factories.make_incident(walk=factories.make_running_walk())
    html = desk.get("/desk/").content.decode()
    assert html.index("call for help or danger now") < html.index("concern nobody has read")


def test_a_walk_long_over_or_deleted_calls_nobody(organizer):
    factories.make_incident(walk=past_walk(hours=13))
    factories.make_incident(walk=factories.make_running_walk(deleted_at=timezone.now()))
    factories.make_incident(walk=factories.make_walk())
    assert told(organizer) == []


def test_phones_that_hold_records_after_the_end_are_counted_with_their_records(organizer):
    walk = past_walk(days=2)
    for n_waiting in (3, 4, 0, None):
        factories.make_device(walk=walk, n_waiting=n_waiting)
    factories.make_device(walk=walk, n_waiting=9, revoked_at=timezone.now())
    factories.make_device(walk=factories.make_running_walk(), n_waiting=9)
    factories.make_device(walk=past_walk(days=15), n_waiting=9)
    [panel] = told(organizer)
    assert (panel.n, panel.detail) == (2, "7 records wait.")
    assert panel.url.endswith("/day/#phones")


def test_it_is_for_organizers(lead):
    factories.make_incident(walk=factories.make_running_walk(lead=lead.person))
    assert told(lead) == []


def test_it_asks_one_question_however_many_walks_there_are(organizer):
    for _n in range(3):
        walk = factories.make_running_walk()
        factories.make_incident(walk=walk)
        factories.make_concern(walk=walk, danger_now=True)
        factories.make_device(walk=past_walk(days=1), n_waiting=2)
    with CaptureQueriesContext(connection) as queries:
        assert len(told(organizer)) == 6
    assert len(queries) == 1

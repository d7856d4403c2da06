"""The debrief on a phone, beside a second phone: taps keep what was typed, and the pages stand up to axe.

In a browser because the promise is about one thumb, one form and many buttons.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from concerns.models import Commitment
from concerns.promising_links import commitment_token
from people.models import User
from tests import factories
from tests.axe import axe_violations
from tests.browser import what_sticks_out
from walks.models import Debrief

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Call the power company about the three lamps between Askew and Norton that have been dark since August"


def looked_at(page: Page) -> None:
    assert not axe_violations(page)
    assert not what_sticks_out(page)


def test_a_table_of_two_phones_writes_it_down(phones: Any, organizer: User, lead: User) -> None:
    now = timezone.now()
    times = {"meet_at": now - timedelta(hours=3), "step_off_at": now - timedelta(hours=3), "end_at": now}
    walk = factories.make_walk(lead=lead.person, **times)
    team = factories.make_team(walk=walk, number=1)
    factories.make_concern(walk=walk, team=team)
    factories.make_presence(walk=walk)
    address = f"/desk/walks/{walk.public_id}/debrief/"
    first, second = phones(user=lead), phones(user=organizer, expected_status=409)
    first.goto(address)
    second.goto(address)

    # A tap on what the team wrote down takes the half-typed text along.
    first.get_by_label("What was good").fill("Shops knew us")
    first.locator(".debrief-take button").first.click()
    first.wait_for_url("**#team-1")
    assert first.get_by_label("What was good").input_value() == "Shops knew us"
    assert first.get_by_label("Team 1, number 1").input_value().startswith("Street light")

    # The other phone wrote in the same place: it sees both.
    second.get_by_label("What was good").fill("The weather")
    second.get_by_role("button", name="Save", exact=True).click()
    second.get_by_text("Shops knew us").wait_for()
    assert second.get_by_label("What was good").input_value() == "The weather"
    looked_at(second)
    second.get_by_label("What was good").fill("Shops knew us; the weather")
    second.get_by_role("button", name="Save", exact=True).click()
    second.get_by_text("Saved.").wait_for()

    first.get_by_label("What is promised").fill(LONG)
    first.get_by_label("Who, by name").fill("Rosa Lind")
    first.get_by_text("in a week", exact=True).click()
    first.get_by_role("button", name="Write the promise down").click()
    first.wait_for_url("**#promises")
    first.get_by_role("button", name="Save and finish the debrief").click()
    first.wait_for_url("**#thanks")
    first.get_by_role("button", name="Send the thank-you").wait_for()
    looked_at(first)

    debrief, promise = Debrief.objects.get(), Commitment.objects.get()
    assert debrief.highlights == "Shops knew us; the weather"
    assert debrief.finished_at is not None
    assert (promise.text, promise.due_on) == (LONG, timezone.localdate() + timedelta(days=7))

    for page in ("/desk/commitments/", f"/desk/walks/{walk.public_id}/hours/"):
        first.goto(page)
        looked_at(first)
    somebody = phones()
    somebody.goto(f"/commitment/{commitment_token(promise)}/")
    looked_at(somebody)
    somebody.get_by_label("It is done").check()
    somebody.get_by_role("button", name="Send the answer").click()
    somebody.get_by_text("written down as kept").wait_for()
    promise.refresh_from_db()
    assert promise.state == "kept"

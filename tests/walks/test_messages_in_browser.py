"""The minute to take a call-off back, in a real browser: the seconds go down, and Undo works while they do."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect

from people.models import User
from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, Window
from walks.links import signup_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_organizer_calls_off_ticks_a_call_and_takes_it_back(
    browser: Browser, live_server: Any, organizer: User
) -> None:
    """In a browser: the seconds are counted by script, and what it shows must be accessible, too."""
    walk = factories.make_walk()
    factories.make_signup(walk=walk)
    person = factories.make_person(name="Juniper Vale", email="", phone="+18165550111")
    factories.make_signup(walk=walk, person=person, name="Juniper Vale")
    window = Window(browser, live_server.url, user=organizer, viewport=PHONE)
    page = window.page
    page.goto(reverse("walks:desk_call_off", args=[walk.public_id]))
    page.get_by_text("something else").click()
    page.get_by_label("In your words").fill("Ice on the sidewalks")
    page.get_by_role("button", name="Call it off").click()
    bar = page.locator("[data-waiting]")
    expect(bar.locator("[data-seconds]")).to_have_text("58", timeout=8000)
    assert axe_violations(page) == []
    page.get_by_role("group", name="Juniper Vale").get_by_role("button", name="called").click()
    expect(page.get_by_text("called, Odessa Quill")).to_be_visible()
    assert axe_violations(page) == []
    bar.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("the walk takes place")).to_be_visible()
    # Who was called meanwhile has to hear it: nobody was written to, and she has no address.
    expect(page.get_by_role("link", name="It takes place after all")).to_be_visible()
    assert walk.notices.count() == 2
    now = timezone.now()
    signup = factories.make_signup(walk=factories.make_running_walk(), created_at=now)
    page.goto(reverse("walks:my", args=[signup_token(signup)]))
    page.get_by_role("button", name="Yes, I came").click()
    expect(page.get_by_text("You said: yes, I came.")).to_be_visible()
    assert axe_violations(page) == []
    page.goto(reverse("walks:my_no_more_mail", args=[signup_token(signup)]))
    assert axe_violations(page) == []
    window.close()
    window.check()

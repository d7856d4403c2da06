"""On a phone: asking for help with a yes, the agency's answer by its link, the close by the person's code."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from outreach import referring
from outreach.help_links import referral_token
from outreach.link_codes import code_now
from outreach.models import HelpRequest, Referral
from people.models import User
from tests import factories
from tests.axe import axe_violations
from tests.browser import what_sticks_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def looks_right(page: Page) -> None:
    assert axe_violations(page) == []
    assert what_sticks_out(page) == []


def agency_takes_it(phones: Any, referral: Referral) -> None:
    """By the mail's link, and with a code to see who it is."""
    staff = phones(expected_status=400)
    staff.goto(f"/referral/{referral_token(referral)}/")
    looks_right(staff)
    expect(staff.get_by_text("Nadia Quarles")).to_have_count(0)
    staff.get_by_role("button", name="Send us the code").click()
    staff.get_by_label("six digits").fill(code_now(referral))
    staff.get_by_role("button", name="Show who it is").click()
    expect(staff.get_by_text("Nadia Quarles")).to_be_visible()
    staff.get_by_role("button", name="We take this").click()
    expect(staff.get_by_text("taken on").first).to_be_visible()


def person_got_help(person: Page, code: str) -> None:
    """On their own page, which the code opens."""
    person.goto("/help/code/")
    looks_right(person)
    person.get_by_label("sixteen letters").fill(code)
    person.get_by_role("button", name="Open my page").click()
    looks_right(person)
    person.get_by_role("button", name="I got help").click()
    expect(person.get_by_text(re.compile("got help")).first).to_be_visible()


def test_from_the_need_to_the_close(phones: Any, coordinator: User) -> None:
    agency = factories.make_organization(name="Open Pantry", email="intake@example.org")
    factories.make_service(organization=agency)
    person = phones()
    person.goto("/help/")
    looks_right(person)
    person.get_by_label("food").check()
    person.get_by_label("with my name and number").check()
    person.get_by_label("Open Pantry").check()
    person.get_by_label("Your name").fill("Nadia Quarles")
    person.get_by_label("Phone").fill("816 555 0142")
    person.wait_for_timeout(100)
    person.get_by_role("button", name="Ask for help").click()
    code = person.locator(".receipt-code").inner_text()
    looks_right(person)

    referral = referring.refer(
        help_request=HelpRequest.objects.get(), organization=agency, need="food", by=coordinator
    )  # fmt: skip
    agency_takes_it(phones, referral)

    person_got_help(person, code)
    ended = Referral.objects.get()
    assert (ended.state, ended.closed_by, ended.answered_at is not None) == ("completed", "person", True)

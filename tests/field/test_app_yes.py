"""A yes on the street, from a phone-sized window: written down without signal, sent, forgotten, answered and closed."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from outreach import referring
from outreach.models import Consent, Contact, HelpRequest, Referral
from people.models import Organization, User
from tests import factories
from tests.axe import axe_violations
from tests.field.conftest import PhoneInHand
from tests.field.screens import STICKING_OUT, at, tap
from tests.outreach.test_help_browser import agency_takes_it, person_got_help
from walks.models import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# All that this browser keeps of the site: every shelf, both storages, every cache.
EVERYTHING = """async () => {
    const { all, keys, get } = await import("/static/field/store.js");
    const meta = await Promise.all((await keys("meta")).map((key) => get("meta", key)));
    const kept = [await all("records"), meta, { ...localStorage }, { ...sessionStorage }];
    for (const name of await caches.keys()) {
        for (const asked of await (await caches.open(name)).keys()) {
            kept.push(await (await caches.match(asked)).text());
        }
    }
    return JSON.stringify(kept) + document.documentElement.outerHTML
        + [...document.querySelectorAll("input, textarea")].map((box) => box.value).join(" ");
}"""
WHO = ("Nadia Quarles", "816 555 0142", "0142", "after six", "nadia@example.org", "her lock is broken")


@pytest.fixture
def pantry(phone: PhoneInHand) -> Organization:
    found = factories.make_organization(name="Open Pantry", email="intake@example.org")
    factories.make_service(organization=found)
    return found


@pytest.fixture
def walk(pantry: Organization) -> Walk:
    return factories.make_running_walk()


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f"[name={name}][value={value}]").locator("..").tap()


def talked(phone: PhoneInHand) -> Page:
    page = at(phone, "talk")
    choose(page, "talk-kind", "resident")
    tap(page.locator("[data-result=talked]"))
    choose(page, "talk-needs", "food")
    return page


def tell_who(page: Page) -> None:
    tap(page.locator("#talk-yes"))
    choose(page, "yes-scope", "named")
    page.locator("#yes-org").select_option(label="Open Pantry")
    page.locator("#yes-name").fill("Nadia Quarles")
    page.locator("#yes-phone").fill("816 555 0142")
    page.locator("#yes-best_time").fill("after six")
    page.locator("#yes-note").fill("her lock is broken")
    expect(page.locator("[name=yes-wants_mail]")).to_be_hidden()
    page.locator("#yes-email").fill("nadia@example")
    choose(page, "yes-wants_mail", "yes")
    choose(page, "yes-how", "spoken")


def looks_right(page: Page) -> None:
    assert axe_violations(page) == []
    assert page.evaluate(STICKING_OUT) == []


def test_from_the_street_to_the_close(
    phone: PhoneInHand, walk: Walk, pantry: Organization, phones: Any, coordinator: User
) -> None:
    phone.join(walk)
    phone.context.route("**/field/api/**", lambda route: route.abort())
    page = talked(phone)
    tell_who(page)
    looks_right(page)
    page.locator("#yes-email").fill("nadia@example")
    tap(page.locator("#yes-save"))
    expect(page.locator("#alert")).to_contain_text("This e-mail address can’t be right")
    page.locator("#yes-email").fill("nadia@example.org")
    tap(page.locator("#yes-save"))
    page.locator("#talk-more", has_text="Help asked for").wait_for()
    assert [who for who in WHO if who not in page.evaluate(EVERYTHING)] == []
    page.reload()  # killed before anything was sent
    page.wait_for_selector("body[data-ready]", state="attached")
    assert "Nadia Quarles" in page.evaluate(EVERYTHING)

    phone.context.unroute("**/field/api/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for("sent", 1)
    code = page.locator(".code").inner_text()
    looks_right(page)
    assert [who for who in WHO if who in page.evaluate(EVERYTHING)] == []
    at(phone, "mine")
    assert "Help asked for" in page.locator("#mine-list").inner_text()
    page.go_back()
    page.locator("[data-screen=talk]:not([hidden])", has_text="no longer on this phone").wait_for()
    found = page.evaluate(EVERYTHING)
    assert [who for who in (*WHO, code) if who in found] == []

    asked, consent = HelpRequest.objects.get(), Consent.objects.get()
    assert (asked.name, asked.contact, consent.device is None) == ("Nadia Quarles", Contact.objects.get(), False)
    assert (asked.email, asked.wants_mail, asked.note) == ("nadia@example.org", True, "her lock is broken")
    referral = referring.refer(help_request=asked, organization=pantry, need="food", by=coordinator)
    agency_takes_it(phones, referral)
    person_got_help(phones(), code)
    ended = Referral.objects.get()
    assert (ended.state, ended.closed_by, ended.answered_at is not None) == ("completed", "person", True)


def test_what_is_closed_without_saving_was_never_kept(phone: PhoneInHand, walk: Walk) -> None:
    phone.join(walk)
    page = talked(phone)
    tell_who(page)
    tap(page.locator(".yes").get_by_role("button", name="Close"))
    assert "Nadia Quarles" not in page.evaluate(EVERYTHING)
    tap(page.locator("#talk-yes"))
    tap(page.locator("#yes-save"))
    expect(page.locator("#alert")).to_have_text("Still missing: What may we do with it?")
    tap(page.locator("#talk-done"))
    phone.wait_for("sent", 1)
    assert HelpRequest.objects.count() == 0


def test_a_shop_that_wants_no_visit_says_so_first(phone: PhoneInHand, walk: Walk) -> None:
    from django.utils import timezone

    from outreach.models import Shop

    market = factories.make_landmark(name="Corner Market", kind="business", corridor=walk.corridor)
    barber = factories.make_landmark(name="Barber", kind="business", corridor=walk.corridor)
    Shop.objects.create(
        landmark=market, hours="9–6", do_not_visit=True, do_not_visit_since=timezone.localdate()
    )  # fmt: skip
    phone.join(walk)
    page = at(phone, "talk")
    choose(page, "talk-kind", "business")
    page.locator("#shop").select_option(value=str(market.public_id))
    words = page.locator("#talk-shop").inner_text()
    assert words.index("DO NOT VISIT") < words.index("9–6")
    looks_right(page)
    page.locator("#shop").select_option(value=str(barber.public_id))
    choose(page, "no-visit", "yes")
    tap(page.locator("[data-result=declined]"))
    tap(page.locator("#talk-extra"))
    page.locator("#talk-note").fill("Ask for Mrs. Alvarez, 816-555-0142")
    page.get_by_text("This seems to say who it is").wait_for()
    looks_right(page)
    page.locator("#talk-note").fill("The side door sticks")
    tap(page.locator("#talk-done"))
    phone.wait_for("sent", 1)
    talk = Contact.objects.get()
    assert (talk.landmark, talk.note, talk.result) == (barber, "The side door sticks", "declined")
    assert Shop.objects.get(landmark=barber).do_not_visit is True

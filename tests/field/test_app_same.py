"""Something to check again is near what was just tapped: one tap makes it a look, without signal, never two records."""

from typing import Any

import pytest
from django.utils import timezone

from concerns.models import Concern, Look
from tests import factories
from tests.axe import axe_violations
from tests.field.conftest import ON_THE_NORTH_SIDE, PhoneInHand
from tests.field.test_app import a_photo
from walks.models import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What the app fetches in its idle time: without a service worker it isn't kept any other way.
THE_REST = "() => Promise.all(['sheet', 'again', 'photos'].map((name) => import(`/static/field/${name}.js`)))"
KEPT = """async () => {
    const { all } = await import("/static/field/store.js");
    return (await all("records")).map(({ kind, deleted }) => [kind, Boolean(deleted)]);
}"""


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    return factories.make_running_walk()


def a_light(walk: Walk, **fields: Any) -> Concern:
    """A lamp that an organizer read, ten metres from where the phone is."""
    defaults = {"status": "triaged", "triaged_at": timezone.now(), "address": "3512 Independence Ave"}
    return factories.make_concern(walk=walk, **defaults | fields)


def test_one_tap_makes_it_a_look_with_the_photo_and_the_words(phone: PhoneInHand, walk: Walk) -> None:
    light = a_light(walk, category="LIGHT_NONE")
    a_light(walk, category="DUMPING")
    page = phone.join(walk)
    page.evaluate(THE_REST)
    phone.context.set_offline(True)
    phone.tap("light")
    page.locator("#camera").set_input_files(a_photo())
    page.wait_for_selector("#photos li")
    page.locator("#note").fill("Dark all the way")
    part = page.locator("#same")
    assert part.locator("[data-same]").count() == 1
    assert "Is it one of these?" in part.inner_text()
    assert axe_violations(page) == []
    part.get_by_role("button", name="Yes, still there").tap()
    page.locator(f"[data-item='{light.public_id}'] .answered").wait_for()
    assert page.evaluate(KEPT) == [["look", False]]
    phone.context.set_offline(False)
    phone.wait_for("sent", 1)
    look = Look.objects.get()
    assert (look.concern, look.result, look.note, look.photos.count()) == (light, "still_there", "Dark all the way", 1)
    assert Concern.objects.count() == 2


def test_undo_makes_it_something_new_again(phone: PhoneInHand, walk: Walk) -> None:
    light = a_light(walk)
    page = phone.join(walk)
    page.evaluate(THE_REST)
    phone.context.set_offline(True)
    phone.tap("light")
    page.locator("#note").fill("Another lamp")
    page.locator("#same button").tap()
    card = page.locator(f"[data-item='{light.public_id}']")
    card.get_by_role("button", name="Undo").tap()
    page.locator("[data-screen=c]:not([hidden]) #done").wait_for()
    assert page.locator("#note").input_value() == "Another lamp"
    assert page.evaluate(KEPT) == [["concern", False]]
    phone.context.set_offline(False)
    phone.done()
    phone.wait_for("sent", 1)
    assert not Look.objects.exists()
    assert set(Concern.objects.values_list("note", flat=True)) == {light.note, "Another lamp"}


def test_a_danger_and_what_is_far_are_something_new(phone: PhoneInHand, walk: Walk) -> None:
    a_light(walk)
    page = phone.join(walk)
    phone.tap("light")
    page.get_by_label("Yes: wires, sparks, gas, fire").tap()
    page.locator("#same").wait_for(state="hidden")
    phone.done()
    phone.context.set_geolocation(ON_THE_NORTH_SIDE | {"longitude": -94.5350})
    page.wait_for_timeout(500)
    phone.wait_for("sent", 1)
    page.reload()
    page.wait_for_selector("body[data-ready]", state="attached")
    page.locator("#plate").filter(has_text="3700").wait_for()
    phone.tap("light")
    assert page.locator("#same").count() == 0

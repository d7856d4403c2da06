"""“We need help” and “then and now” in a phone-sized browser."""

import pytest
from playwright.sync_api import Route

from tests import factories
from tests.field.conftest import PhoneInHand
from tests.field.phone import make_jpeg
from tests.field.screens import BOUNCE, answers_again, at, kept, no_answer, tap
from tests.field.test_app import a_photo
from walks.models import Incident, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    return factories.make_running_walk(designee_name="Sam Ortiz", designee_phone="816-555-0177")


def test_the_help_button_says_where_you_are_and_whom_to_call(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-ok")
    page.locator(".btn-help").first.tap()
    page.locator("[data-screen=help]:not([hidden])").wait_for()
    where = page.locator("#help-where").inner_text()
    assert "You are near" in where
    assert "3500 block, north side" in where
    assert "between Askew Ave and Myrtle Ave" in where
    assert "39.10612" in where
    calls = page.locator("[data-screen=help] a[href^='tel:']")
    assert [link.get_attribute("href") for link in calls.all()][:2] == ["tel:911", "tel:8165550177"]
    assert "Sam Ortiz" in calls.nth(1).inner_text()
    assert walk.meeting_place in page.locator("[data-screen=help]").inner_text()


@pytest.mark.parametrize("phone", [{"permissions": []}], indirect=True)
def test_help_works_without_signal_pack_and_place(phone: PhoneInHand, walk: Walk) -> None:
    phone.context.route("**/field/api/pack/", lambda route: route.abort())
    no_answer(phone, "incidents")
    phone.join(walk)
    page = at(phone, "help")
    assert page.locator("[data-screen=help] a[href='tel:911']").is_visible()
    assert "don’t know where you are" in page.locator("#help-where").inner_text()
    tap(page.locator("[data-kind=threat]"))
    assert "NOT sent yet: call" in page.locator("#help-told").inner_text()
    (incident,) = kept(page, "incident")
    assert incident["body"]["kind"] == "threat"
    assert incident["body"]["place"] == ""


@pytest.mark.parametrize("phone", [{"permissions": []}], indirect=True)
def test_a_place_that_is_old_is_shown_with_its_age(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    page.locator("#address").fill("3512 Independence Ave")
    phone.done()
    phone.wait_for("sent", 1)
    page.evaluate(
        """() => new Promise((resolve) => {
            const asked = indexedDB.open("saferoutes-field");
            asked.onsuccess = () => {
                const shelf = asked.result.transaction("records", "readwrite").objectStore("records");
                const all = shelf.getAll();
                all.onsuccess = () => {
                    const [record] = all.result;
                    shelf.put({ ...record, made_at: record.made_at - 12 * 60000 }).onsuccess = () => {
                        asked.result.close();
                        resolve();
                    };
                };
            };
        })"""
    )
    at(phone, "help")
    where = page.locator("#help-where").inner_text()
    assert "12 min ago, you were near" in where
    assert "3512 Independence Ave" in where
    tap(page.locator("[data-kind=stuck]"))
    phone.page.locator("#help-told").get_by_text("Sent.").wait_for()
    incident = Incident.objects.get()
    assert incident.place == "12 min ago, 3512 Independence Ave"
    assert incident.segment is None


def test_one_tap_tells_the_walk_lead_and_says_when_it_arrived(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-ok")
    no_answer(phone, "incidents")
    at(phone, "help")
    tap(page.locator("[data-kind=hurt]"))
    told = page.locator("#help-told")
    assert "NOT sent yet: call" in told.inner_text()
    answers_again(phone, "incidents")
    told.get_by_text("The walk lead can see it").wait_for()
    page.locator("#help-note").fill("Twisted ankle, needs a ride")
    page.locator("#help-back").tap()
    phone.wait_for("sent", 1)
    page.wait_for_timeout(500)
    incident = Incident.objects.get()
    assert (incident.kind, incident.side) == ("hurt", "left")
    assert incident.segment == walk.corridor.segments.first()
    assert incident.place == "3500 block, north side, between Askew Ave and Myrtle Ave"
    assert incident.note == "Twisted ankle, needs a ride"
    assert incident.walk == walk


def test_a_double_tap_is_one_incident_and_another_kind_corrects_it(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    at(phone, "help")
    page.locator("[data-kind=lost]").evaluate("button => { button.click(); button.click(); }")
    page.locator("#help-told .saved").wait_for()
    page.wait_for_timeout(BOUNCE)
    tap(page.locator("[data-kind=other]"))
    assert page.locator("[data-kind=other]").get_attribute("aria-pressed") == "true"
    phone.wait_for("sent", 1)
    assert [incident.kind for incident in Incident.objects.all()] == ["other"]


def test_help_can_be_taken_back(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    at(phone, "help")
    tap(page.locator("[data-kind=lost]"))
    page.locator("#help-told").get_by_text("Sent.").wait_for()
    tap(page.locator("#help-undo"))
    assert page.locator("#help-told .saved").count() == 0
    for _ in range(30):
        if not Incident.objects.standing().exists():
            break
        page.wait_for_timeout(100)
    assert Incident.objects.standing().count() == 0
    assert Incident.objects.count() == 1


def test_a_danger_on_the_sheet_leads_to_help(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    page.locator("[name=danger][value=yes]").locator("..").tap()
    page.locator(".note-danger a[href='#help']").tap()
    page.locator("[data-screen=help]:not([hidden])").wait_for()
    page.go_back()
    page.locator("[data-screen=c]:not([hidden])").wait_for()


def test_the_team_question_never_stands_before_help(phone: PhoneInHand, walk: Walk) -> None:
    factories.make_team(walk=walk)
    page = phone.join(walk)
    assert page.locator("[data-screen=crew]").is_visible()
    at(phone, "help")
    assert page.locator("[data-screen=help] a[href='tel:911']").is_visible()


# --- then and now -----------------------------------------------------------------------------------------------------


def test_the_earlier_photo_stands_beside_mine_also_without_signal(phone: PhoneInHand, walk: Walk) -> None:
    seen = factories.make_published_concern(walk=walk, category="DUMPING")
    asked: list[str] = []

    def a_picture(route: Route) -> None:
        asked.append(route.request.headers["authorization"])
        route.fulfill(status=200, content_type="image/jpeg", body=make_jpeg(size=(400, 300)))

    def with_photo(route: Route) -> None:
        body = route.fetch().json()
        body["looks"][0]["photo"] = "5b0f9f0a-7a5e-4d0c-9df0-0c1f6f5f2a11"
        route.fulfill(json=body)

    phone.context.route("**/field/api/pack/", with_photo)
    phone.context.route(f"**/field/api/looks/{seen.public_id}/photo/", a_picture)
    page = phone.join(walk)
    at(phone, "again")
    card = page.locator(f"[data-item='{seen.public_id}']")
    card.locator("figure img").wait_for()
    assert asked[0].startswith("Bearer ")
    phone.context.unroute_all()
    phone.context.route("**/field/api/**", lambda route: route.abort())
    phone.open("#again")
    assert card.locator("figure img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 400
    assert "Then:" in card.inner_text()
    tap(card.get_by_role("button", name="Still there"))
    card.locator("input[type=file]").set_input_files(a_photo())
    card.locator("figure img").nth(1).wait_for()
    assert card.locator("figure img").count() == 2
    assert card.get_by_role("button", name="Still there").get_attribute("aria-pressed") == "true"


def test_a_strange_networks_page_is_no_picture(phone: PhoneInHand, walk: Walk) -> None:
    factories.make_published_concern(walk=walk, category="DUMPING")

    def with_photo(route: Route) -> None:
        body = route.fetch().json()
        body["looks"][0]["photo"] = "5b0f9f0a-7a5e-4d0c-9df0-0c1f6f5f2a11"
        route.fulfill(json=body)

    phone.context.route("**/field/api/pack/", with_photo)
    phone.context.route(
        "**/field/api/looks/*/photo/", lambda route: route.fulfill(content_type="text/html", body="<p>Sign in</p>")
    )
    page = phone.join(walk)
    at(phone, "again")
    page.get_by_text("The earlier photo comes with signal.").wait_for()
    assert page.locator("figure img").count() == 0

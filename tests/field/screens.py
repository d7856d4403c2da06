"""What tests of the phone's screens do: go to one, tap, look at what is kept, cut off the answers."""

from typing import Any

from playwright.sync_api import Locator, Page

from tests.field.conftest import PhoneInHand

DAY_SCREENS = ["help", "walked", "talk", "count", "back"]
SMALL = {"viewport": {"width": 320, "height": 568}}
LANDSCAPE = {"viewport": {"width": 844, "height": 390}}
BOUNCE = 750  # two taps within 0.7 s are one
NEVER_ANSWERED = "**/field/api/{}/**"
STICKING_OUT = """() => [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && !one.closest(".sr, .map"))
    .filter((one) => {
        const box = one.getBoundingClientRect();
        const cut = one.matches(".btn, .tabs a, .pick span, h1, h2, h3") && one.scrollWidth > one.clientWidth + 1;
        return cut || (box.width && (box.right > innerWidth + 1 || box.left < -1));
    })
    .map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 30)}`)"""
# What has the focus, and whether a finger on its middle would reach it: nothing lies over it.
FOCUSED = """() => {
    const one = document.activeElement;
    const box = one.getBoundingClientRect();
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const reached = hit && (one.contains(hit) || hit.contains(one) || hit.closest("label")?.control === one
        || one.nextElementSibling === hit);
    return { name: `${one.tagName}#${one.id} ${one.textContent.trim().slice(0, 30)}`, reached: Boolean(reached) };
}"""


def at(phone: PhoneInHand, screen: str) -> Page:
    phone.page.evaluate(f"location.hash = '#{screen}'")
    phone.page.locator(f"[data-screen={screen.split('=')[0]}]:not([hidden])").wait_for()
    phone.page.wait_for_timeout(150)
    return phone.page


def tap(button: Locator) -> None:
    button.tap()
    button.page.wait_for_timeout(BOUNCE)


def side_of(page: Page, n: int, side: str) -> Locator:
    return page.locator("[data-segment]").nth(n).locator(f"[data-side={side}]")


def kept(page: Page, kind: str) -> list[dict[str, Any]]:
    """The records of a kind as this phone keeps them."""
    records: list[dict[str, Any]] = page.evaluate(
        """() => new Promise((resolve, reject) => {
            const asked = indexedDB.open("saferoutes-field");
            asked.onerror = () => reject(asked.error);
            asked.onsuccess = () => {
                const all = asked.result.transaction("records").objectStore("records").getAll();
                all.onsuccess = () => { asked.result.close(); resolve(all.result.filter((one) => !one.deleted)); };
            };
        })"""
    )
    return [record for record in records if record["kind"] == kind]


def no_answer(phone: PhoneInHand, path: str) -> None:
    phone.context.route(NEVER_ANSWERED.format(path), lambda route: route.abort())


def answers_again(phone: PhoneInHand, path: str) -> None:
    phone.context.unroute(NEVER_ANSWERED.format(path))
    phone.page.evaluate("dispatchEvent(new Event('online'))")

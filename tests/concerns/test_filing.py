"""The filing desk: what should have a number of the city and hasn’t, one by one; and the numbers themselves."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser

from concerns import actions
from concerns.filing import to_file
from concerns.models import Assignment, Category, Concern, ConcernUpdate, ExternalCase, RoutingRule
from office.models import AuditEvent, Coalition
from office.refused import Refused
from people.models import User
from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, WIDE, Window

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
FILING = "/desk/concerns/filing/"


def make_found(**fields: Any) -> Concern:
    """Read by an organizer, and not filed yet."""
    return factories.make_concern(**{"status": "triaged", "triaged_at": timezone.now()} | fields)


def make_rule(code: str, **fields: Any) -> RoutingRule:
    return RoutingRule.objects.create(category=Category.objects.get(code=code), **{"system": "311"} | fields)


def file_url(concern: Concern, query: str = "") -> str:
    return reverse("concerns:desk_file", args=[concern.public_id]) + query


def correct_url(concern: Concern) -> str:
    return reverse("concerns:desk_case_correct", args=[concern.public_id])


def number(text: str = "2026-118204", **fields: str) -> dict[str, str]:
    return {"system": "311", "number": text} | fields


# What should be filed.


def test_what_is_read_and_open_waits_to_be_filed(organizer: User) -> None:
    waiting = make_found()
    back = make_found(status="reopened", status_changed_at=timezone.now())
    ExternalCase.objects.create(concern=back, system="311", number="old", filed_at=timezone.now() - timedelta(days=60))
    factories.make_concern()
    for fields in (
        {"status": "reported"},
        {"publication": "spam"},
        {"publication": "hidden", "hidden_reason": "It is not true"},
        {"category": "ASSET"},
        {"status": "claimed_fixed"},
    ):
        make_found(**fields)
    filed = make_found()
    ExternalCase.objects.create(concern=filed, system="311", number="1")
    again = make_found(status="reopened", status_changed_at=timezone.now() - timedelta(days=2))
    ExternalCase.objects.create(concern=again, system="311", number="2")
    assert set(to_file(Concern.objects.all())) == {waiting, back}


def test_it_is_grouped_by_the_citys_names_and_what_nobody_takes_comes_last(desk: Client) -> None:
    make_rule("DUMPING", request_type="Illegal dumping", position=2)
    make_rule("LIGHT_OUT", request_type="Street light out", position=1)
    utility = factories.make_organization(name="Glow Light Company")
    make_rule("LIGHT_NONE", system="", organization=utility)
    for code in ("DUMPING", "LIGHT_OUT", "SIDEWALK", "LIGHT_OUT"):
        make_found(category=code)
    handed = make_found(category="LIGHT_NONE")
    pile = desk.get(FILING).context["pile"]
    assert [(str(group.title), len(group.concerns)) for group in pile.groups] == [
        ("Street light out", 2),
        ("Illegal dumping", 1),
        ("No rule says who gives the number", 1),
    ]
    assert [(rule.organization, found) for rule, found in pile.handed_over] == [(utility, [handed])]


def test_what_an_organization_has_is_only_filed_where_a_rule_names_who_gives_numbers(desk: Client) -> None:
    make_rule("LIGHT_OUT")
    lamp, sidewalk = make_found(), make_found(category="SIDEWALK")
    for concern in (lamp, sidewalk):
        Assignment.objects.create(concern=concern, organization=factories.make_organization())
    assert desk.get(FILING).context["pile"].concerns == [lamp]


def test_where_people_live_help_comes_first_and_nothing_can_be_copied(desk: Client, organizer: User) -> None:
    house = make_found(category="VACANT_BLD", answers={"occupied": "part"})
    response = desk.get(FILING)
    page = response.content.decode()
    assert response.context["pile"].help_first == [house]
    assert "data-copy=" not in page
    assert desk.post(file_url(house), number()).status_code == 400
    assert not ExternalCase.objects.exists()
    actions.offer_help(concern=house, by=organizer, kind="offered")
    assert "data-copy=" in desk.get(FILING).content.decode()


def test_it_is_chosen_by_walk_and_corridor(desk: Client) -> None:
    here, there = make_found(), make_found()
    assert here.walk
    assert desk.get(f"{FILING}?walk={here.walk.public_id}").context["pile"].concerns == [here]
    assert desk.get(f"{FILING}?corridor={here.walk.corridor.slug}").context["pile"].concerns == [here]
    assert set(desk.get(FILING).context["pile"].concerns) == {here, there}
    for query in ("walk=7", "corridor='", "category=a'"):
        response = desk.get(f"{FILING}?{query}")
        assert response.status_code == 400
        assert query.partition("=")[0] in response.content.decode()


def test_with_nothing_to_file_it_says_what_to_do_next(desk: Client) -> None:
    assert "Everything is filed" in desk.get(FILING).content.decode()
    assert "under these filters" in desk.get(f"{FILING}?category=DUMPING").content.decode()


# Number after number.


def test_saving_leads_to_the_next_and_keeps_how(desk: Client, organizer: User) -> None:
    walk = factories.make_walk()
    found = [make_found(walk=walk, address=f"{n} Independence Ave") for n in range(1, 4)]
    where = f"?walk={walk.public_id}"
    response = desk.get(f"{FILING}{where}")
    assert response.context["concern"] == found[0]
    seen = response.context["seen"]
    sent = number("2026-1", channel="web", expected_on=str(timezone.localdate() + timedelta(days=9)), seen=seen)
    response = desk.post(file_url(found[0], where), sent, follow=True)
    assert response.context["concern"] == found[1]
    assert response.context["how"] == "web"
    assert response.context["n"] == 2
    assert 'value="web" selected' in response.content.decode()
    case = ExternalCase.objects.get()
    assert (case.number, case.channel, case.filed_by) == ("2026-1", "web", organizer)
    found[0].refresh_from_db()
    assert found[0].status == "reported"
    assert found[0].due_on == case.expected_on


def test_skipping_comes_back_to_it_at_the_end(desk: Client) -> None:
    walk = factories.make_walk()
    found = [make_found(walk=walk, address=f"{n} Independence Ave") for n in range(1, 4)]
    order, address = [], FILING
    for _n in range(4):
        context = desk.get(address).context
        order.append(context["concern"])
        address = context["skip"]
    assert order == [*found, found[0]]


def test_the_last_one_leads_to_an_empty_desk(desk: Client) -> None:
    response = desk.post(file_url(make_found()), number(), follow=True)
    assert "Everything is filed" in response.content.decode()


@pytest.mark.parametrize(
    ("sent", "marked"),
    [
        ({"number": ""}, "number"),
        ({"number": "9" * 61}, "number"),
        ({"system": ""}, "system"),
        ({"channel": "pigeon"}, "channel"),
        ({"channel": "open311"}, "channel"),
        ({"expected_on": "tomorrow"}, "expected_on"),
        ({"expected_on": "2206-11-02"}, "expected_on"),
        ({"url": "javascript:alert(1)"}, "url"),
    ],
)
def test_what_cannot_be_is_marked_and_stays_typed(desk: Client, sent: dict[str, str], marked: str) -> None:
    concern = make_found()
    response = desk.post(file_url(concern), number("Typed 4711", url="https://example.org/c/1") | sent)
    assert response.status_code == 400
    assert marked in response.context["form"].errors
    page = response.content.decode()
    assert "Typed 4711" in page or marked == "number"
    assert "https://example.org/c/1" in page or marked == "url"
    assert not ExternalCase.objects.exists()


def test_a_number_that_another_one_has_is_asked_about_once(desk: Client) -> None:
    """Whoever pastes thirty numbers pastes one twice."""
    ExternalCase.objects.create(concern=make_found(address="4800 Elm St"), system="311", number="2026-7")
    concern = make_found()
    response = desk.post(file_url(concern), number("2026-7"))
    assert response.status_code == 400
    assert "4800 Elm St has this number, too" in response.content.decode()
    again = response.context["form"]["again"].value()
    assert desk.post(file_url(concern), number("2026-7", again=again)).status_code == 302
    assert ExternalCase.objects.filter(number="2026-7").count() == 2


def test_the_second_who_files_it_sees_both_numbers(desk: Client, admin: User) -> None:
    concern = make_found()
    seen = actions.version_of(concern)
    actions.add_case(concern=Concern.objects.get(), by=admin, system="311", number="ADA-1")
    response = desk.post(file_url(concern), number("ODESSA-2", seen=seen))
    assert response.status_code == 400
    page = response.content.decode()
    assert "Ada" in page
    assert "ADA-1" in page
    assert "ODESSA-2" in response.context["problem"]
    assert 'value="ODESSA-2"' in page
    assert ExternalCase.objects.count() == 1


def test_a_change_that_has_nothing_to_do_with_filing_stops_nobody(desk: Client, organizer: User) -> None:
    concern = make_found()
    seen = actions.version_of(concern)
    actions.publish_concern(concern=Concern.objects.get(), by=organizer, text="Lamp out")
    assert desk.post(file_url(concern), number(seen=seen)).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_file_at_the_same_moment_and_one_wins(organizer: User, admin: User) -> None:
    concern = make_found()
    seen = actions.version_of(concern)
    start, said = threading.Barrier(2), []

    def run(by: User, text: str) -> None:
        start.wait()
        try:
            row = Concern.objects.get(pk=concern.pk)
            actions.add_case(concern=row, by=by, system="311", number=text, expected=seen)
        except Refused as refusal:
            said.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=job) for job in ((organizer, "O-1"), (admin, "A-2"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert ExternalCase.objects.count() == 1
    assert len(said) == 1
    assert "O-1" in said[0]
    assert "A-2" in said[0]


# Mistyped.


@pytest.fixture
def case(organizer: User) -> ExternalCase:
    concern = make_found()
    day = timezone.localdate() + timedelta(days=5)
    return actions.add_case(concern=concern, by=organizer, system="311", number="2026-1I", expected_on=day)


def test_a_number_is_corrected_and_the_story_keeps_the_old_one(desk: Client, case: ExternalCase) -> None:
    page = desk.get(f"/desk/concerns/{case.concern.public_id}/")
    sent = number("2026-11", case=str(case.pk), do="correct", channel="phone", seen=page.context["seen"])
    assert desk.post(correct_url(case.concern), sent).status_code == 302
    case.refresh_from_db()
    assert (case.number, case.channel, case.expected_on) == ("2026-11", "phone", None)
    line = ConcernUpdate.objects.latest("id")
    assert (line.from_value, line.to_value) == ("311 2026-1I", "311 2026-11")
    assert AuditEvent.objects.filter(action="correct_case").count() == 1
    shown = desk.get(f"/desk/concerns/{case.concern.public_id}/").content.decode()
    assert "changed “311 2026-1I” to “311 2026-11”" in shown


def test_what_was_never_filed_waits_to_be_filed_again(desk: Client, case: ExternalCase) -> None:
    desk.post(correct_url(case.concern), {"case": str(case.pk), "do": "withdraw"})
    concern = Concern.objects.get()
    assert (concern.status, concern.due_on, concern.cases.count()) == ("triaged", None, 0)
    assert list(to_file(Concern.objects.all())) == [concern]
    assert ConcernUpdate.objects.filter(from_value="311 2026-1I").exists()
    assert AuditEvent.objects.filter(action="withdraw_case").count() == 1


def test_one_of_two_numbers_goes_and_it_stays_filed(desk: Client, organizer: User, case: ExternalCase) -> None:
    actions.add_case(concern=case.concern, by=organizer, system="State", number="S-9")
    desk.post(correct_url(case.concern), {"case": str(case.pk), "do": "withdraw"})
    concern = Concern.objects.get()
    assert concern.status == "reported"
    assert [one.number for one in concern.cases.all()] == ["S-9"]


def test_a_number_of_their_machine_stays(organizer: User) -> None:
    case = actions.add_case(concern=make_found(), by=None, system="311", number="7", channel="open311")
    with pytest.raises(Refused):
        actions.withdraw_case(case=case, by=organizer)


def test_a_wrong_correction_is_marked_and_stays_typed(desk: Client, case: ExternalCase) -> None:
    response = desk.post(correct_url(case.concern), number("", case=str(case.pk), do="correct", url="nonsense here"))
    assert response.status_code == 400
    assert "nonsense here" in response.content.decode()
    case.refresh_from_db()
    assert case.number == "2026-1I"


def test_an_old_page_corrects_nothing(desk: Client, organizer: User, case: ExternalCase) -> None:
    actions.correct_case(case=case, by=organizer, system="311", number="2026-99")
    response = desk.post(correct_url(case.concern), number("2026-11", case=str(case.pk), do="correct", seen="1.0"))
    assert response.status_code == 400
    case.refresh_from_db()
    assert case.number == "2026-99"


@pytest.mark.parametrize("pk", ["", "0", "x", "9" * 30])
def test_a_number_of_another_concern_is_not_found(desk: Client, pk: str, case: ExternalCase) -> None:
    other = make_found()
    for asked in (pk, str(case.pk)):
        assert desk.post(correct_url(other), {"case": asked, "do": "withdraw"}).status_code == 404


# Who, how often, and hostile words.


@pytest.mark.parametrize("who", ["lead", "volunteer", "partner"])
def test_it_is_for_organizers(who: str, request: Any) -> None:
    user = request.getfixturevalue(who)
    concern = make_found(walk=factories.make_walk(lead=user.person))
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    assert browser.get(FILING).status_code == 403
    assert browser.post(file_url(concern), number()).status_code == 403
    assert browser.post(correct_url(concern), {"case": "1", "do": "withdraw"}).status_code == 403
    assert not ExternalCase.objects.exists()


def test_looking_changes_nothing(desk: Client) -> None:
    concern = make_found()
    assert desk.get(file_url(concern)).status_code == 405
    desk.get(FILING)
    concern.refresh_from_db()
    assert (concern.status, concern.updates.count(), AuditEvent.objects.count()) == ("triaged", 1, 0)


def test_hostile_words_are_words(desk: Client) -> None:
    evil = '"><img src=x onerror=alert(1)></textarea><script>alert(2)</script>{{7*7}}{0.__class__}'
    make_rule("LIGHT_OUT", request_type=evil[:110], template_en="{address} {note}")
    walk = factories.make_walk(title=evil[:80])
    make_found(walk=walk, address=evil, note=evil, answers={"pole": evil})
    page = desk.get(FILING).content.decode()
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "49" not in page.partition("copy-words")[2].partition("</textarea>")[0]


def test_the_desk_asks_the_database_a_constant_number_of_times(desk: Client) -> None:
    Coalition.current()
    make_rule("LIGHT_OUT", request_type="Street light out")
    walk = factories.make_walk()

    def asked(n: int) -> int:
        for _n in range(n):
            make_found(walk=walk, answers={"what": ["out"]})
            make_found(category="VACANT_BLD", answers={"occupied": "yes"})
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(FILING).status_code == 200
        return len(queries)

    assert asked(1) == asked(12) <= 12


def test_pages_of_walk_and_concern_lead_there(desk: Client) -> None:
    concern = make_found()
    assert concern.walk
    link = f"{FILING}?walk={concern.walk.public_id}"
    assert link in desk.get(f"/desk/concerns/?walk={concern.walk.public_id}").content.decode()
    assert link in desk.get(f"/desk/walks/{concern.walk.public_id}/").content.decode()
    assert link in desk.get(f"/desk/concerns/{concern.public_id}/").content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_thirty_are_filed_with_the_keyboard_in_four_keys_each(
    browser: Browser, live_server: Any, organizer: User
) -> None:
    """Copy the address, copy the words, paste the number, next: the clipboard, the focus and axe need a browser."""
    make_rule("LIGHT_OUT", request_type="Street light out")
    walk = factories.make_walk()
    found = [make_found(walk=walk, address=f"{n} Independence Ave") for n in range(101, 104)]
    keys = 0
    window = Window(browser, live_server.url, user=organizer, permissions=["clipboard-read", "clipboard-write"])
    page = window.page

    def press(key: str) -> None:
        nonlocal keys
        keys += 1
        page.keyboard.press(key)

    page.goto(f"{live_server.url}{FILING}?walk={walk.public_id}")
    assert axe_violations(page) == []
    for n, concern in enumerate(found):
        page.wait_for_selector("[data-copy=copy-address]:focus")
        press("Enter")
        page.wait_for_selector("[data-copy=copy-words]:focus")
        assert page.evaluate("navigator.clipboard.readText()") == concern.address
        press("Enter")
        page.wait_for_selector("[name=number]:focus")
        assert concern.address in page.evaluate("navigator.clipboard.readText()")
        page.evaluate("text => navigator.clipboard.writeText(text)", f"2026-{n}")
        press("Control+v")
        with page.expect_navigation():
            press("Enter")
    assert keys == 4 * len(found)
    assert sorted(ExternalCase.objects.values_list("number", flat=True)) == ["2026-0", "2026-1", "2026-2"]
    window.check()
    window.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["390", "1280"])
def test_the_desk_with_everything_on_it_is_for_everybody(
    browser: Browser, live_server: Any, organizer: User, size: Any
) -> None:
    make_found(note="Read me first", danger_now=True)
    make_found(category="VACANT_BLD", answers={"occupied": "yes"})
    window = Window(browser, live_server.url, user=organizer, viewport=size, expected_status=400)
    window.page.goto(live_server.url + FILING)
    assert axe_violations(window.page) == []
    assert window.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    window.page.click("text=Save and next")
    window.page.wait_for_selector("[data-error-summary]")
    assert axe_violations(window.page) == []
    window.check()
    window.close()

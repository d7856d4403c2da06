"""The pages of who should fix it: by sign-in, and by the link in a mail."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser

from concerns import actions
from concerns.handing_mail import end_link, hand_over
from concerns.models import Assignment, Concern, Photo
from concerns.partner_access import handover_token
from office.models import AuditEvent, Coalition, OutboxMessage
from people.models import Organization, User
from people.roles import OrganizationKind
from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, WIDE, Window, what_sticks_out

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def handed(organization: Organization, **fields: Any) -> Assignment:
    defaults = {"status": "referred_to_owner", "triaged_at": "2026-10-01T18:00:00Z"}
    concern = factories.make_concern(**defaults | fields)
    return factories.make_assignment(concern=concern, organization=organization)


def item(assignment: Assignment) -> str:
    return f"/partner/assignments/{assignment.public_id}/"


def link(assignment: Assignment) -> str:
    return f"/assignment/{handover_token(factories.make_handover(assignment))}/"


# Whose it is.


def test_an_agency_sees_its_own_with_the_exact_place(partner: User, partner_organization: Organization) -> None:
    mine = handed(partner_organization, note="private words of a report", public_text="Lamp out by the stop")
    handed(factories.make_organization(), address="99 Elsewhere Ave")
    page = signed_in(partner).get("/partner/").content.decode()
    assert "3512 Independence Ave" in page
    assert "99 Elsewhere Ave" not in page
    one = signed_in(partner).get(item(mine)).content.decode()
    assert "Lamp out by the stop" in one
    assert "private words" not in page + one


def test_o1_another_agency_s_item_is_as_one_that_is_not_there(
    outsider: User, partner_organization: Organization
) -> None:
    mine, browser = handed(partner_organization), signed_in(outsider)
    theirs = browser.get(item(mine))
    nowhere = browser.get(f"/partner/assignments/{uuid.uuid4()}/")
    cut = [page.content.decode().split("give the number")[0] for page in (theirs, nowhere)]
    assert theirs.status_code == nowhere.status_code == 404
    assert cut[0] == cut[1]
    assert AuditEvent.objects.filter(action="denied", object_id=mine.public_id).count() == 1


def test_o2_unknown_keys_of_an_answer_change_nothing(partner: User, partner_organization: Organization) -> None:
    mine = handed(partner_organization)
    body = {
        "answer": "accepted",
        "status": "verified_fixed",
        "organization": "1",
        "by": "1",
        "publication": "published",
    }
    signed_in(partner).post(item(mine), body)
    concern = Concern.objects.get()
    assert (concern.status, concern.publication) == ("referred_to_owner", "held")
    assert Assignment.objects.get().organization == partner_organization


def test_o4_after_it_was_given_to_another_nothing_opens(
    organizer: User, partner: User, partner_organization: Organization
) -> None:
    mine, browser = handed(partner_organization), signed_in(partner)
    by_link = link(mine)
    assert browser.get(item(mine)).status_code == 200
    actions.assign_concern(concern=mine.concern, organization=factories.make_organization(), by=organizer)
    assert browser.get(item(mine)).status_code == 404
    for address in (item(mine), f"{by_link}{mine.public_id}/"):
        refused = browser.post(address, {"answer": "fixed", "seen": "none"})
        assert refused.status_code == 404
        assert "isn’t yours any more" in refused.content.decode()
        assert "3512" not in refused.content.decode()
    page = Client().get(by_link).content.decode()
    assert "no longer yours" in page
    assert "3512" not in page
    assert Concern.objects.get().status == "referred_to_owner"
    assert not OutboxMessage.objects.exclude(status="cancelled").filter(kind="handover").exists()


def test_a_member_who_left_reaches_nothing(partner: User, partner_organization: Organization) -> None:
    mine = handed(partner_organization)
    partner.person.memberships.update(since_at="2020-01-01T00:00Z", until_at="2021-01-01T00:00Z")
    browser = signed_in(partner)
    assert browser.get("/partner/").status_code == 403
    assert browser.get(item(mine)).status_code == 404


def test_an_organizer_sees_what_an_agency_sees(desk: Client, partner_organization: Organization) -> None:
    handed(partner_organization)
    assert "3512" not in desk.get("/partner/").content.decode()
    assert "3512" in desk.get(f"/partner/?organization={partner_organization.public_id}").content.decode()


def test_an_occupied_house_is_not_shown(partner: User, partner_organization: Organization) -> None:
    mine = handed(partner_organization, category="VACANT_OPEN", answers={"occupied": "yes"})
    browser = signed_in(partner)
    assert "3512" not in browser.get("/partner/").content.decode()
    assert browser.get(item(mine)).status_code == 404


# Contacts of reporters.


def _reporter(assignment: Assignment, **fields: Any) -> None:
    factories.make_reporter(
        concern=assignment.concern, name="Zora Contactmarker", phone="+18165550100", shares_contact=True, **fields
    )


def test_a_contact_opens_only_with_the_reporter_s_tick_and_is_noted(
    partner: User, partner_organization: Organization
) -> None:
    shared, kept = handed(partner_organization), handed(partner_organization)
    _reporter(shared)
    factories.make_reporter(concern=kept.concern, name="Zora Contactmarker")
    browser = signed_in(partner)
    assert "Contactmarker" not in browser.get(item(shared)).content.decode()
    opened = browser.post(f"{item(shared)}contact/").content.decode()
    assert "Contactmarker" in opened
    assert '<a href="tel:+18165550100">(816) 555-0100</a>' in opened
    assert "Contactmarker" not in browser.post(f"{item(kept)}contact/").content.decode()
    assert AuditEvent.objects.filter(action="concern.contact_read", resource="concern.contact_shared").count() == 1


def test_no_contact_by_a_forwarded_link_or_behind_the_wall(partner_organization: Organization) -> None:
    mine = handed(partner_organization)
    _reporter(mine)
    page = Client().get(f"{link(mine)}{mine.public_id}/").content.decode()
    assert "Contactmarker" not in page
    assert "Show the contact" not in page
    police = factories.make_organization(kind=OrganizationKind.POLICE)
    officer = factories.make_user()
    factories.make_membership(officer.person, police)
    theirs = handed(police)
    _reporter(theirs)
    browser = signed_in(officer)
    assert "Show the contact" not in browser.get(item(theirs)).content.decode()
    assert browser.post(f"{item(theirs)}contact/").status_code == 403


# Photos.


def test_photos_open_while_it_is_theirs(
    organizer: User, partner: User, partner_organization: Organization, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    mine = handed(partner_organization)
    photo = factories.make_photo(concern=mine.concern, approved_at=None)
    photo.thumbnail.save("x.jpg", ContentFile(b"jpeg"))
    hidden = factories.make_photo(concern=None, look=factories.make_look(concern=mine.concern, publication="hidden"))
    by_link = link(mine)
    for start in ("/partner/", by_link):
        browser = signed_in(partner)
        assert browser.get(f"{start}photos/{photo.public_id}/400.jpg").status_code == 200
        assert browser.get(f"{start}photos/{hidden.public_id}/400.jpg").status_code == 404
    actions.end_assignment(assignment=mine, by=organizer)
    for start in ("/partner/", by_link):
        assert signed_in(partner).get(f"{start}photos/{photo.public_id}/400.jpg").status_code == 404
    assert Photo.objects.count() == 2


# Answers.


def test_an_answer_is_kept_and_the_second_sees_both(partner: User, partner_organization: Organization) -> None:
    mine = handed(partner_organization)
    browser, other = signed_in(partner), Client()
    by_link = f"{link(mine)}{mine.public_id}/"
    assert browser.post(item(mine), {"answer": "working", "note": "pole ordered", "seen": "none"}).status_code == 302
    refused = other.post(by_link, {"answer": "fixed", "note": "my own words", "seen": "none"})
    assert refused.status_code == 400
    page = refused.content.decode()
    for words in ("Somebody was quicker", "pole ordered", "my own words"):
        assert words in page
    assert Assignment.objects.get().answer == "working"


@pytest.mark.parametrize(
    "body", [{}, {"answer": "x"}, {"answer": "fixed", "promised_on": "soon"}, {"answer": "fixed", "note": "n" * 1001}]
)
def test_a_bad_answer_says_why_and_keeps_what_was_typed(
    partner: User, partner_organization: Organization, body: dict[str, str]
) -> None:
    mine = handed(partner_organization)
    answer = signed_in(partner).post(item(mine), body | {"note": body.get("note", "typed words")})
    assert answer.status_code == 400
    assert body.get("note", "typed words") in answer.content.decode()
    assert Assignment.objects.get().answer == ""


def test_o5_looking_changes_nothing(partner: User, partner_organization: Organization) -> None:
    """Mail scanners open every link."""
    mine = handed(partner_organization)
    start = link(mine)
    for address in (start, f"{start}answers.csv", f"{start}{mine.public_id}/"):
        for ask in (Client().get, Client().head):
            answer = ask(address)
            assert answer.status_code == 200
            assert answer["Referrer-Policy"] == "no-referrer"
    assert Client().get(f"{start}answers/").status_code == 405
    assert signed_in(partner).get(f"{item(mine)}contact/").status_code == 405
    assert Assignment.objects.get().answer == ""


def test_an_ended_or_forged_link_says_what_to_do(organizer: User, partner_organization: Organization) -> None:
    mine = handed(partner_organization)
    start = link(mine)
    mine.refresh_from_db()
    assert mine.handover is not None
    end_link(handover=mine.handover, by=organizer)
    for address in (start, "/assignment/forged.token/", f"{start}{mine.public_id}/", f"{start}answers.csv"):
        answer = Client().get(address)
        assert answer.status_code == 404
        assert "newest mail" in answer.content.decode()


def test_a_link_opens_only_what_stood_in_its_mail(organizer: User, partner_organization: Organization) -> None:
    mine, later = handed(partner_organization), handed(partner_organization, address="77 Later Ave")
    start = link(mine)
    assert "77 Later Ave" not in Client().get(start).content.decode()
    assert Client().get(f"{start}{later.public_id}/").status_code == 404


@pytest.mark.parametrize("way", ["sign-in", "link"])
def test_thirty_items_cost_no_more_queries_than_three(
    partner: User, partner_organization: Organization, organizer: User, way: str
) -> None:
    Partner = Organization.objects.filter(pk=partner_organization.pk)
    Partner.update(email="desk@agency.example")
    Coalition.current()
    walk = factories.make_walk()

    def count(n: int) -> int:
        for _n in range(n):
            factories.make_photo(concern=handed(partner_organization, walk=walk).concern)
        Assignment.objects.update(handover=None)
        partner_organization.refresh_from_db()
        handover = hand_over(organization=partner_organization, by=organizer)
        assert handover is not None
        address = "/partner/" if way == "sign-in" else f"/assignment/{handover_token(handover)}/"
        browser = signed_in(partner) if way == "sign-in" else Client()
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        return len(asked)

    first = count(3)
    assert count(27) == first <= 12


# In a browser.


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_both_pages_are_free_of_axe_findings_and_fit(
    browser: Browser, site: str, partner: User, partner_organization: Organization
) -> None:
    """Layout and labels of list and answer, on a phone and wide; an answer is sent by the link."""
    mine = handed(partner_organization)
    start = link(mine)
    for viewport, address, user in ((PHONE, start, None), (WIDE, "/partner/", partner)):
        window = Window(browser, site, viewport=viewport, user=user)
        page = window.page
        page.goto(address)
        assert not axe_violations(page)
        assert not what_sticks_out(page)
        page.get_by_role("link", name="Street light not working").first.click()
        assert not axe_violations(page)
        assert not what_sticks_out(page)
        if viewport == PHONE:
            page.get_by_label("we are working on it").check()
            page.get_by_role("button", name="Send the answer").click()
            page.get_by_text("Your answer is kept").wait_for()
        window.check()
        window.close()
    assert Assignment.objects.get().answer == "working"

"""“Somebody asks us right now”: an agency takes somebody on who stands there, with their yes, in one go."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from concerns import report_forms
from office.models import AuditEvent, OutboxMessage
from outreach.models import Consent, HelpRequest, Referral
from people.models import Organization, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client, agency: Organization) -> User:
    """Pia works at Open Pantry and is signed in."""
    user = factories.make_user(name="Pia Ford")
    factories.make_membership(user.person, agency)
    client.force_login(user)
    return user


def where(organization: Organization) -> str:
    return reverse("outreach:partner_handoff", args=[organization.public_id])


def told(**fields: Any) -> dict[str, Any]:
    data = {"form_token": report_forms.new_token(), "needs": ["food", "housing"], "how": "spoken", "said_yes": "on"}
    return data | {"language": "es", "name": "Nadia Quarles", "phone": "816 555 0142"} | fields


def test_request_yes_and_referral_come_in_one_go_and_the_code_is_shown(
    client: Client, staff: User, agency: Organization
) -> None:
    assert where(agency) in client.get("/partner/").content.decode()
    assert "holds what you tell us" in client.get(where(agency)).content.decode()
    answer = client.post(where(agency), told())
    asked, yes = HelpRequest.objects.get(), Consent.objects.get()
    assert (asked.source, asked.language, asked.created_by) == ("agency", "es", staff)
    assert (yes.scope, yes.organization, yes.how, yes.recorded_by) == ("named", agency, "spoken", staff)
    assert {one.state for one in Referral.objects.all()} == {"accepted"}
    assert sorted(Referral.objects.values_list("need", flat=True)) == ["food", "housing"]
    html = answer.content.decode()
    assert re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", html)
    assert "Nadia" not in html
    assert "no-store" in answer["Cache-Control"]
    assert not OutboxMessage.objects.exists()
    assert AuditEvent.objects.filter(action="referral.taken").count() == 2


def test_the_same_form_sent_twice_is_one_request(client: Client, staff: User, agency: Organization) -> None:
    data = told()
    first, second = client.post(where(agency), data), client.post(where(agency), data)
    codes = [re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", one.content.decode()) for one in (first, second)]
    assert codes[0] == codes[1]
    assert (HelpRequest.objects.count(), Referral.objects.count()) == (1, 2)


def test_name_and_number_are_optional(client: Client, staff: User, agency: Organization) -> None:
    assert client.post(where(agency), told(name="", phone="")).status_code == 200
    assert Referral.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"said_yes": ""}, "Without their yes"), ({"needs": []}, "Choose what help is about"), ({"how": "guessed"}, "")],
)
def test_without_a_yes_or_a_need_nothing_is_kept_and_the_words_stay(
    client: Client, staff: User, agency: Organization, wrong: dict[str, Any], says: str
) -> None:
    answer = client.post(where(agency), told(**wrong))
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert "Nadia Quarles" in answer.content.decode()
    assert not HelpRequest.objects.exists()


def test_nothing_is_kept_where_the_agency_cannot_take_it(
    client: Client, staff: User, agency: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    from office.refused import Refused

    def refuse(**_fields: Any) -> None:
        raise Refused("Not now.")

    monkeypatch.setattr("outreach.counter.take_now", refuse)
    assert "Not now." in client.post(where(agency), told()).content.decode()
    assert not HelpRequest.objects.exists()
    assert not Consent.objects.exists()


def test_another_agencys_people_and_those_who_left_get_a_404(client: Client, staff: User, agency: Organization) -> None:
    other = factories.make_organization()
    assert client.post(where(other), told()).status_code == 404
    staff.person.memberships.all().delete()
    assert client.post(where(agency), told()).status_code == 404
    assert not HelpRequest.objects.exists()


def test_who_also_works_for_the_police_takes_somebody_on_only_for_the_police(
    client: Client, staff: User, agency: Organization
) -> None:
    police = factories.make_organization(kind="police")
    factories.make_membership(staff.person, police)
    assert client.get(where(agency)).status_code == 404
    page = client.get("/partner/").content.decode()
    assert where(police) in page
    assert where(agency) not in page
    assert client.post(where(police), told()).status_code == 200
    assert {one.organization for one in Referral.objects.all()} == {police}
    assert (
        client.get(reverse("outreach:partner_referral", args=[Referral.objects.all()[0].public_id])).status_code == 200
    )


def test_an_organizer_who_looks_at_the_page_gets_no_door(desk: Client, agency: Organization) -> None:
    assert where(agency) not in desk.get("/partner/", {"organization": str(agency.public_id)}).content.decode()


def test_coordinators_see_it_as_taken(desk_of: Client, agency: Organization) -> None:
    asked = factories.make_help_request()
    do = reverse("outreach:request_do", args=[asked.public_id])
    posted = {"act": "take", "need": "food", "organization": str(agency.public_id)}
    assert "spoken or signed" in desk_of.post(do, posted, follow=True).content.decode()
    assert not Consent.objects.exists()
    desk_of.post(do, posted | {"how": "spoken"})
    assert Consent.objects.get().organization == agency
    assert Referral.objects.get().state == "accepted"
    page = desk_of.get(reverse("outreach:requests"), {"show": "waiting"}).content.decode()
    assert "taken on" in page
    desk_of.post(do, posted)
    assert Referral.objects.count() == 1


# --- Two taps ---


def test_from_the_partner_page_an_answer_takes_two_taps_and_a_hand_over_one_more_choice(
    client: Client, staff: User, agency: Organization
) -> None:
    referral = factories.make_referral(organization=agency)
    colleague = factories.make_membership(factories.make_person(name="Cora Lane"), agency).person
    # First tap: the line on the partner's page.
    (link,) = re.findall(r'<h3><a href="(/partner/referrals/[^"]+)">', client.get("/partner/").content.decode())
    page = client.get(link).content.decode()
    form = re.search(r'<form method="post"[^>]*>(?:(?!</form>).)*value="accepted".*?</form>', page, re.S)
    assert form is not None
    # Second tap: the button; what goes along is hidden.
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    client.post(link, hidden | {"act": "accepted"})
    referral.refresh_from_db()
    assert referral.state == "accepted"
    # One tap more hands it to the colleague.
    (button,) = re.findall(r'<button[^>]*name="colleague"[^>]*value="([^"]+)"', client.get(link).content.decode())
    client.post(link, {"colleague": button})
    referral.refresh_from_db()
    assert referral.assigned_to == colleague

"""In the very moment in which a yes runs out nobody reads on: no night and no job lies in between."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outreach.help_access import may_know_who, referrals_for, shows_identity
from outreach.help_export import lines_of, start_export
from outreach.help_links import referral_token
from outreach.link_codes import code_now
from outreach.models import Consent, Referral
from people.models import Organization, User
from tests import factories
from tests.field.phone import Phone

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-09-15T15:00:00+00:00")
RUNS_OUT = NOW + timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
MARKERS = ("Nadia Quarles", "8165550142", "nadia@example.org", "Two children")
Reader = Callable[[Referral, Client, User], bool]


def at(referral: Referral) -> str:
    return reverse("outreach:partner_referral", args=[referral.public_id])


def link(referral: Referral) -> str:
    return reverse("outreach:referral_link", args=[referral_token(referral)])


def tells_who(text: str) -> bool:
    return any(marker in text for marker in MARKERS)


def rows_shown(referral: Referral, _staff: Client, _by: User) -> bool:
    return Referral.objects.shown(timezone.now()).filter(pk=referral.pk).exists()


def rows_of(referral: Referral, _staff: Client, _by: User) -> bool:
    return Referral.objects.of([referral.organization_id], timezone.now()).filter(pk=referral.pk).exists()


def rows_for(referral: Referral, staff: Client, _by: User) -> bool:
    user = User.objects.get(pk=staff.session["_auth_user_id"])
    return referrals_for(user, timezone.now()).filter(pk=referral.pk).exists()


def identity(referral: Referral, _staff: Client, _by: User) -> bool:
    told = {
        shows_identity(referral, timezone.now()),
        may_know_who(referral.help_request, referral.organization),
    }
    assert len(told) == 1
    return told.pop()


def page(referral: Referral, staff: Client, _by: User) -> bool:
    answer = staff.get(at(referral))
    assert tells_who(answer.content.decode()) == (answer.status_code == 200)
    return answer.status_code == 200


def partner_page(referral: Referral, staff: Client, _by: User) -> bool:
    return at(referral) in staff.get("/partner/").content.decode()


def by_link(referral: Referral, _staff: Client, _by: User) -> bool:
    return Client().get(link(referral)).status_code == 200


def by_link_and_code(referral: Referral, _staff: Client, _by: User) -> bool:
    answer = Client().post(link(referral) + "code/", {"code": code_now(referral)})
    return tells_who(answer.content.decode())


def desk(referral: Referral, _staff: Client, by: User) -> bool:
    client = Client()
    client.force_login(by)
    return tells_who(
        client.get(reverse("outreach:request", args=[referral.help_request.public_id])).content.decode()
    )  # fmt: skip


def export(_referral: Referral, _staff: Client, by: User) -> bool:
    today = timezone.localdate()
    made = start_export(by=by, since=today - timedelta(days=30), until=today, reason="year", with_names=True)
    return tells_who("".join(lines_of(made)))


READERS: list[Reader] = [
    rows_shown, rows_of, rows_for, identity, page, partner_page, by_link, by_link_and_code, desk, export,
]  # fmt: skip


@pytest.mark.parametrize("reads", READERS)
def test_it_is_read_to_the_last_moment_and_not_one_later(
    client: Client, agency: Organization, coordinator: User, reads: Reader
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        staff = factories.make_user()
        factories.make_membership(staff.person, agency)
        client.force_login(staff)
        referral = factories.make_referral(organization=agency)
        Consent.objects.update(expires_at=RUNS_OUT)
        clock.move_to(RUNS_OUT - MOMENT)
        assert reads(referral, client, coordinator)
        clock.move_to(RUNS_OUT)
        assert not reads(referral, client, coordinator)


def test_the_other_yes_of_the_same_person_holds_on(agency: Organization, coordinator: User) -> None:
    referral = factories.make_referral(organization=agency)
    other = factories.make_referral(help_request=referral.help_request)
    Consent.objects.filter(organization=agency).update(expires_at=timezone.now())
    shown = Referral.objects.shown(timezone.now())
    assert list(shown) == [other]
    assert desk(referral, Client(), coordinator), "coordinators work on for the other agency"


def test_a_phone_never_holds_it_whether_the_yes_is_in_force_or_not() -> None:
    phone = Phone()
    referral = factories.make_referral(words="After five, ask for her")
    for runs_out in (None, timezone.now()):
        Consent.objects.update(expires_at=runs_out)
        answer = phone.get("pack/")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert not tells_who(text)
        assert "After five" not in text
        assert str(referral.help_request.public_id) not in text

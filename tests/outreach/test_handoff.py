"""An agency that stands there takes a request on at once, with a yes like any other."""

import pytest
from django.core import mail
from django.utils import timezone

from office.models import OutboxMessage
from office.refused import Refused
from outreach.handoff import take_now
from outreach.models import Referral
from outreach.workflow import State
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return factories.make_organization(email="agency@example.org")


@pytest.fixture
def asked(agency):
    asked = factories.make_help_request(needs=["food", "housing"])
    factories.make_consent(help_request=asked, scope="named", organization=agency)
    return asked


def test_it_is_taken_on_at_once_and_nobody_is_written_to(asked, agency, organizer):
    made = take_now(help_request=asked, organization=agency, needs=["food", "housing", "food"], by=organizer)
    assert [one.need for one in made] == ["food", "housing"]
    assert {one.state for one in made} == {State.ACCEPTED}
    assert all(one.answered_at for one in made)
    assert set(Referral.objects.of([agency.pk], timezone.now())) == set(made)
    assert [line.party for one in made for line in one.updates.all()] == ["agency", "agency"]
    assert not OutboxMessage.objects.exists()
    assert not mail.outbox


def test_the_same_again_is_the_same(asked, agency):
    take_now(help_request=asked, organization=agency, needs=["food"])
    assert take_now(help_request=asked, organization=agency, needs=["food"]) == []
    assert Referral.objects.count() == 1


def test_it_takes_a_yes_for_this_very_agency(asked):
    with pytest.raises(Refused, match="no yes for this agency"):
        take_now(help_request=asked, organization=factories.make_organization(), needs=["food"])
    factories.make_consent(help_request=asked, scope="need_only")
    with pytest.raises(Refused, match="no yes for this agency"):
        take_now(help_request=asked, organization=factories.make_organization(), needs=["food"])
    assert not Referral.objects.exists()


def test_a_yes_that_was_taken_back_counts_no_more(asked, agency):
    asked.consents.update(withdrawn_at=timezone.now())
    with pytest.raises(Refused):
        take_now(help_request=asked, organization=agency, needs=["food"])


def test_only_what_was_asked_for_is_taken(asked, agency):
    with pytest.raises(Refused):
        take_now(help_request=asked, organization=agency, needs=["job"])

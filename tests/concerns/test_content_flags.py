"""“Report this content”: three people hide it until it is read again; what was read stays."""

import pytest
from django.test import Client

from concerns import actions, report_views
from concerns.content_flags import ContentFlag
from concerns.models import Concern
from concerns.workflow import Publication
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def concern(db: None) -> Concern:
    return factories.make_published_concern()


def flag(concern: Concern, *, who: int, reason: str = "person") -> int:
    address = f"/concerns/{concern.public_id}/flag/"
    return Client(REMOTE_ADDR=f"192.0.2.{who}").post(address, {"reason": reason}).status_code


def is_public(concern: Concern) -> bool:
    concern.refresh_from_db()
    return concern.publication == Publication.PUBLISHED


def test_the_third_person_hides_it(concern):
    assert [flag(concern, who=who) for who in (1, 2)] == [200, 200]
    assert is_public(concern)
    flag(concern, who=3)
    assert not is_public(concern)
    assert Client().get(f"/concerns/{concern.public_id}/").status_code == 404


def test_one_person_alone_hides_nothing(concern):
    for _ in range(5):
        flag(concern, who=1)
    assert is_public(concern)
    assert ContentFlag.objects.count() == 1


def test_what_an_organizer_read_is_not_hidden_by_flags_again(concern, organizer):
    for who in (1, 2, 3):
        flag(concern, who=who)
    concern.refresh_from_db()
    actions.publish_concern(concern=concern, by=organizer, text="A lamp is dark")
    for who in (4, 5, 6, 7):
        flag(concern, who=who)
    assert is_public(concern)


def test_the_desk_sees_it_until_somebody_decided(concern, desk, organizer):
    flag(concern, who=1)
    assert "whose content was reported" in desk.get("/desk/").content.decode()
    concern.refresh_from_db()
    actions.publish_concern(concern=concern, by=organizer, text="A lamp is dark")
    assert "whose content was reported" not in desk.get("/desk/").content.decode()


@pytest.mark.parametrize("reason", ["", "because", "x" * 500])
def test_a_reason_is_needed(concern, reason):
    assert flag(concern, who=1, reason=reason) == 400
    assert ContentFlag.objects.count() == 0


def test_looking_and_unpublished_concerns_flag_nothing(client, concern):
    held = factories.make_concern()
    assert client.get(f"/concerns/{concern.public_id}/flag/").status_code == 405
    assert client.post(f"/concerns/{held.public_id}/flag/", {"reason": "wrong"}).status_code == 404


def test_flags_are_limited_by_network(concern, monkeypatch):
    monkeypatch.setattr(report_views, "FLAGS_AN_HOUR", 1)
    assert [flag(concern, who=1) for _ in range(2)] == [200, 429]


def test_who_flagged_is_not_kept_in_the_open(concern):
    flag(concern, who=1)
    assert "192.0.2" not in str(ContentFlag.objects.values().get())

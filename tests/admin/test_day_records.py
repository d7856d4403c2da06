"""What phones told during a walk, in the Django admin: to look at, and to take back."""

import pytest
from django.test import Client
from django.urls import reverse

from office.models import AuditEvent
from people.models import User
from tests import factories

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
MAKE = {
    "segmentpass": factories.make_pass,
    "headcount": factories.make_head_count,
    "incident": factories.make_incident,
    "teamback": factories.make_team_back,
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(client: Client, admin: User) -> Client:
    client.force_login(admin, backend=BACKEND)
    return client


@pytest.mark.parametrize("model", MAKE)
def test_a_record_is_taken_back_and_stays_to_be_seen(review: Client, admin: User, model: str) -> None:
    row, other = MAKE[model](), MAKE[model]()
    assert "Take back" in review.get(reverse(f"admin:walks_{model}_change", args=[row.pk])).content.decode()
    wanted = {"action": "withdraw_records", "_selected_action": str(row.pk), "index": "0"}
    page = review.post(reverse(f"admin:walks_{model}_changelist"), wanted, follow=True).content.decode()
    assert "1 record taken back" in page
    for one in (row, other):
        one.refresh_from_db()
    assert row.withdrawn_at is not None
    assert other.withdrawn_at is None
    event = AuditEvent.objects.get(action=f"{model}.withdraw")
    assert (event.actor, event.object_id) == (admin.public_id, row.public_id)


@pytest.mark.parametrize("model", MAKE)
def test_a_record_is_not_changed_by_hand(review: Client, model: str) -> None:
    row = MAKE[model]()
    page = reverse(f"admin:walks_{model}_change", args=[row.pk])
    assert review.post(page, {"walk": ""}).status_code == 403
    assert review.get(reverse(f"admin:walks_{model}_add")).status_code == 403

"""Whom every test of outreach knows besides the cast of tests/conftest.py."""

import pytest
from django.test import Client

from people.models import Organization, User
from tests import factories


@pytest.fixture
def agency(db: None) -> Organization:
    """Open Pantry helps with food and reads its mail."""
    organization = factories.make_organization(name="Open Pantry", email="intake@example.org")
    factories.make_service(organization=organization)
    return organization


@pytest.fixture
def desk_of(client: Client, coordinator: User) -> Client:
    """The browser of an outreach coordinator."""
    client.force_login(coordinator)
    return client

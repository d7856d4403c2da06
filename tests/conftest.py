"""The cast that every test knows. See tests/factories/ for rows."""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as site_settings
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import transaction
from django.test import Client, TransactionTestCase
from django.utils import translation
from playwright.sync_api import Browser, Page

from people.models import Organization, User
from people.roles import Role
from tests import factories
from tests.browser import PHONE, Window, chromium
from tests.tables import is_test_database, put_back_tables, remember_tables

# How quickly a busy machine makes up cases says nothing about the code.
hypothesis.settings.register_profile("ours", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("ours")


def pytest_configure() -> None:
    # Nothing a test uploads may reach the site's own folder.
    site_settings.MEDIA_ROOT = tempfile.mkdtemp(prefix="saferoutes-test-media-")
    # Tests render pages without collecting the static files first.
    site_settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # Else each test client lists all static files anew at its first request: 0.15 s, more than most tests' own work.
    site_settings.WHITENOISE_AUTOREFRESH = True
    # Real hashing costs 0.3 s for each member of the cast; tests of passwords themselves don't depend on the hasher.
    site_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Else each answer of the live server but a connection's first waits 40 ms for the browser's acknowledgement.
    WSGIRequestHandler.disable_nagle_algorithm = True
    TransactionTestCase._fixture_teardown = lambda _self: put_back_tables()  # type: ignore[attr-defined]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives a browser beside two others is tried once more before it counts, and listed at the end as RERUN."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    if is_test_database():
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            remember_tables()


@pytest.fixture(scope="session", autouse=True)
def never_the_real_database(django_db_setup: None) -> None:
    """Without this a fixture that unblocks the database reaches the site's own where no test carries the marker."""


@pytest.fixture(scope="module")
def rows_for_the_module(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """What a fixture of the module makes below this one is there for each of its tests, and gone after the last.

    Each test's own changes are still taken back. Not beside transactional tests: they empty the tables.
    """
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """A request in Spanish leaves its language behind in the thread that made it."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def site(live_server: Any, settings: Any, tmp_path: Path) -> str:
    """The running site's address; it keeps its photos in a folder of this test."""
    settings.MEDIA_ROOT = tmp_path
    return str(live_server.url)


@pytest.fixture
def windows(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Opens people's windows, `windows(user=…, viewport=…)`; at the end none of them may have complained."""
    made: list[Window] = []

    def make(**options: Any) -> Page:
        made.append(Window(browser, site, **options))
        return made[-1].page

    yield make
    for window in made:
        window.close()
        window.check()


@pytest.fixture
def phones(windows: Callable[..., Page]) -> Callable[..., Page]:
    """Windows of a phone's size."""
    return partial(windows, viewport=PHONE)


@pytest.fixture
def organizer(db: None) -> User:
    """Odessa runs the desk."""
    return factories.make_user(name="Odessa Quill", email="odessa@example.org", role=Role.ORGANIZER)


@pytest.fixture
def coordinator(db: None) -> User:
    """Ines is an organizer with the grant for outreach."""
    return factories.make_user(
        name="Ines Marbury", email="ines@example.org", role=Role.ORGANIZER, is_outreach_coordinator=True
    )


@pytest.fixture
def admin(db: None) -> User:
    """Ada sits in the Django admin."""
    return factories.make_user(name="Ada Penhallow", email="ada@example.org", role=Role.ADMIN)


@pytest.fixture
def lead(db: None) -> User:
    """Linus leads walks that name him, and has no other right."""
    return factories.make_user(name="Linus Farrow", email="linus@example.org")


@pytest.fixture
def volunteer(db: None) -> User:
    """Teo has a sign-in and walks along."""
    return factories.make_user(name="Teo Linden", email="teo@example.org")


@pytest.fixture
def partner_organization(db: None) -> Organization:
    return factories.make_organization(name="Hearth and Key Housing")


@pytest.fixture
def partner(partner_organization: Organization) -> User:
    """Petra works for an agency."""
    user = factories.make_user(name="Petra Oakes", email="petra@example.org")
    factories.make_membership(user.person, partner_organization)
    return user


@pytest.fixture
def outsider(db: None) -> User:
    """Otis works for the agency next door and should have no access to Petra's things."""
    user = factories.make_user(name="Otis Vane", email="otis@example.org")
    factories.make_membership(user.person, factories.make_organization(name="Next Door Agency"))
    return user


@pytest.fixture
def walled_organizer(db: None) -> User:
    """Wanda is organizer and coordinator and works for the police: the wall beats the role."""
    return factories.make_walled_organizer()


@pytest.fixture
def desk(client: Client, organizer: User) -> Client:
    """A browser with Odessa signed in."""
    client.force_login(organizer, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client

"""A server that may be killed, a bad line, and a phone that may be killed, all gone after the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from office.models import Coalition
from tests import factories
from tests.field.handset import Handset
from tests.field.mortal import MortalServer
from tests.field.proxy import BadLine
from walks.models import Walk


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalServer]:
    """Where the site runs; starting it anew for each test would take longer than most tests."""
    mortal = MortalServer(tmp_path_factory.mktemp("server"))
    yield mortal
    mortal.close()


@pytest.fixture
def server(transactional_db: None, machine: MortalServer) -> Iterator[MortalServer]:
    """The site in processes of its own, alive. It is idle, or dead, before the tables are emptied."""
    Coalition.current()  # made on first use; that isn't what these tests look at
    machine.live_on()
    yield machine.start()
    machine.rest()
    if machine.environment:  # a test had put another version in its place
        machine.environment.clear()
        machine.kill()


@pytest.fixture
def line(server: MortalServer) -> Iterator[BadLine]:
    bad = BadLine(server.port)
    yield bad
    bad.close()


@pytest.fixture
def walk(transactional_db: None) -> Walk:
    return factories.make_running_walk()


@pytest.fixture
def handset(
    request: pytest.FixtureRequest, browser: Browser, server: MortalServer, tmp_path: Path
) -> Iterator[Handset]:
    """A phone that is on, at the server or, where the test asks for one, behind the bad line."""
    behind = request.getfixturevalue("line") if "line" in request.fixturenames else server
    held = Handset(browser.browser_type, tmp_path / "profile", behind.address).start()
    yield held
    held.close()
    assert held.faults == []

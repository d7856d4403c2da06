"""Opens every address as every kind of person and holds what comes back against `tests/access.csv`.

A view names its row (`people.access.access`); the code never reads the table, so the two can disagree. Letters: `Y` any
object, `O W L A` an object that is theirs and not another one, `R` and `K` everybody who has the address or the link,
`-` nobody. An address with a converter that tests/access_world.py doesn't know fails: say there which object it needs.
"""

import csv
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from people.access import Row, access_row
from people.models import User
from tests.access_world import World, build_world

TABLE_FILE = Path(__file__).parent / "access.csv"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

# Pages of libraries: by the start of their address, the row they fall under.
FOREIGN = {"admin/": ("django_admin", "any"), "accounts/": ("user.self", "view")}

# Who is asked, and in which column of the table they stand.
ACTORS = {
    "anonymous": "public",
    "volunteer": "volunteer",
    "lead": "walk_lead",
    "partner": "agency_staff",
    "organizer": "organizer",
    "coordinator": "outreach_coordinator",
    "admin": "admin",
    # Organizer and coordinator who also works for the police: like a coordinator, but for what the wall takes away.
    "walled": "outreach_coordinator",
}
BEHIND_THE_WALL = (
    "help_request",
    "referral",
    "consent",
    "contact.identity",
    "concern.reporter_contact",
    "concern.contact_shared",
)


class Address(NamedTuple):
    """One address of the site: its route, the name it is reversed by, and its view's row."""

    route: str
    name: str
    row: Row | None
    keys: tuple[str, ...]
    view: Callable[..., Any]

    def __str__(self) -> str:
        return self.name or self.route


def addresses(patterns: list[Any], prefix: str = "", namespace: str = "") -> Iterator[Address]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = ":".join(part for part in (namespace, pattern.namespace) if part)
            yield from addresses(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            name = ":".join(part for part in (namespace, pattern.name) if part) if pattern.name else ""
            keys = tuple(pattern.pattern.converters or pattern.pattern.regex.groupindex)
            yield Address(route, name, access_row(pattern.callback), keys, pattern.callback)


def table() -> dict[tuple[str, str], dict[str, str]]:
    with TABLE_FILE.open(newline="") as handle:
        rows = csv.DictReader(line for line in handle if not line.startswith("#"))
        return {(row["resource"], row["action"]): row for row in rows}


ALL = list(addresses(get_resolver().url_patterns))
OURS = [address for address in ALL if not address.route.startswith(tuple(FOREIGN))]
# A second spelling of an address (without its slash, say) has no name of its own.
NAMED = [address for address in OURS if address.name]
# Without a row's number in what is sent it answers 404 to everybody: only its refusals are looked at here.
NEEDS_A_BODY = {"open311:desk_delivery", "concerns:desk_proposal", "concerns:desk_case_correct"}
# Answers 404 to everybody, in the API's own words.
NEVER_FOUND = {"field:api_unknown"}
# A stranger on the internet, not on this machine: `/readyz/` trusts the machine itself.
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}
TABLE = table()
# What `factories.make_help_request` says of the person: in no answer but those of `may_show_who`.
WHO_ASKED = (b"Nadia Quarles", b"5550142", b"nadia@example.org", b"Two children at home")


@pytest.mark.parametrize("address", OURS, ids=str)
def test_every_address_has_a_row(address: Address) -> None:
    assert address.row is not None, f"{address.route} declares no row of access"
    assert (address.row.resource, address.row.action) in TABLE, f"no such row: {address.row}"


def outcome(response: HttpResponseBase) -> str:
    """`in` or `out`: sign-in, 401, 403, 404 and 410 are out; a form's complaint or a refusal in words is in."""
    if response.status_code in {401, 403, 404, 410}:
        return "out"
    if response.status_code == 302 and "/login/" in response["Location"]:
        return "out"
    return "in"


@pytest.fixture(scope="module")
def world(rows_for_the_module: None) -> World:
    return build_world()


@pytest.fixture(scope="module")
def sessions(world: World) -> dict[str, str]:
    """The session of each person who is signed in."""
    clients = {actor: Client() for actor in world.users}
    for actor, client in clients.items():
        client.force_login(world.users[actor], backend=BACKEND)
    return {actor: client.cookies["sessionid"].value for actor, client in clients.items()}


def client_of(actor: str, sessions: dict[str, str], **options: Any) -> Client:
    client = Client(**options)
    if actor != "anonymous":
        client.cookies["sessionid"] = sessions[actor]
    return client


def ask(client: Client, address: Address, kwargs: dict[str, Any]) -> tuple[str, bytes]:
    """Open the address in a transaction that is rolled back, with GET, and with POST where GET isn't allowed.

    What came of it, and the whole answer.
    """
    url = reverse(address.name, kwargs=kwargs)
    with transaction.atomic():
        response = client.get(url, **ELSEWHERE)
        for method in (client.post, client.put):
            if response.status_code == 405:
                response = method(url, data={} if method == client.post else b"{}", **ELSEWHERE)
        body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
        transaction.set_rollback(True)
    return outcome(response), body


def may_show_who(actor: str, address: Address, *, mine: bool) -> bool:
    """Whether this page may say who asked for help: to a coordinator at the desk, and to the agency that was named."""
    assert address.row is not None
    if actor == "coordinator":
        return address.row.resource in {"help_request", "referral", "consent", "contact.desk"}
    return actor == "partner" and address.row.resource == "agency_referral" and mine


def expected(letter: str, *, mine: bool) -> str:
    if letter in {"Y", "R", "K"}:
        return "in"
    if letter in {"O", "W", "L", "A"}:
        return "in" if mine else "out"
    return "out"


@pytest.mark.django_db
@pytest.mark.parametrize("address", [a for a in NAMED if a.name not in NEVER_FOUND], ids=str)
def test_each_role_gets_what_the_table_says(address: Address, world: World, sessions: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {world.bearer}"} if "api_" in address.name else {}
    assert address.row is not None
    letters = TABLE[address.row.resource, address.row.action]
    give = world.give(address.name, address.keys)
    assert give is not None, f"say in tests/access_world.py which object {address.name} {address.keys} needs"
    wrong = []
    for actor, column in ACTORS.items():
        letter = letters[column]
        if actor == "walled" and address.row.resource.startswith(BEHIND_THE_WALL):
            letter = "-"
        for mine in (True, False):
            if not mine and (not address.keys or letter in {"Y", "R", "K"}):
                continue
            got, body = ask(client_of(actor, sessions, headers=headers), address, give(actor, mine))
            if not may_show_who(actor, address, mine=mine) and any(marker in body for marker in WHO_ASKED):
                wrong.append(f"{actor} reads who asked for help")
            want = expected(letter, mine=mine)
            if want == "in" and address.name in NEEDS_A_BODY:
                continue
            if got != want and (actor, address.name) not in world.exceptions:
                whose = "theirs" if mine else "somebody else's"
                wrong.append(f"{actor} ({letter}) on {whose}: {got}, the table says {want}")
    assert not wrong, f"{address.route} {address.row}: " + "; ".join(wrong)


FORM = re.compile(r"<form\b[^>]*>", re.I)


def posts_of(html: str, where: str) -> set[str]:
    """The addresses of ours to which the forms of a page post."""
    forms = [form for form in FORM.findall(html) if re.search(r"method=.?post", form, re.I)]
    actions = [re.search(r'action="([^"]*)"', form) for form in forms]
    return {unescape(found[1]) if found and found[1] else where for found in actions}


@pytest.mark.django_db
@pytest.mark.parametrize("address", [a for a in NAMED if a.name not in NEVER_FOUND], ids=str)
def test_a_form_on_a_page_without_referrer_can_be_sent(
    address: Address, world: World, sessions: dict[str, str]
) -> None:
    """A browser sends `Origin: null` from such a page, which CSRF protection refuses: only `token_page` takes it."""
    give = world.give(address.name, address.keys)
    assert give is not None
    refused = set()
    for actor in ("anonymous", "partner", "coordinator"):
        client = client_of(actor, sessions, enforce_csrf_checks=True)
        url = reverse(address.name, kwargs=give(actor, True))
        page = client.get(url, **ELSEWHERE)
        if page.status_code != 200 or page.get("Referrer-Policy") != "no-referrer" or page.streaming:
            continue
        secret = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else "x" * 32
        for action in posts_of(page.content.decode(errors="replace"), url):
            with transaction.atomic():
                sent = {"csrfmiddlewaretoken": secret}
                answer = client.post(action, sent, headers={"Origin": "null"}, **ELSEWHERE)
                transaction.set_rollback(True)
            if answer.status_code == 403 and b"open too long" in answer.content:
                refused.add(f"{actor}: {action}")
    assert not refused


@pytest.mark.django_db
@pytest.mark.parametrize("address", [a for a in NAMED if a.keys], ids=str)
def test_an_object_that_is_not_there_looks_like_one_that_is_not_yours(
    address: Address, world: World, sessions: dict[str, str]
) -> None:
    """O1: the same answer for another's object as for a random id."""
    give = world.give(address.name, address.keys)
    assert give is not None
    client = client_of("volunteer", sessions)
    theirs = client.get(reverse(address.name, kwargs=give("volunteer", False)))
    nowhere = client.get(reverse(address.name, kwargs=world.nowhere(address.keys)))
    if outcome(theirs) == "out":
        assert theirs.status_code == nowhere.status_code


@pytest.mark.django_db
def test_o06_suspended_people_are_signed_out_at_once(client: Client, organizer: User) -> None:
    """O6: a live session ends with the next request."""
    client.force_login(organizer, backend=BACKEND)
    assert client.get("/desk/").status_code == 200
    User.objects.filter(pk=organizer.pk).update(is_active=False)
    assert "/accounts/login/" in client.get("/desk/")["Location"]


@pytest.mark.django_db
@pytest.mark.parametrize("actor", ["volunteer", "lead", "partner", "organizer", "coordinator"])
def test_the_django_admin_is_for_admins_only(actor: str, sessions: dict[str, str]) -> None:
    client = client_of(actor, sessions)
    for address in ALL:
        if address.route.startswith("admin/") and not address.keys and address.name:
            assert outcome(client.get("/" + address.route)) == "out", address.route

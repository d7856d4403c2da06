"""Every page of the site that a browser gets by GET: how many queries, how long for the slowest twentieth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from bench.server import Request, Server

OURS = ("", "people", "corridors", "walks", "concerns", "field", "open311")
MOST_QUERIES, MOST_ADMIN_QUERIES, MOST_P95_MS = 12, 20, 250.0
# Neither pages nor to be asked for by GET without a phone's token.
NOT_PAGES = ("field:api_", "healthz", "readyz", "jsi18n")


@dataclass(frozen=True)
class Page:
    """One address, as whom it was asked for, and what it cost. `status` other than 200 is listed, not measured."""

    name: str
    path: str
    role: str
    status: int
    n_queries: int = 0
    p95_ms: float = 0.0
    n_bytes: int = 0

    @property
    def is_within(self) -> bool:
        most = MOST_ADMIN_QUERIES if self.name.startswith("admin:") else MOST_QUERIES
        return self.status != 200 or (self.n_queries <= most and self.p95_ms <= MOST_P95_MS)


def measure_pages(server: Server, *, n: int) -> list[Page]:
    """Open every page as the public, an organizer or an admin, whoever may."""
    clients = {"public": Client(), "organizer": signed_in("organizer"), "admin": signed_in("admin")}
    return [
        _measure(server, name, path, role, clients[role], n=n)
        for name, path in addresses()
        for role in [_role_for(path)]
    ]


def _role_for(path: str) -> str:
    if path.startswith(reverse("admin:index")):
        return "admin"
    return "organizer" if path.startswith("/desk/") else "public"


def signed_in(role: str) -> Client:
    from people.models import User

    email = f"bench-{role}@example.org"
    known = User.objects.filter(email=email).first()
    user = known or User.objects.create_user(email=email, name="Odessa Quill", password=None, role=role)
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _measure(server: Server, name: str, path: str, role: str, client: Client, *, n: int) -> Page:
    client.get(path, headers={"host": "127.0.0.1"})
    with CaptureQueriesContext(connection) as queries:
        response: Any = client.get(path, headers={"host": "127.0.0.1"})
        body = b"".join(response.streaming_content) if response.streaming else response.content
    if response.status_code != 200:
        return Page(name, path, role, response.status_code)
    cookie = "; ".join(f"{key}={morsel.value}" for key, morsel in client.cookies.items())
    request = Request("GET", path, headers=(("Cookie", cookie),) if cookie else ())
    measured = server.measure(lambda _i: request, n=n, at_once=1, warm_up=3)
    return Page(name, path, role, 200, len(queries), measured.p95_ms, len(body))


def addresses() -> Iterator[tuple[str, str]]:
    """Name and path of every address of ours whose parts the bench can fill, and of the admin's lists and forms."""
    found = set()
    for name, parameters in _named(get_resolver()):
        if name.partition(":")[0] in OURS or ":" not in name:
            path = _path(name, parameters)
            if path and not any(part in name for part in NOT_PAGES):
                found.add((name, path))
    yield from sorted(found)
    yield from _admin_addresses()


def _named(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            if pattern.namespace != "admin":
                yield from _named(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield namespace + pattern.name, tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)


def _path(name: str, parameters: tuple[str, ...]) -> str:
    from concerns.models import Concern
    from corridors.models import Corridor
    from walks.links import signup_token
    from walks.models import Signup, Walk

    walk, signup = Walk.objects.order_by("id")[0], Signup.objects.order_by("id")[0]
    concerns = Concern.objects.filter(public_point__isnull=False, status="triaged").order_by("id")
    known: dict[tuple[str, str], Any] = {
        ("walks", "public_id"): walk.public_id,
        ("walks", "signup_id"): signup.public_id,
        ("walks", "code"): walk.code,
        ("walks", "token"): signup_token(signup),
        ("corridors", "slug"): Corridor.objects.order_by("id")[0].slug,
        ("concerns", "public_id"): concerns[0].public_id,
        ("field", "public_id"): walk.public_id,
        ("field", "language"): "es",
    }
    room = name.partition(":")[0]
    if any((room, parameter) not in known for parameter in parameters):
        return ""
    try:
        path = reverse(name, kwargs={parameter: known[room, parameter] for parameter in parameters})
    except NoReverseMatch:
        return ""
    return f"{path}?bbox=-94.56,39.09,-94.55,39.10" if path.endswith(".geojson") else path


def _admin_addresses() -> Iterator[tuple[str, str]]:
    yield "admin:index", reverse("admin:index")
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        stem = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield f"{stem}_changelist", reverse(f"{stem}_changelist")
        first = model._default_manager.order_by("pk").first()
        if first is not None:
            yield f"{stem}_change", reverse(f"{stem}_change", args=[first.pk])

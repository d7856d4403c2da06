"""Asking a server whose address somebody typed, without being led to a machine of our own.

What is refused is refused twice: when the address is saved (`check_url`) and again when it is used (`fetch`), on the
addresses that the name has at that moment. The connection is opened to one of the addresses that were just checked,
and the other end of the connected socket is compared with it, so a name that changes in between leads nowhere. No
redirect is followed, no proxy of the environment is used, and an answer has an end in bytes and in time.
"""

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address
from typing import Any, NamedTuple, Self
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5.0, 10.0, 30.0
MOST_BYTES = 2_000_000
CHUNK = 65_536
HTTPS_PORT = 443
Address = IPv4Address | IPv6Address
# Addresses that carry another one inside them: what they lead to can't be seen from here.
CARRIERS = [
    ipaddress.IPv6Network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")
]
HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.I)
NUMERIC_END = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)", re.I)


class NotSent(Exception):
    """Nothing left this machine. `str(error)` is a sentence for an organizer."""


class Unsafe(NotSent):
    """The address leads, or may lead, where we never send anything."""


class NoAnswer(Exception):
    """It may have arrived: the connection stood, and no whole answer came back that can be used."""


@dataclass(frozen=True)
class Answer:
    """A whole answer, whatever its status. `content_type` is lower case and without parameters."""

    status: int
    content_type: str
    body: bytes
    retry_after: int = 0  # seconds


class Target(NamedTuple):
    """A checked address: where to connect, and what to ask there."""

    is_https: bool
    host: str
    port: int
    path: str


# --- Which addresses -------------------------------------------------------------------------------------------------


def check_url(url: str) -> None:
    """Raise Unsafe with the reason where nothing may be sent to this address. Looks its name up."""
    target = read_url(url)
    addresses_of(target)


def read_url(url: str) -> Target:
    """The parts of an address that may be asked. Raises Unsafe. Looks nothing up."""
    if re.search(r"[\x00-\x20\x7f\\]", url) or len(url) > 500:
        raise Unsafe(_("The address may hold no blanks, no control characters and no backslash."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unsafe(_("This isn’t a whole address. It looks like https://311.example.org/open311/v2")) from None
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not loopback_is_allowed()):
        raise Unsafe(_("The address must begin with https://"))
    if "@" in parts.netloc:
        raise Unsafe(_("The address may hold no user name and no password."))
    if parts.query or parts.fragment:
        raise Unsafe(_("The address may hold no ? and no #."))
    if port not in (None, HTTPS_PORT) and not loopback_is_allowed():
        raise Unsafe(_("Only port 443 may be asked, not %(port)s.") % {"port": port})
    host = _host(parts)
    is_https = parts.scheme == "https"
    return Target(is_https, host, port or (HTTPS_PORT if is_https else 80), parts.path)


def loopback_is_allowed() -> bool:
    """For tests and for trying it out on one's own machine; never on a site that others reach."""
    return bool(settings.OPEN311_ALLOW_LOOPBACK)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host or _as_address(host):
        return host
    if NUMERIC_END.fullmatch(host):
        raise Unsafe(_("Write the name of the server, not a number for it."))
    try:
        name = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        name = ""
    if not HOST.fullmatch(name) or len(name) > 253:
        raise Unsafe(_("This isn’t a whole address. It looks like https://311.example.org/open311/v2"))
    return name


def _as_address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def addresses_of(target: Target) -> list[Address]:
    """Every address of the host, looked up once. Raises Unsafe where one of them isn't public, NotSent without any."""
    if "%" in target.host:
        raise Unsafe(_("Write the name of the server, not a number for it."))
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSent(_("The server %(host)s can’t be found.") % {"host": target.host}) from None
    addresses = list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))
    check_addresses(addresses, target)
    return addresses


def check_addresses(addresses: Iterable[Address], target: Target) -> None:
    for address in addresses:
        if address.is_loopback and loopback_is_allowed():
            continue
        if reason := why_not_public(address):
            words = {"host": target.host, "address": address, "reason": reason}
            raise Unsafe(_("%(host)s leads to %(address)s, which is %(reason)s. Nothing is sent there.") % words)
        if not target.is_https or target.port != HTTPS_PORT:
            raise Unsafe(_("The address must begin with https:// and use port 443."))


def why_not_public(address: Address) -> str:
    """What kind of address it is where it isn't one on the public internet; "" where it is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return _("an old address in disguise")
        # `::` and `::1` lie in the first carrier and have better names below.
        if any(address in carrier for carrier in CARRIERS) and not (address.is_loopback or address.is_unspecified):
            return _("an address that hides another one")
    kinds = [
        (address.is_loopback, _("this machine itself")),
        (address.is_unspecified, _("no address at all")),
        (address.is_link_local, _("only for machines side by side")),
        (address.is_multicast, _("for many machines at once")),
        (not address.is_global or address.is_reserved, _("inside a private network")),
    ]
    return next((word for is_so, word in kinds if is_so), "")


# --- One question, one answer ----------------------------------------------------------------------------------------


class Guard:
    """Ends a connection that goes on for too long, also in the middle of a handshake or of a dripping answer."""

    def __init__(self, seconds: float) -> None:
        self.ends_at = time.monotonic() + seconds
        self.has_ended = False
        self._watched: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
        if self._watched is not None:
            self._watched.close()

    def watch(self, sock: socket.socket) -> None:
        self._watched = sock.dup()  # TLS takes the first one over

    def seconds_left(self) -> float:
        return max(self.ends_at - time.monotonic(), 0.0)

    def _end(self) -> None:
        self.has_ended = True
        if self._watched is not None:
            with suppress(OSError):  # it ended by itself
                self._watched.shutdown(socket.SHUT_RDWR)


class _Checked:
    """A connection to one of the addresses that were checked, whatever its host's name leads to by now."""

    addresses: list[Address]
    target: Target
    guard: Guard
    port: Any

    def _new_conn(self) -> socket.socket:
        error: OSError | None = None
        for address in self.addresses:
            timeout = min(CONNECT_SECONDS, self.guard.seconds_left()) or 0.001
            try:
                sock = socket.create_connection((str(address), self.port), timeout)
            except OSError as refused:
                error = refused
                continue
            self.guard.watch(sock)
            check_peer(sock, address, self.target)
            return sock
        raise NotSent(_("The server doesn’t take the connection.")) from error


class _CheckedHttp(_Checked, HTTPConnection):
    pass


class _CheckedHttps(_Checked, HTTPSConnection):
    pass


def check_peer(sock: socket.socket, wanted: Address, target: Target) -> None:
    """Raise Unsafe where the other end isn't the address that was checked, or isn't public after all."""
    other = ipaddress.ip_address(sock.getpeername()[0].partition("%")[0])
    try:
        if other != wanted:
            raise Unsafe(_("The server answered from another address. Nothing was sent."))
        check_addresses([other], target)
    except Unsafe:
        sock.close()
        raise


def fetch(method: str, url: str, *, fields: Iterable[tuple[str, str]] = ()) -> Answer:
    """Ask once, with the fields in the address (GET) or in the body (POST). Raises Unsafe, NotSent or NoAnswer."""
    target = read_url(url)
    addresses = addresses_of(target)
    query = urlencode(list(fields))
    path = target.path or "/"
    if method == "GET" and query:
        path = f"{path}?{query}"
    with Guard(TOTAL_SECONDS) as guard:
        connection = _connect(target, addresses, guard)
        try:
            return _ask(connection, method, path, query if method == "POST" else "", guard)
        finally:
            connection.close()


def _connect(target: Target, addresses: list[Address], guard: Guard) -> HTTPConnection:
    """A connection that stands, with TLS checked. Raises NotSent: nothing was sent yet."""
    connection: _CheckedHttp | _CheckedHttps
    if target.is_https:
        connection = _CheckedHttps(target.host, target.port, ssl_context=ssl.create_default_context())
    else:
        connection = _CheckedHttp(target.host, target.port)
    connection.addresses, connection.target, connection.guard = addresses, target, guard
    try:
        connection.connect()
    except (HTTPError, OSError, HTTPException) as error:
        connection.close()
        if isinstance(error, ssl.SSLError) or "SSL" in type(error).__name__:
            raise NotSent(_("The server’s certificate isn’t valid, or it doesn’t speak TLS.")) from error
        raise NotSent(_("The server doesn’t take the connection.")) from error
    return connection


def _ask(connection: HTTPConnection, method: str, path: str, body: str, guard: Guard) -> Answer:
    headers = {"User-Agent": f"SafeRoutes (+{settings.SITE_URL})", "Accept-Encoding": "identity"}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    connection.timeout = READ_SECONDS
    try:
        connection.request(method, path, body.encode() or None, headers, preload_content=False, decode_content=False)
        response = connection.getresponse()
        content = _read(response, guard)
    except (HTTPError, HTTPException, OSError) as error:
        raise NoAnswer(_too_long() if guard.has_ended else _("The server broke off before its answer.")) from error
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise NoAnswer(_("The server answered in a packing that wasn’t asked for."))
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Answer(response.status, kind[:100], content, _seconds(response.headers.get("Retry-After", "")))


def _read(response: Any, guard: Guard) -> bytes:
    """The whole body. Raises NoAnswer where it is too long, too slow or shorter than announced."""
    content = bytearray()
    while chunk := response.read1(CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise NoAnswer(_("The server’s answer is longer than 2 MB."))
    if guard.has_ended:
        raise NoAnswer(_too_long())
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) != len(content):
        raise NoAnswer(_("The server broke off before its answer."))
    return bytes(content)


def _too_long() -> str:
    return _("The server took longer than %(n)d seconds.") % {"n": TOTAL_SECONDS}


def _seconds(text: str) -> int:
    return min(int(text), 86_400) if text.isascii() and text.isdecimal() and len(text) < 9 else 0

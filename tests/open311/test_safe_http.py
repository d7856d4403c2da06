"""O43: nothing is ever sent to a machine of our own, whatever an address says, leads to or turns into."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from open311 import safe_http
from open311.models import Endpoint
from open311.safe_http import NoAnswer, NotSent, Target, Unsafe, addresses_of, check_peer, check_url, fetch, read_url
from tests.open311.conftest import FakeCity

PUBLIC = "93.184.215.14"
NAMES = {
    "city.example": [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "inside.example": ["10.0.0.1"],
    "both.example": [PUBLIC, "192.168.1.7"],
    "localhost": ["127.0.0.1", "::1"],
    "0.example": ["0.0.0.0"],
}


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A telephone book of our own: no test asks a name server."""
    known = {name: list(numbers) for name, numbers in NAMES.items()}

    def look_up(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
        try:
            found = [str(ip_address(host))]
        except ValueError:
            found = known.get(host, [])
        if not found:
            raise socket.gaierror("not known")
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


REFUSED = [
    ("http://city.example/v2", "https://"),
    ("http://127.0.0.1:5432", "https://"),
    ("http://169.254.169.254", "https://"),
    ("http://[::1]", "https://"),
    ("http://0x7f000001", "https://"),
    ("file:///etc/passwd", "https://"),
    ("gopher://city.example", "https://"),
    ("//city.example", "https://"),
    ("https://127.0.0.1", "this machine"),
    ("https://[::1]/v2", "this machine"),
    ("https://localhost/", "this machine"),
    ("https://0x7f000001/", "number"),
    ("https://2130706433/", "number"),
    ("https://127.1/", "number"),
    ("https://0177.0.0.1/", "number"),
    ("https://1.2.3.4.5/", "number"),
    ("https://0.0.0.0/", "no address"),
    ("https://[::]/", "no address"),
    ("https://0.example/", "no address"),
    ("https://169.254.169.254/latest/meta-data/", "side by side"),
    ("https://[fe80::1]/", "side by side"),
    ("https://10.0.0.1/", "private"),
    ("https://172.16.9.9/", "private"),
    ("https://192.168.0.1/", "private"),
    ("https://100.64.0.1/", "private"),
    ("https://[fd00::1]/", "private"),
    ("https://240.0.0.1/", "private"),
    ("https://255.255.255.255/", "private"),
    ("https://192.0.2.1/", "private"),
    ("https://224.0.0.1/", "many machines"),
    ("https://[ff02::1]/", "many machines"),
    ("https://[::ffff:127.0.0.1]/", "disguise"),
    ("https://[::ffff:8.8.8.8]/", "disguise"),
    ("https://[64:ff9b::7f00:1]/", "hides"),
    ("https://[64:ff9b:1::a00:1]/", "hides"),
    ("https://[2002:7f00:1::]/", "hides"),
    ("https://[2001:0:4136:e378::]/", "hides"),
    ("https://[::7f00:1]/", "hides"),
    ("https://[fe80::1%25eth0]/", "number"),
    ("https://inside.example/v2", "private"),
    ("https://both.example/v2", "private"),
    ("https://user:pass@city.example/", "password"),
    ("https://city.example@10.0.0.1/", "password"),
    ("https://city.example:8443/", "443"),
    ("https://city.example:0/", "443"),
    ("https://city.example:99999/", "whole address"),
    ("https://city.example/v2?x=1", "no ?"),
    ("https://city.example/v2#x", "no ?"),
    ("https://city.example\\@10.0.0.1/", "backslash"),
    ("https://city.example/\r\nHost: evil", "blanks"),
    ("https://city example/", "blanks"),
    ("https://[::1/", "whole address"),
    ("https:///v2", "whole address"),
    ("https://-x-.example/", "whole address"),
    ("https://" + "a" * 600, "blanks"),
]


@pytest.mark.parametrize(("url", "why"), REFUSED)
def test_o43_it_is_refused_at_save_and_at_connect_with_the_reason(names, url, why):
    for do in (check_url, lambda one: fetch("GET", one)):
        with pytest.raises(Unsafe, match=why.replace("?", r"\?")):
            do(url)


def test_o43_a_name_that_nobody_knows_is_refused_too(names):
    with pytest.raises(NotSent, match=r"nowhere\.example can’t be found"):
        check_url("https://nowhere.example/v2")


def test_a_city_on_the_public_internet_is_fine(names):
    check_url("https://city.example/open311/v2")
    assert read_url("https://city.example/open311/v2") == Target(True, "city.example", 443, "/open311/v2")
    assert read_url("https://ciudad-ñ.example/").host.startswith("xn--")


def test_o43_a_name_that_moves_between_save_and_send_is_refused_at_send(names, monkeypatch):
    check_url("https://city.example/")
    names["city.example"] = ["127.0.0.1"]
    monkeypatch.setattr(socket, "create_connection", lambda *args, **more: pytest.fail("it connected"))
    with pytest.raises(Unsafe, match="this machine"):
        fetch("GET", "https://city.example/")


def test_o43_the_connection_goes_to_the_address_that_was_checked_though_the_name_moves_meanwhile(names, monkeypatch):
    asked: list[Any] = []

    def connect(address: Any, timeout: float) -> socket.socket:
        asked.append(address)
        raise ConnectionRefusedError

    look_up = socket.getaddrinfo

    def move_after_the_first(*args: Any, **more: Any) -> Any:
        found = look_up(*args, **more)
        names["city.example"] = ["127.0.0.1"]
        return found

    monkeypatch.setattr(socket, "getaddrinfo", move_after_the_first)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(NotSent, match="doesn’t take the connection"):
        fetch("GET", "https://city.example/")
    assert asked == [(PUBLIC, 443), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", 443)]


class Peer:
    """A connected socket whose other end is somewhere else."""

    is_closed = False

    def __init__(self, address: str) -> None:
        self.address = address

    def getpeername(self) -> tuple[str, int]:
        return (self.address, 443)

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("other", ["127.0.0.1", "10.0.0.1", "1.1.1.1", "::ffff:127.0.0.1"])
def test_o43_a_socket_that_is_connected_elsewhere_is_closed_before_a_byte_is_sent(other):
    peer: Any = Peer(other)
    with pytest.raises(Unsafe):
        check_peer(peer, ip_address(PUBLIC), Target(True, "city.example", 443, "/"))
    assert peer.is_closed


def test_o43_loopback_only_where_a_setting_says_so_and_nothing_else_with_it(names, settings):
    settings.OPEN311_ALLOW_LOOPBACK = True
    check_url("http://127.0.0.1:8139/v2")
    for url in ("http://10.0.0.1/", "https://10.0.0.1/", "http://169.254.169.254/", "https://[::ffff:127.0.0.1]/"):
        with pytest.raises(Unsafe):
            check_url(url)
    for url in ("http://city.example/", "https://city.example:8443/"):
        with pytest.raises(Unsafe, match="443"):
            check_url(url)


def test_no_proxy_of_the_environment_is_used(city: FakeCity, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch("GET", f"{city.url}/requests.json").status == 200


def test_a_city_by_name_is_asked_by_its_name(city: FakeCity, names):
    port = city.url.split(":")[2].partition("/")[0]
    fetch("GET", f"http://localhost:{port}/v2/requests.json", fields=[("service_code", "ñ & 1")])
    asked = city.state["asked"][-1]
    assert (asked["host"], asked["query"]) == (f"localhost:{port}", {"service_code": "ñ & 1"})


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("big", "2 MB"),
        ("drip", "took longer"),
        ("drip-head", "took longer"),
        ("silent", "broke off"),
        ("silent:5", "broke off"),
        ("short", "broke off"),
        ("gzip", "packing"),
    ],
)
def test_an_answer_has_an_end_in_bytes_and_in_time(city: FakeCity, how, why):
    city.tell(get=[how])
    started = time.monotonic()
    with pytest.raises(NoAnswer, match=why):
        fetch("GET", f"{city.url}/requests.json")
    assert time.monotonic() - started < 4


# --- TLS -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tls_city(tmp_path: Path) -> Iterator[Callable[[], tuple[int, Path]]]:
    """A server with a certificate for city.test that nobody but us trusts."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=city.test", "-addext", "subjectAltName=DNS:city.test"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(key), "-out", str(certificate), "-days", "2"]
    subprocess.run([*command, *subject, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                plain, _address = listener.accept()
                with context.wrap_socket(plain, server_side=True) as wrapped:
                    wrapped.recv(4096)
                    wrapped.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]")
            except ssl.SSLError:
                continue
            except OSError:
                return

    threading.Thread(target=answer, daemon=True).start()
    yield lambda: (listener.getsockname()[1], certificate)
    listener.close()


def test_tls_is_checked_against_the_name_though_the_connection_goes_to_an_address(
    tls_city, names, settings, monkeypatch
):
    settings.OPEN311_ALLOW_LOOPBACK = True
    port, certificate = tls_city()
    names["city.test"] = names["other.test"] = ["127.0.0.1"]
    with pytest.raises(NotSent, match="certificate"):
        fetch("GET", f"https://city.test:{port}/")
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(safe_http.ssl, "create_default_context", lambda: trusting)
    assert fetch("GET", f"https://city.test:{port}/").body == b"[]"
    with pytest.raises(NotSent, match="certificate"):
        fetch("GET", f"https://other.test:{port}/")


def test_a_city_without_tls_gets_nothing(city: FakeCity):
    with pytest.raises(NotSent, match="TLS"):
        fetch("POST", city.url.replace("http:", "https:") + "/requests.json", fields=[("api_key", "secret")])
    assert city.posts == []


# --- At save ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["https://inside.example/v2", "http://city.example/v2"])
def test_o43_an_endpoint_isnt_saved_with_such_an_address(names, url):
    with pytest.raises(ValidationError, match=r"https://|private"):
        Endpoint(name="311", url=url).clean()
    assert not addresses_of(read_url("https://city.example/"))[0].is_private

"""A bad line between phone and server: loses answers, hangs, resets, or lets a captive portal answer.

One thread a connection, one request a connection. Tests say what shall happen to which calls, and how often.
"""

import contextlib
import re
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

from tests.field.mortal import hold_port

PORTAL = b"<!doctype html><title>Welcome</title><h1>Free WiFi</h1><a href='/accept'>Accept the terms</a>"
HANG_UP = struct.pack("ii", 1, 0)  # linger for 0 s: the other side sees a reset


@dataclass
class Fault:
    """`kind` for the next `times` calls whose “METHOD /path” matches. `seen` are the calls it happened to."""

    kind: str
    calls: re.Pattern[str]
    times: int
    status: int = 503
    seen: list[str] = field(default_factory=list)


class BadLine:
    """Listens at `address` and passes everything on to the server at `port`, except for what `fault()` names."""

    KINDS: tuple[str, ...] = ("drop_request", "drop_reply", "cut_reply", "portal", "hang", "reset", "status")

    def __init__(self, port: int) -> None:
        self.upstream = port
        self.listener = hold_port()
        self.port: int = self.listener.getsockname()[1]
        self.listener.listen(64)
        self.address = f"http://127.0.0.1:{self.port}"
        self.faults: list[Fault] = []
        self.calls: list[str] = []
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.threads: list[threading.Thread] = []
        self._begin(self._accept)

    def fault(self, kind: str, calls: str = "/field/api/", *, times: int = 10**9, status: int = 503) -> Fault:
        assert kind in self.KINDS
        made = Fault(kind, re.compile(calls), times, status)
        with self.lock:
            self.faults.append(made)
        return made

    def heal(self) -> None:
        with self.lock:
            self.faults.clear()

    def close(self) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(timeout=5)

    # --- One connection ---

    def _begin(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)  # type: ignore[arg-type]
        self.threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.closing.is_set():
            with contextlib.suppress(OSError):
                client, _address = self.listener.accept()
                self._begin(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(30)
        with client, contextlib.suppress(OSError):
            head, body = _read_request(client)
            if head:
                self._handle(client, head, body)

    def _handle(self, client: socket.socket, head: bytes, body: bytes) -> None:
        method, path = head.split(b" ", 2)[:2]
        call = f"{method.decode()} {path.decode()}"
        fault = self._fault_of(call)
        if fault is None:
            client.sendall(self._forward(head, body))
        elif fault.kind == "drop_reply":
            self._forward(head, body)
        elif fault.kind == "cut_reply":
            reply = self._forward(head, body)
            client.sendall(reply[: len(reply) - 20])
        elif fault.kind == "portal":
            client.sendall(_answer(b"200 OK", PORTAL))
        elif fault.kind == "status":
            client.sendall(_answer(f"{fault.status} Sorry".encode(), b"<h1>Bad gateway</h1>"))
        elif fault.kind == "hang":
            while not self.closing.is_set() and fault in self.faults:
                time.sleep(0.05)
        elif fault.kind == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANG_UP)

    def _fault_of(self, call: str) -> Fault | None:
        with self.lock:
            self.calls.append(call)
            for fault in self.faults:
                if fault.times > 0 and fault.calls.search(call):
                    fault.times -= 1
                    fault.seen.append(call)
                    return fault
        return None

    def _forward(self, head: bytes, body: bytes) -> bytes:
        """The whole reply. Raises OSError where the server is dead."""
        with socket.create_connection(("127.0.0.1", self.upstream), timeout=60) as server:
            server.sendall(_last_of_its_connection(head) + body)
            reply = b""
            while chunk := server.recv(65_536):
                reply += chunk
        return reply


def _read_request(client: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = client.recv(65_536)
        if not chunk:
            return b"", b""
        data += chunk
    head, _blank, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    while length and len(body) < int(length[1]):
        chunk = client.recv(65_536)
        if not chunk:
            return b"", b""
        body += chunk
    return head, body


def _last_of_its_connection(head: bytes) -> bytes:
    return re.sub(rb"(?im)^connection:.*\r\n", b"", head + b"\r\n") + b"Connection: close\r\n\r\n"


def _answer(status: bytes, body: bytes) -> bytes:
    about = b"Content-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n" % len(body)
    return b"HTTP/1.1 " + status + b"\r\n" + about + b"\r\n" + body

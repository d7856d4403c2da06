"""A real server that tests kill: gunicorn as script/server starts it, on the test's database, in a group of its own.

Transactional tests only: the server sees what is committed and nothing else.
"""

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from tests.field.phone import Phone

ROOT = Path(__file__).resolve().parent.parent.parent
FIRST_PORT, LAST_PORT = 18107, 18199
PATIENCE = 60
_BUSY = """
select count(*) from pg_stat_activity
 where datname = %s and pid <> pg_backend_pid() and backend_type = 'client backend' and state <> 'idle'
"""


def hold_port() -> socket.socket:
    """A socket bound to a free port on loopback. As long as nobody listens on it, who calls there is refused.

    It is kept for as long as a server may come back to that port, so that no other process takes it meanwhile.
    """
    for port in range(FIRST_PORT, LAST_PORT + 1):
        held = socket.socket()
        try:
            held.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # from here on our own server may bind it, too
        return held
    raise RuntimeError("no port is free")


def database_url() -> str:
    """The test database of this process as an address for another process."""
    given = connection.settings_dict
    user = quote(given["USER"] or "", safe="") + (f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else "")
    host, options = str(given["HOST"] or ""), str(given.get("OPTIONS", {}).get("host", ""))
    if host.startswith("/") or options.startswith("/"):
        return f"postgis://{user}@/{given['NAME']}?host={host if host.startswith('/') else options}"
    return f"postgis://{user}@{host or 'localhost'}:{given['PORT'] or 5432}/{given['NAME']}"


class MortalServer:
    """The site at `address`. `start()`, `kill()` and `die_at()` as often as you like; the port stays the same."""

    def __init__(self, folder: Path, *, workers: int = 2) -> None:
        self.orders, self.media, self.log = folder / "orders", folder / "media", folder / "server.log"
        self.orders.mkdir(parents=True)
        self.media.mkdir()
        self.workers = workers
        self.held = hold_port()
        self.port: int = self.held.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}

    def start(self) -> "MortalServer":
        """Start it and wait for its first answer. Where one is running already, nothing happens."""
        if self.is_alive():
            return self
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
        # The kernel ends it together with the test run, even where that is killed outright.
        command = ["setpriv", "--pdeathsig", "KILL", "--", sys.executable, "-m", "gunicorn", "tests.field.mortal_wsgi"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--workers", str(self.workers), "--threads", "4", "--preload"]
        command += ["--worker-tmp-dir", memory, "--timeout", "60", "--log-level", "warning"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        self._wait_for_answer()
        return self

    def _environment(self) -> dict[str, str]:
        ours = {
            "DATABASE_URL": database_url(),
            "SITE_URL": self.address,
            "SECRET_KEY": settings.SECRET_KEY,
            "RECEIPT_KEY": settings.RECEIPT_KEY,
            "DJANGO_SETTINGS_MODULE": "tests.field.mortal_settings",
            "MORTAL_ORDERS": str(self.orders),
            "MORTAL_MEDIA": str(self.media),
            "LOG_LEVEL": "ERROR",
            "DEBUG": "",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        return kept | ours | self.environment

    def _wait_for_answer(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.is_alive(), f"the server ended by itself: {self.log.read_text()[-3000:]}"
            with contextlib.suppress(OSError, http.client.HTTPException):
                client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                client.request("GET", "/healthz/")
                status = client.getresponse().status
                client.close()
                if status == 200:
                    return
            time.sleep(0.03)
        raise AssertionError(f"the server doesn't answer: {self.log.read_text()[-3000:]}")

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9, master and workers alike."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)
        self._wait_for_workers(self.process.pid)

    def close(self) -> None:
        """For good."""
        self.kill()
        self.held.close()

    def rest(self) -> None:
        """Wait until no call is at the database any more."""
        quiet, end = 0, time.monotonic() + 20
        while quiet < 2:
            assert time.monotonic() < end, "the server is still at work"
            with connection.cursor() as cursor:
                cursor.execute(_BUSY, [connection.settings_dict["NAME"]])
                quiet = 0 if cursor.fetchone()[0] else quiet + 1
            time.sleep(0.03)

    def _wait_for_workers(self, group: int) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)
        raise AssertionError("a worker of the killed server lives on")

    def release(self, change: Callable[[Path], None]) -> None:
        """Another version is put in place of this one: a copy of static/ as `change(folder)` leaves it. Starts it."""
        self.kill()
        folder = self.orders.parent / f"static-{time.monotonic_ns()}"
        shutil.copytree(ROOT / "static", folder)
        change(folder)
        self.environment["MORTAL_STATIC"] = str(folder)
        self.start()

    # --- Death by appointment ---

    def die_at(self, step: str, *, call: str = "PUT", nth: int = 1, whole: bool = True) -> None:
        """Die at the nth step of that name (see mortal_wsgi) of a matching call; the whole server, or one worker."""
        (self.orders / "died.json").unlink(missing_ok=True)
        order = self.orders / "death.new"
        order.write_text(json.dumps({"step": step, "call": call, "nth": nth, "whole": whole}))
        order.rename(self.orders / "death.json")

    def live_on(self) -> None:
        """Take the appointment back."""
        (self.orders / "death.json").unlink(missing_ok=True)

    def has_died(self) -> bool:
        """Whether the appointment was kept."""
        return (self.orders / "died.json").exists()

    def wait_until_died(self, where: str = "", seconds: float = 10) -> None:
        """Until the appointment was kept; the last steps of a call come after its answer."""
        end = time.monotonic() + seconds
        while not self.has_died():
            assert time.monotonic() < end, f"nobody died {where}"
            time.sleep(0.02)

    def wait_for_death(self, seconds: float = 30) -> None:
        """Until the whole server is dead."""
        self.wait_until_died(seconds=seconds)
        self.kill()

    def trace(self) -> list[dict[str, Any]]:
        """Calls since `record_steps()`, each {"call": "PUT /field/api/…", "steps": ["arrived", …]}."""
        lines = (self.orders / "trace.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def record_steps(self) -> None:
        (self.orders / "trace.jsonl").write_text("")

    def steps_of(self, send: Any) -> list[str]:
        """The steps of the one call that `send()` makes."""
        self.record_steps()
        send()
        calls = self.trace()
        (self.orders / "trace.jsonl").unlink()
        assert len(calls) == 1, calls
        steps: list[str] = calls[0]["steps"]
        return steps


class NoAnswer(Exception):
    """The server died, or hung up, before it had answered."""


@dataclass
class Answer:
    """An answer over a real socket, in the words of Django's test client."""

    status_code: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        return json.loads(self.content)


class Wire:
    """Stands in for Django's test client and sends over a real socket."""

    def __init__(self, address: str) -> None:
        self.host = address.removeprefix("http://")

    def generic(
        self,
        method: str,
        path: str,
        data: bytes | str = b"",
        content_type: str = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        client = http.client.HTTPConnection(self.host, timeout=30)
        body = data.encode() if isinstance(data, str) else data
        try:
            client.request(method, path, body, {"Content-Type": content_type, "Connection": "close"} | (headers or {}))
            response = client.getresponse()
            return Answer(response.status, response.read(), dict(response.getheaders()))
        except (OSError, http.client.HTTPException) as lost:
            raise NoAnswer(str(lost)) from lost
        finally:
            client.close()

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.generic("GET", path, headers=headers)


class WiredPhone(Phone):
    """A phone of `tests.field.phone` that talks to a real server. Raises NoAnswer where the server dies."""

    def __init__(self, server: MortalServer, walk: Any = None, **fields: Any) -> None:
        super().__init__(walk, **fields)
        self.client = Wire(server.address)  # type: ignore[assignment]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

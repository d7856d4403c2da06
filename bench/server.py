"""A web server to measure, what it and its database connections cost, and somebody who asks it things."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
WORKERS, THREADS = 2, 4


@dataclass(frozen=True)
class Request:
    """One thing to ask, and the status that means it was done."""

    method: str
    path: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    expected: int = 200


@dataclass(frozen=True)
class Measured:
    """What a number of requests cost: CPU milliseconds each in web and database processes, and how they went."""

    n: int
    web_ms: float
    database_ms: float
    seconds: float
    p95_ms: float
    n_bytes: int

    @property
    def cpu_ms(self) -> float:
        return self.web_ms + self.database_ms

    @property
    def per_second(self) -> float:
        return self.n / self.seconds


ROOT = Path(__file__).resolve().parent.parent


def database_url() -> str:
    """The address of the database that this process uses, for the processes it starts."""
    given = os.environ.get("DATABASE_URL") or (settings.VAR_DIR / "database_url").read_text().strip()
    return urlunsplit(urlsplit(given)._replace(path=f"/{connection.settings_dict['NAME']}"))


@contextmanager
def work(*, url: str, settings_module: str) -> Iterator[int]:
    """The worker as script/server starts it; yields its process id."""
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": settings_module, "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen([sys.executable, "manage.py", "run_worker"], env=environment, cwd=ROOT)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def serve(wsgi: str, *, url: str, settings_module: str = "") -> Iterator["Server"]:
    """gunicorn as script/server starts it, on a free port, with the bench's database; stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()  # noqa: S108
    command = [sys.executable, "-m", "gunicorn", wsgi, "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
    command += ["--threads", str(THREADS), "--preload", "--worker-tmp-dir", memory, "--log-level", "warning"]
    environment = os.environ | {"DATABASE_URL": url, "SITE_URL": f"http://127.0.0.1:{port}", "LOG_LEVEL": "ERROR"}
    environment["CONN_MAX_AGE"] = "3600"  # a connection that ends takes its CPU time with it
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    if settings_module:
        environment["DJANGO_SETTINGS_MODULE"] = settings_module
    process = subprocess.Popen(command, env=environment, cwd=ROOT)  # noqa: S603 - our own words only
    try:
        server = Server(port, process.pid)
        server.wait()
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


class Server:
    """A running web server."""

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid = port, pid

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the web server doesn't answer")

    def measure(self, make: Callable[[int], Request], *, n: int, at_once: int, warm_up: int = 40) -> Measured:
        """Send `make(0)` … `make(n - 1)` on `at_once` connections; the warm-up comes before and isn't counted."""
        self._send([make(-1 - i) for i in range(warm_up)], at_once=at_once)
        requests = [make(i) for i in range(n)]
        web, database, started = cpu_of_tree(self.pid), cpu_of_backends(), time.perf_counter()
        times, n_bytes = self._send(requests, at_once=at_once)
        seconds = time.perf_counter() - started
        web, database = cpu_of_tree(self.pid) - web, cpu_of_backends() - database
        p95 = sorted(times)[int(0.95 * (len(times) - 1))]
        return Measured(n, 1000 * web / n, 1000 * database / n, seconds, 1000 * p95, n_bytes // n)

    def _send(self, requests: list[Request], *, at_once: int) -> tuple[list[float], int]:
        shares = [requests[i::at_once] for i in range(at_once)]
        with ThreadPoolExecutor(at_once) as pool:
            results = list(pool.map(self._send_share, shares))
        return [seconds for times, _n in results for seconds in times], sum(n for _times, n in results)

    def _send_share(self, requests: list[Request]) -> tuple[list[float], int]:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        times, n_bytes = [], 0
        for request in requests:
            started = time.perf_counter()
            client.request(request.method, request.path, request.body, dict(request.headers))
            response = client.getresponse()
            n_bytes += len(response.read())
            times.append(time.perf_counter() - started)
            if response.status != request.expected:
                raise RuntimeError(f"{request.method} {request.path} answered {response.status}")
        client.close()
        return times, n_bytes


def cpu_of_tree(pid: int) -> float:
    """CPU seconds that a process and its children have used so far."""
    return sum(cpu_of(child) for child in [pid, *_children(pid)])


def _children(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


def cpu_of(pid: int) -> float:
    """CPU seconds of one process (proc(5): fields 14 and 15 of stat); 0 where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def cpu_of_backends() -> float:
    """CPU seconds of the database's connections to the bench database, ours left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        return sum(cpu_of(pid) for (pid,) in cursor.fetchall())

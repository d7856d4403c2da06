"""script/server in a copy of the project: a path with blanks, taken ports, a second start, everything stopped."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/usr/lib/postgresql").exists(), reason="needs PostgreSQL's programs on this machine"),
]


class Server:
    """A running script/server whose words are collected."""

    def __init__(self, folder: Path, *arguments: str, port: int) -> None:
        self.folder = folder
        self.began = time.monotonic()
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            ["script/server", *arguments],
            cwd=folder,
            env=bare_environment(PORT=str(port)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(self.process.stdout)

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first match in what it said. Fails with everything it said."""
        end = time.monotonic() + PATIENCE
        while not (match := re.search(pattern, self.said)):
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)
        return match

    def wait_for_address(self) -> tuple[str, float]:
        """Its address, and how many seconds it took from nothing to there."""
        match = self.wait_for(r"running at (http://127\.0\.0\.1:\d+)/")
        return match[1], time.monotonic() - self.began

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)


def bare_environment(**more: str) -> dict[str, str]:
    """What a login shell has, and no more: no language, nothing of this test run."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | more


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=bare_environment(**environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def processes_of(folder: Path) -> list[str]:
    """Command lines of everything that still runs in or from the folder, its database included."""
    cluster = (folder / "var" / "pg").resolve()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            home = (process / "cwd").readlink()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if any(home == place or place in home.parents for place in (folder, cluster)):
            found.append(command)
    return found


def get(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def until(true: Callable[[], object], said: Callable[[], str]) -> None:
    end = time.monotonic() + 40
    while not true():
        assert time.monotonic() < end, said()
        time.sleep(0.2)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project as a fresh clone would have it, in a folder whose path is long and has blanks; it shares our venv."""
    deep = " ".join(["a folder with a long name"] * 4)
    folder = tmp_path_factory.mktemp("clone") / deep / "safe routes"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("needs git, to know which files a clone has")
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    yield folder
    for leftover in [folder / "var" / "pg", *(Path(text) for text in socket_folder_of(folder))]:
        shutil.rmtree(leftover.resolve(), ignore_errors=True)


def socket_folder_of(folder: Path) -> list[str]:
    noted = folder / "var" / "socket_folder"
    return [noted.read_text()] if noted.exists() else []


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def start(copy: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def begin(*arguments: str, port: int) -> Server:
        server = Server(copy, *arguments, port=port)
        servers.append(server)
        return server

    yield begin
    for server in servers:
        if server.process.poll() is None:
            server.stop()


def test_it_comes_up_shares_its_database_mends_itself_and_leaves_nothing_running(copy, start, taken_port):
    server = start("--no-demo", port=taken_port)
    address, _seconds = server.wait_for_address()
    assert address != f"http://127.0.0.1:{taken_port}"
    assert f"port {taken_port} is taken" in server.said
    assert get(f"{address}/healthz/") == (200, '{"status": "ok"}')
    until(lambda: get(f"{address}/readyz/")[0] == 200, lambda: get(f"{address}/readyz/")[1])
    assert json.loads(get(f"{address}/readyz/")[1])["worker"]["ok"] is True

    # Another script uses the same database and leaves it running; its links fit the running server.
    other = run(copy, "script/manage", "first_admin", "ada@example.org")
    assert other.returncode == 0, other.stderr
    assert other.stdout.startswith(f"{address}/accounts/first/")
    assert get(other.stdout.strip())[0] == 200

    # A worker that dies is replaced.
    (worker,) = [pid for pid in children_of(server.process.pid) if b"run_worker" in command_of(pid)]
    os.kill(worker, signal.SIGKILL)
    server.wait_for("the worker .* ended: starting it again")

    assert server.stop() == 0
    assert processes_of(copy) == []

    # The second start is quick, and what was written is still there.
    again = start(port=taken_port)
    address, seconds = again.wait_for_address()
    assert seconds < 10, again.said
    assert get(other.stdout.strip().replace(other.stdout.split("/accounts")[0], address))[0] == 200
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(timeout=40) == 0
    assert processes_of(copy) == []


def children_of(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["--everything"], {}, "--no-serve"),
        ([], {"PORT": "http"}, "PORT must be a number from 1 to 65535"),
        ([], {"PORT": "70000"}, "PORT must be a number from 1 to 65535"),
    ],
)
def test_wrong_arguments_are_said_and_change_nothing(copy, arguments, environment, words):
    answer = run(copy, "script/server", *arguments, **environment)
    assert answer.returncode == 2
    assert words in answer.stderr


def test_a_database_that_cannot_be_reached_is_said(copy):
    answer = run(copy, "script/server", "--no-serve", DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert answer.returncode == 3
    assert "Can't reach the database that DATABASE_URL names" in answer.stderr


def test_a_database_without_postgis_and_a_role_that_may_not_make_it(copy, transactional_db):
    """Uses the server that the tests use, where they may make roles."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            pytest.skip("needs a database role that may make other roles")
        name = f"walker_{os.getpid()}"
        cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'lantern'")
        cursor.execute(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0")
    host = connection.settings_dict["OPTIONS"].get("host") or connection.settings_dict["HOST"]
    try:
        refused = run(
            copy, "script/server", "--no-serve", DATABASE_URL=f"postgres://{name}:lantern@/{name}?host={host}"
        )
        assert refused.returncode == 3
        assert "may not create the extension postgis" in refused.stderr
        assert f"psql -d {name} -c 'CREATE EXTENSION IF NOT EXISTS postgis'" in refused.stderr
        assert not (copy / "var" / "pg").exists() or processes_of(copy) == []
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
            cursor.execute(f"DROP ROLE {name}")

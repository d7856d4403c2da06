"""The site as it is, which dies by SIGKILL where a file tells it to. Only tests load this; the site doesn't know it.

Each call of the Field API walks through steps with names: every statement to the database, the commit, each write and
fsync of a file, half of the body read, half of the answer sent. `death.json` in MORTAL_ORDERS names a call and a step;
whoever gets there renames the file and dies, alone or with the whole server. `trace.jsonl`, where it exists, gets the
steps of every finished call.
"""

import json
import os
import re
import signal
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.field.mortal_settings")

from django.core.files.storage import FileSystemStorage
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from saferoutes.wsgi import application as site

ORDERS = Path(os.environ["MORTAL_ORDERS"])
VERB_AND_TABLE = re.compile(
    r'\s*(insert(?= into)|update|delete(?= from)|select)\b(?:(?<=select).*?\bfrom| into| from|)\s+"?(\w+_\w+)',
    re.I | re.S,
)
now = threading.local()


class Call:
    """One request on its way through the site, and the death that waits for it, if any."""

    def __init__(self, method: str, path: str) -> None:
        self.name = f"{method} {path}"
        self.steps: list[str] = []
        self.death = self._read_death()

    def _read_death(self) -> dict[str, Any] | None:
        try:
            death = json.loads((ORDERS / "death.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return death if re.search(death["call"], self.name) else None

    def step(self, name: str) -> None:
        self.steps.append(name)
        if self.death and self.death["step"] == name:
            self.death["nth"] -= 1
            if self.death["nth"] <= 0:
                self.die()

    def die(self) -> None:
        assert self.death is not None
        try:
            (ORDERS / "death.json").rename(ORDERS / "died.json")
        except FileNotFoundError:  # another call was quicker: one death is enough
            return
        os.killpg(0, signal.SIGKILL) if self.death["whole"] else os.kill(os.getpid(), signal.SIGKILL)

    def tell(self) -> None:
        if (ORDERS / "trace.jsonl").exists():
            with (ORDERS / "trace.jsonl").open("a") as trace:
                trace.write(json.dumps({"call": self.name, "steps": [*self.steps, "answer sent"]}) + "\n")


def step(name: str) -> None:
    call: Call | None = getattr(now, "call", None)
    if call is not None:
        call.step(name)


# --- The steps --------------------------------------------------------------------------------------------------------


def _statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    result = execute(sql, params, many, context)
    said = VERB_AND_TABLE.match(sql)
    if said and not said[2].startswith("pg_"):  # what a new connection asks about the database is no step of ours
        step(f"{said[1].lower()} {said[2]}")
    return result


def _listen(connection: BaseDatabaseWrapper, **_more: Any) -> None:
    if _statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_statement)


connection_created.connect(_listen)


def _around(owner: Any, name: str, *, before: str = "", after: str = "") -> None:
    """Replace a function by itself between two steps."""
    real = getattr(owner, name)

    def stepping(*args: Any, **kwargs: Any) -> Any:
        if before:
            step(before)
        result = real(*args, **kwargs)
        if after:
            step(after)
        return result

    setattr(owner, name, stepping)


_around(BaseDatabaseWrapper, "_commit", before="before commit", after="committed")
_around(FileSystemStorage, "_save", after="file written")
_around(FileSystemStorage, "delete", after="file deleted")
_fsync = os.fsync


def _tell_fsync(file: Any) -> None:
    _fsync(file)
    mode = os.fstat(file if isinstance(file, int) else file.fileno()).st_mode
    step("fsync folder" if stat.S_ISDIR(mode) else "fsync file")


os.fsync = _tell_fsync  # type: ignore[assignment]


class _Halfway:
    """A body that takes a step when half of it was read."""

    def __init__(self, stream: Any, length: int) -> None:
        self.stream, self.left = stream, length // 2

    def read(self, size: int = -1) -> bytes:
        if not self.left or 0 <= size < self.left:
            self.left -= max(size, 0) if self.left else 0
            return bytes(self.stream.read(size))
        first = self.stream.read(self.left)
        self.left = 0
        step("body half read")
        rest = self.stream.read(size - len(first) if size >= 0 else -1)
        return bytes(first + rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if not environ["PATH_INFO"].startswith("/field/api/"):
        return site(environ, start_response)
    return _stepping(environ, start_response)


def _stepping(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    now.call = call = Call(environ["REQUEST_METHOD"], environ["PATH_INFO"])
    environ["wsgi.input"] = _Halfway(environ["wsgi.input"], int(environ.get("CONTENT_LENGTH") or 0))
    try:
        step("arrived")
        answer = site(environ, start_response)
        body = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        step("answer made")
        yield body[: len(body) // 2]
        step("answer half sent")
        call.tell()  # before the caller may ask for it
        yield body[len(body) // 2 :]
        step("answer sent")
    finally:
        now.call = None

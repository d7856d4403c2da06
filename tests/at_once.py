"""Several people at the same moment, each in a thread with a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils.module_loading import import_string

Job = Callable[[], Any]


def at_once(jobs: Sequence[Job]) -> list[Any]:
    """Start all jobs at the same moment; what each of them gave."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Job) -> Any:
        barrier.wait(timeout=30)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(lambda job: _on_own_connection(lambda: run(job)), jobs))


class Overtaking:
    """`first` stands still at the end of a function in the middle of its transaction, while `second` runs.

    It goes on as soon as `second` is through, or waits for a lock that `first` holds. Without the lock `second` has
    done everything by then, which is what the test should see. Needs a test with `transaction=True`.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, middle: str) -> None:
        """`middle`: the function's dotted path, as the code under test finds it."""
        self._within, self._second = import_string(middle), Future[Any]()
        self._job: Job | None = None
        self._backend: list[int] = []
        monkeypatch.setattr(middle, self._stand_still)

    def run(self, first: Job, second: Job) -> tuple[Any, Any]:
        """What both gave."""
        self._job = second
        with ThreadPoolExecutor(1) as self._pool:
            done = _on_own_connection_of(first)
            assert self._job is None, "the first never got to the middle"
            return done, self._second.result(timeout=30)

    def _stand_still(self, *args: Any, **named: Any) -> Any:
        given, job = self._within(*args, **named), self._job
        if job is not None:
            self._job = None
            self._second = self._pool.submit(lambda: _on_own_connection(job, self._backend))
            while not self._second.done() and not self._waits():
                pass
        return given

    def _waits(self) -> bool:
        """Asked on the first's connection: takes about a millisecond."""
        with connection.cursor() as cursor:
            cursor.execute("select exists(select from pg_locks where not granted and pid = any(%s))", [self._backend])
            return bool(cursor.fetchone()[0])


def _on_own_connection(job: Job, backend: list[int] | None = None) -> Any:
    try:
        if backend is not None:
            with connection.cursor() as cursor:
                cursor.execute("select pg_backend_pid()")
                backend.append(cursor.fetchone()[0])
        return job()
    finally:
        connection.close()


def _on_own_connection_of(job: Job) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: _on_own_connection(job)).result(timeout=60)

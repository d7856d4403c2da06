"""The worker: one process beside the web that sends mail, does queued work and runs periodic jobs.

Several may run at once, on several machines. What it does besides mail stands in the settings by dotted path, so that
this room knows nothing of the rooms to its right: `WORKER_STEPS` (functions that do a little waiting work and return
how much they did) and `PERIODIC_JOBS` (name, seconds between two starts, function).
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from office.models import Heartbeat, JobRun
from office.outbox import Outcome, send_one

logger = logging.getLogger(__name__)

HEARTBEAT = "worker"
IDLE_SECONDS = 1.5
HEARTBEAT_SECONDS = 5
MAIL_BATCH = 20
# With no mail server, one message a minute is tried instead of every waiting one in turn.
NO_SERVER_SECONDS = 60


class Job(NamedTuple):
    """Something to do every so often, once among all workers."""

    name: str
    every: timedelta
    run: Callable[[], object]


def registered_steps() -> list[Callable[[], int]]:
    """The functions of `WORKER_STEPS`. Raises ImportError naming the one that doesn't exist."""
    return [import_string(path) for path in settings.WORKER_STEPS]


def registered_jobs() -> list[Job]:
    """The jobs of `PERIODIC_JOBS`. Raises ImportError naming the one that doesn't exist."""
    return [Job(name, timedelta(seconds=every), import_string(path)) for name, every, path in settings.PERIODIC_JOBS]


def beat(now: datetime) -> None:
    Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": now})


def claim_job(job: Job, now: datetime) -> bool:
    """Whether this worker is the one to run the job now. A start in the future means that the clock was set back."""
    JobRun.objects.get_or_create(name=job.name)
    due = Q(started_at=None) | Q(started_at__lte=now - job.every) | Q(started_at__gt=now + timedelta(minutes=1))
    return JobRun.objects.filter(due, name=job.name).update(started_at=now, finished_at=None) == 1


def run_job(job: Job) -> None:
    """Run a claimed job and write down how it ended. A job that fails is tried again when it is next due."""
    error = ""
    try:
        job.run()
    except Exception as problem:  # one failing job must not keep mail from going out
        logger.exception("The job %s failed", job.name)
        error = f"{type(problem).__name__}: {problem}"[:500]
    JobRun.objects.filter(name=job.name).update(finished_at=timezone.now(), last_error=error)


class Worker:
    """Goes round until it is told to stop: a few mails, each step, each due job, then a short sleep."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.steps = registered_steps()
        self.jobs = registered_jobs()
        self.next_look: dict[str, float] = {}  # seconds of the monotonic clock
        self.next_beat = 0.0
        self.next_mail = 0.0

    def stop_on_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Ask for an end after what is being done now."""
        self.stopping.set()

    def run(self) -> None:
        """Work until told to stop. A database that is away for a while is waited for."""
        while not self.stopping.is_set():
            try:
                close_old_connections()
                did = self.go_round()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database doesn't answer, trying again: %s", str(error).strip())
                connection.close()
                did = 0
            if not did:
                self.stopping.wait(IDLE_SECONDS)

    def go_round(self) -> int:
        """One round. Returns how much was done; 0 means that it may sleep."""
        self.beat_if_due()
        did = self.send_mail()
        for step in self.steps:
            if not self.stopping.is_set():
                did += self.run_step(step)
        for job in self.jobs:
            if not self.stopping.is_set():
                self.run_job_if_due(job)
        return did

    def beat_if_due(self) -> None:
        if time.monotonic() >= self.next_beat:
            beat(timezone.now())
            self.next_beat = time.monotonic() + HEARTBEAT_SECONDS

    def send_mail(self) -> int:
        """Send up to a batch. Returns how many were tried."""
        tried = 0
        while tried < MAIL_BATCH and time.monotonic() >= self.next_mail and not self.stopping.is_set():
            outcome = send_one()
            if outcome is None:
                break
            tried += 1
            self.beat_if_due()
            if outcome is Outcome.NO_SERVER:
                logger.warning("The mail server can't be used; waiting messages are kept and tried again")
                self.next_mail = time.monotonic() + NO_SERVER_SECONDS
        return tried

    def run_step(self, step: Callable[[], int]) -> int:
        try:
            return step()
        except (DatabaseError, InterfaceError):
            raise
        except Exception:  # a step that fails must not keep mail from going out
            logger.exception("The step %s failed", step.__name__)
            return 0

    def run_job_if_due(self, job: Job) -> None:
        if time.monotonic() < self.next_look.get(job.name, 0.0):
            return
        self.next_look[job.name] = time.monotonic() + min(job.every.total_seconds() / 4, 60)
        if claim_job(job, timezone.now()):
            run_job(job)
            self.beat_if_due()

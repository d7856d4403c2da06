"""The worker's round: mail, steps, jobs, heartbeat; and the real process, killed and stopped."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from office import worker as worker_module
from office.models import Heartbeat, JobRun, OutboxMessage, RateCount
from office.outbox import Outcome
from office.worker import Job, Worker, claim_job, registered_jobs, registered_steps, run_job

CALLS: list[str] = []


def step() -> int:
    CALLS.append("step")
    return 0


def broken_step() -> int:
    raise ValueError("a photo nobody can read")


def job() -> None:
    CALLS.append("job")


def broken_job() -> None:
    raise ValueError("no luck")


@pytest.fixture(autouse=True)
def _fresh(settings):
    CALLS.clear()
    settings.WORKER_STEPS, settings.PERIODIC_JOBS = [], []


def write(**fields):
    return OutboxMessage.objects.create(
        **{"kind": "test", "to_address": "wren@example.org", "subject": "Saturday", "body_text": "See you.\n"} | fields
    )


def test_one_round_sends_mail_runs_steps_and_jobs_and_shows_a_heartbeat(db, settings):
    settings.WORKER_STEPS = [f"{__name__}.step"]
    settings.PERIODIC_JOBS = [("tidy", 60, f"{__name__}.job")]
    write()
    assert Worker().go_round() == 1
    assert len(mail.outbox) == 1
    assert CALLS == ["step", "job"]
    assert timezone.now() - Heartbeat.objects.get(name="worker").at < timedelta(seconds=10)


def test_a_quiet_round_did_nothing(db):
    assert Worker().go_round() == 0


def test_a_broken_step_does_not_keep_the_next_from_running(db, settings):
    settings.WORKER_STEPS = [f"{__name__}.broken_step", f"{__name__}.step"]
    Worker().go_round()
    assert CALLS == ["step"]


def test_with_no_mail_server_it_tries_one_message_and_goes_on_with_the_rest_later(db, settings, monkeypatch):
    def no_server() -> Outcome:
        CALLS.append("mail")
        return Outcome.NO_SERVER

    monkeypatch.setattr(worker_module, "send_one", no_server)
    worker = Worker()
    worker.go_round()
    worker.go_round()
    assert CALLS == ["mail"]


def test_a_job_runs_once_among_all_workers(db):
    tidy = Job("tidy", timedelta(minutes=1), job)
    now = timezone.now()
    assert claim_job(tidy, now) is True
    assert claim_job(tidy, now) is False
    assert claim_job(tidy, now + timedelta(seconds=59)) is False
    assert claim_job(tidy, now + timedelta(seconds=61)) is True


def test_a_clock_set_back_does_not_stop_a_job(db):
    tidy = Job("tidy", timedelta(minutes=1), job)
    now = timezone.now()
    claim_job(tidy, now)
    assert claim_job(tidy, now - timedelta(hours=1)) is True


def test_a_broken_job_is_written_down(db):
    broken = Job("broken", timedelta(minutes=1), broken_job)
    claim_job(broken, timezone.now())
    run_job(broken)
    run = JobRun.objects.get(name="broken")
    assert run.last_error == "ValueError: no luck"
    assert run.finished_at is not None


def test_a_job_that_works_again_loses_its_error(db):
    JobRun.objects.create(name="tidy", last_error="ValueError: no luck")
    run_job(Job("tidy", timedelta(minutes=1), job))
    assert JobRun.objects.get(name="tidy").last_error == ""


def test_it_waits_for_a_database_that_is_away(db, monkeypatch):
    worker = Worker()
    answers: list[OperationalError | int] = [OperationalError("the server is shutting down"), 0]

    def go_round() -> int:
        answer = answers.pop(0)
        if isinstance(answer, OperationalError):
            raise answer
        worker.stop()
        return answer

    monkeypatch.setattr(worker, "go_round", go_round)
    monkeypatch.setattr(worker_module, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker_module.connection, "close", lambda: CALLS.append("closed"))
    monkeypatch.setattr(worker_module, "IDLE_SECONDS", 0)
    worker.run()
    assert answers == []
    assert CALLS == ["closed"]


def test_a_name_that_does_not_exist_is_said_at_once(settings):
    settings.WORKER_STEPS = ["concerns.nothing.here"]
    with pytest.raises(CommandError, match=r"concerns\.nothing"):
        call_command("run_worker")


def test_everything_that_the_settings_register_exists(settings):
    from saferoutes import settings as ours

    settings.WORKER_STEPS, settings.PERIODIC_JOBS = ours.WORKER_STEPS, ours.PERIODIC_JOBS
    assert len(registered_steps()) == len(ours.WORKER_STEPS)
    assert len(registered_jobs()) == len(ours.PERIODIC_JOBS) > 0


def test_old_counts_are_forgotten_and_new_ones_kept(db):
    from office.jobs import forget_old_counts

    now = timezone.now()
    RateCount.objects.create(key="old", window_start=now - timedelta(days=3), n=1)
    RateCount.objects.create(key="new", window_start=now - timedelta(hours=1), n=1)
    forget_old_counts()
    assert [count.key for count in RateCount.objects.all()] == ["new"]


@pytest.fixture
def start_worker(transactional_db, tmp_path: Path):
    """Starts real worker processes on the test's own database, with mail as files in `tmp_path`."""
    started: list[subprocess.Popen[bytes]] = []
    database = connection.settings_dict
    program = (
        "import sys, django; from django.conf import settings; settings._setup();"
        f"settings.DATABASES['default']['NAME'] = {database['NAME']!r};"
        f"settings.EMAIL_BACKEND = 'django.core.mail.backends.filebased.EmailBackend';"
        f"settings.EMAIL_FILE_PATH = {str(tmp_path)!r};"
        "settings.WORKER_STEPS, settings.PERIODIC_JOBS = [], [];"
        "django.setup(); from django.core.management import call_command; call_command('run_worker')"
    )

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", program], cwd=django_settings.BASE_DIR, env={**os.environ})
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_until(true, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing_and_stops_when_asked(start_worker, tmp_path):
    now = timezone.now()
    stuck = write(status=OutboxMessage.Status.SENDING, lease_until=now + timedelta(seconds=3), n_attempts=1)
    for _ in range(20):
        write()
    killed = start_worker()
    wait_until(lambda: OutboxMessage.objects.filter(status=OutboxMessage.Status.SENT).exists())
    killed.kill()
    killed.wait()
    # What it may have held when it died: another worker takes it once the lease has run out.
    OutboxMessage.objects.filter(status=OutboxMessage.Status.SENDING).exclude(pk=stuck.pk).update(lease_until=now)
    both = [start_worker(), start_worker()]
    wait_until(lambda: OutboxMessage.objects.filter(status=OutboxMessage.Status.SENT).count() == 21)
    for process in both:
        process.send_signal(signal.SIGTERM)
    # One of them may have done everything while the other was still starting, with nothing to finish.
    ended = {process.wait(timeout=10) for process in both}
    assert 0 in ended
    assert ended <= {0, -signal.SIGTERM}
    text = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    ids = [line for line in text.splitlines() if line.startswith("Message-ID")]
    assert len(set(ids)) == 21
    assert len(ids) <= 22  # at most one double: killed between the mail server's yes and the mark

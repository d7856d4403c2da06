"""The office's own periodic jobs; `PERIODIC_JOBS` in the settings says how often they run."""

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from office.models import RateCount
from office.retention import COUNTS_MATTER_FOR


def forget_ended_sessions() -> None:
    SessionStore.clear_expired()


def forget_old_counts() -> None:
    RateCount.objects.filter(window_start__lt=timezone.now() - COUNTS_MATTER_FOR).delete()

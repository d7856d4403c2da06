"""The office's own periodic jobs; `PERIODIC_JOBS` in the settings says how often they run."""

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from office.models import RateCount

COUNTS_MATTER_FOR = timedelta(days=2)  # longer than any window that office.limits counts in


def forget_ended_sessions() -> None:
    SessionStore.clear_expired()


def forget_old_counts() -> None:
    RateCount.objects.filter(window_start__lt=timezone.now() - COUNTS_MATTER_FOR).delete()

"""The story's clock: actions that say when something happened by looking at the time do so on an earlier day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from unittest import mock

from django.utils import timezone


class _Clock(type):
    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, datetime)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Inside, `timezone.now()` is `moment` for the whole process: for a command that tells a story, never for a server.

    Field defaults hold the function `timezone.now` itself, so what it reads is replaced, not the function.
    """

    class Stopped(datetime, metaclass=_Clock):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return moment.astimezone(tz)

    with mock.patch.object(timezone, "datetime", Stopped):
        yield

"""Text messages: the words, ready in the person's language, and the door for a service that sends them.

No text message is sent by this site as it comes: `SMS_BACKEND` is `walks.texting.NoTexts`. An organizer presses “Text”
and sends it from their own phone. A service is a class like `TextService`, named in the setting, and gets only numbers
of people who asked for text messages (`Signup.wants_texts_at`) and whom no mail reaches.
"""

import logging
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from walks.links import signup_url
from walks.models import Notice, NoticeTo, Signup, Walk
from walks.notices import language_of_mail
from walks.times import say_time

logger = logging.getLogger(__name__)

# Nobody gets a text message about something older.
TEXTED_WITHIN = timedelta(hours=12)
MOST_AT_ONCE = 100


class TextsFailed(Exception):
    """The service didn't take a text message; the person stays on the list of those whom nobody reached."""


class TextService(Protocol):
    """Whatever sends text messages. Made without arguments, once for each round."""

    @property
    def is_on(self) -> bool: ...

    def send(self, *, to: str, words: str, reference: str) -> None:
        """Send to an E.164 number. `reference` is the same for the same message. Raises TextsFailed."""
        ...


class NoTexts:
    """No service: sends nothing, and says so."""

    is_on = False

    def send(self, *, to: str, words: str, reference: str) -> None:
        raise TextsFailed("No service for text messages is set up (SMS_BACKEND).")


def service() -> TextService:
    """The one of `SMS_BACKEND`. Raises ImportError naming the one that doesn't exist."""
    made: TextService = import_string(settings.SMS_BACKEND)()
    return made


def text_waiting(now: datetime | None = None) -> int:
    """Text those whom a message didn't reach by mail and who asked for it, each at most once. How many were taken."""
    sender, now = service(), now or timezone.now()
    if not sender.is_on:
        return 0
    waiting = NoticeTo.objects.not_reached().filter(
        texted_at=None,
        signup__wants_texts_at__isnull=False,
        signup__state__in=[Signup.State.GOING, Signup.State.GUARDIAN, Signup.State.OFFERED],
        notice__due_at__lte=now,
        notice__due_at__gt=now - TEXTED_WITHIN,
        notice__walk__end_at__gt=now,
    )
    rows = waiting.exclude(person__phone="").select_related("notice__walk", "person", "signup__person")
    return sum(_text(sender, row, now) for row in rows[:MOST_AT_ONCE])


def _text(sender: TextService, row: NoticeTo, now: datetime) -> bool:
    """Claimed before it is sent: a worker that dies in between costs one text message and never doubles one."""
    mine = NoticeTo.objects.filter(pk=row.pk, texted_at=None, told_at=None).update(texted_at=now)
    if not mine:
        return False
    try:
        sender.send(to=row.person.phone, words=words_for(row), reference=f"notice-{row.pk}")
    except TextsFailed as error:
        logger.warning("A text message wasn't taken: %s", error)
        NoticeTo.objects.filter(pk=row.pk).update(texted_at=None)
        return False
    return True


def words_for(row: NoticeTo) -> str:
    """What to say to one person about a message, in their language. Reads notice, walk, person and sign-up."""
    signup, notice = row.signup, row.notice
    language = language_of_mail(signup) if signup else row.person.language
    with translation.override(language if language in dict(settings.LANGUAGES) else "en"):
        if signup and signup.state == Signup.State.GUARDIAN and notice.kind != Notice.Kind.CALLED_OFF:
            return _("There is news about the walk “%(title)s”. Please call us.") % {"title": notice.walk.title}
        return " ".join(_words(notice, signup).split())


def words_about(walk: Walk, language: str) -> str:
    """What to say about a walk where there is no message: when and where, or that it is called off."""
    with translation.override(language if language in dict(settings.LANGUAGES) else "en"):
        called_off = walk.state == Walk.State.CALLED_OFF
        kind = Notice.Kind.CALLED_OFF if called_off else Notice.Kind.DAY_BEFORE
        return " ".join(_words(Notice(walk=walk, kind=kind, words=walk.call_off_reason), None).split())


def _words(notice: Notice, signup: Signup | None) -> str:
    walk = notice.walk
    said = {
        "title": walk.title,
        "when": say_time(walk.meet_at, walk),
        "place": walk.meeting_place,
        "words": notice.words,
        "link": signup_url(signup) if signup else "",
    }
    match notice.kind:
        case Notice.Kind.CALLED_OFF:
            words = _("The walk “%(title)s” on %(when)s is called off. Please don’t come. %(words)s")
        case Notice.Kind.CHANGED:
            words = _("The walk “%(title)s” changed. We meet %(when)s, %(place)s. %(words)s")
        case Notice.Kind.ON_AGAIN:
            words = _("The walk “%(title)s” takes place after all. We meet %(when)s, %(place)s.")
        case Notice.Kind.DAY_BEFORE | Notice.Kind.MORNING:
            words = _("The walk “%(title)s”: we meet %(when)s, %(place)s. Please say if you can’t come.")
        case Notice.Kind.AFTER:
            words = _("The walk “%(title)s” is over. Did you come? Tell us here: %(link)s")
        case Notice.Kind.INVITE:
            words = _("Will you come to the walk “%(title)s”, %(when)s, %(place)s? %(words)s")
        case Notice.Kind.THANKS:
            words = _("Thank you for coming to the walk “%(title)s”. %(words)s")
        case _:
            words = _("The walk “%(title)s”: %(words)s")
    return words % said

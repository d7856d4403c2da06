"""Walks as iCalendar (RFC 5545). Only public facts: title, times, place, state.

A walk that was called off stays as CANCELLED with a higher SEQUENCE, and so does one that was public and is deleted:
without its title, place and note, since it was a mistake. Calendars take a change only if they are told of it.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vGeo, vText, vUri

from walks.models import Walk
from walks.models.walk import WalkQuerySet
from walks.zone_parts import zone_part

KEPT_FOR = timedelta(days=92)
# Line ends of any alphabet, and what turns the direction of the text that follows it.
_LINE_ENDS = dict.fromkeys(map(ord, "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), "\n")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def in_calendars(now: datetime) -> WalkQuerySet:
    """Walks that public calendars hold: those to come and of the last quarter, called off and deleted ones, too."""
    known = Q(deleted_at=None) | Q(deleted_at__gte=now - KEPT_FOR)
    public = Walk.objects.filter(known, published_at__isnull=False).exclude(state=Walk.State.DRAFT)
    return public.filter(end_at__gte=now - KEPT_FOR).order_by("meet_at", "id")


def calendar_of(walks: Iterable[Walk], *, name: str) -> bytes:
    """A calendar with its time zones, each line folded at 75 bytes."""
    walks = list(walks)
    calendar = Calendar()
    calendar.add("prodid", "-//Safe Routes//Walks//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(clean(name)))
    for key in sorted({walk.time_zone for walk in walks} - {"UTC"}):
        of_zone = [walk for walk in walks if walk.time_zone == key]
        since, until = min(walk.meet_at for walk in of_zone), max(walk.end_at for walk in of_zone)
        calendar.add_component(zone_part(ZoneInfo(key), since=since, until=until))
    for walk in walks:
        calendar.add_component(_event(walk))
    return calendar.to_ical()


def uid_of(walk: Walk) -> str:
    """The same for ever, whatever changes about the walk."""
    return f"walk-{walk.public_id}@{urlsplit(settings.SITE_URL).hostname}"


def clean(text: str) -> str:
    """Words as calendars may hold them: every kind of line end is a line feed, which the writer escapes; no other
    control characters, and none that turn round what stands after them. Letters of every script stay.
    """
    text = text.replace("\r\n", "\n").translate(_LINE_ENDS)
    return "".join(
        sign for sign in text if sign in "\n\t" or (unicodedata.category(sign) != "Cc" and sign not in _TURNING)
    )


def _event(walk: Walk) -> Event:
    """Meeting is the start: who comes at “step off” comes too late."""
    is_off = walk.state == Walk.State.CALLED_OFF or walk.deleted_at is not None
    event = Event()
    event.add("uid", uid_of(walk))
    event.add("sequence", walk.sequence)
    event.add("dtstamp", walk.updated_at)
    event.add("last-modified", walk.updated_at)
    event.add("dtstart", walk.meet_at.astimezone(walk.zone))
    event.add("dtend", walk.end_at.astimezone(walk.zone))
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    if walk.deleted_at is None:
        _describe(event, walk)
    else:
        event.add("summary", _("This walk doesn’t take place"))
    return event


def _describe(event: Event, walk: Walk) -> None:
    url = settings.SITE_URL + reverse("walks:detail", args=[walk.public_id])
    title = clean(walk.title)
    is_off = walk.state == Walk.State.CALLED_OFF
    event.add("summary", _("Called off: %(title)s") % {"title": title} if is_off else title)
    event.add("description", _description(walk, url))
    event.add("url", vUri(url))
    if walk.meeting_place:
        event.add("location", clean(walk.meeting_place))
    if walk.meeting_location:
        event.add("geo", vGeo((walk.meeting_location.y, walk.meeting_location.x)))


def _description(walk: Walk, url: str) -> str:
    lines = []
    if walk.state == Walk.State.CALLED_OFF:
        lines.append(_("Called off: %(title)s") % {"title": clean(walk.call_off_reason)})
    step_off = walk.step_off_at.astimezone(walk.zone)
    lines.append(_("We step off at %(time)s.") % {"time": f"{step_off:%-I:%M %p}"})
    if walk.note:
        lines.append(clean(walk.note))
    return "\n".join([*lines, url])

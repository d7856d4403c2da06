"""Walks as iCalendar (RFC 5545). Only public facts: title, times, place, state."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vGeo, vText, vUri

from walks.models import Walk


def calendar_of(walks: Iterable[Walk], *, name: str) -> bytes:
    """A calendar with its time zones. A walk that was called off stays in it as CANCELLED, so that phones notice."""
    calendar = Calendar()
    calendar.add("prodid", "-//Safe Routes//Walks//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(name))
    for walk in walks:
        calendar.add_component(_event(walk))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def uid_of(walk: Walk) -> str:
    """The same for ever, whatever changes about the walk."""
    return f"walk-{walk.public_id}@{urlsplit(settings.SITE_URL).hostname}"


def _event(walk: Walk) -> Event:
    """Meeting is the start: who comes at “step off” comes too late."""
    url = settings.SITE_URL + reverse("walks:detail", args=[walk.public_id])
    is_off = walk.state == Walk.State.CALLED_OFF
    event = Event()
    event.add("uid", uid_of(walk))
    event.add("sequence", walk.sequence)
    event.add("dtstamp", walk.updated_at)
    event.add("last-modified", walk.updated_at)
    event.add("dtstart", walk.meet_at.astimezone(walk.zone))
    event.add("dtend", walk.end_at.astimezone(walk.zone))
    event.add("summary", _("Called off: %(title)s") % {"title": walk.title} if is_off else walk.title)
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    event.add("description", _description(walk, url))
    event.add("url", vUri(url))
    if walk.meeting_place:
        event.add("location", walk.meeting_place)
    if walk.meeting_location:
        event.add("geo", vGeo((walk.meeting_location.y, walk.meeting_location.x)))
    return event


def _description(walk: Walk, url: str) -> str:
    lines = []
    if walk.state == Walk.State.CALLED_OFF:
        lines.append(_("Called off: %(title)s") % {"title": walk.call_off_reason})
    step_off = walk.step_off_at.astimezone(walk.zone)
    lines.append(_("We step off at %(time)s.") % {"time": f"{step_off:%-I:%M %p}"})
    if walk.note:
        lines.append(walk.note)
    return "\n".join([*lines, url])

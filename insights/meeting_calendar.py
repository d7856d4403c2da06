"""A meeting as iCalendar (RFC 5545): when, where, its name. What is talked about and who comes stays at the desk."""

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vText

from office.models import Coalition
from walks.calendars import clean
from walks.models import Meeting
from walks.zone_parts import zone_part


def calendar_of_meeting(meeting: Meeting, coalition: Coalition) -> bytes:
    """One event with its time zone. Called off it stays, as CANCELLED with a higher SEQUENCE."""
    calendar = Calendar()
    calendar.add("prodid", "-//Safe Routes//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(clean(coalition.name)))
    if coalition.time_zone != "UTC":
        calendar.add_component(zone_part(coalition.zone, since=meeting.starts_at, until=meeting.ends_at))
    calendar.add_component(_event(meeting, coalition.zone))
    return calendar.to_ical()


def _event(meeting: Meeting, zone: ZoneInfo) -> Event:
    title = clean(meeting.title)
    event = Event()
    event.add("uid", f"meeting-{meeting.public_id}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", timezone.now())
    event.add("dtstart", meeting.starts_at.astimezone(zone))
    event.add("dtend", meeting.ends_at.astimezone(zone))
    event.add("status", "CANCELLED" if meeting.called_off_at else "CONFIRMED")
    event.add("summary", _("Called off: %(title)s") % {"title": title} if meeting.called_off_at else title)
    if meeting.place:
        event.add("location", clean(meeting.place))
    return event

"""The weekly page: the week before last is sent to its readers, last week's waits to be read."""

from collections.abc import Iterator
from datetime import date, datetime, time

from django.db import models
from django.utils import timezone

from insights.models import Reader, Snapshot
from insights.week_days import DAYS, monday_of
from insights.week_keeping import make_week, words_version, write_words
from insights.week_readers import add_reader
from insights.week_sending import send_week
from insights.week_stuck import SHOWN
from office.models import Coalition
from people.models import Organization, User
from saferoutes.demo.clock import at

# Name, e-mail, organization, language.
READERS = [
    ("Ines Marbury", "coordinator@demo.example", "Hearth and Key Housing", "en"),
    ("Petra Oakes", "agency@demo.example", "Nine Lives Recovery", "en"),
    ("Marisol Vega", "marisol@demo.example", "Second Loaf Pantry", "es"),
    ("Lucan Hale", "department@demo.example", "City Public Safety Office", "en"),
    ("Piers Hallam", "police@demo.example", "East Patrol Community Officers", "en"),
    ("", "brendan@demo.example", "St. Brendan’s Church", "en"),
]
NOTE = {
    "en": "Thank you to everybody who looked again at the lamps.",
    "es": "Gracias a quienes volvieron a mirar las lámparas.",
}


def tell_the_weeks(*, organizations: dict[str, Organization], by: User, now: datetime) -> Iterator[models.Model]:
    """Yields every row it made: nothing where the site keeps weeks or readers of its own."""
    if Snapshot.objects.weeks().exists() or Reader.objects.exists():
        return
    monday = monday_of(timezone.localdate(now))
    with at(_morning(monday - 2 * DAYS, 9)):
        for name, email, organization, language in READERS:
            yield add_reader(email=email, name=name, language=language, organization=organizations[organization], by=by)
    with at(_morning(monday - DAYS, 6)):
        sent = make_week(monday - 2 * DAYS)
    with at(_morning(monday - DAYS, 9)):
        found = [one["key"] for one in sent.numbers["stuck"][:SHOWN]]
        slots = [{"key": key} for key in found]
        sent = write_words(snapshot=sent, slots=slots, note=NOTE, by=by, expected=words_version(sent))
        send_week(snapshot=sent, by=by, expected=words_version(sent))
    yield sent
    with at(min(_morning(monday, 6), now)):
        yield make_week(monday - DAYS)


def _morning(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 5), tzinfo=Coalition.current().zone)

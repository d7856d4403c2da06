"""What each number of the weekly page means, in one sentence. A change of meaning raises `VERSION`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERSION = 2

DEFINITIONS: dict[str, str | Promise] = {
    "checked_in": _("People who walked: checked in at the table, by code or on paper."),
    "heads": _("Heads counted: people without a name, children among them. Never added to those who checked in."),
    "youth": _("Young people: 13 to 24 years old. Who gave no age is never guessed and stands beside it."),
    "new": _("New: public things first seen in this week. Good things and empty houses are left out."),
    "repeat": _("Known already: reports of this week that turned out to be about something on the list."),
    "claimed": _("City says fixed: somebody who should fix it said so in this week."),
    "seen_fixed": _("Seen fixed: a walker looked, lights only after dark, and never the staff who made the repair."),
    "still": _("Still there: seen before this week, and in this week again."),
    "back": _("Back again: said to be fixed or seen fixed before, and found broken in this week."),
    "promises": _("Late: still open after the day that was agreed last. Kept on time: done by that day."),
    "asked": _(
        "Help asked: people who said yes to being helped. Never by person; what gives a number below three away waits."
    ),
    "in_time": _("Answered in time: an agency answered within two business days."),
    "got_help": _("Got help: the person got what they asked for. An answer alone isn’t help."),
    "never_answered": _("Never answered: nobody answered at all, and it was closed."),
    "table": _("At the table: people counted at the coalition’s last meeting."),
    "strip": _("The street: open public things on each side. Hatched sides nobody walked, so we don’t know."),
}

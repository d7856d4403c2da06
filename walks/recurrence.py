"""Days that come again: a rule of RFC 5545 (section 3.3.10) read strictly, said in words, and turned into days.

Nothing here reads the database or the clock. A rule is kept as text in one spelling (`read_rule`). What can be said is
what people say of walks: every so many days, weeks or months, on days of the week, on the 2nd Saturday or the 15th of
a month, in some months, so often or until a day. Everything else is refused with a sentence: rules finer than a day,
and rules that look for a day which never comes (dateutil would search for it until the year 9999).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST_RULE = 200
MOST_TIMES = 520  # ten years of every week
MOST_DAYS_AT_ONCE = 400
# So many days of a rule are counted from its first one: 13 years of every day.
MOST_STEPS = 5000
MOST_APART = {"DAILY": 366, "WEEKLY": 52, "MONTHLY": 24}
MOST_WEEKS_APART_BY_MONTH = 4
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
_FINER = {"SECONDLY", "MINUTELY", "HOURLY"}
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

NTH: dict[int, str | Promise] = {
    1: gettext_lazy("first"),
    2: gettext_lazy("second"),
    3: gettext_lazy("third"),
    4: gettext_lazy("fourth"),
    5: gettext_lazy("fifth"),
    -1: gettext_lazy("last"),
    -2: gettext_lazy("second to last"),
}


@dataclass(frozen=True)
class Rule:
    """A rule that was read. `by_day` are (nth or 0, index in DAYS); 0 is every one of them."""

    freq: str
    interval: int = 1
    by_day: tuple[tuple[int, int], ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    count: int | None = None
    until: date | None = None
    week_start: str = "MO"

    def __str__(self) -> str:
        parts = [f"FREQ={self.freq}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.by_day:
            parts.append("BYDAY=" + ",".join(f"{nth or ''}{DAYS[day]}" for nth, day in self.by_day))
        for name, numbers in (("BYMONTHDAY", self.by_month_day), ("BYMONTH", self.by_month)):
            if numbers:
                parts.append(f"{name}=" + ",".join(map(str, numbers)))
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        if self.week_start != "MO":
            parts.append(f"WKST={self.week_start}")
        return ";".join(parts)


def _refuse(words: str, code: str) -> ValidationError:
    return ValidationError(words, code=code)


# --- Reading ---


def read_rule(text: str, *, zone: ZoneInfo | None = None) -> Rule:
    """Read a rule; `str()` of the answer is the spelling to keep. An UNTIL in UTC is a day on the clock of `zone`.

    Raises ValidationError with a sentence that says what to write instead.
    """
    parts = _split(text)
    freq = _read_freq(parts)
    rule = Rule(
        freq=freq,
        interval=_number(parts, "INTERVAL", 1, 1, MOST_APART[freq]) or 1,
        by_day=_read_days(parts.get("BYDAY", "")),
        by_month_day=_numbers(parts, "BYMONTHDAY", 31),
        by_month=_numbers(parts, "BYMONTH", 12),
        count=_number(parts, "COUNT", None, 1, MOST_TIMES),
        until=_read_until(parts.get("UNTIL", ""), zone),
        week_start=_read_week_start(parts.get("WKST", "MO")),
    )
    rule = _read_set_position(parts, rule)
    _refuse_what_never_comes(rule)
    return rule


def _split(text: str) -> dict[str, str]:
    text = text.strip().upper().removeprefix("RRULE:")
    if not text or len(text) > LONGEST_RULE or not re.fullmatch(r"[A-Z0-9=;,+-]+", text):
        raise _refuse(_("Write one rule like FREQ=MONTHLY;BYDAY=2SA, without anything before or after it."), "unread")
    parts: dict[str, str] = {}
    for piece in text.rstrip(";").split(";"):
        name, _equals, value = piece.partition("=")
        if name not in _PARTS or not value:
            raise _refuse(
                _("“%(part)s” isn’t a part of a rule that we read. We read %(parts)s.")
                % {"part": piece[:40], "parts": ", ".join(sorted(_PARTS))},
                "part",
            )
        if name in parts:
            raise _refuse(_("%(part)s stands in the rule twice. Keep one of them.") % {"part": name}, "twice")
        parts[name] = value
    return parts


def _read_freq(parts: dict[str, str]) -> str:
    freq = parts.get("FREQ", "")
    if freq in _FINER:
        raise _refuse(_("A series has at most one walk a day. Write FREQ=DAILY, WEEKLY or MONTHLY."), "too_often")
    if freq not in MOST_APART:
        raise _refuse(
            _("Say how often: FREQ=DAILY, WEEKLY or MONTHLY. For once a year write FREQ=MONTHLY;INTERVAL=12."), "freq"
        )
    return freq


def _number(parts: dict[str, str], name: str, default: int | None, least: int, most: int) -> int | None:
    if name not in parts:
        return default
    text = parts[name]
    if not re.fullmatch(r"\d{1,6}", text) or not least <= int(text) <= most:
        words = {"part": name, "least": least, "most": most}
        raise _refuse(_("%(part)s must be a number from %(least)d to %(most)d.") % words, "number")
    return int(text)


def _numbers(parts: dict[str, str], name: str, most: int) -> tuple[int, ...]:
    """Numbers from 1 to `most`; days of a month also count back from its end."""
    if name not in parts:
        return ()
    least = -most if name == "BYMONTHDAY" else 1
    pieces = parts[name].split(",")
    if not all(re.fullmatch(r"[+-]?\d{1,2}", piece) for piece in pieces):
        raise _refuse(_("%(part)s must be numbers with commas between them.") % {"part": name}, "number")
    numbers = sorted({int(piece) for piece in pieces})
    if 0 in numbers or numbers[0] < least or numbers[-1] > most:
        words = {"part": name, "least": 1, "most": most}
        raise _refuse(_("%(part)s must be a number from %(least)d to %(most)d.") % words, "number")
    return tuple(numbers)


def _read_days(text: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for piece in filter(None, text.split(",")):
        match = re.fullmatch(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", piece)
        nth = int(match[1] or 0) if match else 0
        if match is None or (match[1] and nth not in NTH):
            words = _("“%(day)s” isn’t a day. Write SA for Saturdays, 2SA for the second Saturday, -1SA for the last.")
            raise _refuse(words % {"day": piece[:20]}, "day")
        found.add((nth, DAYS.index(match[2])))
    return tuple(sorted(found, key=lambda one: (one[1], one[0])))


def _read_until(text: str, zone: ZoneInfo | None) -> date | None:
    if not text:
        return None
    try:
        if not re.fullmatch(r"2\d{7}(T\d{6}Z?)?", text):
            raise ValueError("neither a day nor a moment")
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _refuse(_("UNTIL must be a day like 20261231."), "until") from None
    return (moment if zone is None or moment.tzinfo is None else moment.astimezone(zone)).date()


def _read_week_start(text: str) -> str:
    if text not in DAYS:
        raise _refuse(_("WKST must be a day like MO or SU."), "week_start")
    return text


def _read_set_position(parts: dict[str, str], rule: Rule) -> Rule:
    """BYDAY=SA;BYSETPOS=2 says what BYDAY=2SA says; with more than one day we don't read it."""
    if "BYSETPOS" not in parts:
        return rule
    text = parts["BYSETPOS"]
    nth = int(text) if re.fullmatch(r"[+-]?\d", text) else 0
    if nth not in NTH or rule.freq != "MONTHLY" or len(rule.by_day) != 1 or rule.by_day[0][0]:
        raise _refuse(_("Write BYDAY=2SA in place of BYSETPOS."), "set_position")
    return replace(rule, by_day=((nth, rule.by_day[0][1]),))


def _refuse_what_never_comes(rule: Rule) -> None:
    if rule.count is not None and rule.until is not None:
        raise _refuse(_("Say how many times (COUNT) or until when (UNTIL), not both."), "both_ends")
    if rule.freq == "DAILY" and (rule.by_day or rule.by_month_day or rule.by_month):
        raise _refuse(_("For days of the week write FREQ=WEEKLY, for days of a month FREQ=MONTHLY."), "daily")
    if rule.freq == "WEEKLY":
        if rule.by_month_day or any(nth for nth, _day in rule.by_day):
            raise _refuse(_("For the second Saturday or the 15th write FREQ=MONTHLY."), "weekly")
        if rule.by_month and rule.interval > MOST_WEEKS_APART_BY_MONTH:
            words = _("With BYMONTH, write an INTERVAL of at most %(most)d weeks.")
            raise _refuse(words % {"most": MOST_WEEKS_APART_BY_MONTH}, "rare")
    if rule.freq == "MONTHLY" and rule.by_day and rule.by_month_day:
        raise _refuse(_("Say days of the week (BYDAY) or days of the month (BYMONTHDAY), not both."), "both_days")


def _months_of(rule: Rule, starts_on: date) -> set[int]:
    """The months (1 to 12) that a monthly rule ever comes by."""
    met = {(starts_on.month - 1 + n * rule.interval) % 12 + 1 for n in range(12)}
    return met & set(rule.by_month) if rule.by_month else met


def _has_such_a_day(rule: Rule, starts_on: date) -> bool:
    """Whether some month of a monthly rule is long enough for its day; where none is, dateutil searches for long."""
    if rule.freq != "MONTHLY":
        return True
    wanted = rule.by_month_day or (() if rule.by_day else (starts_on.day,))
    least = min((abs(day) for day in wanted), default=1)
    return any(_DAYS_OF_MONTH[month - 1] >= least for month in _months_of(rule, starts_on))


def check_comes(rule: Rule, starts_on: date) -> None:
    """Raises ValidationError where the rule, from this first day on, has no day at all."""
    if not _has_such_a_day(rule, starts_on):
        raise _refuse(_("No month of this rule has such a day. Choose another day."), "never")
    if rule.until is not None and rule.until < starts_on:
        raise _refuse(_("The rule ends before the first day. Choose a later end."), "never")
    if next(iter(_days(rule, starts_on)), None) is None:
        raise _refuse(_("This rule has no day from the first day on. Choose another."), "never")


# --- Days and moments ---


def slot_days(rule: Rule, *, starts_on: date, since: date, until: date) -> list[date]:
    """The days of the rule from `since` to `until`, both included, in order; at most MOST_DAYS_AT_ONCE.

    COUNT counts from `starts_on`. The first day itself is one only if the rule says so.
    """
    found: list[date] = []
    for day in _days(rule, starts_on):
        if day > until or len(found) == MOST_DAYS_AT_ONCE:
            break
        if day >= since:
            found.append(day)
    return found


def _days(rule: Rule, starts_on: date) -> Iterator[date]:
    if (rule.until is not None and rule.until < starts_on) or not _has_such_a_day(rule, starts_on):
        return
    text = str(rule)
    start = datetime.combine(starts_on, time())
    for step, moment in enumerate(rrulestr(text, dtstart=start)):
        if step == MOST_STEPS:
            return
        yield moment.date()


def moment_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When the clocks of `zone` show this, in UTC. A time that is skipped moves forward by what the clocks skip; of a
    time that comes twice it is the first (RFC 5545 section 3.3.5). See also `walks.times.read_local`, which refuses.
    """
    return datetime.combine(day, clock.replace(fold=0), tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True)
class Times:
    """The three times of a walk, in UTC."""

    meet_at: datetime
    step_off_at: datetime
    end_at: datetime


def times_of(day: date, *, meet: time, step_off_minutes: int, walk_minutes: int, zone: ZoneInfo) -> Times:
    """A walk of a series: it meets by the clock, and lasts as long as it lasts, whatever the clocks do meanwhile."""
    at = moment_of(day, meet, zone)
    return Times(at, at + timedelta(minutes=step_off_minutes), at + timedelta(minutes=walk_minutes))


# --- Words ---


def in_words(rule: Rule, *, starts_on: date) -> str:
    """“every second week, on Tuesday and Saturday”, in the language that is on."""
    words = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly}[rule.freq](rule, starts_on)
    if rule.by_month:
        months = get_text_list([str(MONTHS[month]) for month in rule.by_month], _("and"))
        words = _("%(often)s, in %(months)s") % {"often": words, "months": months}
    if rule.count is not None:
        times = ngettext("%(n)d time", "%(n)d times", rule.count) % {"n": rule.count}
        words = _("%(often)s, %(times)s") % {"often": words, "times": times}
    if rule.until is not None:
        words = _("%(often)s, until %(day)s") % {"often": words, "day": date_format(rule.until, "j F Y")}
    return words


def _daily(rule: Rule, starts_on: date) -> str:
    if rule.interval == 1:
        return _("every day")
    return _("every %(n)d days") % {"n": rule.interval}


def _weekly(rule: Rule, starts_on: date) -> str:
    days = _say_days([day for _nth, day in rule.by_day] or [starts_on.weekday()])
    if rule.interval == 1:
        return _("every week, on %(days)s") % {"days": days}
    if rule.interval == 2:
        return _("every second week, on %(days)s") % {"days": days}
    return _("every %(n)d weeks, on %(days)s") % {"n": rule.interval, "days": days}


def _monthly(rule: Rule, starts_on: date) -> str:
    if rule.by_day:
        which = get_text_list([_say_nth(nth, day) for nth, day in rule.by_day], _("and"))
    else:
        numbers = rule.by_month_day or (starts_on.day,)
        which = get_text_list([_say_month_day(day) for day in numbers], _("and"))
    if rule.interval == 1:
        return _("on %(which)s of each month") % {"which": which}
    if rule.interval == 2:
        return _("on %(which)s of every second month") % {"which": which}
    if rule.interval == 12:
        return _("on %(which)s of the month, once a year") % {"which": which}
    return _("on %(which)s of every %(n)dth month") % {"which": which, "n": rule.interval}


def _say_nth(nth: int, day: int) -> str:
    if nth == 0:
        return _("each %(day)s") % {"day": WEEKDAYS[day]}
    return _("the %(nth)s %(day)s") % {"nth": NTH[nth], "day": WEEKDAYS[day]}


def _say_month_day(day: int) -> str:
    if day == -1:
        return _("the last day")
    if day < 0:
        return _("day %(n)d before the end") % {"n": -day - 1}
    return _("day %(n)d") % {"n": day}


def _say_days(days: Sequence[int]) -> str:
    return get_text_list([str(WEEKDAYS[day]) for day in sorted(days)], _("and"))

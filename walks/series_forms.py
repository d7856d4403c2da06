"""Forms of a series (how often in plain words, and what each walk starts from) and of the next walk like one."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from office.models import Coalition
from people.models import Person
from walks.forms import ClockField, WalkForm, people_to_lead
from walks.models import Walk, WalkSeries
from walks.models.series import MOST_WEEKS_AHEAD
from walks.recurrence import DAYS, LONGEST_RULE, NTH, Rule, read_rule
from walks.times import LONGEST_GAP, read_later, read_local

WEEKLY, FORTNIGHTLY, MONTHLY, OWN = "weekly", "fortnightly", "monthly", "own"
OFTEN = [
    (WEEKLY, _("every week")),
    (FORTNIGHTLY, _("every second week")),
    (MONTHLY, _("once a month")),
    (OWN, _("something else")),
]
DAY = timedelta(days=1)
NTHS = (1, 2, 3, 4, -1)


class SeriesForm(WalkForm):
    """A series: how often, and everything that each of its walks starts from."""

    day = forms.DateField(
        label=_("From"),
        help_text=_("The first walk is on this day or the first one after it that fits."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the first day."), "invalid": _("Write a day like 2026-12-02.")},
    )
    ends_on = forms.DateField(
        label=_("Until"),
        help_text=_("Empty: until you end it."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write a day like 2026-12-02.")},
    )
    often = forms.ChoiceField(
        label=_("How often"),
        choices=OFTEN,
        initial=WEEKLY,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how often the walk comes again.")},
    )
    week_days = forms.MultipleChoiceField(
        label=_("On"),
        help_text=_("None chosen: the day of the week of the first day."),
        choices=[(code, WEEKDAYS[number]) for number, code in enumerate(DAYS)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    nth = forms.ChoiceField(label=_("Which one"), choices=[(number, NTH[number]) for number in NTHS], required=False)
    nth_day = forms.ChoiceField(
        label=_("Day of the week"),
        choices=[(code, WEEKDAYS[number]) for number, code in enumerate(DAYS)],
        required=False,
    )
    own_rule = forms.CharField(
        label=_("As a rule"),
        help_text=_("The way calendars write it: FREQ=MONTHLY;BYDAY=2SA,4SA"),
        max_length=LONGEST_RULE,
        required=False,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    weeks_ahead = forms.IntegerField(
        label=_("How many weeks ahead walks are made"), min_value=1, max_value=MOST_WEEKS_AHEAD, initial=8
    )
    publishes = forms.BooleanField(
        label=_("Publish new walks at once"),
        help_text=_("Otherwise each starts as a draft that only organizers see."),
        required=False,
    )
    tell = forms.BooleanField(
        label=_("Tell everybody who signed up"),
        help_text=_("Those on walks whose time or meeting point changes. They get a mail with what was and what is."),
        required=False,
        initial=True,
    )

    class Meta(WalkForm.Meta):
        model = WalkSeries  # type: ignore[assignment]

    def _people_to_lead(self) -> list[Person]:
        """Adults of the coalition, and who leads the series already."""
        people = list(people_to_lead(Walk()))
        lead: int | None = self.instance.lead_id
        if lead and lead not in {person.pk for person in people}:
            people += Person.objects.filter(Q(pk=lead))
        return people

    def _show_times(self) -> None:
        series: Any = self.instance
        if not series.pk:
            self.initial["time_zone"] = Coalition.current().time_zone
            plain = {"police_walk_along": "", "languages": series.languages, "wheelchair": series.wheelchair}
            self.initial = plain | {"ratings": series.ratings, "nth": 1} | dict(self.initial)
            return
        meet = datetime.combine(series.starts_on, series.meet_clock)
        self.initial.update(
            day=series.starts_on,
            ends_on=series.ends_on,
            meet_clock=series.meet_clock,
            step_off_clock=(meet + timedelta(minutes=series.step_off_minutes)).time(),
            end_clock=(meet + timedelta(minutes=series.walk_minutes)).time(),
            weeks_ahead=series.weeks_ahead,
            publishes=series.publishes,
            seen=series.updated_at.isoformat(),
            police_walk_along={True: "yes", False: "no", None: ""}[series.police_walk_along],
            **choices_of_rule(read_rule(series.rule), series.starts_on),
        )

    def _read_times(self, cleaned: dict[str, Any]) -> None:
        """Minutes from the meeting on, whatever the day; a clock that is earlier belongs to the next day."""
        meet, step_off, end = (cleaned.get(name) for name in self.clocks)
        if meet is None or step_off is None or end is None:
            return
        cleaned["step_off_minutes"] = minutes_between(meet, step_off)
        cleaned["walk_minutes"] = minutes_between(meet, end)
        if cleaned["step_off_minutes"] > LONGEST_GAP.total_seconds() / 60:
            self.add_error("step_off_clock", _("“Step off” comes before “meet”. Put it at the same time or later."))
        elif cleaned["walk_minutes"] <= cleaned["step_off_minutes"]:
            self.add_error("end_clock", _("“Back by” must be later than “step off”."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_place(cleaned)
        self._read_rule(cleaned)
        first, last = cleaned.get("day"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day must not be before the first."))
        return cleaned

    def _check_place(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("publishes") and not cleaned.get("meeting_place") and "meeting_place" not in self.errors:
            self.add_error("meeting_place", _("Say where people meet first, or let new walks be drafts."))

    def _read_rule(self, cleaned: dict[str, Any]) -> None:
        often, day, zone = cleaned.get("often"), cleaned.get("day"), cleaned.get("time_zone")
        if not often or not day or not zone:
            return
        if often == OWN:
            try:
                cleaned["rule"] = str(read_rule(cleaned.get("own_rule", ""), zone=ZoneInfo(zone)))
            except ValidationError as error:
                self.add_error("own_rule", error)
        elif often == MONTHLY:
            cleaned["rule"] = f"FREQ=MONTHLY;BYDAY={cleaned.get('nth') or 1}{cleaned.get('nth_day') or _day(day)}"
        else:
            days = ",".join(code for code in DAYS if code in cleaned.get("week_days", [])) or _day(day)
            cleaned["rule"] = f"FREQ=WEEKLY{';INTERVAL=2' if often == FORTNIGHTLY else ''};BYDAY={days}"

    def walk_fields(self) -> dict[str, Any]:
        """What `schedule_series` and `change_series` take."""
        apart = {"day", "tell", "tell_words", "seen", "step_off_clock", "end_clock"}
        apart |= {"often", "week_days", "nth", "nth_day", "own_rule"}
        fields = {name: value for name, value in self.cleaned_data.items() if name not in apart}
        return fields | {"starts_on": self.cleaned_data["day"]}

    def field_of(self, name: str) -> str | None:
        """Which field of the form a field of the series is typed into."""
        own = {"rule": "own_rule" if self.cleaned_data.get("often") == OWN else "often", "starts_on": "day"}
        name = own.get(name, name)
        return name if name in self.fields else None


class CopyForm(forms.Form):
    """The next walk like one that was: another day, the same clock unless said otherwise."""

    title = forms.CharField(label=_("Title"), max_length=120, error_messages={"required": _("Give the walk a title.")})
    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the day."), "invalid": _("Write a day like 2026-12-02.")},
    )
    meet_clock = ClockField(label=_("Meet"))
    step_off_clock = ClockField(label=_("Step off"))
    end_clock = ClockField(label=_("Back by"))
    roles = forms.BooleanField(label=_("Take over which roles are needed"), required=False, initial=True)
    teams = forms.BooleanField(
        label=_("Take over the teams with their blocks"),
        help_text=_("Empty teams: nobody is signed up yet."),
        required=False,
        initial=True,
    )

    def __init__(self, data: Any = None, *, walk: Walk, day: date) -> None:
        meet, step_off, end = (at.astimezone(walk.zone) for at in (walk.meet_at, walk.step_off_at, walk.end_at))
        clocks = {"meet_clock": meet.time(), "step_off_clock": step_off.time(), "end_clock": end.time()}
        super().__init__(data, initial={"title": walk.title, "day": day} | clocks)
        self.zone = walk.zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        day, previous = cleaned.get("day"), None
        for clock, name in zip(WalkForm.clocks, ("meet_at", "step_off_at", "end_at"), strict=True):
            if day is None or cleaned.get(clock) is None:
                return cleaned
            try:
                previous = _read(day, cleaned[clock], self.zone, previous)
            except ValidationError as error:
                self.add_error(clock, error)
                return cleaned
            cleaned[name] = previous
        if cleaned["step_off_at"] < cleaned["meet_at"]:
            self.add_error("step_off_clock", _("“Step off” comes before “meet”. Put it at the same time or later."))
        elif cleaned["end_at"] <= cleaned["step_off_at"]:
            self.add_error("end_clock", _("“Back by” must be later than “step off”."))
        return cleaned

    def copy_fields(self) -> dict[str, Any]:
        """What `copy_walk` takes."""
        names = ("title", "meet_at", "step_off_at", "end_at", "roles", "teams")
        return {name: self.cleaned_data[name] for name in names}


def _read(day: date, clock: time, zone: ZoneInfo, previous: datetime | None) -> datetime:
    if previous is None:
        return read_local(day, clock, zone)
    return read_later(day, clock, zone, after=previous)


def minutes_between(first: time, second: time) -> int:
    """How long from one time on a clock until the next time that it shows the other: 0 to 1439."""
    apart = datetime.combine(date.min, second) - datetime.combine(date.min, first)
    return int((apart % DAY).total_seconds() // 60)


def choices_of_rule(rule: Rule, starts_on: date) -> dict[str, Any]:
    """How the form shows a rule: in plain choices where they can say it, else as it is written."""
    days = [DAYS[day] for _nth, day in rule.by_day] or [DAYS[starts_on.weekday()]]
    plain = rule.count is None and rule.until is None and not rule.by_month and not rule.by_month_day
    own = {"often": OWN, "own_rule": str(rule)}
    if not plain or rule.week_start != "MO":
        return own
    if rule.freq == "WEEKLY" and rule.interval in {1, 2}:
        return {"often": WEEKLY if rule.interval == 1 else FORTNIGHTLY, "week_days": days}
    if (
        rule.freq == "MONTHLY"
        and rule.interval == 1
        and len(rule.by_day) == 1
        and rule.by_day[0][0] in {1, 2, 3, 4, -1}
    ):
        return {"often": MONTHLY, "nth": rule.by_day[0][0], "nth_day": days[0]}
    return own


def _day(day: date) -> str:
    return DAYS[day.weekday()]

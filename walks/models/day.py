"""What teams tell from the street on the day of a walk: blocks walked, heads counted, trouble, everybody back."""

import hashlib
import uuid
from typing import ClassVar, Self, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corridors.models import Segment, Side
from people.models import User
from people.roles import AgeBand
from walks.models.walk import Device, Team, Walk
from walks.sun import Lit

Row = TypeVar("Row", bound=models.Model)


class StandingQuerySet(models.QuerySet[Row]):
    def standing(self) -> Self:
        """What was not taken back."""
        return self.filter(withdrawn_at=None)


class DayRecord(models.Model):
    """One thing that a phone told during a walk. Who sent it is the phone, and through it the team."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    walk = models.ForeignKey(Walk, models.CASCADE, verbose_name=_("walk"))
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, verbose_name=_("team"))
    device = models.ForeignKey(Device, models.SET_NULL, null=True, blank=True, verbose_name=_("phone"))
    received_at = models.DateTimeField(_("arrived"), default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)
    is_clock_off = models.BooleanField(
        _("phone clock off"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("Its times can’t be right: go by when it arrived."),
    )

    objects = StandingQuerySet.as_manager()

    class Meta:
        abstract = True


def told_at(field: str) -> Case:
    """When it was, as far as the phone's clock can be believed."""
    return Case(When(is_clock_off=True, then=F("received_at")), default=F(field))


class SegmentPassQuerySet(StandingQuerySet["SegmentPass"]):
    def faces(self) -> ArraySubquery:
        """For a query over segments: `[{"side", "lit", "team"}, …]` of each, in the order they were walked."""
        told = self.standing().filter(segment=OuterRef("pk")).order_by("ended_at", "id")
        return ArraySubquery(told.values(pass_=JSONObject(side="side", lit="lit", team="team_id")))


class SegmentPass(DayRecord):
    """A team walked one side of one block. What nobody walked is unknown, never zero."""

    segment = models.ForeignKey(Segment, models.PROTECT, verbose_name=_("block"))
    side = models.CharField(_("side"), max_length=5, choices=Side.choices)
    lit = models.CharField(_("light"), max_length=4, choices=Lit.choices)
    started_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("to"))
    ratings = models.JSONField(
        _("ratings"), default=dict, blank=True, help_text=_("From 0 (bad) to 3 (good), by what is rated.")
    )

    objects = SegmentPassQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        default_related_name = "passes"
        verbose_name = _("block walked")
        verbose_name_plural = _("blocks walked")
        ordering: ClassVar = ["walk", "ended_at", "id"]
        indexes: ClassVar = [models.Index(fields=["segment", "side", "lit"], name="pass_segment_side_lit")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ended_at__gte=F("started_at")), name="pass_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.segment} {self.side} {self.lit}"


class HeadCountQuerySet(StandingQuerySet["HeadCount"]):
    def newest(self) -> Subquery:
        """For a query over phones: `{band: n, …}` of its newest count, correcting those before; None without one."""
        told = self.standing().filter(device=OuterRef("pk")).order_by(told_at("counted_at").desc(), "-id")
        bands = JSONObject(**{band.value: f"n_{band.value}" for band in AgeBand})
        return Subquery(told.values(bands=bands)[:1])


class HeadCount(DayRecord):
    """People counted by heads, also those without a name. Children under 13 appear nowhere else."""

    counted_at = models.DateTimeField(_("counted"))
    n_under_13 = models.PositiveSmallIntegerField(AgeBand.UNDER_13.label, default=0)
    n_13_17 = models.PositiveSmallIntegerField(AgeBand.TEEN.label, default=0)
    n_18_24 = models.PositiveSmallIntegerField(AgeBand.YOUNG_ADULT.label, default=0)
    n_25_34 = models.PositiveSmallIntegerField(AgeBand.LATE_TWENTIES.label, default=0)
    n_35_54 = models.PositiveSmallIntegerField(AgeBand.MIDDLE.label, default=0)
    n_55_64 = models.PositiveSmallIntegerField(AgeBand.OLDER.label, default=0)
    n_65_plus = models.PositiveSmallIntegerField(AgeBand.SENIOR.label, default=0)
    n_unknown = models.PositiveSmallIntegerField(_("age not known"), default=0)

    objects = HeadCountQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        default_related_name = "head_counts"
        verbose_name = _("head count")
        verbose_name_plural = _("head counts")
        ordering: ClassVar = ["walk", "-counted_at", "-id"]

    def __str__(self) -> str:
        return f"{self.n_people}"

    @property
    def by_band(self) -> dict[str, int]:
        """How many by age band, in the order of the bands."""
        return {band.value: getattr(self, f"n_{band.value}") for band in AgeBand}

    @property
    def n_people(self) -> int:
        return sum(self.by_band.values())


class IncidentQuerySet(StandingQuerySet["Incident"]):
    def open(self) -> Self:
        """Told, not taken back, and nobody has said yet that they take care of it."""
        return self.standing().filter(handled_at=None)


class Incident(DayRecord):
    """A team needs help, or something happened to somebody on the walk. Places are coarse: a block, never a point."""

    class Kind(models.TextChoices):
        HURT = "hurt", _("somebody is hurt or ill")
        THREAT = "threat", _("we feel threatened")
        LOST = "lost", _("somebody is missing")
        STUCK = "stuck", _("we can’t go on")
        OTHER = "other", _("something else")

    kind = models.CharField(_("what happened"), max_length=8, choices=Kind.choices)
    place = models.CharField(_("where, in words"), max_length=200, blank=True)
    segment = models.ForeignKey(Segment, models.SET_NULL, null=True, blank=True, verbose_name=_("block"))
    side = models.CharField(_("side"), max_length=5, choices=Side.choices, blank=True)
    note = models.TextField(_("note"), max_length=500, blank=True)
    happened_at = models.DateTimeField(_("when"))
    handled_at = models.DateTimeField(_("taken care of"), null=True, blank=True)
    handled_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("taken care of by")
    )
    handled_note = models.CharField(_("what was done"), max_length=300, blank=True)

    objects = IncidentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        default_related_name = "incidents"
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering: ClassVar = ["walk", "-received_at", "-id"]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def version(self) -> str:
        """What somebody saw when they decided to take care of it: hidden in forms, compared by the action."""
        times = [at.timestamp() if at else 0 for at in (self.happened_at, self.handled_at, self.withdrawn_at)]
        told = [str(part) for part in (self.kind, self.place, self.segment_id, self.side, self.note, *times)]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


class TeamBackQuerySet(StandingQuerySet["TeamBack"]):
    def last_by_team(self) -> Self:
        """What each team told last."""
        told = self.standing().exclude(team=None)
        return told.order_by("team_id", told_at("back_at").desc(), "-id").distinct("team_id")


class TeamBack(DayRecord):
    """“4 of 5 back”: how many of a team stand at the table again. The last one of a team counts."""

    n_back = models.PositiveSmallIntegerField(_("back"))
    n_out = models.PositiveSmallIntegerField(_("went out"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    back_at = models.DateTimeField(_("when"))

    objects = TeamBackQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        default_related_name = "team_backs"
        verbose_name = _("team back")
        verbose_name_plural = _("teams back")
        ordering: ClassVar = ["walk", "-back_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(n_out__gte=1), name="team_back_went_out"),
            models.CheckConstraint(condition=Q(n_back__lte=F("n_out")), name="team_back_no_more_than_went_out"),
        ]

    def __str__(self) -> str:
        return f"{self.n_back}/{self.n_out}"

    @property
    def is_complete(self) -> bool:
        return self.n_back == self.n_out

"""What somebody noticed about a place, and its story line by line."""

import uuid
from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Concat, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models.category import Category
from concerns.workflow import OPEN_STATUSES, Publication, Source, Status, may_move
from corridors.models import WGS84, Segment, Side
from people.models import User
from walks.models import Device, Sheet, Team, Walk
from walks.sun import Lit

# What the desk's search looks into. Its index is of exactly this expression under exactly this condition.
SEARCHED = Concat("address", Value("\n"), "note", Value("\n"), "city_case", output_field=models.TextField())
HAS_WORDS = ~Q(address="", note="", city_case="")


class ConcernQuerySet(models.QuerySet["Concern"]):
    def open(self) -> Self:
        """Concerns still wrong, as far as anybody knows. See also `Concern.is_open`."""
        return self.filter(status__in=OPEN_STATUSES)

    def unread(self) -> Self:
        """Concerns nobody has read yet: held and new, not taken back."""
        return self.filter(publication=Publication.HELD, status=Status.NEW)

    def in_danger(self) -> Self:
        """Danger now that nobody has read and nobody takes care of. See also `concerns.danger`."""
        return self.unread().filter(~Exists(ConcernUpdate.danger_taken()), danger_now=True)

    def flagged(self) -> Self:
        return self.exclude(flags=[])

    def overdue(self, today: date) -> Self:
        """With somebody, and later than promised. See also `Concern.lateness`."""
        return self.filter(due_on__lt=today)

    def far_overdue(self, today: date) -> Self:
        return self.filter(far_due_on__lt=today)

    def to_look_at(self, today: date) -> Self:
        """Somebody should go and look again. See also `Concern.wants_a_look`."""
        return self.filter(relook_on__lte=today)

    def on_corridor(self, corridor: Any) -> Self:
        return self.filter(segment__corridor=corridor)


class Concern(models.Model):
    """What somebody noticed about a place. People are never its subject.

    `location`, `address` and `note` are private. The public sees `public_point`, `public_place` and `public_text`,
    which are written when an organizer publishes and don't follow later changes by themselves.
    """

    class ToldBy(models.TextChoices):
        SEEN = "seen", _("we saw it")
        RESIDENT = "resident", _("a resident said so")
        BUSINESS = "business", _("a shop said so")
        PASSER_BY = "passer_by", _("a passer-by said so")

    class PlaceFrom(models.TextChoices):
        GPS = "gps", _("the phone")
        PIN = "pin", _("a pin on the map")
        ADDRESS = "address", _("an address")

    class Flag(models.TextChoices):
        """Something for an organizer to look at before anything else."""

        PERSON_TEXT = "person_text", _("seems to describe a person")
        CLOCK_OFF = "clock_off", _("phone clock off")
        OUTSIDE = "outside", _("outside where we work")
        NO_BLOCK = "no_block", _("not on a block of the corridor")
        CHANGED = "changed", _("changed after it was read")
        REPORTED = "reported", _("somebody reported the content")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Every row that a phone sends pays for each index: foreign keys that an index below covers, or that are only asked
    # when a team or a phone is deleted, have none of their own.
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="concerns", verbose_name=_("category"), db_index=False
    )
    walk = models.ForeignKey(
        Walk,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="concerns",
        verbose_name=_("walk"),
        db_index=False,
    )
    team = models.ForeignKey(
        Team,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="concerns",
        verbose_name=_("team"),
        db_index=False,
    )
    device = models.ForeignKey(
        Device,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="concerns",
        verbose_name=_("phone"),
        db_index=False,
    )
    source = models.CharField(_("came from"), max_length=8, choices=Source.choices, default=Source.FIELD)
    sheet = models.ForeignKey(
        Sheet,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="concerns",
        verbose_name=_("sheet of paper"),
        db_index=False,
    )

    # Where, exactly. Private.
    location = models.PointField(_("place"), srid=WGS84, null=True, blank=True)
    accuracy_m = models.FloatField(_("accuracy, in metres"), null=True, blank=True)
    place_from = models.CharField(_("place from"), max_length=8, choices=PlaceFrom.choices, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    # What the address and the number on the pole are told apart by (`corridors.addresses`); private as they are.
    address_key = models.CharField(max_length=120, blank=True, editable=False, db_default="", default="")
    pole_key = models.CharField(max_length=20, blank=True, editable=False, db_default="", default="")
    # What the phone measured at the tap, kept apart from the place that somebody chose.
    fix_location = models.PointField(
        _("measured by the phone"), srid=WGS84, null=True, blank=True, editable=False, spatial_index=False
    )
    fix_accuracy_m = models.FloatField(null=True, blank=True, editable=False)
    fix_at = models.DateTimeField(null=True, blank=True, editable=False)
    segment = models.ForeignKey(
        Segment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="concerns",
        verbose_name=_("block"),
    )
    side = models.CharField(_("side"), max_length=5, choices=Side.choices, blank=True)

    # What.
    lit = models.CharField(_("light"), max_length=4, choices=Lit.choices, blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    danger_now = models.BooleanField(_("danger now"), default=False)
    told_by = models.CharField(_("how we know"), max_length=10, choices=ToldBy.choices, default=ToldBy.SEEN)
    city_case = models.CharField(_("311 number, as given"), max_length=40, blank=True)
    n_photos_expected = models.PositiveSmallIntegerField(default=0, editable=False)
    flags = ArrayField(
        models.CharField(max_length=12, choices=Flag.choices),
        verbose_name=_("flags"),
        default=list,
        blank=True,
    )

    # When. `captured_at` is what the phone claims; order comes from the server.
    captured_at = models.DateTimeField(_("seen, says the phone"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    updated_at = models.DateTimeField(_("last change"), default=timezone.now)

    # Its life; written by `concerns.actions` only, together with a ConcernUpdate.
    status = models.CharField(_("status"), max_length=18, choices=Status.choices, default=Status.NEW)
    status_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    triaged_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Days in the coalition's zone, written by `concerns.deadlines`: comparing a date is all that a list needs.
    due_on = models.DateField(_("should be fixed by"), null=True, blank=True, editable=False)
    far_due_on = models.DateField(_("far overdue after"), null=True, blank=True, editable=False)
    relook_on = models.DateField(_("look again from"), null=True, blank=True, editable=False)
    duplicate_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="duplicates",
        verbose_name=_("same as"),
        db_index=False,
    )
    help_first = models.CharField(
        _("people live there"),
        max_length=10,
        blank=True,
        choices=[("offered", _("help was offered")), ("danger", _("imminent danger"))],
    )

    # What the public may see; written at publication.
    publication = models.CharField(
        _("public"),
        max_length=10,
        choices=Publication.choices,
        default=Publication.HELD,
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    hidden_reason = models.CharField(_("why it is hidden"), max_length=200, blank=True)
    public_point = models.PointField(srid=WGS84, null=True, blank=True, editable=False, spatial_index=False)
    public_place = models.CharField(_("public place"), max_length=160, blank=True)
    public_text = models.TextField(_("public words"), blank=True)
    public_segment = models.ForeignKey(
        Segment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="published_concerns",
        editable=False,
    )
    public_side = models.CharField(max_length=5, choices=Side.choices, blank=True, editable=False)

    objects = ConcernQuerySet.as_manager()

    class Meta:
        verbose_name = _("concern")
        verbose_name_plural = _("concerns")
        ordering: ClassVar = ["-received_at", "-id"]
        indexes: ClassVar = [
            GistIndex(fields=["category", "location"], name="concern_category_place"),
            GistIndex(fields=["public_point"], name="concern_public_point", condition=Q(publication="published")),
            models.Index(fields=["walk", "-received_at"], name="concern_walk_received"),
            models.Index(
                fields=["duplicate_of"], name="concern_duplicates", condition=Q(duplicate_of__isnull=False)
            ),
            # The desk's tabs and pages are counted and cut by these alone, also with the filters "older" and "photo".
            models.Index(
                fields=["publication", "status", "-received_at"], name="concern_tabs", include=["first_seen_at", "id"]
            ),
            models.Index(
                fields=["-danger_now", "-received_at", "-id"], name="concern_newest", include=["first_seen_at"]
            ),
            # Rows without a word, as most that phones send, cost it nothing.
            GinIndex(OpClass(Upper(SEARCHED), name="gin_trgm_ops"), name="concern_words", condition=HAS_WORDS),
            models.Index(
                Func(F("address_key"), Value("|"), Value(1), function="split_part", output_field=models.CharField()),
                name="concern_address_key",
                condition=~Q(address_key=""),
            ),
            models.Index(fields=["pole_key"], name="concern_pole_key", condition=~Q(pole_key="")),
            models.Index(fields=["due_on"], name="concern_due", condition=Q(due_on__isnull=False)),
            models.Index(fields=["relook_on"], name="concern_relook", condition=Q(relook_on__isnull=False)),
            models.Index(
                fields=["-published_at", "-id"], name="concern_published", condition=Q(publication="published")
            ),
            # Open311 asks for the newest by when they were first seen.
            models.Index(
                fields=["-first_seen_at", "-id"], name="concern_public_seen", condition=Q(publication="published")
            ),
            # Counts and the public map's cells are answered by the index alone. The walk is there because Postgres
            # before 17 keeps the columns of a join that it leaves out.
            models.Index(
                fields=["category", "status", "public_segment"],
                name="concern_public_kind",
                include=["walk", "public_point"],
                condition=Q(publication="published", public_point__isnull=False),
            ),
        ]  # fmt: skip
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(location__isnull=False) | ~Q(address=""),
                name="concern_has_a_place",
                violation_error_message=_("Say where it is: a place on the map or an address."),
            ),
            models.CheckConstraint(
                condition=Q(status="duplicate") ^ Q(duplicate_of=None),
                name="concern_duplicate_names_the_other",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of=None) | ~Q(duplicate_of=F("id")),
                name="concern_not_its_own_duplicate",
            ),
            models.CheckConstraint(
                condition=~Q(publication="published") | Q(published_at__isnull=False),
                name="concern_published_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(publication="hidden") | ~Q(hidden_reason=""),
                name="concern_hidden_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="new") | Q(status="withdrawn") | Q(triaged_at__isnull=False),
                name="concern_triaged_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        # Never the words or the place of what somebody reported: this ends up in logs and page titles.
        return f"{self.category.code} {str(self.public_id)[:8]}"

    @property
    def is_open(self) -> bool:
        """See also `ConcernQuerySet.open`."""
        return self.status in OPEN_STATUSES

    def can_move_to(self, status: str) -> bool:
        return may_move(from_status=self.status, to_status=status)

    def lateness(self, today: date) -> str:
        """ "", "late" or "far". See also `ConcernQuerySet.overdue` and `far_overdue`."""
        if self.far_due_on is not None and self.far_due_on < today:
            return "far"
        return "late" if self.due_on is not None and self.due_on < today else ""

    def wants_a_look(self, today: date) -> bool:
        """See also `ConcernQuerySet.to_look_at`."""
        return self.relook_on is not None and self.relook_on <= today

    @property
    def is_occupied_building(self) -> bool:
        """Whether people live there, wholly or partly: then help comes before anything else."""
        return self.answers.get("occupied") in ("yes", "part", ["yes"], ["part"])

    @property
    def waits_for_help(self) -> bool:
        """An occupied building that nobody may publish, assign or send before help was offered."""
        return self.is_occupied_building and not self.help_first


class ConcernUpdate(models.Model):
    """One dated line of a concern's story. Append-only: a trigger refuses changes and deletions."""

    class Kind(models.TextChoices):
        LOGGED = "logged", _("logged")
        STATUS = "status", _("status")
        PUBLICATION = "publication", _("public or not")
        EDITED = "edited", _("changed")
        LOOK = "look", _("somebody looked")
        PROPOSAL = "proposal", _("a change was proposed")
        NOTE = "note", _("note")
        SAID = "said", _("what the reporter says")
        ASSIGNED = "assigned", _("handed to somebody")

    class Voice(models.TextChoices):
        """Who speaks: three voices stay visible side by side."""

        WALKERS = "walkers", _("walkers")
        AGENCY = "agency", _("the agency")
        RESIDENT = "resident", _("a resident")
        DESK = "desk", _("the desk")

    concern = models.ForeignKey(Concern, models.PROTECT, related_name="updates", verbose_name=_("concern"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    voice = models.CharField(max_length=10, choices=Voice.choices, default=Voice.DESK)
    kind = models.CharField(_("what"), max_length=12, choices=Kind.choices)
    from_value = models.CharField(_("from"), max_length=60, blank=True)
    to_value = models.CharField(_("to"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    public_note = models.TextField(_("public note"), blank=True)
    is_public = models.BooleanField(_("public"), default=False)

    class Meta:
        verbose_name = _("line of the story")
        verbose_name_plural = _("story")
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.kind} {self.to_value}"

    # Somebody takes care of a danger, or doesn't any more: notes with these values.
    DANGER_TAKEN: ClassVar = "danger_taken"
    DANGER_OPEN: ClassVar = "danger_open"

    @classmethod
    def danger_taken(cls, concern: "Concern | None" = None) -> models.QuerySet["ConcernUpdate"]:
        """The lines that say who takes care of the danger now, of one concern or for a query over concerns."""
        notes = cls.objects.filter(kind=cls.Kind.NOTE)
        later = notes.filter(concern=OuterRef("concern"), to_value=cls.DANGER_OPEN, pk__gt=OuterRef("pk"))
        return notes.filter(~Exists(later), concern=concern or OuterRef("pk"), to_value=cls.DANGER_TAKEN)

"""When people walk, who comes, in which teams, and with which phones."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.gis.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corridors.models import Segment, Side
from office.codes import new_code
from people.models import Organization, Person, User
from people.roles import STORED_AGE_BANDS, AgeBand
from walks.models.planned import Planned
from walks.models.role import WalkRole
from walks.sun import sunset

CODE_LENGTH = 6
INVITE_OPENS_BEFORE = timedelta(hours=2)
LATE_SENDS_UNTIL = timedelta(days=14)
# Who walks along sees the walk's page on the desk until a day after it.
OPEN_AFTER_END = timedelta(hours=24)


def new_walk_code() -> str:
    return new_code(CODE_LENGTH)


class WalkQuerySet(models.QuerySet["Walk"]):
    def current(self) -> Self:
        return self.filter(deleted_at=None)

    def public(self) -> Self:
        """Walks anybody may see: published ones and those called off after that. See also `Walk.is_public`."""
        return self.current().filter(state__in=PUBLIC_STATES)

    def upcoming(self, now: datetime) -> Self:
        return self.filter(end_at__gte=now)

    def within_reach_of(self, user: User) -> Self:
        """Walks somebody may open on the desk: organizers any, others those they lead or walk along with.

        See also `walks.access.get_walk_for`, which also looks at how long ago a walk was.
        """
        if user.is_organizer:
            return self
        walking = Q(state=Walk.State.PUBLISHED, end_at__gt=timezone.now() - OPEN_AFTER_END)
        own = Signup.objects.filter(walk=OuterRef("pk"), person=user.person_id, state=Signup.State.GOING)
        return self.filter(Q(lead=user.person_id) | (walking & Exists(own)))

    def count_tabs(self, now: datetime) -> dict[str, int]:
        """How many are upcoming, drafts and past. One query."""
        draft = Q(state=Walk.State.DRAFT)
        return self.order_by().aggregate(
            upcoming=Count("id", filter=~draft & Q(end_at__gte=now)),
            drafts=Count("id", filter=draft),
            past=Count("id", filter=~draft & Q(end_at__lt=now)),
        )

    def with_places_taken(self) -> Self:
        """Adds `n_taken`: how many people hold a place. See also `Walk.places_taken`."""
        counted = Case(
            When(signups__state__in=PLACE_STATES, then=F("signups__n_people")),
            default=Value(0),
        )
        return self.annotate(n_taken=Coalesce(Sum(counted), 0))

    def with_roster_counts(self) -> Self:
        """Adds `n_taken`, `n_waiting` and `n_unmatched`, over one join. See also `walks.problems.Roster`."""
        unmatched = Q(signups__organization=None, signups__organization_settled_at=None) & ~Q(
            signups__organization_text=""
        )
        waiting = Q(signups__state="guardian")
        on_roster = Q(signups__isnull=False) & ~Q(signups__state__in=OFF_ROSTER_STATES)
        return self.with_places_taken().annotate(
            n_waiting=Count("signups", filter=waiting),
            n_unmatched=Count("signups", filter=unmatched & on_roster),
        )


class Walk(Planned):
    """A safety walk along a corridor. Times are kept in UTC and shown in the walk's own zone."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        CALLED_OFF = "called_off", _("called off")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(
        _("short address"),
        max_length=12,
        unique=True,
        default=new_walk_code,
        editable=False,
    )
    series = models.ForeignKey(
        "WalkSeries",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="walks",
        verbose_name=_("series"),
    )
    slot_on = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("The day of the series that this walk stands for, wherever it was moved to."),
    )
    meet_at = models.DateTimeField(_("meet"))
    step_off_at = models.DateTimeField(_("step off"))
    end_at = models.DateTimeField(_("back by"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    called_off_at = models.DateTimeField(null=True, blank=True, editable=False)
    call_off_reason = models.CharField(_("why it is called off"), max_length=300, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    sequence = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text=_("Rises with every change that a calendar must notice (RFC 5545 3.8.7.4)."),
    )
    invite_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WalkQuerySet.as_manager()

    class Meta:
        verbose_name = _("walk")
        verbose_name_plural = _("walks")
        ordering: ClassVar = ["-meet_at", "id"]
        indexes: ClassVar = [models.Index(fields=["meet_at"], name="walk_meet_at")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(step_off_at__gte=F("meet_at")),
                name="walk_steps_off_after_meeting",
                violation_error_message=_("“Step off” comes before “meet”. Put it at the same time or later."),
            ),
            models.CheckConstraint(
                condition=Q(end_at__gt=F("step_off_at")),
                name="walk_ends_after_start",
                violation_error_message=_("“Back by” must be later than “step off”."),
            ),
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(capacity__gt=0),
                name="walk_has_places",
                violation_error_message=_("A walk needs at least one place; leave it empty for no limit."),
            ),
            models.CheckConstraint(
                condition=~Q(state="called_off") | (~Q(call_off_reason="") & Q(called_off_at__isnull=False)),
                name="walk_called_off_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="walk_published_has_a_time",
            ),
            # Also for a walk that was deleted: its day isn't filled again.
            models.UniqueConstraint(fields=["series", "slot_on"], name="walk_once_per_slot"),
            models.CheckConstraint(
                condition=Q(series=None, slot_on=None) | Q(series__isnull=False, slot_on__isnull=False),
                name="walk_of_a_series_has_a_slot",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def sunset_at(self) -> datetime | None:
        """Sunset at the meeting point (or the middle of the corridor) on the day of the walk. May read the corridor."""
        place = self.meeting_location or self.corridor.line.centroid
        day = self.meet_at.astimezone(self.zone).date()
        return sunset(lat=place.y, lon=place.x, day=day, zone=self.zone)

    @property
    def is_public(self) -> bool:
        """See also `WalkQuerySet.public`."""
        return self.deleted_at is None and self.state in PUBLIC_STATES

    @property
    def places_taken(self) -> int:
        """How many people hold a place. One query. See also `WalkQuerySet.with_places_taken`."""
        return self.signups.holding_a_place().aggregate(n=Coalesce(Sum("n_people"), 0))["n"]

    def accepts_signups(self, now: datetime) -> bool:
        """Whether strangers may sign up."""
        return self.deleted_at is None and self.state == self.State.PUBLISHED and now < self.end_at

    @property
    def invite_opens_at(self) -> datetime:
        return self.meet_at - INVITE_OPENS_BEFORE

    @property
    def accepts_late_sends_until(self) -> datetime:
        return self.end_at + LATE_SENDS_UNTIL


PUBLIC_STATES = [Walk.State.PUBLISHED, Walk.State.CALLED_OFF]


class TeamQuerySet(models.QuerySet["Team"]):
    def with_sizes(self) -> Self:
        """Adds `n_people` of counted sign-ups and `n_phones`."""
        people = Signup.objects.counted().filter(team=OuterRef("pk")).order_by().values("team")
        phones = Device.objects.active().filter(team=OuterRef("pk")).order_by().values("team")
        return self.annotate(
            n_people=Coalesce(Subquery(people.annotate(n=Sum("n_people")).values("n")), 0),
            n_phones=Coalesce(Subquery(phones.annotate(n=Count("id")).values("n")), 0),
        )


class Team(models.Model):
    """Three to five people who walk together."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    walk = models.ForeignKey(Walk, models.CASCADE, related_name="teams", verbose_name=_("walk"))
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=60, blank=True)
    lead = models.ForeignKey(
        "Signup",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("team lead"),
    )
    marshal = models.ForeignKey(
        "Signup",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="marshals",
        verbose_name=_("safety marshal"),
    )
    segments: "models.ManyToManyField[Segment, TeamSegment]" = models.ManyToManyField(
        Segment, through="TeamSegment", blank=True, related_name="teams", verbose_name=_("blocks")
    )
    stepped_off_at = models.DateTimeField(_("stepped off"), null=True, blank=True, editable=False)
    expected_back_at = models.DateTimeField(
        _("expected back"), null=True, blank=True, help_text=_("Empty: when the walk ends.")
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering: ClassVar = ["walk", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["walk", "number"], name="team_number_once_per_walk")]

    def __str__(self) -> str:
        return str(_("Team %(number)s") % {"number": self.number}) + (f", {self.name}" if self.name else "")


class TeamSegment(models.Model):
    """A block that a team walks: both sides of it, or one."""

    class Sides(models.TextChoices):
        BOTH = "both", _("both sides")
        LEFT = Side.LEFT.value, Side.LEFT.label
        RIGHT = Side.RIGHT.value, Side.RIGHT.label

    team = models.ForeignKey(Team, models.CASCADE, related_name="blocks", verbose_name=_("team"))
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="team_blocks", verbose_name=_("block"))
    sides = models.CharField(_("sides"), max_length=5, choices=Sides.choices, default=Sides.BOTH, db_default="both")

    class Meta:
        db_table = "walks_team_segments"
        verbose_name = _("block of a team")
        verbose_name_plural = _("blocks of teams")
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "segment"], name="team_block_once")]

    def __str__(self) -> str:
        return f"{self.team} {self.segment}"

    @property
    def faces(self) -> list[str]:
        """The sides as `Side` values."""
        return list(Side.values) if self.sides == self.Sides.BOTH else [self.sides]


class SignupQuerySet(models.QuerySet["Signup"]):
    def counted(self) -> Self:
        """Sign-ups of people who come. See also `Signup.is_counted`."""
        return self.filter(state__in=COUNTED_STATES)

    def holding_a_place(self) -> Self:
        """Those who come, and those to whom a freed place is offered just now. See also `Signup.holds_a_place`."""
        return self.filter(state__in=PLACE_STATES)

    def on_waitlist(self) -> Self:
        """Those who wait for a place, in the order they asked."""
        return self.filter(state=Signup.State.WAITLIST).order_by("waiting_since", "id")

    def on_roster(self) -> Self:
        """Everybody who didn't withdraw and isn't on the waitlist: those who come or wait for a guardian's yes."""
        return self.exclude(state__in=OFF_ROSTER_STATES)

    def out_of_reach(self) -> Self:
        """On the roster without an e-mail address: somebody has to call or text them."""
        return self.on_roster().filter(person__email="")

    def unmatched(self) -> Self:
        """Sign-ups that named an organization we don't know, and nobody has matched or set aside yet."""
        return self.exclude(organization_text="").filter(organization=None, organization_settled_at=None)


class Signup(models.Model):
    """A person's place on a walk; needs no account."""

    class State(models.TextChoices):
        GOING = "going", _("coming")
        GUARDIAN = "guardian", _("waiting for a guardian’s yes")
        WAITLIST = "waitlist", _("on the waitlist")
        OFFERED = "offered", _("a place is offered")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Source(models.TextChoices):
        WEB = "web", _("signed up")
        DESK = "desk", _("added by an organizer")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    walk = models.ForeignKey(Walk, models.CASCADE, related_name="signups", verbose_name=_("walk"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="signups", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=120, help_text=_("As given for this walk."))
    organization = models.ForeignKey(
        Organization,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="signups",
        verbose_name=_("organization"),
    )
    organization_text = models.CharField(_("organization, as written"), max_length=160, blank=True)
    organization_settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    n_people = models.PositiveSmallIntegerField(_("people"), default=1)
    age_band = models.CharField(
        _("age"),
        max_length=10,
        default=AgeBand.UNKNOWN,
        choices=[(band.value, band.label) for band in STORED_AGE_BANDS],
    )
    language = models.CharField(_("language on the walk"), max_length=8, default="en")
    team = models.ForeignKey(
        Team,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="signups",
        verbose_name=_("team"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.GOING)
    source = models.CharField(max_length=6, choices=Source.choices, default=Source.WEB)
    role = models.CharField(_("role"), max_length=12, choices=WalkRole.choices, blank=True, default="", db_default="")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)
    waiting_since = models.DateTimeField(_("on the waitlist since"), null=True, blank=True, editable=False)
    offered_at = models.DateTimeField(null=True, blank=True, editable=False)
    offer_until = models.DateTimeField(_("the place is kept until"), null=True, blank=True, editable=False)
    # Wiped after the walk (walks.retention).
    emergency_contact = models.CharField(
        _("whom to call in an emergency"), max_length=160, blank=True, default="", db_default=""
    )
    access_needs = models.CharField(
        _("what you need to come along"), max_length=300, blank=True, default="", db_default=""
    )
    wants_texts_at = models.DateTimeField(_("wants text messages since"), null=True, blank=True, editable=False)
    # What they said the evening after.
    said_came = models.BooleanField(_("says they came"), null=True, blank=True, editable=False)
    said_at = models.DateTimeField(null=True, blank=True, editable=False)
    said_words = models.CharField(_("what they said about it"), max_length=500, blank=True, default="", db_default="")
    link_version = models.PositiveIntegerField(default=1, editable=False)
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(_("signed up"), default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SignupQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["walk", "person"], name="signup_once_per_walk"),
            models.CheckConstraint(
                condition=Q(n_people__gte=1, n_people__lte=60),
                name="signup_brings_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(withdrawn_at__isnull=False),
                name="signup_withdrawn_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="waitlist") | Q(waiting_since__isnull=False),
                name="signup_waits_since",
            ),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(waiting_since__isnull=False, offer_until__isnull=False),
                name="signup_offer_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_counted(self) -> bool:
        """Whether they come. See also `SignupQuerySet.counted`."""
        return self.state in COUNTED_STATES

    @property
    def holds_a_place(self) -> bool:
        """See also `SignupQuerySet.holding_a_place`."""
        return self.state in PLACE_STATES

    @property
    def is_minor(self) -> bool:
        return self.age_band == AgeBand.TEEN


COUNTED_STATES = [Signup.State.GOING]
PLACE_STATES = [Signup.State.GOING, Signup.State.OFFERED]
OFF_ROSTER_STATES = [Signup.State.WITHDRAWN, Signup.State.WAITLIST, Signup.State.OFFERED]


class GuardianConsent(models.Model):
    """A parent or guardian said yes, for one walk or for a season. Recorded before a sign-up of 13–17 counts."""

    class How(models.TextChoices):
        PAPER = "paper", _("on paper")
        IN_PERSON = "in_person", _("in person")
        BY_PHONE = "by_phone", _("by phone")
        LINK = "link", _("by a link in a mail")

    person = models.ForeignKey(
        Person,
        models.CASCADE,
        related_name="guardian_consents",
        verbose_name=_("person"),
    )
    walk = models.ForeignKey(
        Walk,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="guardian_consents",
        verbose_name=_("walk"),
    )
    until_on = models.DateField(_("for the season until"), null=True, blank=True)
    guardian_name = models.CharField(_("name of the parent or guardian"), max_length=120)
    guardian_phone = models.CharField(_("phone of the parent or guardian"), max_length=20, blank=True)
    how = models.CharField(_("how"), max_length=10, choices=How.choices)
    assented_at = models.DateTimeField(
        _("the young person agreed"), null=True, blank=True, help_text=_("Their own yes, beside the guardian’s.")
    )
    wording = models.PositiveSmallIntegerField(
        _("version of the words they read"), default=1, db_default=1, editable=False
    )
    recorded_by = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recorded_consents",
        help_text=_("Empty where the guardian said yes by their own link."),
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("guardian’s yes")
        verbose_name_plural = _("guardians’ yes")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(walk__isnull=False) ^ Q(until_on__isnull=False),
                name="guardian_consent_walk_or_season",
            ),
            models.CheckConstraint(
                condition=Q(how="link") | Q(recorded_by__isnull=False), name="guardian_consent_recorded_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()} {self.recorded_at:%Y-%m-%d}"


class DeviceQuerySet(models.QuerySet["Device"]):
    def active(self) -> Self:
        return self.filter(revoked_at=None)


class Device(models.Model):
    """A phone that joined one walk. Its token is 256 random bits and only its SHA-256 is kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    walk = models.ForeignKey(Walk, models.CASCADE, related_name="devices", verbose_name=_("walk"))
    client_id = models.UUIDField(_("made on the phone"))
    secret_sha256 = models.CharField(max_length=64, editable=False)
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    team = models.ForeignKey(
        Team,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="devices",
        verbose_name=_("team"),
    )
    signup = models.ForeignKey(
        Signup,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="devices",
        verbose_name=_("sign-up"),
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed by the walk lead"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    enrolled_at = models.DateTimeField(_("joined"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last heard of"), null=True, blank=True)
    n_waiting = models.PositiveIntegerField(_("waiting on the phone"), null=True, blank=True)
    oldest_waiting_at = models.DateTimeField(null=True, blank=True)
    app_version = models.CharField(max_length=40, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("phone")
        verbose_name_plural = _("phones")
        ordering: ClassVar = ["walk", "enrolled_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["walk", "client_id"], name="device_once_per_walk")]

    def __str__(self) -> str:
        return self.name or str(self.public_id)[:8]

    def accepts_sends(self, now: datetime) -> bool:
        """Whether records may still arrive from it. Reads `self.walk`, which may cause a query."""
        return self.revoked_at is None and now <= self.walk.accepts_late_sends_until

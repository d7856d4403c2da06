"""What a walk and a series of walks both say: where, for whom, how. When is told apart."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.translation import gettext_lazy as _

from corridors.models import WGS84, Corridor, Landmark
from office.models import both_languages, check_time_zone
from people.models import Organization, Person
from walks.models.rating import Rating, usual_ratings


class Purpose(models.TextChoices):
    AUDIT = "audit", _("look at places")
    OUTREACH = "outreach", _("talk with shops and people")
    VISIBILITY = "visibility", _("be seen and say hello")
    RE_VERIFY = "re_verify", _("check whether things were fixed")


class YesNoUnsure(models.TextChoices):
    YES = "yes", _("yes")
    NO = "no", _("no")
    UNSURE = "unsure", _("not sure, ask us")


class Planned(models.Model):
    """What somebody plans about a walk, or about each walk of a series."""

    title = models.CharField(_("title"), max_length=120)
    corridor = models.ForeignKey(Corridor, models.PROTECT, related_name="%(class)ss", verbose_name=_("corridor"))
    lead_organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_%(class)ss",
        verbose_name=_("who leads it"),
    )
    lead = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_%(class)ss",
        verbose_name=_("walk lead"),
    )
    meeting_landmark = models.ForeignKey(
        Landmark,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("known meeting point"),
    )
    meeting_place = models.CharField(
        _("meeting point"),
        max_length=200,
        blank=True,
        help_text=_("In words: Fire Station 23, at Lawn."),
    )
    meeting_location = models.PointField(_("meeting point on the map"), srid=WGS84, null=True, blank=True)
    facilities = models.CharField(_("toilets and parking"), max_length=200, blank=True)
    time_zone = models.CharField(max_length=60, default="America/Chicago", validators=[check_time_zone])
    purposes = ArrayField(
        models.CharField(max_length=12, choices=Purpose.choices),
        verbose_name=_("purposes"),
        default=list,
        blank=True,
    )
    capacity = models.PositiveIntegerField(
        _("places"),
        null=True,
        blank=True,
        help_text=_("Leave it empty if there is room for everybody."),
    )
    languages = ArrayField(
        models.CharField(max_length=8),
        verbose_name=_("languages"),
        default=both_languages,
    )
    wheelchair = models.CharField(
        _("wheelchair and stroller"),
        max_length=6,
        choices=YesNoUnsure.choices,
        default=YesNoUnsure.UNSURE,
    )
    wheelchair_note = models.CharField(_("about the way"), max_length=200, blank=True)
    police_walk_along = models.BooleanField(_("police walk with us"), null=True, blank=True)
    weather_rule = models.CharField(_("if the weather is bad"), max_length=200, blank=True)
    designee_name = models.CharField(
        _("who waits off site"),
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text=_("Somebody who doesn’t walk along, knows when each team should be back, and calls if one isn’t."),
    )
    designee_phone = models.CharField(_("their phone number"), max_length=20, blank=True, default="", db_default="")
    ratings = ArrayField(
        models.CharField(max_length=12, choices=Rating.choices),
        verbose_name=_("how a block feels: what teams may rate"),
        default=usual_ratings,
        db_default=usual_ratings(),
        blank=True,
    )
    note = models.TextField(_("what people should know"), blank=True)
    internal_note = models.TextField(_("note for organizers"), blank=True)

    class Meta:
        abstract = True

    def take_from_landmark(self) -> None:
        """A known meeting point brings its words and its place where nobody gave others. May read the landmark."""
        landmark = self.meeting_landmark
        if landmark is None:
            return
        self.meeting_place = self.meeting_place or landmark.name
        self.meeting_location = self.meeting_location or landmark.location
        self.facilities = self.facilities or landmark.facilities

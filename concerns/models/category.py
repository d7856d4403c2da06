"""Kinds of concern and their follow-up questions."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from office.text import in_language


class Category(models.Model):
    """A kind of concern (Open311: service). Its questions are the attributes."""

    class Group(models.TextChoices):
        """The six buttons on the phone, and the rest. The group gives a mark its shape."""

        HOUSE = "house", _("House")
        LIGHT = "light", _("Light")
        GROUND = "ground", _("Trash and lots")
        WAY = "way", _("Sidewalk and street")
        PLANTS = "plants", _("Plants and hiding spots")
        GOOD = "good", _("Good thing")
        OTHER = "other", _("Something else")

    class Rule(models.TextChoices):
        """How it may become public."""

        PLACE = "place", _("at its snapped place")
        SEGMENT_COUNT = "segment_count", _("only counted by block")
        NEVER = "never", _("never")

    class SameBy(models.TextChoices):
        """What makes two reports the same thing before any distance does."""

        ADDRESS = "address", _("its address")
        POLE = "pole", _("the number on the pole")
        BLOCK = "block", _("the side of the block")

    code = models.CharField(_("code"), max_length=20, unique=True)
    group = models.CharField(_("button on the phone"), max_length=8, choices=Group.choices)
    is_group_default = models.BooleanField(_("saved by a tap on the button"), default=False)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_es = models.CharField(_("name in Spanish"), max_length=120, blank=True)
    cpted = ArrayField(
        models.CharField(max_length=2),
        verbose_name=_("CPTED"),
        default=list,
        blank=True,
    )
    safety_en = models.CharField(_("safety text in English"), max_length=300, blank=True)
    safety_es = models.CharField(_("safety text in Spanish"), max_length=300, blank=True)
    publication_rule = models.CharField(_("public"), max_length=14, choices=Rule.choices, default=Rule.PLACE)
    needs_dark = models.BooleanField(_("can only be checked after dark"), default=False)
    relook_days = models.PositiveSmallIntegerField(_("look again after, in days"), default=60)
    duplicate_m = models.PositiveSmallIntegerField(_("may be the same within, in metres"), default=50)
    same_by = models.CharField(
        _("the same thing is known by"),
        max_length=7,
        choices=SameBy.choices,
        default=SameBy.BLOCK,
        help_text=_("Asked before the distance."),
    )
    duplicate_days = models.PositiveSmallIntegerField(
        _("may be the same within, in days"), default=180, help_text=_("Counted from when it was last seen.")
    )
    fix_days = models.PositiveSmallIntegerField(
        _("should be fixed within, in days"), null=True, blank=True, help_text=_("Empty: nobody promised a time.")
    )
    fix_in_working_days = models.BooleanField(_("counted in working days"), default=True)
    false_close_days = models.PositiveSmallIntegerField(
        _("claimed too early where it is still there within, in days"), default=30
    )
    default_owner = models.CharField(_("usually fixed by"), max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group"],
                name="category_one_default_per_group",
                condition=Q(is_group_default=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self, "name")

    @property
    def safety(self) -> str:
        return in_language(self, "safety")


class Question(models.Model):
    """A follow-up of a category, one tap each and never required (Open311: attribute)."""

    class Kind(models.TextChoices):
        ONE = "one", _("one of the answers")
        MANY = "many", _("any of the answers")
        TEXT = "text", _("a few words")
        NUMBER = "number", _("a number")

    category = models.ForeignKey(Category, models.CASCADE, related_name="questions", verbose_name=_("category"))
    code = models.SlugField(_("code"), max_length=30)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    label_en = models.CharField(_("question in English"), max_length=160)
    label_es = models.CharField(_("question in Spanish"), max_length=160, blank=True)
    options = models.JSONField(
        _("answers"),
        default=list,
        blank=True,
        help_text=_('A list like [{"code": "out", "en": "Out", "es": "Apagada"}].'),
    )
    hint = models.CharField(
        _("pattern hint"),
        max_length=80,
        blank=True,
        help_text=_("A regular expression that helps, never refuses."),
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering: ClassVar = ["category", "position", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["category", "code"], name="question_code_once_per_category")
        ]

    def __str__(self) -> str:
        return in_language(self, "label")

    @property
    def label(self) -> str:
        return in_language(self, "label")

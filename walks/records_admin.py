"""What a walk leaves behind from its plan to its debrief, in the admin: to look at. Only actions write it.

Names of people without an account, and whom to call, are contacts here: a walled member sees none of them.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.desk_admin import Button, DeskAdmin, ReadOnlyAdmin
from walks.models import (
    Agreement,
    Clearance,
    Debrief,
    Equipment,
    GoNoGo,
    GroupMember,
    Notice,
    NoticeTo,
    Pledge,
    Presence,
    RoleNeed,
    Sheet,
    TeamTop,
    Walk,
)


class OfWalkAdmin(ReadOnlyAdmin):
    """Rows of one walk, found by its title."""

    search_fields: ClassVar[tuple[str, ...]] = ("walk__title",)
    extra_lookups: ClassVar[frozenset[str]] = frozenset({"walk__id__exact"})

    def walk_of(self, obj: Any) -> Walk:
        found: Walk = obj.walk
        return found

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        walk = reverse("walks:desk_detail", args=[self.walk_of(obj).public_id])
        return [Button(_("Open the walk at the desk"), walk)]


@admin.register(RoleNeed)
class RoleNeedAdmin(OfWalkAdmin):
    list_display = ("role", "walk", "n_min", "n_max", "from_band")
    list_filter = ("role",)
    list_select_related = ("walk",)


@admin.register(Pledge)
class PledgeAdmin(OfWalkAdmin):
    list_display = ("organization", "walk", "n_people", "asked_at", "answered_at")
    list_filter = ("answered_at",)
    list_select_related = ("walk", "organization")
    search_fields = ("walk__title", "organization__name", "=public_id")
    contact_fields = frozenset({"contact_name"})
    fields = (
        "public_id", "walk", "organization", "n_people", "contact_name", "note", "asked_at", "answered_at",
        "created_at",
    )  # fmt: skip


@admin.register(GoNoGo)
class GoNoGoAdmin(OfWalkAdmin):
    list_display = ("decision", "walk", "why", "by", "at")
    list_filter = ("decision", "at")
    list_select_related = ("walk", "by__person")
    fields = ("walk", "decision", "why", "by", "at")


@admin.register(GroupMember)
class GroupMemberAdmin(OfWalkAdmin):
    """Names of whom somebody else brings; the list shows how old they are and no name."""

    list_display = ("__str__", "signup_walk", "age_band")
    list_filter = ("age_band",)
    list_select_related = ("signup__walk",)
    search_fields = ("=public_id", "signup__walk__title")
    contact_fields = frozenset({"name"})
    extra_lookups = frozenset({"signup__id__exact"})
    fields = ("public_id", "signup", "name", "age_band")

    def walk_of(self, obj: GroupMember) -> Walk:
        return obj.signup.walk

    @admin.display(description=gettext_lazy("walk"))
    def signup_walk(self, member: GroupMember) -> str:
        return str(member.signup.walk)


@admin.register(Clearance)
class ClearanceAdmin(ReadOnlyAdmin):
    """Who may be in a team with minors. The check itself isn't kept."""

    list_display = ("person", "until_on", "recorded_by", "recorded_at", "withdrawn_at")
    list_filter = ("until_on", ("withdrawn_at", admin.EmptyFieldListFilter))
    list_select_related = ("person", "recorded_by")
    search_fields = ("person__name",)
    extra_lookups = frozenset({"withdrawn_at__isempty", "person__id__exact"})
    fields = ("person", "until_on", "what", "recorded_by", "recorded_at", "withdrawn_at")


@admin.register(Notice)
class NoticeAdmin(OfWalkAdmin):
    list_display = ("__str__", "walk", "kind", "by", "due_at", "undone_at")
    list_filter = ("kind", "created_at", ("undone_at", admin.EmptyFieldListFilter))
    list_select_related = ("walk", "by__person")
    search_fields = ("=public_id", "walk__title")
    extra_lookups = frozenset({"walk__id__exact", "undone_at__isempty"})
    fields = ("public_id", "walk", "kind", "words", "by", "created_at", "due_at", "undone_at")


@admin.register(NoticeTo)
class NoticeToAdmin(OfWalkAdmin):
    """Whom a message was for. The mail is named by its kind and number, never by its address."""

    list_display = ("__str__", "notice", "person", "told_at", "told_how")
    list_filter = ("told_how", "created_at")
    list_select_related = ("notice__walk", "person")
    search_fields = ("notice__walk__title", "person__name")
    extra_lookups = frozenset({"notice__id__exact", "person__id__exact"})
    fields = ("notice", "person", "signup", "mail", "created_at", "told_at", "told_by", "told_how")

    def walk_of(self, obj: NoticeTo) -> Walk:
        return obj.notice.walk


@admin.register(Agreement)
class AgreementAdmin(DeskAdmin):
    """What everybody agrees to. A new text is a new version: what people agreed to is never rewritten."""

    list_display = ("version", "from_at")
    list_filter = ("from_at",)
    fields = ("version", "text_en", "text_es", "from_at")
    # A new version is written from the one before.
    next_words: ClassVar[tuple[str, ...]] = ("text_en", "text_es")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("version",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        before = Agreement.objects.first()
        return {name: getattr(before, name) for name in self.next_words} if before else {}

    def save_model(self, request: HttpRequest, obj: Agreement, form: Any, change: bool) -> None:
        obj.version = 1 + (Agreement.objects.aggregate(newest=Max("version"))["newest"] or 0)
        super().save_model(request, obj, form, change)


@admin.register(Presence)
class PresenceAdmin(OfWalkAdmin):
    list_display = ("__str__", "walk", "method", "n_people", "age_band", "arrived_at", "left_at", "withdrawn_at")
    list_filter = ("method", "age_band", "arrived_at", ("withdrawn_at", admin.EmptyFieldListFilter))
    list_select_related = ("walk",)
    search_fields = ("=public_id", "walk__title")
    contact_fields = frozenset({"name", "guardian_note"})
    extra_lookups = frozenset({"walk__id__exact", "withdrawn_at__isempty"})
    fields = (
        "public_id", "walk", "signup", "name", "organization", "age_band", "language", "n_people", "team", "method",
        "by", "device", "greeter", "arrived_at", "left_at", "agreement", "agreed_at", "briefed_at", "guardian_note",
        "received_at", "withdrawn_at",
    )  # fmt: skip


@admin.register(Equipment)
class EquipmentAdmin(OfWalkAdmin):
    list_display = ("what", "n", "walk", "team", "out_at", "back_at")
    list_filter = ("out_at", ("back_at", admin.EmptyFieldListFilter))
    list_select_related = ("walk", "team")
    search_fields = ("what", "walk__title")
    extra_lookups = frozenset({"walk__id__exact", "back_at__isempty"})
    fields = ("walk", "what", "n", "team", "presence", "out_at", "back_at")


@admin.register(Debrief)
class DebriefAdmin(OfWalkAdmin):
    list_display = ("walk", "by", "updated_at", "finished_at")
    list_filter = ("finished_at",)
    list_select_related = ("walk", "by__person")
    fields = ("walk", "highlights", "lessons", "by", "updated_at", "finished_at")


@admin.register(TeamTop)
class TeamTopAdmin(OfWalkAdmin):
    list_display = ("text", "walk", "team", "rank")
    list_filter = ("rank",)
    list_select_related = ("walk", "team")


@admin.register(Sheet)
class SheetAdmin(OfWalkAdmin):
    list_display = ("number", "walk", "kind", "team", "printed_at", "back_at", "is_blank", "typed_at", "typed_by")
    list_filter = ("kind", "is_blank", ("back_at", admin.EmptyFieldListFilter))
    list_select_related = ("walk", "team", "typed_by__person")
    search_fields = ("=number", "walk__title")
    extra_lookups = frozenset({"walk__id__exact", "back_at__isempty"})
    fields = (
        "public_id", "walk", "number", "kind", "team", "printed_at", "back_at", "is_blank", "typed_at", "typed_by",
    )  # fmt: skip

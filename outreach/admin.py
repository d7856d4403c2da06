from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from office.desk_admin import DeskAdmin, ReadOnlyAdmin
from outreach.models import Contact, Listing, Need, Service, ServiceHours


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    """Whom teams talked with, and what about. No name, no number, no door: there is nothing here to wall off."""

    list_display = ("captured_at", "kind", "result", "shown_needs", "walk", "team", "block", "withdrawn_at")
    list_filter = ("kind", "result", "captured_at", ("withdrawn_at", admin.EmptyFieldListFilter))
    list_select_related = ("walk", "team", "segment__corridor")
    search_fields = ("walk__title", "=public_id")
    extra_lookups = frozenset({"withdrawn_at__isempty", "walk__id__exact"})
    fields = (
        "public_id", "kind", "result", "shown_needs", "walk", "team", "device", "block", "captured_at", "is_clock_off",
        "received_at", "withdrawn_at",
    )  # fmt: skip

    @admin.display(description=_("what about"))
    def shown_needs(self, contact: Contact) -> str:
        return ", ".join(str(Need(code).label) for code in contact.needs)

    @admin.display(description=_("block"))
    def block(self, contact: Contact) -> str:
        if contact.segment is None:
            return ""
        side = f", {contact.segment.side_name(contact.side)}" if contact.side else ""
        return f"{contact.segment.name}{side}"


class ServiceHoursInline(admin.TabularInline):
    model = ServiceHours
    extra = 0


@admin.register(Service)
class ServiceAdmin(DeskAdmin):
    """Nothing is deleted: what isn't offered any more stays, for old cards and for referrals that name it."""

    list_display = ("name", "organization", "status", "capacity", "assured_on", "changed_at")
    list_filter = ("status", "capacity", ("assured_on", admin.EmptyFieldListFilter))
    list_select_related = ("organization",)
    search_fields = ("name", "organization__name", "=source_id")
    extra_lookups = frozenset({"assured_on__isempty", "organization__id__exact"})
    filter_horizontal = ("corridors", "areas")
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}
    readonly_fields = ("public_id", "organization", "source_id", "changed_at", "assured_on")
    exclude = ("location",)
    inlines = (ServiceHoursInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        """So that a form somebody else has open notices."""
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(Listing)
class ListingAdmin(DeskAdmin):
    list_display = ("shown_name", "assured_on", "nudged_at")
    list_filter = (("assured_on", admin.EmptyFieldListFilter),)
    list_select_related = ("organization",)
    search_fields = ("organization__name",)
    extra_lookups = frozenset({"assured_on__isempty"})
    readonly_fields = ("organization", "assured_on", "nudged_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("organization"), ordering="organization__name")
    def shown_name(self, listing: Listing) -> str:
        return listing.organization.name

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from office.desk_admin import ReadOnlyAdmin
from outreach.models import Contact, Need


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

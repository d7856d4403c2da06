from django.contrib import admin

from field.models import Receipt, Tombstone
from office.desk_admin import ReadOnlyAdmin


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    """Which record of which phone became what."""

    list_display = ("__str__", "kind", "device", "concern", "rev", "received_at", "updated_at")
    list_filter = ("kind", "received_at")
    list_select_related = ("device", "concern__category")
    search_fields = ("=public_id", "=client_id")
    fields = ("public_id", "client_id", "kind", "device", "concern", "look", "rev", "received_at", "updated_at")


@admin.register(Tombstone)
class TombstoneAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "kind", "purged_at")
    list_filter = ("kind", "purged_at")
    search_fields = ("=public_id", "=client_id")
    fields = ("public_id", "kind", "purged_at", "device_client_id", "client_id")

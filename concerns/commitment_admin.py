"""Promises in the admin: to look at. Where their owner is reached shows on the page of one, never in the list."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from concerns.models import Commitment
from office.desk_admin import Button, ReadOnlyAdmin


@admin.register(Commitment)
class CommitmentAdmin(ReadOnlyAdmin):
    list_display = ("text", "organization", "due_on", "state", "kept_on", "walk")
    list_filter = ("state", "due_on")
    list_select_related = ("organization", "walk")
    search_fields = ("text", "organization__name", "walk__title", "=public_id")
    contact_fields = frozenset({"owner_name", "owner_email"})
    extra_lookups = frozenset({"walk__id__exact", "concern__id__exact"})
    fields = (
        "public_id", "text", "walk", "team", "concern", "organization", "owner", "owner_name", "owner_email",
        "language", "first_due_on", "due_on", "state", "kept_on", "answer", "answered_at", "settled_at", "settled_by",
        "reminded_at", "n_reminders", "created_at", "created_by",
    )  # fmt: skip

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        found = []
        if obj.walk:
            found.append(
                Button(_("Open the walk at the desk"), reverse("walks:desk_detail", args=[obj.walk.public_id]))
            )
        if obj.concern:
            desk = reverse("concerns:desk_detail", args=[obj.concern.public_id])
            found.append(Button(_("Open the concern at the desk"), desk))
        return found

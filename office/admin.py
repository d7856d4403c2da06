from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from office.actions import Actor
from office.desk_admin import Button, DeskAdmin, ReadOnlyAdmin, one_by_one, tell_outcomes
from office.mending import retry_message
from office.models import AuditEvent, ClosedDay, OutboxMessage
from office.refused import Refused


@admin.register(ClosedDay)
class ClosedDayAdmin(DeskAdmin):
    list_display = ("on", "name")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    """Mail on its way. Neither addresses nor texts show: a text may hold somebody's one-time link."""

    list_display = ("subject", "shown_to", "kind", "status", "n_attempts", "due_at", "sent_at")
    list_filter = ("status", "kind", "created_at")
    search_fields = ("=public_id", "kind", "about")
    fields = (
        "public_id", "kind", "about", "shown_to", "language", "subject", "status", "n_attempts", "last_error",
        "created_at", "due_at", "lease_until", "sent_at",
    )  # fmt: skip
    actions = ("retry",)

    @admin.display(description=_("to"))
    def shown_to(self, message: OutboxMessage) -> str:
        return message.masked_address

    @admin.action(description=_("Try to send again"))
    def retry(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        def retried(n: int) -> str:
            return ngettext("%(n)d message will be tried again", "%(n)d messages will be tried again", n) % {"n": n}

        by = cast(Actor, request.user)
        outcomes = one_by_one(queryset, lambda message: retry_message(message=message, by=by), (Refused,))
        tell_outcomes(request, outcomes, retried)

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        return [self.bulk_button(_("Try to send again"), "retry", obj)] if obj.status == "dead" else []


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what. Append-only: a trigger of the database refuses everything else."""

    list_display = ("at", "actor_label", "action", "resource", "object_id", "reason")
    list_filter = ("at", "resource", "action")
    search_fields = ("=object_id", "=actor", "actor_label", "action", "reason")
    fields = ("at", "actor_label", "actor", "action", "resource", "object_id", "reason", "detail")
    extra_lookups = frozenset({"object_id", "actor"})

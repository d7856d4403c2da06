"""Series of walks in the admin: to look at. The desk changes them, with their walks."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.desk_admin import Button, ReadOnlyAdmin
from walks.models import WalkSeries
from walks.recurrence import in_words, read_rule


@admin.register(WalkSeries)
class WalkSeriesAdmin(ReadOnlyAdmin):
    list_display = ("title", "corridor", "shown_rule", "meet_clock", "starts_on", "ends_on", "n_walks", "ended_at")
    list_filter = ("corridor", "publishes", "ended_at")
    list_select_related = ("corridor",)
    search_fields = ("title", "meeting_place", "=public_id")
    contact_fields = frozenset({"designee_name", "designee_phone"})
    fields = (
        "public_id", "title", "corridor", "shown_rule", "rule", "starts_on", "ends_on", "meet_clock",
        "step_off_minutes", "walk_minutes", "time_zone", "weeks_ahead", "publishes", "meeting_place",
        "meeting_landmark", "facilities", "purposes", "capacity", "lead", "lead_organization", "languages",
        "wheelchair", "wheelchair_note", "police_walk_along", "weather_rule", "designee_name", "designee_phone",
        "ratings", "note", "internal_note", "ended_at", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("public_id", "shown_rule", "ended_at", "created_at", "updated_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WalkSeries]:
        return super().get_queryset(request).annotate(n_walks_=Count("walks"))

    @admin.display(description=gettext_lazy("how often, in words"))
    def shown_rule(self, series: WalkSeries) -> str:
        return in_words(read_rule(series.rule), starts_on=series.starts_on)

    @admin.display(description=gettext_lazy("walks"), ordering="n_walks_")
    def n_walks(self, series: WalkSeries) -> int:
        return getattr(series, "n_walks_", 0)

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        return [Button(_("Open at the desk"), reverse("walks:series", args=[obj.public_id]))]

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from corridors.actions import delete_corridor, delete_landmark, save_landmark
from corridors.fields import StrictGeometryAdmin
from corridors.models import Area, Corridor, Landmark, Segment
from office.desk_admin import Button, DeskAdmin, ReadOnlyAdmin, ReadOnlyInline, one_by_one, tell_outcomes
from office.desk_maps import feature, map_of
from office.refused import Refused
from people.desk_admin import who


class SegmentInline(ReadOnlyInline):
    model = Segment
    fields = ("position", "from_street", "to_street", "block", "retired_at")
    ordering = ("retired_at", "position")


@admin.register(Corridor)
class CorridorAdmin(ReadOnlyAdmin):
    """To look at: lines are drawn and redrawn at the desk, where segments get their successors."""

    shows_map = True
    list_display = ("name", "stretch", "n_segments", "buffer_m", "is_public")
    list_filter = ("is_public",)
    search_fields = ("name", "from_street", "to_street")
    fields = ("name", "slug", "shown_line", "from_street", "to_street", "even_side", "buffer_m", "is_public", "note")
    readonly_fields = ("shown_line",)
    inlines = (SegmentInline,)
    actions = ("delete_corridors",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Corridor]:
        current = Count("segments", filter=Q(segments__retired_at=None))
        return super().get_queryset(request).annotate(n_segments_=current)

    @admin.display(description=gettext_lazy("blocks"), ordering="n_segments_")
    def n_segments(self, corridor: Corridor) -> int:
        return getattr(corridor, "n_segments_", 0)

    @admin.display(description=gettext_lazy("line"))
    def shown_line(self, corridor: Corridor) -> SafeString:
        return map_of(
            [feature(corridor.line, kind="corridor", id=corridor.public_id, name=corridor.name)], corridor.name
        )

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        return [
            Button(_("Redraw at the desk"), reverse("corridors:desk_edit", args=[obj.slug])),
            self.bulk_button(_("Delete"), "delete_corridors", obj),
        ]

    @admin.action(description=gettext_lazy("Delete (only where nothing points at it)"))
    def delete_corridors(self, request: HttpRequest, queryset: QuerySet[Corridor]) -> None:
        def deleted(n: int) -> str:
            return ngettext("%(n)d corridor deleted", "%(n)d corridors deleted", n) % {"n": n}

        by = who(request)
        outcomes = one_by_one(queryset, lambda corridor: delete_corridor(corridor=corridor, by=by), (Refused,))
        tell_outcomes(request, outcomes, deleted)


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin):
    shows_map = True
    list_display = ("corridor", "position", "name", "from_street", "to_street", "retired_at")
    list_filter = ("corridor", ("retired_at", admin.EmptyFieldListFilter))
    list_select_related = ("corridor",)
    search_fields = ("from_street", "to_street", "=block")
    fields = ("corridor", "position", "from_street", "to_street", "block", "shown_line", "retired_at", "successors")
    readonly_fields = ("shown_line",)
    extra_lookups = frozenset({"retired_at__isempty"})

    @admin.display(description=gettext_lazy("line"))
    def shown_line(self, segment: Segment) -> SafeString:
        return map_of([feature(segment.line, kind="segment", id=segment.public_id, name=segment.name)], segment.name)


@admin.register(Landmark)
class LandmarkAdmin(StrictGeometryAdmin, DeskAdmin):
    list_display = ("name", "kind", "address", "corridor", "is_public")
    list_filter = ("kind", "corridor", "is_public")
    list_select_related = ("corridor",)
    search_fields = ("name", "address")
    fields = ("name", "kind", "location", "address", "corridor", "facilities", "note", "is_public")
    is_logged_by_actions = True
    refusals = (Refused,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        saved = save_landmark(by=who(request), landmark=obj if change else None, **form.cleaned_data)
        obj.pk = saved.pk
        obj._state.adding = False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_landmark(landmark=obj, by=who(request))


@admin.register(Area)
class AreaAdmin(StrictGeometryAdmin, DeskAdmin):
    list_display = ("shown", "kind", "source", "source_id", "is_approximate")
    list_filter = ("kind", "source", "is_approximate")
    search_fields = ("name", "=source_id")
    fields = ("kind", "name", "shape", "source", "source_id", "is_approximate")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Area]:
        """Without the shapes in lists: two hundred neighborhoods are a megabyte."""
        areas = super().get_queryset(request)
        is_list = bool(request.resolver_match and str(request.resolver_match.url_name).endswith("_changelist"))
        return areas.defer("shape") if is_list else areas

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def shown(self, area: Area) -> str:
        return area.shown_name

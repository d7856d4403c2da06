"""Admin pages of what stands to the left but needs tools from further right."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from corridors.fields import StrictGeometryAdmin
from office.coalition import change_coalition
from office.desk_admin import DeskAdmin
from office.forms import CoalitionForm
from office.models import Coalition


class CoalitionAdminForm(CoalitionForm):
    class Meta(CoalitionForm.Meta):
        fields = [*CoalitionForm.Meta.fields, "service_bounds", "publish_vacant_addresses", "publish_partner_record"]


@admin.register(Coalition)
class CoalitionAdmin(StrictGeometryAdmin, DeskAdmin):
    """The one row of settings."""

    form = CoalitionAdminForm
    is_logged_by_actions = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect(self.change_url(Coalition.current()))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        change_coalition(by=request.user, **form.cleaned_data)  # type: ignore[arg-type]

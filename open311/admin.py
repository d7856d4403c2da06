from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.desk_admin import Button, DeskAdmin, ReadOnlyAdmin
from open311.actions import make_key, revoke_key
from open311.deliveries import sign_off
from open311.forms import EndpointForm
from open311.models import ApiKey, Delivery, Endpoint, EndpointService
from people.desk_admin import who


@admin.register(ApiKey)
class ApiKeyAdmin(DeskAdmin):
    """Keys for apps and city systems. A new key is shown once, above the list."""

    list_display = ("name", "hint", "per_hour", "created_at", "last_used_at", "revoked_at")
    fields = ("name", "per_hour")
    actions = ("take_back",)
    is_logged_by_actions = True

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        key, words = make_key(name=obj.name, per_hour=obj.per_hour, by=who(request))
        obj.pk, obj.public_id = key.pk, key.public_id
        messages.warning(request, _("The key, shown only now: %(words)s") % {"words": words})

    @admin.action(description=gettext_lazy("Take these keys back"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            revoke_key(key=key, by=who(request))
        messages.success(request, _("Taken back. Their next call is refused."))


class EndpointServiceInline(admin.TabularInline):
    model = EndpointService
    extra = 1


@admin.register(Endpoint)
class EndpointAdmin(DeskAdmin):
    """Where our concerns may be sent. A new address, jurisdiction or key has to be signed off before anything goes."""

    form = EndpointForm
    inlines = (EndpointServiceInline,)
    list_display = ("name", "url", "is_active", "has_key", "approved_at", "approved_by", "paused_at")
    list_select_related = ("approved_by__person",)
    readonly_fields = ("approved_at", "approved_by", "paused_at", "paused_reason")
    fieldsets = (
        (None, {"fields": ("name", "organization", "url", "form", "jurisdiction_id", "api_key", "forget_key")}),
        (None, {"fields": ("is_active", "approved_at", "approved_by", "paused_at", "paused_reason")}),
    )
    actions = ("sign_off_these",)

    @admin.display(boolean=True, description=gettext_lazy("has a key"))
    def has_key(self, obj: Endpoint) -> bool:
        return bool(obj.api_key_sealed)

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = who(request)
        super().save_model(request, obj, form, change)
        if obj.approved_at is None:
            messages.warning(request, _("Nothing is sent to %(name)s before it is signed off.") % {"name": obj})

    def buttons(self, request: HttpRequest, obj: Endpoint) -> list[Button]:
        return [self.bulk_button(_("Sign off this address"), "sign_off_these", obj)]

    @admin.action(description=gettext_lazy("Sign off: these addresses are the cities’ own"))
    def sign_off_these(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in queryset:
            sign_off(endpoint=endpoint, by=who(request))
        messages.success(request, _("Signed off. What waits goes out."))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What is on its way to cities. What happens to it is decided at the desk."""

    list_display = ("concern", "endpoint", "state", "number", "their_status", "approved_by", "approved_at")
    list_filter = ("state", "endpoint")
    list_select_related = ("concern__category", "endpoint", "approved_by__person")
    exclude = ("fields", "token", "their_words_sha256", "said_failed")

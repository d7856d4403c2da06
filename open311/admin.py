from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.desk_admin import DeskAdmin
from open311.actions import make_key, revoke_key
from open311.models import ApiKey
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

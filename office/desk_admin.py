"""What every page of the Django admin has in common: it is a desk for looking and for actions, not a database editor.

What only an action may change is shown and not edited; nothing is deleted unless an admin class says how; each change
is a line of the audit trail (Django's own log is not used: it would keep names that a purge must reach); a list may be
filtered by what it offers and by nothing else, so that nobody finds an address by guessing its letters.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, NamedTuple, cast
from uuid import UUID

from django.contrib import admin, messages
from django.db import models, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.actions import Actor, record
from office.models import AuditEvent

LOOKUP_ENDINGS = frozenset({"exact", "isnull", "gte", "lt", "in", "id__exact", "pk__exact", "id__in"})
SHOWN_SKIPS = 20
Outcome = tuple[Any, str]


class Button(NamedTuple):
    """A button above a record: a link, or a POST to `url` where `post` is set (with `fields` sent along)."""

    label: Any
    url: str
    post: bool = False
    fields: dict[str, str] | None = None


def may_see_contacts(request: HttpRequest) -> bool:
    """Whether this admin may see e-mail addresses and phone numbers of people: never a walled member."""
    return bool(getattr(request.user, "may_see_contacts", False))


def tell_outcomes(request: HttpRequest, outcomes: Sequence[Outcome], done_words: Callable[[int], str]) -> None:
    """“4 published, 1 skipped”, then the reason of each skipped one."""
    skipped = [(record_, reason) for record_, reason in outcomes if reason]
    n_done = len(outcomes) - len(skipped)
    words = done_words(n_done)
    if not skipped:
        messages.success(request, words)
        return
    words += ngettext(", %(n)d skipped:", ", %(n)d skipped:", len(skipped)) % {"n": len(skipped)}
    level = messages.WARNING if n_done else messages.ERROR
    messages.add_message(request, level, words)
    for record_, reason in skipped[:SHOWN_SKIPS]:
        messages.add_message(request, level, f"{record_}: {reason}")
    if len(skipped) > SHOWN_SKIPS:
        messages.add_message(request, level, _("… and %(n)d more.") % {"n": len(skipped) - SHOWN_SKIPS})


def one_by_one(
    records: Iterable[Any], do: Callable[[Any], object], refusals: tuple[type[Exception], ...]
) -> list[Outcome]:
    """Do something to each record; one that is refused doesn't stop the rest."""
    outcomes: list[Outcome] = []
    for record_ in records:
        try:
            do(record_)
        except refusals as refused:
            outcomes.append((record_, str(refused)))
        else:
            outcomes.append((record_, ""))
    return outcomes


class DeskAdmin(admin.ModelAdmin):
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions_on_bottom = False
    object_history_template = "admin/desk_history.html"
    change_form_template = "admin/desk_change_form.html"
    # Refusals of the room's actions; told as a message where an action says no while a form is being saved.
    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    # The room's own actions write the audit trail, so the admin doesn't write a second line.
    is_logged_by_actions = False
    # Looked up besides what `list_filter` names, for links from other pages.
    extra_lookups: ClassVar[frozenset[str]] = frozenset()
    # Whether the page of a record shows a map of ours; a form with a geometry field brings Leaflet itself.
    shows_map = False
    # Columns with contacts of people: neither shown, searched nor filtered for a walled member.
    contact_fields: ClassVar[frozenset[str]] = frozenset()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        assert request is not None
        if lookup.partition("__")[0] in self.contact_fields:
            return False
        if lookup in self.extra_lookups:
            return True
        for offered in self.get_list_filter(request):
            name = str(offered[0] if isinstance(offered, tuple | list) else getattr(offered, "parameter_name", offered))
            if lookup == name or (lookup.startswith(f"{name}__") and lookup[len(name) + 2 :] in LOOKUP_ENDINGS):
                return True
        return False

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        fields = super().get_search_fields(request)
        return [name for name in fields if may_see_contacts(request) or not self._is_contact(name)]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = super().get_list_display(request)
        return [name for name in shown if may_see_contacts(request) or not self._is_contact(name)]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        hidden = [] if may_see_contacts(request) else sorted(self.contact_fields)
        return [*(super().get_exclude(request, obj) or []), *hidden]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if may_see_contacts(request):
            return fieldsets
        return [
            (title, options | {"fields": self._without_contacts(options["fields"])}) for title, options in fieldsets
        ]

    def _without_contacts(self, fields: Iterable[Any]) -> list[Any]:
        kept = []
        for name in fields:
            if isinstance(name, tuple | list):
                kept.extend([tuple(one for one in name if not self._is_contact(one))])
            elif not self._is_contact(name):
                kept.append(name)
        return [name for name in kept if name]

    def _is_contact(self, name: Any) -> bool:
        words = str(name).lstrip("^=@").split("__")
        return any(word in self.contact_fields for word in words)

    # --- One audit trail ---

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._log(request, obj, "added")

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        fields = sorted({str(name) for part in message if isinstance(part, dict) for name in _changed_names(part)})
        return self._log(request, obj, "changed", {"fields": fields}) if fields else None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return [self._log(request, obj, "deleted") for obj in queryset]

    def _log(self, request: HttpRequest, obj: Any, action: str, detail: dict[str, Any] | None = None) -> Any:
        if self.is_logged_by_actions:
            return None
        return record(
            actor=cast(Actor, request.user),
            action=action,
            resource=obj._meta.model_name,
            object_id=getattr(obj, "public_id", None),
            detail={"pk": obj.pk} | (detail or {}),
        )

    def audit_entries(self, obj: Any) -> models.QuerySet[AuditEvent]:
        """What the audit trail holds about a record, newest first."""
        events = AuditEvent.objects.filter(resource=obj._meta.model_name)
        public_id = getattr(obj, "public_id", None)
        return events.filter(object_id=public_id) if isinstance(public_id, UUID) else events.filter(detail__pk=obj.pk)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(name)s") % {"name": obj},
            "opts": self.opts,
            "object": obj,
            "module_name": capfirst(self.opts.verbose_name_plural),
            "entries": self.audit_entries(obj)[:200],
            **self.history_context(obj),
            **(extra_context or {}),
        }
        return render(request, self.object_history_template, context)

    def history_context(self, obj: Any) -> dict[str, Any]:
        """More for the history page, for example a concern's story."""
        return {}

    # --- Buttons and refusals ---

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        """What can be done with one record, shown above it."""
        return []

    def changelist_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def change_url(self, obj: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])

    def bulk_button(self, label: Any, action: str, obj: Any) -> Button:
        """A button that runs one of the list's actions for this record alone."""
        fields = {"action": action, "_selected_action": str(obj.pk), "index": "0", "select_across": "0"}
        return Button(label, self.changelist_url(), post=True, fields=fields)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["shows_map"] = self.shows_map
        context["desk_buttons"] = self.buttons(request, obj) if change and obj is not None else []
        return super().render_change_form(request, context, add, change, form_url, obj)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        if not self.refusals:
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except self.refusals as refused:
            messages.error(request, str(refused))
            return redirect(request.path)

    def page(
        self, request: HttpRequest, template: str, *, title: str, form: BaseForm | None = None, **context: Any
    ) -> HttpResponse:
        """One of our own pages within the admin; 400 where its form has errors."""
        status = 400 if form is not None and form.is_bound and form.errors else 200
        known = {"title": title, "opts": self.opts, "form": form, "list_url": self.changelist_url()}
        return render(request, template, self.admin_site.each_context(request) | known | context, status=status)


def _changed_names(part: dict[str, Any]) -> list[str]:
    """Names of the fields in one part of Django's change message; added and removed rows of a table below by name."""
    changed = part.get("changed", {})
    rows = [str(part[key].get("name", key)) for key in ("added", "deleted") if part.get(key)]
    return [*changed.get("fields", []), *rows]


class ReadOnlyAdmin(DeskAdmin):
    """To look at. What happens to these records happens through actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    """Rows below a record, to look at."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

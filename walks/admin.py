from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from office.desk_admin import Button, ReadOnlyAdmin, ReadOnlyInline, one_by_one, tell_outcomes
from office.desk_maps import feature, map_of
from office.refused import Refused
from people.desk_admin import admin_page, who
from people.models import Organization
from walks.actions import leave_organization, match_organization, withdraw
from walks.day_actions import withdraw_by_hand
from walks.mending import delete_walk, move_signup, restore_walk, why_not_to
from walks.models import Device, GuardianConsent, HeadCount, Incident, SegmentPass, Signup, Team, TeamBack, Walk
from walks.models.day import DayRecord
from walks.records_admin import PresenceAdmin as PresenceAdmin
from walks.series_admin import WalkSeriesAdmin as WalkSeriesAdmin


class TeamInline(ReadOnlyInline):
    model = Team
    fields = ("number", "name", "lead")


class WalkChoice(forms.ModelChoiceField):
    """A walk with its day, so that two walks of one name can be told apart."""

    def label_from_instance(self, obj: Any) -> str:
        day = date_format(timezone.localtime(obj.meet_at, obj.zone), "SHORT_DATE_FORMAT")
        return f"{day} · {obj.title}"


class MoveSignupForm(forms.Form):
    walk = WalkChoice(label=gettext_lazy("The right walk"), queryset=Walk.objects.none())

    def __init__(self, *args: Any, signup: Signup, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["walk"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Walk.objects.current().exclude(pk=signup.walk_id).exclude(state=Walk.State.CALLED_OFF)


class MatchForm(forms.Form):
    organization = forms.ModelChoiceField(
        label=gettext_lazy("They meant"), queryset=Organization.objects.none(), required=False,
        empty_label=gettext_lazy("none of ours: leave the words as they are"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organization.objects.current()


class IsDeleted(admin.SimpleListFilter):
    title = gettext_lazy("deleted")
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("deleted ones"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(deleted_at__isnull=self.value() != "yes")


@admin.register(Walk)
class WalkAdmin(ReadOnlyAdmin):
    """To look at. A walk is changed at the desk, which tells the people on its roster."""

    shows_map = True
    list_display = ("title", "corridor", "shown_day", "state", "lead_organization", "n_signups", "capacity")
    list_filter = ("state", "corridor", "meet_at", IsDeleted)
    list_select_related = ("corridor", "lead_organization")
    search_fields = ("title", "meeting_place", "=code", "=public_id")
    fields = (
        "title", "state", "corridor", "shown_place", "meeting_place", "meeting_landmark", "meet_at", "step_off_at",
        "end_at", "time_zone", "purposes", "capacity", "lead", "lead_organization", "languages", "wheelchair",
        "wheelchair_note", "police_walk_along", "weather_rule", "note", "internal_note", "call_off_reason", "code",
        "public_id", "published_at", "called_off_at", "deleted_at", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "shown_place", "code", "public_id", "published_at", "called_off_at", "deleted_at", "created_at",
    )  # fmt: skip
    inlines = (TeamInline,)
    actions = ("delete_walks", "restore_walks")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Walk]:
        return super().get_queryset(request).annotate(n_signups_=Count("signups"))

    @admin.display(description=gettext_lazy("sign-ups"), ordering="n_signups_")
    def n_signups(self, walk: Walk) -> int:
        return getattr(walk, "n_signups_", 0)

    @admin.display(description=gettext_lazy("meet"), ordering="meet_at")
    def shown_day(self, walk: Walk) -> str:
        return date_format(timezone.localtime(walk.meet_at, walk.zone), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("place"))
    def shown_place(self, walk: Walk) -> SafeString:
        shown = [feature(walk.corridor.line, kind="corridor", id=walk.corridor.public_id, name=walk.corridor.name)]
        if walk.meeting_location:
            name = walk.meeting_place or str(_("meeting point"))
            shown.append(feature(walk.meeting_location, kind="meeting", id=walk.public_id, name=name))
        return map_of(shown, walk.title)

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        signups = reverse("admin:walks_signup_changelist")
        return [
            Button(_("Open at the desk"), reverse("walks:desk_detail", args=[obj.public_id])),
            Button(_("Sign-ups"), f"{signups}?walk__id__exact={obj.pk}"),
            self.bulk_button(_("Restore"), "restore_walks", obj)
            if obj.deleted_at
            else self.bulk_button(_("Delete"), "delete_walks", obj),
        ]

    @admin.action(description=gettext_lazy("Delete (mistakes only; it can be restored)"))
    def delete_walks(self, request: HttpRequest, queryset: QuerySet[Walk]) -> None:
        def deleted(n: int) -> str:
            return ngettext("%(n)d walk deleted", "%(n)d walks deleted", n) % {"n": n}

        by = who(request)
        tell_outcomes(request, one_by_one(queryset, lambda walk: delete_walk(walk=walk, by=by), (Refused,)), deleted)

    @admin.action(description=gettext_lazy("Restore"))
    def restore_walks(self, request: HttpRequest, queryset: QuerySet[Walk]) -> None:
        def restored(n: int) -> str:
            return ngettext("%(n)d walk restored", "%(n)d walks restored", n) % {"n": n}

        by = who(request)
        tell_outcomes(request, one_by_one(queryset, lambda walk: restore_walk(walk=walk, by=by), (Refused,)), restored)


class Unmatched(admin.SimpleListFilter):
    title = gettext_lazy("organization")
    parameter_name = "unmatched"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("not matched yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pk__in=Signup.objects.unmatched()) if self.value() == "yes" else queryset


@admin.register(Signup)
class SignupAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "walk",
        "organization",
        "organization_text",
        "n_people",
        "age_band",
        "state",
        "email",
        "phone",
    )
    list_filter = ("state", Unmatched, "age_band", "source", "created_at")
    list_select_related = ("walk", "organization", "person")
    search_fields = ("name", "organization_text", "organization__name", "person__email", "person__phone")
    contact_fields = frozenset({"email", "phone"})
    extra_lookups = frozenset({"walk__id__exact", "person__id__exact"})
    fields = (
        "name", "walk", "person", "email", "phone", "organization", "organization_text", "n_people", "age_band",
        "language", "team", "state", "source", "created_at", "withdrawn_at", "public_id",
    )  # fmt: skip
    readonly_fields = ("email", "phone", "created_at", "withdrawn_at", "public_id")
    actions = ("withdraw_signups",)

    @admin.display(description=gettext_lazy("e-mail"))
    def email(self, signup: Signup) -> str:
        return signup.person.email

    @admin.display(description=gettext_lazy("phone"))
    def phone(self, signup: Signup) -> str:
        return signup.person.shown_phone

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        found = [Button(_("Move to the right walk"), reverse("admin:walks_signup_move", args=[obj.pk]))]
        if obj.organization_text and not obj.organization_settled_at:
            found.append(Button(_("Match the organization"), reverse("admin:walks_signup_match", args=[obj.pk])))
        if obj.state != Signup.State.WITHDRAWN:
            found.append(self.bulk_button(_("Withdraw"), "withdraw_signups", obj))
        undo = request.session.get("signup_moves", {}).get(str(obj.pk))
        if undo and undo != obj.walk_id:
            url = reverse("admin:walks_signup_move", args=[obj.pk])
            found.append(Button(_("Undo the move"), url, post=True, fields={"walk": str(undo), "sure": "1"}))
        return found

    @admin.action(description=gettext_lazy("Withdraw"))
    def withdraw_signups(self, request: HttpRequest, queryset: QuerySet[Signup]) -> None:
        def done(n: int) -> str:
            return ngettext("%(n)d sign-up withdrawn", "%(n)d sign-ups withdrawn", n) % {"n": n}

        by = who(request)
        do: Callable[[Signup], object] = lambda signup: withdraw(signup=signup, by=by)  # noqa: E731
        tell_outcomes(request, one_by_one(queryset.select_related("walk"), do, (Refused,)), done)

    def get_urls(self) -> list[URLPattern]:
        move, match = admin_page(self.admin_site, self.move_view), admin_page(self.admin_site, self.match_view)
        return [
            path("<int:pk>/move/", move, name="walks_signup_move"),
            path("<int:pk>/match/", match, name="walks_signup_match"),
            *super().get_urls(),
        ]

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose the walk, see what that means, then move by POST with `sure`."""
        signup = get_object_or_404(Signup.objects.select_related("walk", "person"), pk=pk)
        form = MoveSignupForm(request.POST or None, signup=signup)
        walk = form.cleaned_data["walk"] if request.method == "POST" and form.is_valid() else None
        if walk and request.POST.get("sure"):
            before = signup.walk_id
            try:
                move_signup(signup=signup, walk=walk, by=who(request))
            except Refused as refused:
                form.add_error("walk", str(refused))
            else:
                request.session["signup_moves"] = request.session.get("signup_moves", {}) | {str(pk): before}
                messages.success(request, _("Moved. Nobody was told: call or write if the day is another one."))
                return redirect(self.change_url(signup))
        problem = why_not_to(signup, walk) if walk and not form.errors else ""
        return self.page(
            request, "admin/move_signup.html", title=_("Move to the right walk"), form=form, signup=signup, walk=walk,
            problem=problem, loses_consent=bool(walk and signup.is_minor),
        )  # fmt: skip

    def match_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        signup = get_object_or_404(Signup.objects.select_related("walk", "person"), pk=pk)
        form = MatchForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            organization = form.cleaned_data["organization"]
            if organization:
                n = match_organization(signup=signup, organization=organization, by=who(request))
                done = ngettext("%(n)d sign-up matched.", "%(n)d sign-ups matched.", n) % {"n": n}
            else:
                leave_organization(signup=signup, by=who(request))
                done = _("Left as it is.")
            messages.success(request, done)
            return redirect(self.change_url(signup))
        title = _("Which organization is “%(words)s”?") % {"words": signup.organization_text}
        return self.page(request, "admin/match_signup.html", title=title, form=form, signup=signup)


@admin.register(GuardianConsent)
class GuardianConsentAdmin(ReadOnlyAdmin):
    list_display = ("person", "walk", "until_on", "how", "recorded_by", "recorded_at", "withdrawn_at")
    list_filter = ("how", "recorded_at")
    list_select_related = ("person", "walk", "recorded_by")
    search_fields = ("person__name",)
    contact_fields = frozenset({"guardian_name", "guardian_phone"})
    fields = (
        "person", "walk", "until_on", "guardian_name", "guardian_phone", "how", "recorded_by", "recorded_at",
        "withdrawn_at",
    )  # fmt: skip


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    """Phones on walks. What their tokens are made of never shows."""

    list_display = ("__str__", "walk", "team", "enrolled_at", "last_seen_at", "n_waiting", "confirmed_at", "revoked_at")
    list_filter = ("enrolled_at", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("walk", "team")
    search_fields = ("name", "=public_id", "walk__title")
    extra_lookups = frozenset({"revoked_at__isempty", "walk__id__exact"})
    fields = (
        "public_id", "name", "walk", "team", "signup", "confirmed_at", "revoked_at", "enrolled_at", "last_seen_at",
        "n_waiting", "oldest_waiting_at", "app_version",
    )  # fmt: skip


class DayRecordAdmin(ReadOnlyAdmin):
    """What phones told during a walk: to look at, and to take back what was told by mistake."""

    list_filter: ClassVar[Any] = ("received_at", ("withdrawn_at", admin.EmptyFieldListFilter))
    search_fields = ("=public_id", "walk__title")
    extra_lookups = frozenset({"walk__id__exact", "withdrawn_at__isempty"})
    actions = ("withdraw_records",)
    told: ClassVar[tuple[str, ...]] = ()
    also: ClassVar[tuple[str, ...]] = ()

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        return ("walk", "team", "device", *self.also)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["__str__", "walk", "team", *self.told[:3], "received_at", "withdrawn_at"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["public_id", "walk", "team", "device", *self.told, "is_clock_off", "received_at", "withdrawn_at"]

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        found = [Button(_("Open the day board"), reverse("field:desk_day", args=[obj.walk.public_id]))]
        if obj.withdrawn_at is None:
            found.append(self.bulk_button(_("Take back"), "withdraw_records", obj))
        return found

    @admin.action(description=gettext_lazy("Take back (told by mistake; it stays here and counts nowhere)"))
    def withdraw_records(self, request: HttpRequest, queryset: QuerySet[DayRecord]) -> None:
        def done(n: int) -> str:
            return ngettext("%(n)d record taken back", "%(n)d records taken back", n) % {"n": n}

        by = who(request)
        tell_outcomes(request, one_by_one(queryset, lambda row: withdraw_by_hand(row=row, by=by), (Refused,)), done)


@admin.register(SegmentPass)
class SegmentPassAdmin(DayRecordAdmin):
    told = ("segment", "side", "lit", "started_at", "ended_at", "ratings")
    also = ("segment__corridor",)


@admin.register(HeadCount)
class HeadCountAdmin(DayRecordAdmin):
    told = (
        "counted_at", "n_under_13", "n_13_17", "n_18_24", "n_25_34", "n_35_54", "n_55_64", "n_65_plus", "n_unknown",
    )  # fmt: skip


@admin.register(Incident)
class IncidentAdmin(DayRecordAdmin):
    told = (
        "kind", "happened_at", "handled_at", "handled_by", "handled_note", "place", "segment", "side", "note",
    )  # fmt: skip
    list_filter = ("kind", "received_at", ("handled_at", admin.EmptyFieldListFilter))
    extra_lookups = frozenset({"walk__id__exact", "handled_at__isempty"})
    also = ("segment__corridor", "handled_by__person")


@admin.register(TeamBack)
class TeamBackAdmin(DayRecordAdmin):
    told = ("n_back", "n_out", "back_at", "note")

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from office.desk_admin import Button, DeskAdmin, may_see_contacts, one_by_one, tell_outcomes
from office.refused import Refused
from people.actions import (
    ORGANIZATION_FIELDS,
    ROLE_FIELDS,
    add_organization,
    change_organization,
    change_role,
    invite_again,
)
from people.contact import normalize_email, normalize_phone
from people.desk_admin import admin_page, who
from people.forms import OrganizationForm
from people.merging import merge_people, preview, undo_merge
from people.models import Membership, Organization, Person, User

ENDED = gettext_lazy("ended")


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    fields = ("person", "organization", "is_contact", "since_at", "until_at")
    autocomplete_fields = ("person", "organization")
    can_delete = False
    verbose_name_plural = gettext_lazy("works for (give it an end instead of deleting it)")


class IsMerged(admin.SimpleListFilter):
    """Records that were merged away show only when asked for."""

    title = gettext_lazy("merged")
    parameter_name = "merged"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("merged into another one"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(merged_into__isnull=self.value() != "yes")


class PersonForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ["name", "email", "phone", "language", "age_band", "unsubscribed_at"]

    def clean_email(self) -> str:
        return normalize_email(self.cleaned_data["email"])

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        return normalize_phone(typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        email = data.get("email")
        if email and Person.objects.current().filter(email=email).exclude(pk=self.instance.pk).exists():
            self.add_error("email", _("Somebody else has this address. Merge the two if they are the same person."))
        return data


@admin.register(Person)
class PersonAdmin(DeskAdmin):
    form = PersonForm
    list_display = ("name", "email", "phone", "language", "age_band", "works_for", "n_signups")
    list_filter = (IsMerged, "language", "age_band")
    search_fields = ("name", "email", "phone", "memberships__organization__name")
    fields = ("name", "email", "phone", "language", "age_band", "unsubscribed_at", "public_id", "merged_into")
    readonly_fields = ("public_id", "merged_into")
    contact_fields = frozenset({"email", "phone"})
    inlines = (MembershipInline,)
    actions = ("merge",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        people = super().get_queryset(request).prefetch_related("memberships__organization")
        return people.annotate(n_signups_=Count("signups", distinct=True))

    @admin.display(description=gettext_lazy("works for"))
    def works_for(self, person: Person) -> str:
        now = timezone.now()
        return ", ".join(row.organization.name for row in person.memberships.all() if row.is_active(now))

    @admin.display(description=gettext_lazy("sign-ups"), ordering="n_signups_")
    def n_signups(self, person: Person) -> int:
        return getattr(person, "n_signups_", 0)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A record that was merged away is only looked at."""
        fields = super().get_readonly_fields(request, obj)
        return [*PersonForm.Meta.fields, *fields] if obj and obj.merged_into_id else list(fields)

    @admin.action(description=gettext_lazy("Merge two people"))
    def merge(self, request: HttpRequest, queryset: QuerySet[Person]) -> HttpResponse | None:
        chosen = list(queryset.order_by("pk")[:3])
        if len(chosen) != 2:
            messages.error(request, _("Tick exactly two people: the one that stays and the one that goes."))
            return None
        keep, drop = chosen
        return redirect(f"{reverse('admin:people_person_merge')}?keep={keep.pk}&drop={drop.pk}")

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        if obj.merged_into_id:
            url = reverse("admin:people_person_undo_merge", args=[obj.pk])
            stayed = Button(_("Open the one that stayed"), self.change_url(obj.merged_into))
            return [Button(_("Undo the merge"), url, post=True), stayed]
        return []

    def get_urls(self) -> list[URLPattern]:
        merge = admin_page(self.admin_site, self.merge_view)
        undo = admin_page(self.admin_site, require_POST(self.undo_merge_view))
        return [
            path("merge/", merge, name="people_person_merge"),
            path("<int:pk>/undo-merge/", undo, name="people_person_undo_merge"),
            *super().get_urls(),
        ]

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        """See what would move, turn the two around, then merge by POST with a reason."""
        people = Person.objects.select_related("merged_into")
        keep = get_object_or_404(people, pk=_number(request.GET.get("keep")))
        drop = get_object_or_404(people, pk=_number(request.GET.get("drop")))
        shown = preview(keep=keep, drop=drop)
        form = MergePeopleForm(request.POST or None, has_consents=bool(shown.consents))
        if request.method == "POST" and form.is_valid():
            try:
                merge_people(keep=keep, drop=drop, by=who(request), **form.cleaned_data)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("Merged. You can undo it on the page of the one that went."))
                return redirect(self.change_url(drop))
        return self.page(
            request, "admin/merge_people.html", title=_("Merge two people"), form=form, keep=keep, drop=drop,
            preview=shown, may_see_contacts=may_see_contacts(request),
        )  # fmt: skip

    def undo_merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        drop = get_object_or_404(Person.objects.select_related("merged_into"), pk=pk)
        try:
            undo_merge(drop=drop, by=who(request))
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("They are two people again."))
        return redirect(self.change_url(drop))


def _number(typed: str | None) -> int:
    return int(typed) if typed and typed.isdecimal() and len(typed) < 12 else 0


class MergePeopleForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why they are the same"), max_length=300)
    pass_consents = forms.BooleanField(
        label=gettext_lazy("What was agreed to for the one holds for the other, too. I have checked."), required=False
    )

    def __init__(self, *args: Any, has_consents: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_consents:
            del self.fields["pass_consents"]


@admin.register(Organization)
class OrganizationAdmin(DeskAdmin):
    list_display = ("name", "kind", "is_walled", "email", "public_phone", "n_people", "merged_into")
    list_filter = (IsMerged, "kind", "is_walled")
    list_select_related = ("merged_into",)
    search_fields = ("name", "merged__name")
    readonly_fields = ("public_id", "merged_into")
    is_logged_by_actions = True
    refusals = (Refused, ValidationError)
    actions = ("merge",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        active = Q(memberships__until_at=None) | Q(memberships__until_at__gt=timezone.now())
        return super().get_queryset(request).annotate(n_people_=Count("memberships", filter=active, distinct=True))

    @admin.display(description=gettext_lazy("people"), ordering="n_people_")
    def n_people(self, organization: Organization) -> int:
        return getattr(organization, "n_people_", 0)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        by = who(request)

        class BoundForm(OrganizationForm):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, by=by, **kwargs)

        return BoundForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = ["name", "kind", "is_walled", "email", "public_phone", "website"]
        return [*shown, "public_id", "merged_into"] if obj else shown

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.merged_into_id)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            fields = {name: form.cleaned_data[name] for name in ORGANIZATION_FIELDS & set(form.changed_data)}
            change_organization(organization=obj, by=who(request), **fields)
            return
        saved = add_organization(by=who(request), **form.cleaned_data)
        obj.pk = saved.pk
        obj._state.adding = False

    @admin.action(description=gettext_lazy("Merge two organizations"))
    def merge(self, request: HttpRequest, queryset: QuerySet[Organization]) -> HttpResponse | None:
        chosen = list(queryset.order_by("pk")[:3])
        if len(chosen) != 2:
            messages.error(request, _("Tick exactly two organizations."))
            return None
        keep, drop = chosen
        return redirect(f"{reverse('people:desk_organization_merge', args=[drop.public_id])}?keep={keep.public_id}")

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        if obj.merged_into_id:
            url = reverse("people:desk_organization_undo_merge", args=[obj.public_id])
            return [Button(_("Undo the merge"), url, post=True)]
        return [Button(_("Same as another …"), reverse("people:desk_organization_merge", args=[obj.public_id]))]


@admin.register(User)
class UserAdmin(DeskAdmin):
    """Sign-ins. Passwords never show; a role is given by `change_role`, which ends that person's sessions."""

    list_display = ("shown_name", "shown_email", "role", "is_outreach_coordinator", "is_active", "state", "last_login")
    list_filter = ("role", "is_outreach_coordinator", "is_approved_looker", "is_active")
    list_select_related = ("person",)
    search_fields = ("email", "person__name")
    contact_fields = frozenset({"email"})
    fields = (
        "shown_name", "shown_email", "state", "role", "is_outreach_coordinator", "is_approved_looker", "is_active",
        "last_login", "created_at",
    )  # fmt: skip
    readonly_fields = ("shown_name", "shown_email", "state", "last_login", "created_at")
    is_logged_by_actions = True
    refusals = (Refused, ValidationError)
    actions = ("end_sign_in", "open_again", "send_invitation")

    @admin.display(description=gettext_lazy("name"), ordering="person__name")
    def shown_name(self, user: User) -> str:
        return user.person.name

    @admin.display(description=gettext_lazy("e-mail"))
    def shown_email(self, user: User) -> str:
        name, _at, domain = user.email.partition("@")
        return user.email if getattr(user, "shows_email", False) else f"{name[:1]}***@{domain}"

    @admin.display(description=gettext_lazy("sign-in"))
    def state(self, user: User) -> str:
        if not user.is_active:
            return str(ENDED)
        return _("has a password") if user.has_usable_password() else _("invited, no password yet")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).annotate(shows_email=Value(may_see_contacts(request)))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return redirect("people:desk_colleague_new")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        wanted = {name: form.cleaned_data[name] for name in ROLE_FIELDS if name in form.changed_data}
        saved = change_role(user=obj, by=who(request), **wanted)
        if saved == request.user and saved.is_active:
            update_session_auth_hash(request, saved)

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        person = Button(_("Who this is"), reverse("admin:people_person_change", args=[obj.person_id]))
        waiting = obj.is_active and not obj.has_usable_password()
        return [person, *([self.bulk_button(_("Send a new link"), "send_invitation", obj)] if waiting else [])]

    @admin.action(description=gettext_lazy("End the sign-in"))
    def end_sign_in(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        def ended(n: int) -> str:
            return ngettext("%(n)d sign-in ended", "%(n)d sign-ins ended", n) % {"n": n}

        self._each(request, queryset, lambda user: change_role(user=user, by=who(request), is_active=False), ended)

    @admin.action(description=gettext_lazy("Open the sign-in again"))
    def open_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        def opened(n: int) -> str:
            return ngettext("%(n)d sign-in opened again", "%(n)d sign-ins opened again", n) % {"n": n}

        self._each(request, queryset, lambda user: change_role(user=user, by=who(request), is_active=True), opened)

    @admin.action(description=gettext_lazy("Send a new invitation"))
    def send_invitation(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        def sent(n: int) -> str:
            return ngettext("%(n)d invitation on its way", "%(n)d invitations on their way", n) % {"n": n}

        self._each(request, queryset, lambda user: invite_again(user=user, by=who(request)), sent)

    def _each(self, request: HttpRequest, queryset: QuerySet[User], do: Any, words: Any) -> None:
        tell_outcomes(request, one_by_one(queryset.select_related("person"), do, (Refused,)), words)


@admin.register(Membership)
class MembershipAdmin(DeskAdmin):
    list_display = ("person", "organization", "is_contact", "since_at", "until_at")
    list_filter = ("is_contact", "since_at", "organization__kind")
    list_select_related = ("person", "organization")
    search_fields = ("person__name", "organization__name")
    autocomplete_fields = ("person", "organization")

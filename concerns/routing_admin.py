"""The table of who fixes what in the admin, with a dry run on the concerns of the past months that writes nothing."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.models import Category, Concern, RoutingRule
from concerns.routing import BLANK, Router, filing_of, kinds_without_rule
from concerns.workflow import Publication, Status
from office.desk_admin import Button, DeskAdmin
from people.desk_admin import admin_page

USUAL_DAYS, MOST_DAYS = 90, 730
# More are counted on the newest of them only: the page says so.
MOST_CONCERNS = 20_000
SHOWN_CHANGES = 40


class RuleForm(forms.ModelForm):
    class Meta:
        model = RoutingRule
        fields = [
            "category", "area", "organization", "system", "request_type", "template_en", "position", "is_active",
            "note",
        ]  # fmt: skip
        widgets = {"template_en": forms.Textarea(attrs={"rows": 5, "cols": 60})}

    def clean_template_en(self) -> str:
        """Say which braces would be sent as they stand; they harm nothing, but are nearly always a slip."""
        text: str = self.cleaned_data["template_en"]
        left = BLANK.sub("", text)
        if "{" in left or "}" in left:
            known = "{category}, {address}, {block}, {note}, {answers}"
            raise forms.ValidationError(
                _("Only %(known)s are filled in. Take other braces away."), params={"known": known}
            )
        return text


class DaysForm(forms.Form):
    days = forms.IntegerField(
        label=gettext_lazy("Days back"), min_value=1, max_value=MOST_DAYS, initial=USUAL_DAYS, required=False
    )

    def chosen(self) -> int:
        return (self.cleaned_data.get("days") if self.is_valid() else None) or USUAL_DAYS


class Count(NamedTuple):
    """How many concerns a rule takes; `rule` None: no rule takes them."""

    rule: RoutingRule | None
    n: int


class Change(NamedTuple):
    """A concern that would go elsewhere."""

    concern: Concern
    before: RoutingRule | None
    after: RoutingRule | None


@admin.register(RoutingRule)
class RoutingRuleAdmin(DeskAdmin):
    """Whose work it is. The first rule that fits counts, so order matters: try a change before it is saved."""

    form = RuleForm
    list_display = ("__str__", "category", "area", "system", "organization", "position", "is_active")
    list_filter = ("is_active", "system", "category")
    list_select_related = ("category", "area", "organization")
    search_fields = ("request_type", "system", "organization__name", "note")
    autocomplete_fields = ()
    change_list_template = "admin/concerns/rules.html"
    fieldsets = (
        (gettext_lazy("Which concerns"), {"fields": ("category", "area", ("position", "is_active"))}),
        (
            gettext_lazy("Whose work it is"),
            {"fields": (("organization", "system"), "request_type", "template_en", "note")},
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return admin_page(self.admin_site, view)

        return [
            path("try/", page(self.try_all), name="concerns_routingrule_try_all"),
            path("try/new/", page(self.try_one), name="concerns_routingrule_try_new"),
            path("<int:pk>/try/", page(self.try_one), name="concerns_routingrule_try"),
            *super().get_urls(),
        ]

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        return [Button(_("Try a change on past concerns"), reverse("admin:concerns_routingrule_try", args=[obj.pk]))]

    def try_all(self, request: HttpRequest) -> HttpResponse:
        """How many of the past concerns each rule takes, and which nobody takes. Writes nothing."""
        form = DaysForm(request.GET or None)
        past = past_concerns(form.chosen())
        router = Router.current()
        context = {
            "counts": counted(router, past),
            "kinds": missing_kinds(router, past),
            "uncovered": kinds_without_rule(router, Category.objects.filter(is_active=True).exclude(group="good")),
            **_told(past, form),
        }
        return self.page(request, "admin/concerns/rules_try.html", title=_("Try the rules"), form=form, **context)

    def try_one(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """What a rule as it is typed here, and not saved, would change. Writes nothing; saving is another button."""
        rule = get_object_or_404(RoutingRule, pk=pk) if pk else None
        is_sent = request.method == "POST"
        form = RuleForm(request.POST if is_sent else None, instance=rule)
        days = DaysForm(request.POST if is_sent else None)
        context: dict[str, Any] = {"rule": rule, "days_form": days}
        if is_sent and form.is_valid():
            context |= self._differences(form, days.chosen())
        name = "change" if pk else "add"
        context["save_at"] = reverse(f"admin:concerns_routingrule_{name}", args=[pk] if pk else [])
        return self.page(request, "admin/concerns/rule_try.html", title=_("Try a rule"), form=form, **context)

    def _differences(self, form: RuleForm, days: int) -> dict[str, Any]:
        typed: RoutingRule = form.instance
        saved = list(RoutingRule.objects.select_related("organization", "category", "area"))
        past = past_concerns(days)
        before = Router.of(saved)
        after = Router.of([*(rule for rule in saved if rule.pk != typed.pk), typed])
        changes = differences(before, after, past)
        taken = [concern for concern in past if after.rule_for(concern) is typed]
        return {
            "is_tried": True,
            "changes": changes[:SHOWN_CHANGES],
            "n_changes": len(changes),
            "moves": Counter((name_of(one.before), name_of(one.after)) for one in changes).most_common(),
            "rows": before_and_after(counted(before, past), counted(after, past)),
            "example": filing_of(typed, taken[0]) if taken else None,
            "n_past": len(past),
            "is_cut": len(past) == MOST_CONCERNS,
        }


def name_of(rule: RoutingRule | None) -> str:
    return str(rule) if rule else _("no rule")


def before_and_after(before: list[Count], after: list[Count]) -> list[tuple[str, int, int]]:
    """Each rule with what it takes now and would take; one that is new or not in use takes none on that side."""
    was = {count.rule.pk if count.rule else 0: count for count in before}
    will = {count.rule.pk if count.rule else 0: count for count in after}
    order = [*will, *(pk for pk in was if pk not in will)]
    empty = Count(None, 0)
    return [
        (
            name_of((will.get(pk) or was[pk]).rule),
            was.get(pk, empty).n,
            will.get(pk, empty).n,
        )
        for pk in order
    ]


def past_concerns(days: int) -> list[Concern]:
    """Concerns of the past days that are somebody's work: no spam, nothing taken back, merged or good. One query."""
    since = timezone.now() - timedelta(days=days)
    rows = Concern.objects.filter(received_at__gte=since).exclude(publication=Publication.SPAM)
    rows = rows.exclude(status__in=[Status.WITHDRAWN, Status.DUPLICATE]).exclude(category__group=Category.Group.GOOD)
    return list(rows.select_related("category", "segment__corridor").order_by("-received_at", "-id")[:MOST_CONCERNS])


def counted(router: Router, concerns: Iterable[Concern]) -> list[Count]:
    """Every rule in use with the number it takes, in their order; last what no rule takes."""
    rules = Counter(id(router.rule_for(concern)) for concern in concerns)
    counts = [Count(rule, rules[id(rule)]) for rule in router.rules]
    return [*counts, Count(None, rules[id(None)])]


def missing_kinds(router: Router, concerns: Iterable[Concern]) -> list[tuple[Category, int]]:
    """Kinds of those that no rule takes, the most frequent first."""
    left = Counter(concern.category for concern in concerns if router.rule_for(concern) is None)
    return left.most_common()


def differences(before: Router, after: Router, concerns: Iterable[Concern]) -> list[Change]:
    """Concerns that would go to another rule, or to the same rule's new owner."""
    found = []
    for concern in concerns:
        old, new = before.rule_for(concern), after.rule_for(concern)
        if whom(old) != whom(new):
            found.append(Change(concern, old, new))
    return found


def whom(rule: RoutingRule | None) -> tuple[Any, ...]:
    """Where a rule sends it: what a change is judged by, besides its words."""
    return (rule.organization_id, rule.system, rule.request_type) if rule else ()


def _told(past: list[Concern], form: DaysForm) -> dict[str, Any]:
    return {"days": form.chosen(), "n_past": len(past), "is_cut": len(past) == MOST_CONCERNS}

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from concerns import mending_views
from concerns.actions import (
    approve_photo,
    hide_concerns,
    hide_photo,
    likely_same,
    mark_duplicates,
    mark_spam,
    publish_concerns,
    restore_concern,
    triage,
    unmark_duplicate,
)
from concerns.admin_forms import CategoryForm, HideForm, QuestionForm, SameAsForm
from concerns.commitment_admin import CommitmentAdmin as CommitmentAdmin
from concerns.models import Category, Concern, ExternalCase, Look, Photo, Proposal, Question
from concerns.reply_admin import ReplyTemplateAdmin as ReplyTemplateAdmin
from concerns.routing_admin import RoutingRuleAdmin as RoutingRuleAdmin
from office.desk_admin import Button, DeskAdmin, ReadOnlyAdmin, ReadOnlyInline, one_by_one, tell_outcomes
from office.desk_maps import map_of
from office.refused import Refused
from people.desk_admin import who

MOST_AT_ONCE = 200


class QuestionInline(admin.StackedInline):
    model = Question
    form = QuestionForm
    extra = 0
    can_delete = False
    fields = (("code", "kind", "position", "is_active"), ("label_en", "label_es"), "options", "hint")


@admin.register(Category)
class CategoryAdmin(DeskAdmin):
    """Kinds and their questions. Codes stay as they are and nothing is deleted: answers point at them."""

    form = CategoryForm
    fieldsets = (
        (None, {"fields": (("code", "group"), ("name_en", "name_es"), ("position", "is_active"), "is_group_default")}),
        (gettext_lazy("On the phone"), {"fields": ("safety_en", "safety_es", "needs_dark", "cpted")}),
        (gettext_lazy("The same thing twice"), {"fields": ("same_by", ("duplicate_m", "duplicate_days"))}),
        (
            gettext_lazy("Until it is fixed"),
            {
                "fields": ("default_owner", ("fix_days", "fix_in_working_days"), ("relook_days", "false_close_days")),
                "description": gettext_lazy(
                    "A new time counts for what is filed from now on. Who fixes it exactly is said by the rules."
                ),
            },
        ),
        (gettext_lazy("What becomes public"), {"fields": ("publication_rule",)}),
    )
    list_display = (
        "name_en",
        "name_es",
        "code",
        "group",
        "is_group_default",
        "publication_rule",
        "fix_days",
        "position",
        "is_active",
    )
    list_filter = ("group", "publication_rule", "is_active")
    search_fields = ("code", "name_en", "name_es")
    inlines = (QuestionInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


class HasPhotos(admin.SimpleListFilter):
    title = gettext_lazy("photos")
    parameter_name = "photos"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("yes", gettext_lazy("with photos")),
            ("waiting", gettext_lazy("with photos to check")),
            ("no", gettext_lazy("without")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        photos = Photo.objects.filter(concern__isnull=False).values("concern")
        match self.value():
            case "yes":
                return queryset.filter(pk__in=photos)
            case "waiting":
                return queryset.filter(pk__in=photos.filter(approved_at=None, state=Photo.State.READY))
            case "no":
                return queryset.exclude(pk__in=photos)
        return queryset


class HasFlag(admin.SimpleListFilter):
    title = gettext_lazy("flags")
    parameter_name = "flag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("any", gettext_lazy("any flag")), *Concern.Flag.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "any":
            return queryset.exclude(flags=[])
        return queryset.filter(flags__contains=[self.value()]) if self.value() in Concern.Flag.values else queryset


class LookInline(ReadOnlyInline):
    model = Look
    fields = ("received_at", "result", "lit", "walk", "by", "publication")
    fk_name = "concern"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Look]:
        return super().get_queryset(request).select_related("walk", "by__person")


class CaseInline(ReadOnlyInline):
    model = ExternalCase
    fields = ("system", "number", "filed_at", "expected_on")


@admin.register(Concern)
class ConcernAdmin(ReadOnlyAdmin):
    """Nothing is typed over here: each button and each bulk action is an action with its story line."""

    shows_map = True
    list_display = (
        "thumb",
        "kind",
        "shown_place",
        "walk",
        "status",
        "publication",
        "shown_flags",
        "n_photos",
        "received_at",
    )
    list_display_links = ("kind",)
    list_filter = (
        "publication", "status", HasFlag, "category", ("walk", admin.RelatedOnlyFieldListFilter), "danger_now",
        HasPhotos, "source", "received_at",
    )  # fmt: skip
    list_select_related = ("category", "walk", "segment")
    ordering = ("-danger_now", "-received_at", "-id")  # as at the desk, and by its index
    search_fields = ("address", "note", "public_place", "city_case", "cases__number")
    search_help_text = gettext_lazy("Address, words, 311 number, or the first eight characters of a number")
    extra_lookups = frozenset({"walk__id__exact", "segment__isnull"})
    fieldsets = (
        (
            gettext_lazy("What"),
            {"fields": ("category", "shown_answers", "note", "danger_now", "shown_flags", "shown_photos")},
        ),
        (
            gettext_lazy("Where, exactly"),
            {"fields": ("shown_map", "address", ("segment", "side"), ("accuracy_m", "place_from"))},
        ),
        (
            gettext_lazy("Its life"),
            {"fields": (("status", "publication"), "duplicate_of", "hidden_reason", "help_first", "shown_duplicates")},
        ),
        (gettext_lazy("What the public sees"), {"fields": ("public_place", "public_text", "published_at")}),
        (
            gettext_lazy("Where it came from"),
            {
                "fields": (
                    ("walk", "team", "device"),
                    ("source", "told_by", "lit"),
                    "city_case",
                    ("captured_at", "received_at", "first_seen_at"),
                    "public_id",
                )
            },
        ),
        (gettext_lazy("Its story"), {"fields": ("shown_story",)}),
    )
    readonly_fields = (
        "shown_answers", "shown_flags", "shown_photos", "shown_map", "shown_duplicates", "shown_story", "published_at",
        "public_id",
    )  # fmt: skip
    inlines = (LookInline, CaseInline)
    actions = ("publish", "hide", "same_as", "not_the_same", "read", "spam", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Concern]:
        photos = Prefetch("photos", queryset=Photo.objects.order_by("position", "pk"))
        return super().get_queryset(request).prefetch_related(photos)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Besides words: the number of a concern, whole or its first eight characters."""
        found, may_double = super().get_search_results(request, queryset, search_term)
        one = mending_views.concern_by_number(search_term.strip().lower())
        return (found | queryset.filter(pk=one.pk), may_double) if one else (found, may_double)

    # --- What the list and the page show ---

    @admin.display(description=gettext_lazy("photo"))
    def thumb(self, concern: Concern) -> SafeString | str:
        photos = [photo for photo in concern.photos.all() if photo.state == Photo.State.READY]
        return render_to_string("admin/concerns/_thumb.html", {"photo": photos[0]}) if photos else ""

    @admin.display(description=gettext_lazy("kind"), ordering="category__position")
    def kind(self, concern: Concern) -> str:
        return f"{concern.category.name} · {str(concern.public_id)[:8]}"

    @admin.display(description=gettext_lazy("place"), ordering="address")
    def shown_place(self, concern: Concern) -> str:
        return concern.address or (concern.segment.name if concern.segment else "–")

    @admin.display(description=gettext_lazy("flags"))
    def shown_flags(self, concern: Concern) -> str:
        return ", ".join(str(Concern.Flag(flag).label) for flag in concern.flags if flag in Concern.Flag.values) or "–"

    @admin.display(description=gettext_lazy("photos"))
    def n_photos(self, concern: Concern) -> str:
        n, wanted = len(concern.photos.all()), concern.n_photos_expected
        return f"{n}/{wanted}" if wanted > n else str(n)

    @admin.display(description=gettext_lazy("photos"))
    def shown_photos(self, concern: Concern) -> SafeString:
        return render_to_string("admin/concerns/_photos.html", {"photos": concern.photos.all(), "concern": concern})

    @admin.display(description=gettext_lazy("answers"))
    def shown_answers(self, concern: Concern) -> SafeString:
        return render_to_string("admin/concerns/_answers.html", {"answers": mending_views.answers_in_words(concern)})

    @admin.display(description=gettext_lazy("map"))
    def shown_map(self, concern: Concern) -> SafeString:
        return map_of(mending_views.features_around(concern), concern.address or concern.category.name)

    @admin.display(description=gettext_lazy("same as this one"))
    def shown_duplicates(self, concern: Concern) -> SafeString:
        return render_to_string(
            "admin/concerns/_links.html", {"concerns": concern.duplicates.select_related("category", "segment")}
        )

    @admin.display(description=gettext_lazy("story"))
    def shown_story(self, concern: Concern) -> SafeString:
        return render_to_string("admin/_story.html", {"story": concern.updates.select_related("by__person")})

    def history_context(self, obj: Any) -> dict[str, Any]:
        return {"story": obj.updates.select_related("by__person")}

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        return mending_views.buttons(self, request, obj)

    def get_urls(self) -> list[URLPattern]:
        return [*mending_views.urls(self), *super().get_urls()]

    # --- Bulk actions: each concern succeeds or is skipped alone ---

    def _chosen(self, request: HttpRequest, queryset: QuerySet[Concern]) -> list[Concern]:
        chosen = list(queryset.select_related("category", "segment__corridor").order_by("pk")[: MOST_AT_ONCE + 1])
        if len(chosen) > MOST_AT_ONCE:
            messages.error(request, _("Choose at most %(n)d at once. Nothing was changed.") % {"n": MOST_AT_ONCE})
            return []
        return chosen

    @admin.action(description=gettext_lazy("Publish"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Concern]) -> None:
        def words(n: int) -> str:
            return ngettext("%(n)d published", "%(n)d published", n) % {"n": n}

        if chosen := self._chosen(request, queryset):
            tell_outcomes(request, publish_concerns(concerns=chosen, by=who(request)), words)

    @admin.action(description=gettext_lazy("Hide …"))
    def hide(self, request: HttpRequest, queryset: QuerySet[Concern]) -> HttpResponse | None:
        """Asks for the reason first."""

        def words(n: int) -> str:
            return ngettext("%(n)d hidden", "%(n)d hidden", n) % {"n": n}

        chosen = self._chosen(request, queryset)
        form = HideForm(request.POST if "sure" in request.POST else None)
        if not chosen:
            return None
        if form.is_valid():
            done = hide_concerns(concerns=chosen, by=who(request), reason=form.cleaned_data["reason"])
            tell_outcomes(request, done, words)
            return None
        asks = {"action": "hide", "chosen": chosen}
        return self.page(request, "admin/concerns/hide.html", title=_("Hide"), form=form, **asks)

    @admin.action(description=gettext_lazy("Mark as the same as …"))
    def same_as(self, request: HttpRequest, queryset: QuerySet[Concern]) -> HttpResponse | None:
        """Asks which one they are the same as: one of those chosen, one that lies near, or another by its number."""

        def words(n: int) -> str:
            return ngettext("%(n)d marked as the same", "%(n)d marked as the same", n) % {"n": n}

        chosen = self._chosen(request, queryset)
        if not chosen:
            return None
        near = likely_same(chosen[0])
        candidates = Concern.objects.filter(pk__in=[one.pk for one in chosen + [other.concern for other in near]])
        form = SameAsForm(request.POST if "sure" in request.POST else None, candidates=candidates)
        if form.is_valid():
            of = form.cleaned_data["of"]
            others = [concern for concern in chosen if concern.pk != of.pk]
            if others:
                tell_outcomes(request, mark_duplicates(concerns=others, of=of, by=who(request)), words)
                return None
            form.add_error(None, _("It can’t be the same as itself. Choose another one."))
        asks = {"action": "same_as", "chosen": chosen, "candidates": mending_views.as_choices(chosen, near)}
        return self.page(request, "admin/concerns/same_as.html", title=_("The same as …"), form=form, **asks)

    @admin.action(description=gettext_lazy("Not the same as another after all"))
    def not_the_same(self, request: HttpRequest, queryset: QuerySet[Concern]) -> None:
        def words(n: int) -> str:
            return ngettext("%(n)d stands by itself again", "%(n)d stand by themselves again", n) % {"n": n}

        self._each(request, queryset, unmark_duplicate, words)

    @admin.action(description=gettext_lazy("Mark as read"))
    def read(self, request: HttpRequest, queryset: QuerySet[Concern]) -> None:
        def words(n: int) -> str:
            return ngettext("%(n)d marked as read", "%(n)d marked as read", n) % {"n": n}

        self._each(request, queryset, triage, words)

    @admin.action(description=gettext_lazy("Spam"))
    def spam(self, request: HttpRequest, queryset: QuerySet[Concern]) -> None:
        def words(n: int) -> str:
            return ngettext("%(n)d put aside as spam", "%(n)d put aside as spam", n) % {"n": n}

        self._each(request, queryset, mark_spam, words)

    @admin.action(description=gettext_lazy("Put back among the unread (from hidden or spam)"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Concern]) -> None:
        def words(n: int) -> str:
            return ngettext("%(n)d put back", "%(n)d put back", n) % {"n": n}

        self._each(request, queryset, restore_concern, words)

    def _each(self, request: HttpRequest, queryset: QuerySet[Concern], do: Any, words: Any) -> None:
        chosen, by = self._chosen(request, queryset), who(request)
        if chosen:
            tell_outcomes(request, one_by_one(chosen, lambda concern: do(concern=concern, by=by), (Refused,)), words)


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin):
    """Photos are approved one by one: a published concern doesn't publish its photos."""

    list_display = ("thumb", "__str__", "of", "state", "is_public", "received_at")
    list_display_links = ("__str__",)
    list_filter = ("state", ("approved_at", admin.EmptyFieldListFilter), "received_at")
    list_select_related = ("concern__category", "look__concern__category")
    search_fields = ("=public_id",)
    extra_lookups = frozenset({"concern__id__exact", "approved_at__isempty"})
    fields = (
        "thumb",
        "of",
        "state",
        "approved_at",
        "approved_by",
        "width",
        "height",
        "n_bytes",
        "received_at",
        "public_id",
    )
    readonly_fields = ("thumb", "of", "width", "height", "n_bytes", "received_at", "public_id")
    actions = ("approve", "take_back")

    @admin.display(description=gettext_lazy("photo"))
    def thumb(self, photo: Photo) -> SafeString | str:
        return render_to_string("admin/concerns/_thumb.html", {"photo": photo}) if photo.thumbnail else ""

    @admin.display(description=gettext_lazy("of"))
    def of(self, photo: Photo) -> SafeString | str:
        concern = photo.concern or (photo.look.concern if photo.look else None)
        return render_to_string("admin/concerns/_links.html", {"concerns": [concern]}) if concern else ""

    @admin.display(description=gettext_lazy("may be public"), boolean=True)
    def is_public(self, photo: Photo) -> bool:
        return photo.approved_at is not None

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        if obj.approved_at:
            return [self.bulk_button(_("Not public"), "take_back", obj)]
        return [self.bulk_button(_("May be public"), "approve", obj)]

    @admin.action(description=gettext_lazy("May be public"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        def words(n: int) -> str:
            return ngettext("%(n)d photo may be public", "%(n)d photos may be public", n) % {"n": n}

        by = who(request)
        tell_outcomes(request, one_by_one(queryset, lambda photo: approve_photo(photo=photo, by=by), (Refused,)), words)

    @admin.action(description=gettext_lazy("Not public"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        def words(n: int) -> str:
            return ngettext("%(n)d photo taken back", "%(n)d photos taken back", n) % {"n": n}

        by = who(request)
        tell_outcomes(request, one_by_one(queryset, lambda photo: hide_photo(photo=photo, by=by), (Refused,)), words)


@admin.register(Look)
class LookAdmin(ReadOnlyAdmin):
    list_display = ("concern", "result", "lit", "walk", "publication", "received_at")
    list_filter = ("result", "publication", "lit", "received_at")
    list_select_related = ("concern__category", "walk")
    search_fields = ("=public_id", "note")
    fields = (
        "public_id",
        "concern",
        "result",
        "lit",
        "walk",
        "by",
        "note",
        "publication",
        "captured_at",
        "received_at",
    )
    readonly_fields = ("public_id",)


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    """Changes that came after an organizer had read the concern; decided on the concern's page at the desk."""

    list_display = ("concern", "state", "received_at", "decided_by", "decided_at")
    list_filter = ("state", "received_at")
    list_select_related = ("concern__category", "decided_by__person")
    fields = ("concern", "body", "state", "received_at", "decided_by", "decided_at")

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        return [Button(_("Decide at the desk"), reverse("concerns:desk_detail", args=[obj.concern.public_id]))]

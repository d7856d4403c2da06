"""The admin's pages for putting one concern right: each shows what would happen, does it by an action, and undoes it.

What there was before is kept in the admin's own session, because an exact place may not stand in the audit trail. It is
offered as “undo” for as long as nobody else changed the concern.
"""

from collections.abc import Callable
from math import cos, hypot, radians
from typing import Any, NamedTuple, cast

from django.contrib import messages
from django.contrib.gis.geos import GEOSGeometry, Point
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from concerns.actions import move_to_walk, re_place, recategorise, version_of
from concerns.admin_forms import MoveToWalkForm, RecategoriseForm, RePlaceForm, concern_by_number
from concerns.models import Category, Concern
from concerns.publishing import STRICTNESS
from concerns.same import Suggestion
from corridors.models import Segment
from corridors.places import nearest_face
from office.desk_admin import Button, DeskAdmin
from office.desk_maps import feature
from office.refused import Refused
from people.desk_admin import admin_page, who
from people.models import User
from walks.models import Walk

__all__ = ["answers_in_words", "as_choices", "buttons", "concern_by_number", "features_around", "urls"]

UNDO = "concern_mends"
EARTH_RADIUS_M = 6_371_009


class Mend(NamedTuple):
    """One visit to one of these pages."""

    desk: DeskAdmin
    request: HttpRequest
    concern: Concern

    @property
    def back(self) -> str:
        return self.desk.change_url(self.concern)

    @property
    def is_sure(self) -> bool:
        """Whether the second button was pressed: do it, don't only show what would happen."""
        return "sure" in self.request.POST


def urls(desk: DeskAdmin) -> list[URLPattern]:
    def page(view: Callable[[Mend], HttpResponse]) -> Any:
        return admin_page(desk.admin_site, lambda request, pk: view(Mend(desk, request, _get(pk))))

    return [
        path("<int:pk>/recategorise/", page(recategorise_view), name="concerns_concern_recategorise"),
        path("<int:pk>/move-to-walk/", page(move_to_walk_view), name="concerns_concern_move_to_walk"),
        path("<int:pk>/re-place/", page(re_place_view), name="concerns_concern_re_place"),
        path("<int:pk>/undo/", page(undo_view), name="concerns_concern_undo"),
    ]


def _get(pk: int) -> Concern:
    return get_object_or_404(Concern.objects.select_related("category", "walk", "segment__corridor"), pk=pk)


def buttons(desk: DeskAdmin, request: HttpRequest, concern: Concern) -> list[Button]:
    """What can be done with this concern as it is now."""
    found = [Button(_("Open at the desk"), reverse("concerns:desk_detail", args=[concern.public_id]))]
    if kept := _kept(request, concern):
        url = reverse("admin:concerns_concern_undo", args=[concern.pk])
        found.append(Button(_("Undo: %(what)s") % {"what": kept["words"]}, url, post=True))
    if concern.publication == "published":
        found.append(desk.bulk_button(_("Hide …"), "hide", concern))
    elif concern.publication == "held":
        found.append(desk.bulk_button(_("Publish"), "publish", concern))
        found.append(desk.bulk_button(_("Hide …"), "hide", concern))
    else:
        found.append(desk.bulk_button(_("Put back"), "restore", concern))
    if concern.duplicate_of_id:
        found.append(desk.bulk_button(_("Not the same after all"), "not_the_same", concern))
    else:
        found.append(desk.bulk_button(_("The same as …"), "same_as", concern))
    return [
        *found,
        Button(_("Another kind"), reverse("admin:concerns_concern_recategorise", args=[concern.pk])),
        Button(_("Another place"), reverse("admin:concerns_concern_re_place", args=[concern.pk])),
        Button(_("Another walk"), reverse("admin:concerns_concern_move_to_walk", args=[concern.pk])),
    ]


# --- The three pages ---


def recategorise_view(mend: Mend) -> HttpResponse:
    concern, request = mend.concern, mend.request
    form = RecategoriseForm(request.POST or None, concern=concern)
    category = form.cleaned_data["category"] if request.method == "POST" and form.is_valid() else None
    if category and mend.is_sure:
        before = {"do": "recategorise", "category": concern.category_id, "words": _("another kind")}
        done = _do(mend, form, before, lambda: recategorise(concern=concern, category=category, by=who(request)))
        if done:
            return done
    return _page(mend, form, _("Another kind"), _kind_effects(concern, category) if category else [])


def _kind_effects(concern: Concern, category: Category) -> list[str]:
    before = concern.category
    effects = [_("“%(before)s” becomes “%(after)s”.") % {"before": before.name, "after": category.name}]
    if STRICTNESS[before.publication_rule] != STRICTNESS[category.publication_rule]:
        rule = category.get_publication_rule_display()
        effects.append(_("The new kind is public in another way: %(rule)s.") % {"rule": rule})
        if concern.publication == "published":
            effects.append(_("It is taken back from the public at the same moment and waits to be published again."))
    if concern.answers:
        effects.append(_("Answers to questions that the new kind doesn’t ask stay with it, unseen."))
    return effects


def move_to_walk_view(mend: Mend) -> HttpResponse:
    concern, request = mend.concern, mend.request
    form = MoveToWalkForm(request.POST or None, concern=concern)
    if request.method != "POST" or not form.is_valid():
        return _page(mend, form, _("Another walk"), [])
    walk = form.cleaned_data["walk"]
    if mend.is_sure:
        before = {"do": "move_to_walk", "walk": concern.walk_id, "words": _("another walk")}
        done = _do(mend, form, before, lambda: move_to_walk(concern=concern, walk=walk, by=who(request)))
        if done:
            return done
    return _page(mend, form, _("Another walk"), _walk_effects(concern, walk))


def _walk_effects(concern: Concern, walk: Walk | None) -> list[str]:
    names = {"before": concern.walk or _("no walk"), "after": walk or _("no walk")}
    effects = [_("It leaves “%(before)s” and counts for “%(after)s”.") % names]
    if concern.team_id:
        effects.append(_("Its team belongs to the old walk and is dropped."))
    if walk and concern.segment and concern.segment.corridor_id != walk.corridor_id:
        effects.append(_("It lies on another corridor than that walk."))
    return effects


def re_place_view(mend: Mend) -> HttpResponse:
    concern, request = mend.concern, mend.request
    now = {"location": concern.location, "address": concern.address, "segment": None, "side": ""}
    data = {"type": "FeatureCollection", "features": features_around(concern, with_pin=False)}
    form = RePlaceForm(request.POST or None, initial=now, map_data=data)
    if request.method != "POST" or not form.is_valid():
        return _page(mend, form, _("Another place"), [])
    chosen = form.cleaned_data
    if mend.is_sure:
        before = {
            "do": "re_place",
            "location": concern.location.geojson if concern.location else None,
            "address": concern.address,
            "segment": concern.segment_id,
            "side": concern.side,
            "words": _("another place"),
        }
        done = _do(mend, form, before, lambda: re_place(concern=concern, by=who(request), **chosen))
        if done:
            return done
    return _page(mend, form, _("Another place"), _place_effects(concern, chosen))


def _place_effects(concern: Concern, chosen: dict[str, Any]) -> list[str]:
    """In words: which block it comes to lie on, and whether the public place follows. Up to two queries."""
    segment, point = chosen["segment"], chosen["location"]
    if segment is None and point is not None:
        face = nearest_face(point)
        segment = face.segment if face else None
    before = concern.segment.name if concern.segment else _("no block")
    after = segment.name if segment else _("no block")
    effects = [_("Block: %(before)s → %(after)s.") % {"before": before, "after": after}]
    if point and concern.location:
        effects.append(_("The pin moves by about %(metres)d m.") % {"metres": metres_between(concern.location, point)})
    if point is None and concern.location is not None:
        effects.append(_("The pin goes away; only the address is left."))
    if concern.publication == "published":
        effects.append(_("The place that the public sees follows at once."))
    return effects


def metres_between(one: Point, other: Point) -> float:
    """Metres between two points in WGS84 that lie near each other (an equirectangular drawing is exact enough)."""
    east = radians(other.x - one.x) * cos(radians((one.y + other.y) / 2))
    return EARTH_RADIUS_M * hypot(east, radians(other.y - one.y))


def _page(mend: Mend, form: Any, title: str, effects: list[str]) -> HttpResponse:
    context = {"concern": mend.concern, "effects": effects, "ready": effects and not form.errors, "back": mend.back}
    return mend.desk.page(mend.request, "admin/concerns/mend.html", title=title, form=form, **context)


# --- Doing and undoing ---


def _do(mend: Mend, form: Any, before: dict[str, Any], act: Callable[[], Concern]) -> HttpResponse | None:
    """Run the action, keep what there was, go back to the concern. None where it was refused: the form says why."""
    try:
        act()
    except Refused as refused:
        form.add_error(None, refused.message)
        return None
    session, concern = mend.request.session, mend.concern
    session[UNDO] = session.get(UNDO, {}) | {str(concern.pk): before | {"version": version_of(concern)}}
    messages.success(mend.request, _("Done. You can undo it as long as nobody else changes it."))
    return redirect(mend.back)


def _kept(request: HttpRequest, concern: Concern) -> dict[str, Any] | None:
    """What this admin may undo: their last mend, where nothing happened since."""
    kept = request.session.get(UNDO, {}).get(str(concern.pk))
    return kept if kept and kept["version"] == version_of(concern) else None


def undo_view(mend: Mend) -> HttpResponse:
    request, concern = mend.request, mend.concern
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    kept = _kept(request, concern)
    if kept is None:
        messages.error(request, _("It was changed since, so this can’t be undone by itself. Look at it and decide."))
        return redirect(mend.back)
    try:
        _undo(concern, kept, by=who(request))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        request.session[UNDO] = {pk: one for pk, one in request.session[UNDO].items() if pk != str(concern.pk)}
        messages.success(request, _("Undone."))
    return redirect(mend.back)


def _undo(concern: Concern, kept: dict[str, Any], *, by: User) -> None:
    match kept["do"]:
        case "recategorise":
            recategorise(concern=concern, category=Category.objects.get(pk=kept["category"]), by=by)
        case "move_to_walk":
            move_to_walk(concern=concern, walk=Walk.objects.filter(pk=kept["walk"]).first(), by=by)
        case "re_place":
            point = cast(Point, GEOSGeometry(kept["location"], srid=4326)) if kept["location"] else None
            block = {"segment": Segment.objects.filter(pk=kept["segment"]).first(), "side": kept["side"]}
            re_place(concern=concern, by=by, location=point, address=kept["address"], **block)


# --- What pages show ---


def features_around(concern: Concern, *, with_pin: bool = True) -> list[dict[str, Any]]:
    """The concern (first, so that the map opens on it), its corridor and its public point, for a map."""
    found = []
    if with_pin and concern.location:
        group = concern.category.group
        found.append(
            feature(
                concern.location,
                kind="concern",
                id=concern.public_id,
                name=concern.category.name,
                status=concern.status,
                group=group,
            )
        )
    corridor = concern.segment.corridor if concern.segment else concern.walk.corridor if concern.walk else None
    if corridor:
        found.append(feature(corridor.line, kind="corridor", id=corridor.public_id, name=corridor.name))
    if with_pin and concern.public_point:
        name = str(_("what the public sees"))
        found.append(feature(concern.public_point, kind="landmark", id=f"{concern.public_id}-public", name=name))
    return found


def answers_in_words(concern: Concern) -> list[tuple[str, str]]:
    """Questions and answers as people read them; answers to questions that are gone keep their code. One query."""
    questions = {question.code: question for question in concern.category.questions.all()}
    told = []
    for code, given in concern.answers.items():
        question = questions.get(code)
        labels = _labels(question.options) if question else {}
        values = given if isinstance(given, list) else [given]
        told.append(
            (question.label if question else code, ", ".join(str(labels.get(value, value)) for value in values))
        )
    return told


def _labels(options: list[dict[str, str]]) -> dict[str, str]:
    language = (get_language() or "en")[:2]
    return {option["code"]: option.get(language) or option.get("en", option["code"]) for option in options}


def as_choices(chosen: list[Concern], near: list[Suggestion]) -> list[dict[str, Any]]:
    """Which concerns may be the one that stays: those chosen, then those that may be the same, each in a few words."""
    seen = {concern.pk for concern in chosen}
    rows = [(concern, "") for concern in chosen]
    rows += [(one.concern, one.words) for one in near if one.concern.pk not in seen]
    return [
        {"concern": concern, "far": far, "note": Truncator(concern.note).chars(90), "place": concern.address}
        for concern, far in rows
    ]

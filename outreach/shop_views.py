"""The desk's pages of shops, and the note that goes to one: “you asked, this happened”."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from corridors import geojson
from corridors.models import Corridor, Landmark
from office.bilingual import said
from office.models import Coalition
from office.pdf import make_pdf, pdf_response
from office.refused import Refused
from outreach import shopping
from outreach.directory import LANGUAGES
from outreach.models import Contact, Shop, ShopNote
from outreach.shop_forms import NoteForm, ShopForm
from outreach.shopping import Wanted
from people.access import ORGANIZERS, SignedInRequest, access

PER_PAGE = 60
MOST_VISITS = 20
NOTE_WORDS = {
    "w_asked": gettext_lazy("You asked"),
    "w_happened": gettext_lazy("This happened"),
    "w_thanks": gettext_lazy("Thank you for talking with us. Call or write when something is wrong, or right."),
}


@require_safe
@access("landmark", "manage", allow=ORGANIZERS)
@never_cache
def shops_page(request: SignedInRequest) -> HttpResponse:
    """Shops in the order of a walk along their corridor, and the same on the map."""
    now = timezone.now()
    by = _wanted(request.GET)
    rows = shopping.narrowed(shopping.businesses(), by, today=timezone.localdate(now), now=now)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    corridors = list(Corridor.objects.order_by("name"))
    features = geojson.collection(
        geojson.corridor_features(corridors, desk=True), geojson.landmark_features(page.object_list, desk=True)
    )
    for feature in features["features"]:  # here a mark leads to the shop
        if feature["properties"].get("kind") == "landmark":
            feature["properties"]["url"] = reverse("outreach:shop", args=[feature["properties"]["id"]])
    context = {
        "by": by,
        "page": page,
        "features": features,
        "corridors": corridors,
        "languages": LANGUAGES,
        "results": dict(Contact.Result.choices),
        "today": timezone.localdate(now),
        "is_narrowed": bool(by.corridor or by.language or by.show),
        "spite": list(shopping.visited_all_the_same(Landmark.objects.all())[:10]),
    }
    return render(request, "outreach/shop_list.html", context)


def _wanted(said: QueryDict) -> Wanted:
    show = said.get("show", "")
    return Wanted(
        corridor=said.get("corridor", "").replace("\0", "")[:80],
        language=said.get("language", "").replace("\0", "")[:8],
        show=show if show in {"due", "keep_off", "unseen"} else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@access("landmark", "manage", allow=ORGANIZERS)
@never_cache
def shop_page(request: SignedInRequest, landmark_id: uuid.UUID) -> HttpResponse:
    """One shop: how to visit it, who was there when, and what became of what they asked."""
    landmark = _landmark(landmark_id)
    shop = getattr(landmark, "shop", None)
    form = ShopForm(request.POST or None, instance=shop or Shop(landmark=landmark))
    if request.method == "POST" and form.is_valid():
        try:
            shopping.save_shop(landmark=landmark, by=request.user, seen=form.cleaned_data["seen"], **form.told())
        except Refused as refused:
            form.add_error(None, refused.message)
            return _page(request, landmark, form, theirs=Shop.objects.filter(landmark=landmark).first())
        messages.success(request, _("%(name)s is saved.") % {"name": landmark.name})
        return redirect("outreach:shop", landmark.public_id)
    return _page(request, landmark, form)


def _page(
    request: HttpRequest, landmark: Landmark, form: ShopForm, *, note_form: NoteForm | None = None, **more: Any
) -> HttpResponse:
    near = list(shopping.concerns_near(landmark))
    shop = Shop.objects.filter(landmark=landmark).first()
    visits = Contact.objects.standing().filter(landmark=landmark).select_related("walk")
    status = 400 if form.errors or note_form else 200
    if theirs := more.get("theirs"):  # shown again, it stands on what is there now
        data: Any = form.data.copy()  # type: ignore[attr-defined]
        data["seen"] = theirs.changed_at.isoformat()
        form.data = data
    context = {
        "landmark": landmark,
        "shop": shop,
        "form": form,
        "note_form": note_form or NoteForm(near=near),
        "notes": list(shop.notes.select_related("concern__category")) if shop else [],
        "visits": list(visits[:MOST_VISITS]),
        **more,
    }
    return render(request, "outreach/shop_detail.html", context, status=status)


@require_POST
@access("landmark", "manage", allow=ORGANIZERS)
@never_cache
def shop_note_new(request: SignedInRequest, landmark_id: uuid.UUID) -> HttpResponse:
    landmark = _landmark(landmark_id)
    form = NoteForm(request.POST, near=list(shopping.concerns_near(landmark)))
    if not form.is_valid():
        shop = getattr(landmark, "shop", None)
        return _page(request, landmark, ShopForm(instance=shop or Shop(landmark=landmark)), note_form=form)
    told = {name: form.cleaned_data[name] for name in ("asked", "happened", "concern")}
    shopping.add_note(landmark=landmark, by=request.user, **told)
    messages.success(request, _("Written down."))
    return redirect("outreach:shop", landmark.public_id)


@require_POST
@access("landmark", "manage", allow=ORGANIZERS)
@never_cache
def shop_note_do(request: SignedInRequest, note_id: uuid.UUID) -> HttpResponse:
    """They were told; they weren't after all; or other words."""
    note = get_object_or_404(ShopNote.objects.select_related("shop__landmark"), public_id=note_id)
    act = request.POST.get("act", "")
    try:
        if act in {"told", "untold"}:
            shopping.tell(note=note, by=request.user, undo=act == "untold")
        elif act == "change":
            words = {name: request.POST.get(name, "").replace("\0", "")[:300] for name in ("asked", "happened")}
            shopping.change_note(note=note, **words)
        else:
            raise Refused(_("This button isn’t known here. Load the page again."))
        messages.success(request, _("Written down."))
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("outreach:shop", note.shop.landmark.public_id)


@require_safe
@access("landmark", "manage", allow=ORGANIZERS)
@never_cache
def shop_note_pdf(request: SignedInRequest, note_id: uuid.UUID) -> HttpResponse:
    """Half a page to leave there, in English and the shop's language; no name of anybody who asked."""
    rows = ShopNote.objects.select_related("shop__landmark", "concern")
    note = get_object_or_404(rows.exclude(happened=""), public_id=note_id)
    spoken = note.shop.language if note.shop.language in {"es"} else "es"
    context = {"note": note, "shop": note.shop.landmark, "coalition": Coalition.current()} | {
        name: said(words, ("en", spoken)) for name, words in NOTE_WORDS.items()
    }
    pdf = make_pdf("outreach/shop_note_pdf.html", context, styles=["css/leave-behind.css"])
    return pdf_response(pdf, name="you-asked")


def _landmark(landmark_id: uuid.UUID) -> Landmark:
    found = shopping.businesses().filter(public_id=landmark_id).first()
    if found is None:
        raise Http404("no such shop")
    return found

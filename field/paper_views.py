"""Paper for a walk: what to print, the pack itself, which sheets are back, and typing in what stands on them."""

import itertools
import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns.again import in_walking_order, lit_at
from concerns.models import Concern, Look
from field.paper import LANGUAGES, MOST_PAGES, Kind, Leaf, files_of, leaves_of, pack_of, pages_of, plan
from field.paper_actions import (
    make_sheets,
    mark_typed,
    take_back,
    tick_present,
    type_concern,
    type_contacts,
    type_heads,
    type_look,
    type_names,
)
from field.paper_forms import COVER, AgainForm, BackForm, HeadsForm, LineForm, PackForm, TallyForm, line_forms
from field.paper_pdf import render_pack
from field.paper_visits import VisitsForm, shops_on_sheet, type_visit, visits_on
from office.pdf import pdf_response
from office.refused import Refused
from outreach.models import Contact
from people.access import SIGNED_IN, SignedInRequest, access
from walks.access import get_walk_for
from walks.models import Presence, Sheet, Signup, Walk
from walks.problems import Roster

SHOWN: dict[str, dict[str, Any]] = {
    "all": {},
    "out": {"back_at": None},
    "type": {"typed_at": None, "is_blank": False, "back_at__isnull": False},
}
A_PAGE = 100


@require_safe
@access("walk.print_pack", "view", allow=SIGNED_IN)
def paper(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """What to print, and every sheet there is. `?show=out|type`, `?made=<first>-<last>`: what was made just now."""
    walk = get_walk_for(request, public_id, to="roster")
    return _paper(request, walk, PackForm(teams=list(walk.teams.all())))


def _paper(request: SignedInRequest, walk: Walk, form: PackForm, *, status: int = 200) -> HttpResponse:
    show = request.GET.get("show", "") if request.GET.get("show") in SHOWN else "all"
    rows = walk.sheets.select_related("team", "typed_by").annotate(n_concerns=Count("concerns")).order_by("number")
    counts = walk.sheets.order_by().aggregate(
        all=Count("pk"), **{key: Count("pk", filter=Q(**SHOWN[key])) for key in ("out", "type")}
    )
    context = {
        "walk": walk,
        "roster": Roster.of(walk),
        "form": form,
        "show": show,
        "counts": counts,
        "page": Paginator(rows.filter(**SHOWN[show]), A_PAGE).get_page(request.GET.get("page")),
        "prints": _prints(walk),
        "language": request.GET.get("lang") if request.GET.get("lang") in LANGUAGES else "both",
        "cover": request.GET.get("cover") != "0",
        "is_over": walk.end_at < timezone.now(),
    }
    response = render(request, "field/paper.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _prints(walk: Walk) -> list[dict[str, Any]]:
    """Each time sheets were made, the newest first, with the files to open. One query."""
    sheets = walk.sheets.only("number", "printed_at", "team_id", "walk_id").order_by("number")
    told = []
    for printed_at, group in itertools.groupby(sheets, key=lambda sheet: sheet.printed_at):
        made = list(group)
        told.append({"at": printed_at, "first": made[0].number, "last": made[-1].number, "files": files_of(made)})
    return told[::-1][:10]


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk.print_pack", "view", allow=SIGNED_IN)
def pack_pdf(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """POST makes numbered sheets. GET prints those from `first` to `last`, or else a draft without numbers."""
    walk = get_walk_for(request, public_id, to="roster")
    if request.method == "POST":
        return _make(request, walk)
    languages = LANGUAGES.get(request.GET.get("lang", ""), LANGUAGES["both"])
    first, last = _number(request, "first"), _number(request, "last")
    if first and last:
        return _numbered(request, walk, first, min(last, first + 2 * MOST_PAGES), languages)
    pack = pack_of(walk, with_hidden=False)
    wanted = plan(pack, list(Kind.values), None, 1)[:MOST_PAGES]
    pages = pages_of(pack, leaves_of([(kind, team.pk if team else None, None) for kind, team in wanted]))
    return _pdf(walk, render_pack(pack, pages[:MOST_PAGES], languages=languages, cover=True), "draft")


def _make(request: SignedInRequest, walk: Walk) -> HttpResponse:
    form = PackForm(request.POST, teams=list(walk.teams.all()))
    if not form.is_valid():
        return _paper(request, walk, form, status=400)
    chosen = form.cleaned_data
    cover, kinds = COVER in chosen["parts"], [kind for kind in chosen["parts"] if kind != COVER]
    if cover and not kinds:
        kinds = [Kind.SIGN_IN]
    try:
        pack = pack_of(walk, with_hidden=True)
        sheets = make_sheets(
            walk=walk, pack=pack, kinds=kinds, team_ids=form.team_ids, copies=chosen["copies"], by=request.user
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return _paper(request, walk, form, status=409)
    n = len(sheets)
    words = ngettext("%(n)d sheet is numbered. Print it now.", "%(n)d sheets are numbered. Print them now.", n)
    messages.success(request, words % {"n": n})
    asked = urlencode({"lang": chosen["language"], "cover": int(cover), "new": sheets[0].number})
    return redirect(f"{_url(walk)}?{asked}#print")


def _numbered(request: SignedInRequest, walk: Walk, first: int, last: int, languages: tuple[str, ...]) -> HttpResponse:
    pack = pack_of(walk, with_hidden=True)
    pages = pages_of(pack, [leaf for leaf in _leaves(walk, first, last) if first <= (leaf.number or 0) <= last])
    cover = request.GET.get("cover") == "1"
    return _pdf(walk, render_pack(pack, pages, languages=languages, cover=cover), f"{first}-{last}")


def _leaves(walk: Walk, first: int, last: int) -> list[Leaf]:
    """Every sheet that was made together with one of these. Two queries at most."""
    made = walk.sheets.filter(number__range=(first, last)).order_by().values("printed_at").distinct()
    rows = walk.sheets.filter(printed_at__in=made).order_by("number")
    told: list[Leaf] = []
    for _at, group in itertools.groupby(rows, key=lambda row: row.printed_at):
        told += leaves_of([(sheet.kind, sheet.team_id, sheet.number) for sheet in group])
    return told


def _pdf(walk: Walk, pdf: bytes, what: str) -> HttpResponse:
    response = pdf_response(pdf, name=f"walk-{walk.code}-{what}")
    response["Cache-Control"] = "private, no-store"
    return response


def _number(request: SignedInRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _url(walk: Walk) -> str:
    return reverse("field:desk_paper", args=[walk.public_id])


@require_POST
@access("walk.paper", "type_in", allow=SIGNED_IN)
def paper_back(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Sheets that are back, came back empty, or are out after all."""
    walk = get_walk_for(request, public_id, to="roster")
    form = BackForm(request.POST, walk=walk)
    if not form.is_valid():
        messages.error(request, _("Nothing was ticked. Tick the sheets first."))
        return redirect(_url(walk) + "#sheets")
    n = take_back(walk=walk, numbers=form.cleaned_data["numbers"], how=form.cleaned_data["how"], by=request.user)
    messages.success(request, ngettext("%(n)d sheet changed.", "%(n)d sheets changed.", n) % {"n": n})
    return redirect(_url(walk) + "#sheets")


# --- One sheet ---


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk.paper", "type_in", allow=SIGNED_IN)
def sheet(request: SignedInRequest, public_id: uuid.UUID, number: int) -> HttpResponse:
    """Type in what stands on a sheet. Each line is kept alone; what is refused stays in the form."""
    walk = get_walk_for(request, public_id, to="roster")
    found = get_object_or_404(Sheet.objects.select_related("team", "typed_by"), walk=walk, number=number)
    found.walk = walk
    if request.method != "POST":
        return _sheet(request, found)
    match found.kind:
        case Kind.CONCERNS:
            return _type_lines(request, found)
        case Kind.SIGN_IN:
            return _type_presence(request, found)
        case Kind.CONTACTS:
            return _type_tally(request, found)
        case Kind.AGAIN:
            return _type_looks(request, found)
        case Kind.SHOPS:
            return _type_visits(request, found)
    return _done(request, found)


def _sheet(request: SignedInRequest, sheet: Sheet, *, status: int = 200, **given: Any) -> HttpResponse:
    walk = sheet.walk
    context: dict[str, Any] = {"walk": walk, "sheet": sheet, "roster": Roster.of(walk)}
    if sheet.kind == Kind.CONCERNS:
        context |= {"lines": given.get("lines") or line_forms(walk), "typed": _typed(sheet)}
    elif sheet.kind == Kind.SIGN_IN:
        context |= {"people": _people(walk), "heads": given.get("heads") or HeadsForm(walk=walk)}
    elif sheet.kind == Kind.CONTACTS:
        context |= {"tally": given.get("tally") or TallyForm(), "kinds": [str(k.label) for k in Contact.Kind]}
    elif sheet.kind == Kind.AGAIN:
        context |= {"again": given.get("again") or AgainForm(items=_items(sheet)), "looks": _looks(sheet)}
    elif sheet.kind == Kind.SHOPS:
        form = given.get("visits") or VisitsForm(shops=shops_on_sheet(sheet))
        context |= {"visits": form, "visited": visits_on(sheet)}
    response = render(request, "field/paper_sheet.html", context | given, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _typed(sheet: Sheet) -> list[Concern]:
    return list(in_walking_order(sheet.concerns.all()).select_related("category", "segment__corridor"))


def _people(walk: Walk) -> list[tuple[Signup, bool]]:
    """Who comes, and whether they are checked in. Two queries."""
    here = set(Presence.objects.standing().filter(walk=walk).values_list("signup_id", flat=True))
    return [(signup, signup.pk in here) for signup in walk.signups.on_roster().order_by("name", "id")]


def _type_lines(request: SignedInRequest, sheet: Sheet) -> HttpResponse:
    lines = line_forms(sheet.walk, request.POST)
    filled = [line for line in lines if not line.is_empty]
    kept = [line for line in filled if line.is_valid() and _keep(request, sheet, line)]
    n = len(kept)
    if n:
        messages.success(request, ngettext("%(n)d concern is typed in.", "%(n)d concerns are typed in.", n) % {"n": n})
    refused = [line for line in filled if line not in kept]
    if refused:
        blank = line_forms(sheet.walk)
        lines = [line if line in refused else blank[n] for n, line in enumerate(lines)]
        return _sheet(request, sheet, lines=lines, refused=refused, status=400)
    return _done(request, sheet) if "done" in request.POST else redirect(request.path)


def _keep(request: SignedInRequest, sheet: Sheet, line: LineForm) -> bool:
    try:
        type_concern(sheet=sheet, by=request.user, **line.fields_of())
    except Refused as refused:
        line.add_error(None, refused.message)
        return False
    return True


def _type_presence(request: SignedInRequest, sheet: Sheet) -> HttpResponse:
    heads = HeadsForm(request.POST, walk=sheet.walk)
    if not heads.is_valid():
        return _sheet(request, sheet, heads=heads, status=400)
    ticked = [signup for signup, _here in _people(sheet.walk) if str(signup.public_id) in request.POST.getlist("here")]
    try:
        n = tick_present(sheet=sheet, signups=ticked, by=request.user)
        n += type_names(sheet=sheet, names=heads.cleaned_data["names"], by=request.user)
    except Refused as refused:
        heads.add_error(None, refused.message)
        return _sheet(request, sheet, heads=heads, status=409)
    if any(heads.bands.values()):
        token = heads.cleaned_data.get("token") or uuid.uuid4()
        counted_at = min(timezone.now(), sheet.walk.step_off_at)
        type_heads(sheet=sheet, token=token, bands=heads.bands, counted_at=counted_at, by=request.user)
    messages.success(request, ngettext("%(n)d person is checked in.", "%(n)d people are checked in.", n) % {"n": n})
    return _done(request, sheet) if "done" in request.POST else redirect(request.path)


def _type_tally(request: SignedInRequest, sheet: Sheet) -> HttpResponse:
    tally = TallyForm(request.POST)
    if not tally.is_valid():
        return _sheet(request, sheet, tally=tally, status=400)
    token = tally.cleaned_data.get("token") or uuid.uuid4()
    at = min(timezone.now(), sheet.walk.end_at)
    n = type_contacts(sheet=sheet, token=token, counts=tally.counts, at=at, by=request.user)
    messages.success(request, ngettext("%(n)d contact is counted.", "%(n)d contacts are counted.", n) % {"n": n})
    return _done(request, sheet)


def _items(sheet: Sheet) -> list[Concern]:
    """What stands on a look-again list, in its order; what was purged since is left out. Up to nine queries.

    A sheet that was made before its items were kept shows what its team would get today.
    """
    if sheet.items is None:
        pack = pack_of(sheet.walk, with_hidden=True)
        parts = [part for part in pack.parts if (part.team.pk if part.team else None) == sheet.team_id]
        return [item.concern for part in parts for item in part.looks]
    rows = Concern.objects.filter(public_id__in=sheet.items).select_related("category", "segment__corridor")
    found = {one.public_id: one for one in rows}
    return [found[one] for one in sheet.items if one in found]


def _looks(sheet: Sheet) -> list[Look]:
    return list(sheet.looks.select_related("concern__category").order_by("id"))


def _type_looks(request: SignedInRequest, sheet: Sheet) -> HttpResponse:
    form = AgainForm(request.POST, items=_items(sheet))
    if not form.is_valid():
        return _sheet(request, sheet, again=form, status=400)
    walk = sheet.walk
    seen_at = min(timezone.now(), walk.step_off_at)
    n = 0
    for concern, result, note in form.ticked():
        place = concern.location or walk.corridor.line.interpolate_normalized(0.5)
        lit = form.cleaned_data["lit"] or lit_at(place, seen_at, walk.zone)
        n += type_look(
            sheet=sheet, concern=concern, result=result, lit=lit, note=note, seen_at=seen_at, by=request.user
        )[1]
    messages.success(request, ngettext("%(n)d look is typed in.", "%(n)d looks are typed in.", n) % {"n": n})
    return _done(request, sheet) if "done" in request.POST else redirect(request.path)


def _type_visits(request: SignedInRequest, sheet: Sheet) -> HttpResponse:
    form = VisitsForm(request.POST, shops=shops_on_sheet(sheet))
    if not form.is_valid():
        return _sheet(request, sheet, visits=form, status=400)
    now = timezone.now()
    at = min(now, sheet.walk.end_at)
    n = sum(
        type_visit(sheet=sheet, landmark=landmark, result=result, at=at, received_at=now, by=request.user)
        for landmark, result in form.ticked()
    )
    messages.success(request, ngettext("%(n)d visit is typed in.", "%(n)d visits are typed in.", n) % {"n": n})
    return _done(request, sheet) if "done" in request.POST else redirect(request.path)


def _done(request: SignedInRequest, sheet: Sheet) -> HttpResponseRedirect:
    """All of it is typed in: on to the next one that waits."""
    mark_typed(sheet=sheet, by=request.user)
    following = sheet.walk.sheets.to_type_in().filter(number__gt=sheet.number).exclude(kind=Kind.MAP).first()
    messages.success(request, _("Sheet %(n)d is done.") % {"n": sheet.number})
    if following is None:
        return redirect(_url(sheet.walk) + "?show=type#sheets")
    return redirect("field:desk_sheet", public_id=sheet.walk.public_id, number=following.number)

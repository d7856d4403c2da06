"""The first day: five steps from an empty site to the first walk. Every step ticks itself when it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from corridors.models import Corridor
from office.coalition import change_coalition
from office.forms import CoalitionForm
from office.models import Coalition
from people.access import ADMINS, ORGANIZERS, SignedInRequest, access
from people.actions import add_organizations
from people.desk_views import invite_from
from people.forms import ColleagueForm, PastedOrganizationsForm, PasteForm
from people.models import Organization, User
from walks.models import Walk


@dataclass(frozen=True)
class Step:
    """One step of the list: what to do, where, and how many there are already."""

    key: str
    title: str | Promise
    why: str | Promise
    n: int
    done_words: str
    url: str
    button: str | Promise
    admin_only: bool = False
    needed: int = 1

    @property
    def is_done(self) -> bool:
        return self.n >= self.needed


def steps() -> list[Step]:
    """The five steps with what is there. Five queries."""
    coalition = Coalition.current()
    n_users = User.objects.filter(is_active=True).count()
    n_organizations = Organization.objects.current().count()
    n_corridors = Corridor.objects.count()
    n_walks = Walk.objects.current().count()
    return [
        Step(
            "coalition",
            gettext_lazy("Say who you are"),
            gettext_lazy("Name, place, time zone and the numbers to call. Every page and mail shows them."),
            int(coalition.set_up_at is not None),
            coalition.name,
            reverse("setup_coalition"),
            gettext_lazy("Fill it in"),
            admin_only=True,
        ),
        Step(
            "colleagues",
            gettext_lazy("Invite your colleagues"),
            gettext_lazy("Who works at the desk with you. Volunteers need no sign-in."),
            n_users,
            ngettext("%(n)d person may sign in", "%(n)d people may sign in", n_users) % {"n": n_users},
            reverse("setup_colleagues"),
            gettext_lazy("Invite them"),
            needed=2,
        ),
        Step(
            "organizations",
            gettext_lazy("List the organizations"),
            gettext_lazy("Paste their names. People choose theirs from the list when they sign up."),
            n_organizations,
            ngettext("%(n)d organization", "%(n)d organizations", n_organizations) % {"n": n_organizations},
            reverse("setup_organizations"),
            gettext_lazy("Paste names"),
        ),
        Step(
            "corridor",
            gettext_lazy("Draw the corridor"),
            gettext_lazy("The street you walk, from which cross street to which."),
            n_corridors,
            ngettext("%(n)d corridor", "%(n)d corridors", n_corridors) % {"n": n_corridors},
            reverse("corridors:desk_new"),
            gettext_lazy("Draw it"),
        ),
        Step(
            "walk",
            gettext_lazy("Schedule the first walk"),
            gettext_lazy("Day, hours and meeting point. Nobody sees it before you publish it."),
            n_walks,
            ngettext("%(n)d walk", "%(n)d walks", n_walks) % {"n": n_walks},
            reverse("walks:desk_new"),
            gettext_lazy("Schedule it"),
        ),
    ]


def next_step(user: User, found: list[Step]) -> Step | None:
    """The first open step that this user can do."""
    return next((step for step in found if not step.is_done and (user.is_admin or not step.admin_only)), None)


@require_GET
@access("setup", "view", allow=ORGANIZERS)
def setup(request: SignedInRequest) -> HttpResponse:
    found = steps()
    n_done = sum(step.is_done for step in found)
    context = {
        "steps": found,
        "next_step": next_step(request.user, found),
        "n_done": n_done,
        "n_steps": len(found),
        "progress_words": _("%(done)d of %(all)d steps done") % {"done": n_done, "all": len(found)},
    }
    return render(request, "desk/setup.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("coalition.settings", "edit", allow=ADMINS)
def setup_coalition(request: SignedInRequest) -> HttpResponse:
    form = CoalitionForm(request.POST or None, instance=Coalition.current())
    if request.method == "POST" and form.is_valid():
        change_coalition(by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved. Every page shows it from now on."))
        return redirect("setup")
    return render(request, "desk/setup_coalition.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@access("user", "invite", allow=ORGANIZERS)
def setup_colleagues(request: SignedInRequest) -> HttpResponse:
    """Invite one after another; who is there already stands beside the form."""
    form = ColleagueForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid() and (user := invite_from(form, by=request.user)):
        messages.success(request, _("A mail with a link is on its way to %(email)s.") % {"email": user.email})
        return redirect("setup_colleagues")
    colleagues = User.objects.filter(is_active=True).select_related("person").order_by("-created_at")[:30]
    context = {"form": form, "colleagues": colleagues}
    return render(request, "desk/setup_colleagues.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@access("organization", "create", allow=ORGANIZERS)
def setup_organizations(request: SignedInRequest) -> HttpResponse:
    """Paste, look at what was understood, add. The three stages share one address; each button says its stage."""
    stage: Callable[[SignedInRequest], HttpResponse] = {"preview": _preview, "add": _add}.get(
        request.POST.get("stage", ""), _paste
    )
    return stage(request)


def _known_names() -> list[str]:
    return list(Organization.objects.current().values_list("name", flat=True))


def _show(request: SignedInRequest, form: Any, template: str) -> HttpResponse:
    context = {"form": form, "n_known": Organization.objects.current().count()}
    return render(request, f"desk/{template}.html", context, status=400 if form.errors else 200)


def _paste(request: SignedInRequest) -> HttpResponse:
    """The empty box, or the one with the text that came back from the preview."""
    return _show(request, PasteForm(initial={"lines": request.POST.get("lines", "")}), "setup_organizations")


def _preview(request: SignedInRequest) -> HttpResponse:
    form = PasteForm(request.POST)
    if not form.is_valid():
        return _show(request, form, "setup_organizations")
    preview = PastedOrganizationsForm(text=form.cleaned_data["lines"], known=_known_names())
    return _show(request, preview, "setup_organizations_preview")


def _add(request: SignedInRequest) -> HttpResponse:
    text = request.POST.get("lines", "")[:20_000]
    form = PastedOrganizationsForm(request.POST, text=text, known=_known_names())
    if not form.is_valid():
        return _show(request, form, "setup_organizations_preview")
    chosen = form.chosen()
    if not chosen:
        form.add_error(None, _("Tick at least one line."))
        return _show(request, form, "setup_organizations_preview")
    n = len(add_organizations(by=request.user, rows=chosen))
    messages.success(
        request, ngettext("%(n)d organization was added.", "%(n)d organizations were added.", n) % {"n": n}
    )
    return redirect("setup")

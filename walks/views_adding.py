"""Putting many people on a roster: paste or upload, look at what was understood, then add."""

import uuid
from collections import Counter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from people.access import SIGNED_IN, SignedInRequest, access
from walks.access import get_walk_for
from walks.adding import add_people, look_up
from walks.adding_forms import PasteForm


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk.roster", "edit", allow=SIGNED_IN)
def desk_paste(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Three stages on one address; each button says its stage, and the text travels along."""
    walk = get_walk_for(request, public_id, to="roster")
    stage = request.POST.get("stage", "")
    if request.method != "POST" or stage == "again":
        form = PasteForm(initial={"lines": request.POST.get("lines", "")})
        return render(request, "walks/desk_paste.html", {"walk": walk, "form": form})
    form = PasteForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "walks/desk_paste.html", {"walk": walk, "form": form}, status=400)
    found = look_up(walk, form.people)
    if stage == "add":
        token, wait = form.cleaned_data["token"], form.cleaned_data["wait"]
        _say(request, add_people(walk=walk, found=found, by=request.user, token=token, wait=wait))
        return redirect("walks:desk_roster", walk.public_id)
    context = {
        "walk": walk,
        "form": form,
        "found": found,
        "n_added": sum(one.is_added for one in found),
        "counts": Counter(one.what for one in found),
        "text": form.text,
        "token": form.cleaned_data["token"],
    }
    return render(request, "walks/desk_paste.html", context)


def _say(request: SignedInRequest, outcomes: Counter[str]) -> None:
    n = outcomes["going"]
    messages.success(request, ngettext("%(n)d person was added.", "%(n)d people were added.", n) % {"n": n})
    if n := outcomes["guardian"]:
        words = ngettext("%(n)d waits for a guardian’s yes.", "%(n)d wait for a guardian’s yes.", n)
        messages.info(request, words % {"n": n})
    if n := outcomes["waiting"]:
        messages.info(request, ngettext("%(n)d is on the waitlist.", "%(n)d are on the waitlist.", n) % {"n": n})
    if n := outcomes["already"]:
        messages.info(request, ngettext("%(n)d was on it already.", "%(n)d were on it already.", n) % {"n": n})
    if n := outcomes["full"]:
        words = ngettext("%(n)d didn’t fit: all places are taken.", "%(n)d didn’t fit: all places are taken.", n)
        messages.error(request, words % {"n": n})
    if outcomes["closed"]:
        messages.error(request, _("This walk was called off. Nobody can be added to it."))

"""The desk's page of what a walk carries, printable, and the button that thanks its people afterwards."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from concerns.carrying import carried_by
from concerns.thanking import thank
from office.refused import Refused
from people.access import SIGNED_IN, SignedInRequest, access
from walks import telling
from walks.access import get_walk_for
from walks.models import Notice, Walk


@require_safe
@access("walk.print_pack", "view", allow=SIGNED_IN)
def carries(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Open and claimed items on the way, who asked for something, promises due by then."""
    walk = get_walk_for(request, public_id, to="edit")
    context = {"walk": walk, "carried": carried_by(walk, request.user), "today": timezone.localdate()}
    return render(request, "concerns/carries.html", context)


@require_POST
@access("walk.debrief", "edit", allow=SIGNED_IN)
def debrief_thanks(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """`do=send` with `words`, `do=undo` or `do=now` for the one that waits."""
    walk = get_walk_for(request, public_id, to="edit")
    try:
        words = _press(request, walk, request.POST.get("do", "send"))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, words)
    return redirect(reverse("concerns:debrief", args=[walk.public_id]) + "#thanks")


def _press(request: SignedInRequest, walk: Walk, do: str) -> str:
    if do == "send":
        notice = thank(walk=walk, by=request.user, words=request.POST.get("words", ""))
        n = notice.to.exclude(mail=None).count()
        words = ngettext(
            "%(n)d mail goes out in a minute. Until then you can take it back.",
            "%(n)d mails go out in a minute. Until then you can take them back.",
            n,
        )
        return words % {"n": n}
    waiting = thanks_of(walk)
    if waiting is None:
        raise Refused(_("There is no thank-you on its way."))
    if do == "undo":
        telling.undo(notice=waiting, by=request.user)
        return _("Taken back. Nobody got it.")
    telling.send_now(notice=waiting, by=request.user)
    return _("It goes out now.")


def thanks_of(walk: Walk) -> Notice | None:
    """The thank-you that went out or waits; None where there is none, or it was taken back. One query."""
    found: Notice | None = walk.notices.filter(kind=Notice.Kind.THANKS, undone_at=None).order_by("-id").first()
    return found

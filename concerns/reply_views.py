"""Putting words that are sent often into the form that sets a status. Nothing is sent or changed by it."""

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from concerns.access import get_concern_for
from concerns.desk_views import detail_page
from concerns.forms import MoveForm
from concerns.replies import replies_for, with_reply
from people.access import ORGANIZERS, SignedInRequest, access


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def desk_reply(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """The page again with the reply and whatever else was typed in the form. POST only because of what is typed."""
    concern = get_concern_for(request, public_id)
    to = request.POST.get("to", "")
    form = MoveForm(concern=concern)
    targets = [value for value, _label in form.fields["to"].choices]  # type: ignore[attr-defined]
    replies = replies_for(concern, to if to in targets else "").replies
    reply = next((one for one in replies if str(one.number) == request.POST.get("use", "")), None)
    typed = request.POST.get("public_note", "")
    form.initial = {
        "to": (reply.status if reply else "") or to,
        "note": request.POST.get("note", ""),
        "public_note": with_reply(typed, reply, replies) if reply else typed,
    }
    form.fields["public_note"].widget.attrs |= {"autofocus": True, "rows": 6}
    # The page was opened on this status: who was quicker in between is still told.
    form.expected = request.POST.get("expected", "")[:18] or concern.status
    if reply is None:
        problem = _("These words aren’t there any more. Choose others.")
        return detail_page(request, concern, problem=problem, status=400, move_form=form)
    return detail_page(request, concern, move_form=form)

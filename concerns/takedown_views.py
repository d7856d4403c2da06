"""Taking a takedown back."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from concerns.access import get_concern_for
from concerns.desk_views import detail_page
from concerns.takedown import undo_take_down
from office.refused import Refused
from people.access import ORGANIZERS, SignedInRequest, access


@require_POST
@access("concern", "publish", allow=ORGANIZERS)
def take_down_undo(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Public again, with the photos and looks that were. Within ten minutes."""
    concern = get_concern_for(request, public_id)
    try:
        undo_take_down(concern=concern, by=request.user)
    except Refused as refusal:
        return detail_page(request, get_concern_for(request, public_id), problem=refusal.message, status=400)
    messages.success(request, _("It is public again, as it was."))
    return redirect("concerns:desk_detail", concern.public_id)

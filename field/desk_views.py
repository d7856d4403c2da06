"""The desk's page about the phones on a walk, for organizers and its lead."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.db.models import Count, F, Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from field import actions
from people.access import SIGNED_IN, SignedInRequest, access
from people.models import User
from walks import invites
from walks.access import get_walk_for
from walks.models import Device

Act = Callable[..., Device]


@require_safe
@access("field.device", "list", allow=SIGNED_IN)
def phones(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Which phones joined, what waits on them, and who may see vacant buildings."""
    walk = get_walk_for(request, public_id, to="edit")
    devices = (
        walk.devices.select_related("team")
        .annotate(n_sent=Count("receipts"), sent_at=Max("receipts__updated_at"))
        .order_by(F("revoked_at").asc(nulls_first=True), "-enrolled_at", "id")
    )
    context = {
        "walk": walk,
        "devices": devices,
        "n_waiting": sum(device.n_waiting or 0 for device in devices if not device.revoked_at),
        "is_open": invites.is_open(walk, now=timezone.now()),
    }
    return render(request, "field/phones.html", context)


def _button(act: Act, done: Callable[[], str]) -> Callable[[HttpRequest, uuid.UUID, uuid.UUID], HttpResponseBase]:
    @require_POST
    @access("field.device", "manage", allow=SIGNED_IN)
    def press(request: SignedInRequest, public_id: uuid.UUID, device_id: uuid.UUID) -> HttpResponse:
        walk = get_walk_for(request, public_id, to="edit")
        device = get_object_or_404(Device, walk=walk, public_id=device_id)
        user: User = request.user
        act(device=device, by=user)
        messages.success(request, done())
        return redirect("field:desk_phones", public_id=walk.public_id)

    return press  # type: ignore[return-value]


confirm = _button(actions.confirm_device, lambda: _("Confirmed. This phone gets the vacant buildings, too."))
revoke = _button(actions.revoke_device, lambda: _("Taken off the walk. What it sent stays; it can send no more."))
readmit = _button(actions.readmit_device, lambda: _("Let back in. What waits on it is sent now."))

"""“Somebody asks us right now”: an agency's people write down a request and take it on in the same moment."""

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from concerns.receipts import shown
from office.partner import Section
from office.refused import Refused
from outreach.counter import ask_and_take, own_organization
from outreach.handoff_forms import HandoffForm
from outreach.help_views import wording
from people.access import SIGNED_IN, SignedInRequest, access
from people.models import Organization
from people.token_pages import token_page


@require_http_methods(["GET", "HEAD", "POST"])
@access("agency_handoff", "take", allow=SIGNED_IN)
@token_page
def partner_handoff(request: SignedInRequest, organization_id: uuid.UUID) -> HttpResponse:
    """Need, language and yes of somebody who stands there; afterwards the code, once."""
    organization = own_organization(request.user, organization_id)
    form = HandoffForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        try:
            kept, referrals = ask_and_take(
                organization=organization,
                form_token=form.token,
                needs=form.cleaned_data["needs"],
                how=form.cleaned_data["how"],
                by=request.user,
                **form.asked(),
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            where = settings.SITE_URL + reverse("outreach:help_enter")
            context = {"code": shown(kept.code), "referrals": referrals, "organization": organization, "where": where}
            return render(request, "outreach/handoff_kept.html", context)
    words = [(name, wording(code), code) for code, name in form.fields["language"].choices]  # type: ignore[attr-defined]
    context = {"form": form, "wordings": words, "organization": organization}
    return render(request, "outreach/handoff.html", context, status=400 if form.errors else 200)


def section(*, request: SignedInRequest, organizations: Sequence[Organization]) -> Section | None:
    """The door to it, for one's own organizations only. No query: memberships are known by now."""
    user = request.user
    own = [one for one in organizations if one.pk in user.organization_ids]
    mine = [one for one in own if one.is_walled or not user.is_walled]
    if not mine:
        return None
    context = {"organizations": mine, "with_names": len(mine) > 1}
    return Section("handoff", _("Somebody asks you right now?"), "outreach/_partner_handoff.html", context=context)

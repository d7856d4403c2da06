"""Paper about a walk that everybody may have: the poster and the flyer."""

import hashlib
import uuid

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from office.models import Coalition
from office.pdf import pdf_response
from people.access import EVERYBODY, access
from walks.callers import wait_of
from walks.models import Walk
from walks.poster import Kind, Size, poster_pdf

AN_HOUR = 60
KEPT_S = 600


@require_safe
@access("walk.public_page", "view", allow=EVERYBODY)
def poster(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """`?size=a4` for paper of that size."""
    return _pdf(request, public_id, "poster", "a4" if request.GET.get("size") == "a4" else "letter")


@require_safe
@access("walk.public_page", "view", allow=EVERYBODY)
def flyer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _pdf(request, public_id, "flyer", "letter")


def _pdf(request: HttpRequest, public_id: uuid.UUID, kind: Kind, size: Size) -> HttpResponse:
    """Kept for ten minutes, and made anew when something about the walk changes."""
    walk = get_object_or_404(Walk.objects.public().select_related("corridor"), public_id=public_id)
    state = (walk.pk, walk.updated_at, walk.state, walk.sequence, Coalition.current().name, kind, size)
    key = "poster:" + hashlib.sha256(repr(state).encode()).hexdigest()[:40]
    pdf = cache.get(key)
    if pdf is None:
        if wait := wait_of(request, what="poster", limit=AN_HOUR):
            response = HttpResponse(_("Too many posters were asked for from here. Try again in a while."), status=429)
            response["Retry-After"] = str(wait)
            return response
        pdf = poster_pdf(walk, kind=kind, size=size)
        cache.set(key, pdf, KEPT_S)
    return pdf_response(pdf, name=f"walk-{walk.code}-{kind}")

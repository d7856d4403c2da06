"""Leave-behind cards: printing them at the desk."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from concerns.receipts import code_for
from office.actions import record
from office.bilingual import said
from office.models import Coalition
from office.pdf import make_pdf, pdf_response
from office.refused import Refused
from outreach.cards import code_on, make_cards, printed_lately
from outreach.models import CardBatch
from outreach.shop_forms import CardsForm
from people.access import ORGANIZERS, SignedInRequest, access
from walks.models import Walk

MOST_BATCHES, ON_A_SHEET = 30, 10
WORDS = {
    "title": gettext_lazy("We talked with you"),
    "line": gettext_lazy("With this code you see what happens, ask for help, and take back your yes."),
    "code": gettext_lazy("Your code"),
    "at": gettext_lazy("Open"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@access("card", "print", allow=ORGANIZERS)
@never_cache
def cards_page(request: SignedInRequest) -> HttpResponse:
    """What was printed, and how much of it was given out; print more."""
    walks = Walk.objects.current().filter(end_at__gt=timezone.now()).order_by("meet_at")
    languages = [(code, str(name)) for code, name in settings.LANGUAGES if code != "en"]
    form = CardsForm(request.POST or None, walks=walks, languages=languages)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            batch = make_cards(n=told["n"], walk=told["walk"], languages=["en", told["second"]], by=request.user)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("The cards are made. Print them today: tomorrow their codes can’t be shown."))
            return redirect(reverse("outreach:cards") + f"#b-{batch.public_id}")
    used = Count("cards", filter=Q(cards__used_at__isnull=False))
    batches = list(CardBatch.objects.select_related("walk").annotate(n_used=used)[:MOST_BATCHES])
    context = {"form": form, "batches": [(one, printed_lately(one)) for one in batches]}
    return render(request, "outreach/cards.html", context, status=400 if form.errors else 200)


@require_safe
@access("card", "print", allow=ORGANIZERS)
@never_cache
def cards_pdf(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Ten cards on a sheet. Only cards that nobody has yet, and only for a day: a code is somebody's key."""
    batch = get_object_or_404(CardBatch, public_id=batch_id)
    if not printed_lately(batch):
        messages.error(request, _("These were printed more than a day ago. Make new ones."))
        return redirect("outreach:cards")
    record(actor=request.user, action="card.pdf", resource="card_batch", object_id=batch.public_id)
    address = settings.SITE_URL + reverse("outreach:help_enter")
    cards = [
        {"number": card.number, "code": code_on(card), "link": f"{address}#{code_for(card.token)}"}
        for card in batch.cards.filter(used_at=None)
    ]
    sheets = [cards[n : n + ON_A_SHEET] for n in range(0, len(cards), ON_A_SHEET)]
    words = {name: said(text, tuple(batch.languages)) for name, text in WORDS.items()}
    context = {"sheets": sheets, "w": words, "coalition": Coalition.current(), "address": address.partition("//")[2]}
    pdf = make_pdf("outreach/cards_pdf.html", context, styles=["css/leave-behind.css"])
    return pdf_response(pdf, name=f"cards-{batch.made_at:%Y-%m-%d}")

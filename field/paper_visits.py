"""What came of visits to shops, typed in from the sheet that lists them (`field.paper_shops`)."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from corridors.models import Landmark
from field.paper_actions import is_back, line_id
from office.actions import record
from outreach.actions import log_contact
from outreach.models import Contact
from people.models import User
from walks.models import Sheet


def shops_on_sheet(sheet: Sheet) -> list[Landmark]:
    """What stands on it, in its order; what was deleted since is left out. One query."""
    rows = Landmark.objects.filter(public_id__in=sheet.items or []).select_related("shop")
    found = {one.public_id: one for one in rows}
    return [found[one] for one in sheet.items or [] if one in found]


class VisitsForm(forms.Form):
    """What came of each visit. Shops without a tick are left out."""

    hide_optional = True

    def __init__(self, *args: Any, shops: Sequence[Landmark], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shops = shops
        for n, landmark in enumerate(shops, start=1):
            self.fields[str(landmark.public_id)] = forms.ChoiceField(
                label=_("%(n)d %(name)s: what came of it") % {"n": n, "name": landmark.name},
                choices=[("", "–"), *Contact.Result.choices],
                required=False,
            )

    def lines(self) -> list[tuple[Landmark, forms.BoundField]]:
        return [(landmark, self[str(landmark.public_id)]) for landmark in self.shops]

    def ticked(self) -> list[tuple[Landmark, str]]:
        told = [(landmark, self.cleaned_data.get(str(landmark.public_id), "")) for landmark in self.shops]
        return [(landmark, result) for landmark, result in told if result]


def visits_on(sheet: Sheet) -> list[Contact]:
    """What is typed in from this sheet. One query."""
    ids = [line_id(sheet, one) for one in sheet.items or []]
    return list(Contact.objects.filter(public_id__in=ids).select_related("landmark").order_by("id"))


@transaction.atomic
def type_visit(*, sheet: Sheet, landmark: Landmark, result: str, at: datetime, received_at: datetime, by: User) -> bool:
    """A ticked line, and whether it is new: a shop is visited once on a sheet. `public_id` is unique, also at once."""
    sheet = Sheet.objects.select_for_update(of=("self",)).select_related("walk", "team").get(pk=sheet.pk)
    public_id: uuid.UUID = line_id(sheet, landmark.public_id)
    if Contact.objects.filter(public_id=public_id).exists():
        return False
    log_contact(
        walk=sheet.walk,
        team=sheet.team,
        device=None,
        received_at=received_at,
        public_id=public_id,
        source=Contact.Source.PAPER,
        kind=Contact.Kind.BUSINESS,
        result=result,
        needs=[],
        captured_at=at,
        is_clock_off=False,
        location=landmark.location,
        landmark=landmark,
    )
    is_back(sheet)
    record(actor=by, action="contact.paper", resource="walk", object_id=sheet.walk.public_id, detail={"n": 1})
    return True

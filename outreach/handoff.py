"""“I’m from the agency, I’m taking this now”: somebody who stands there takes a request on at once."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from office.working_days import end_of_working_day
from outreach.models import HelpRequest, Referral, ReferralUpdate
from outreach.referral_story import add_line, touch
from outreach.referring import ANSWER_WITHIN
from outreach.workflow import Party, State
from people.models import Organization, User
from walks.models import Device


@transaction.atomic
def take_now(
    *,
    help_request: HelpRequest,
    organization: Organization,
    needs: Iterable[str],
    by: User | None = None,
    device: Device | None = None,
) -> list[Referral]:
    """Referrals that the agency has taken on already; no mail goes out. One that it has already is left as it is.

    Needs a yes in force for exactly this agency: a warm handoff records consent like any other. Raises Refused.
    """
    now, locked = timezone.now(), HelpRequest.objects.select_for_update().get(pk=help_request.pk)
    wanted = [need for need in dict.fromkeys(needs) if need in locked.needs]
    if locked.closed_at is not None or organization.merged_into_id is not None or not wanted:
        raise Refused(_("This can’t be taken on now. Load the page again."))
    if not locked.consents.in_force(now).filter(scope="named", organization=organization).exists():
        raise Refused(
            _("%(agency)s may not have it: there is no yes for this agency.") % {"agency": organization.name}
        )  # fmt: skip
    has = set(locked.referrals.open().filter(organization=organization).values_list("need", flat=True))
    due_at = end_of_working_day(now, ANSWER_WITHIN)
    made = []
    for need in wanted:
        if need in has:
            continue
        referral = Referral.objects.create(
            help_request=locked, organization=organization, need=need, state=State.ACCEPTED, sent_at=now,
            due_at=due_at, answered_at=now, created_by=by,
        )  # fmt: skip
        add_line(referral, ReferralUpdate.Kind.STATE, Party.AGENCY, by, at=now, to_state=referral.state)
        detail = {"organization": str(organization.public_id), "by_phone": device is not None}
        record(actor=by, action="referral.taken", resource="referral", object_id=referral.public_id, detail=detail)
        made.append(referral)
    touch(locked, now)
    return made

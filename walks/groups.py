"""“I bring 8 people”: who they are, once their names are known.

Under 13 nothing is stored but that somebody comes. Who is 13 to 17 needs a guardian's yes of their own, so they have
a sign-up of their own and aren't in a group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.actions import record
from office.refused import Refused
from people.roles import AgeBand
from walks.models import GroupMember, Signup
from walks.places import lock


@dataclass(frozen=True)
class Named:
    """Somebody of a group as written down; `public_id` is None for who is new."""

    name: str
    age_band: str = AgeBand.UNKNOWN
    public_id: UUID | None = None


@transaction.atomic
def name_members(*, signup: Signup, named: Sequence[Named]) -> int:
    """Have exactly these in the group. How many were left out because they are under 13. Raises Refused."""
    lock(signup.walk)
    signup.refresh_from_db()
    if signup.state == Signup.State.WITHDRAWN:
        raise Refused(_("This sign-up was withdrawn. Sign up again first."))
    if any(one.age_band == AgeBand.TEEN for one in named):
        raise Refused(_("Who is 13 to 17 signs up with a form of their own, so that a parent or guardian can say yes."))
    most = signup.n_people - 1
    if len(named) > most:
        words = ngettext("You bring %(n)d person.", "You bring %(n)d people.", most) % {"n": most}
        raise Refused(_("%(words)s Write a larger number first, then the names.") % {"words": words})
    kept = [one for one in named if one.age_band != AgeBand.UNDER_13]
    _write(signup, kept)
    record(actor=None, action="signup.members", resource="signup", object_id=signup.public_id, detail={"n": len(kept)})
    return len(named) - len(kept)


def _write(signup: Signup, kept: Sequence[Named]) -> None:
    """Rows stay the same rows, because the table on the day may point at them."""
    there = {member.public_id: member for member in signup.members.all()}
    stays = {one.public_id for one in kept if one.public_id in there}
    signup.members.exclude(public_id__in=stays).delete()
    for one in kept:
        member = there.get(one.public_id) if one.public_id else None
        member = member or GroupMember(signup=signup)
        member.name, member.age_band = one.name.strip()[:120], one.age_band
        member.save()

"""Which organizations the table offers for somebody who walks up."""

import uuid
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from office.refused import Refused
from people.models import Organization
from walks.models import Walk
from walks.table_actions import Ticker


def offered(walk: Walk, *, is_desk: bool) -> tuple[list[Organization], list[Organization]]:
    """Organizations of this walk, and all others, by name each; greeters by link get no others. One query."""
    rows = list(_offered(walk, is_desk=is_desk).order_by("name", "id"))
    return [one for one in rows if one.is_on_walk], [one for one in rows if not one.is_on_walk]


def named(walk: Walk, wanted: str, by: Ticker) -> Organization | None:
    """The organization that a tick names, None where it names none. Raises Refused for one that isn't offered."""
    if not wanted:
        return None
    try:
        found = _offered(walk, is_desk=by.user is not None).filter(public_id=uuid.UUID(wanted)).first()
    except ValueError:
        found = None
    if found is None:
        raise Refused(_("That organization isn’t in the list. Choose another one, or none."))
    return found


def _offered(walk: Walk, *, is_desk: bool) -> Any:
    """On this walk: promised people, has some on the list, or has some here (whose rows greeters see anyway)."""
    own = {"organization": OuterRef("pk")}
    is_on_walk = (
        Exists(walk.pledges.filter(n_people__gt=0, **own))
        | Exists(walk.signups.on_roster().filter(**own))
        | Exists(walk.presences.standing().filter(**own))
    )
    rows = Organization.objects.current().annotate(is_on_walk=is_on_walk)
    return rows if is_desk else rows.filter(is_on_walk=True)

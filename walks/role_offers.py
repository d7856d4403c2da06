"""Which roles a walk still needs somebody for, and from which age on.

The walk lead isn't offered: an organizer names the lead. “Wherever I’m needed” is an empty role.
"""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from people.roles import STORED_AGE_BANDS, AgeBand
from walks.models import ADULT_ROLES, Signup, Walk, WalkRole

# From young to old, without “rather not say”.
AGES = [band.value for band in STORED_AGE_BANDS if band is not AgeBand.UNKNOWN]


@dataclass(frozen=True)
class RoleOnOffer:
    """A role with room: how many more may take it (None: as many as like to) and from which age."""

    role: WalkRole
    left: int | None
    from_band: str

    @property
    def label(self) -> str:
        words = str(self.role.label)
        return f"{words} ({from_age(self.from_band)})" if self.from_band else words


def from_age(band: str) -> str:
    """“18 and over”: the years a band starts with."""
    years = band.partition("_")[0]
    return _("%(years)s and over") % {"years": years}


def roles_on_offer(walk: Walk) -> list[RoleOnOffer]:
    """What somebody may choose when they sign up, in the order the walk's needs were written. Two queries."""
    needs = [need for need in walk.role_needs.all() if need.role != WalkRole.LEAD]
    if not needs:
        return []
    taken = Counter(walk.signups.holding_a_place().exclude(role="").values_list("role", flat=True))
    offered = []
    for need in needs:
        left = None if need.n_max is None else need.n_max - taken[need.role]
        if left is None or left > 0:
            role = WalkRole(need.role)
            offered.append(RoleOnOffer(role, left, _youngest(role, need.from_band)))
    return offered


def _youngest(role: WalkRole, from_band: str) -> str:
    """The band that both the walk and the role itself ask for."""
    asked = [from_band] if from_band else []
    asked += [AgeBand.YOUNG_ADULT.value] if role in ADULT_ROLES else []
    return max(asked, key=AGES.index, default="")


def is_free(walk: Walk, role: str) -> bool:
    return any(one.role == role for one in roles_on_offer(walk))


def why_not(walk: Walk, role: str, age_band: str) -> str:
    """Why somebody of that age can't take the role, as a sentence with the way out; empty where they can."""
    offered = next((one for one in roles_on_offer(walk) if one.role == role), None)
    if offered is None:
        return _("That role was just taken. Choose another, or “wherever I’m needed”.")
    if not is_old_enough(age_band, offered.from_band):
        words = {"age": from_age(offered.from_band)}
        if age_band == AgeBand.UNKNOWN:
            return _("This role is for people of %(age)s. Say your age, or choose another role.") % words
        return _("This role is for people of %(age)s. Choose another, or “wherever I’m needed”.") % words
    return ""


def is_old_enough(age_band: str, from_band: str) -> bool:
    """Where an age is asked for, “rather not say” isn't enough."""
    if not from_band:
        return True
    return age_band in AGES and AGES.index(age_band) >= AGES.index(from_band)


def role_fits(signup: Signup) -> bool:
    """Whether a minor isn't put into an adult's role by what we know of them."""
    return not (signup.is_minor and signup.role in ADULT_ROLES)

"""Many people put on a roster at once: first what each line would do, then each by itself."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid5

from people.models import Organization, Person, User
from people.paste import same_name
from walks.models import Signup, Walk
from walks.pasting import Line
from walks.roster import sign_up

What = Literal["new", "known", "on", "twice", "unclear"]


@dataclass(frozen=True)
class Found:
    """What a line would do: `new` or `known` is added, `on` is on the roster already, `twice` stands further up."""

    line: Line
    what: What
    organization: Organization | None = None

    @property
    def is_added(self) -> bool:
        return self.what in {"new", "known"}


def look_up(walk: Walk, lines: list[Line]) -> list[Found]:
    """Hold the lines against who is known and who is on the roster. Three queries, however many lines."""
    by_email, by_phone = _known(lines)
    names = {same_name(one.name): one for one in Organization.objects.current()}
    on_roster = set(walk.signups.exclude(state=Signup.State.WITHDRAWN).values_list("person_id", flat=True))
    seen: set[tuple[str, str]] = set()
    found = []
    for line in lines:
        person = by_email.get(line.email) if line.email else by_phone.get((line.phone, line.name.casefold()))
        key = _key(line)
        what: What = (
            "unclear" if line.problem
            else "twice" if key in seen
            else "on" if person in on_roster
            else "known" if person
            else "new"
        )  # fmt: skip
        if not line.problem and (line.email or line.phone):
            seen.add(key)
        found.append(Found(line, what, names.get(same_name(line.organization)) if line.organization else None))
    return found


def _key(line: Line) -> tuple[str, str]:
    return ("", line.email) if line.email else (line.name.casefold(), line.phone)


def _known(lines: list[Line]) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Whom the desk knows again, as `sign_up` does: by e-mail, or by phone and name."""
    people = Person.objects.current()
    emails = people.filter(email__in={line.email for line in lines if line.email}).values_list("email", "pk")
    phones = people.filter(phone__in={line.phone for line in lines if line.phone and not line.email})
    return dict(emails), {(one.phone, one.name.casefold()): one.pk for one in phones}


def add_people(*, walk: Walk, found: list[Found], by: User, token: UUID, wait: bool = False) -> Counter[str]:
    """Put those that are new or known on the roster; how many came out how.

    Each in a transaction of its own, so that one refusal doesn't undo the others. Sent twice with the same token they
    are there once. With `wait` who doesn't fit goes on the waitlist.
    """
    return Counter(_add(walk, one, by, token, wait=wait) for one in found if one.is_added)


def _add(walk: Walk, one: Found, by: User, token: UUID, *, wait: bool) -> str:
    line = one.line
    result = sign_up(
        walk=walk,
        name=line.name,
        email=line.email,
        phone=line.phone,
        organization=one.organization,
        organization_text=line.organization,
        age_band=line.age_band,
        language=(walk.languages or ["en"])[0],
        n_people=line.n_people,
        role=line.role,
        wait=wait,
        form_token=uuid5(token, f"{line.number}:{line.text}"),
        source=Signup.Source.DESK,
        by=by,
    )
    return "already" if result.is_repeat else result.outcome

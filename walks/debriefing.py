"""The fifteen minutes at the end: what was good, what to do otherwise, the top three of each team.

Several people may write at once. Each part (`highlights`, `lessons`, one for each team) has a version of its own: what
nobody else touched is saved, what two people changed is shown to the second, who decides.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from people.models import User
from walks.models import MOST_TOPS, Debrief, Team, TeamTop, Walk

WORDS = ("highlights", "lessons")
LONGEST_TOP = 300
LONGEST_WORDS = 3000


def part_of(team: Team) -> str:
    """The name of the part that a team's top three are."""
    return f"top:{team.public_id}"


def version_of(said: str | Sequence[str]) -> str:
    """What somebody saw of one part: hidden in the form, compared before writing."""
    told = said if isinstance(said, str) else "\n".join([*said, "", "", ""][:MOST_TOPS])
    return hashlib.sha256(_plain(told).encode()).hexdigest()[:16]


def _plain(words: str) -> str:
    """Browsers send line ends as CR LF (HTML standard, form submission)."""
    return words.replace("\r\n", "\n").replace("\r", "\n").strip()


@dataclass(frozen=True)
class Said:
    """What a debrief holds, part by part. A team's part has its lines in order."""

    words: dict[str, str]
    tops: dict[uuid.UUID, list[str]]
    debrief: Debrief | None = None

    def versions(self) -> dict[str, str]:
        told = {name: version_of(self.words[name]) for name in WORDS}
        return told | {f"top:{team}": version_of(lines) for team, lines in self.tops.items()}


def said_of(walk: Walk, teams: Sequence[Team]) -> Said:
    """Two queries."""
    debrief = Debrief.objects.filter(walk=walk).select_related("by__person").first()
    tops: dict[uuid.UUID, list[str]] = {team.public_id: [] for team in teams}
    for top in TeamTop.objects.filter(walk=walk).select_related("team").order_by("rank"):
        lines = tops.setdefault(top.team.public_id, [])
        lines += [""] * (top.rank - 1 - len(lines)) + [top.text]
    words = {name: getattr(debrief, name) if debrief else "" for name in WORDS}
    return Said(words, tops, debrief)


@dataclass
class Written:
    """Which parts were saved, and those that somebody else changed meanwhile, as they are stored."""

    saved: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


@transaction.atomic
def write_debrief(
    *, walk: Walk, by: User, seen: Mapping[str, str], words: Mapping[str, str], tops: Mapping[uuid.UUID, Sequence[str]]
) -> Written:
    """Save what this person changed since they saw `seen` (versions by part). What two changed isn't written.

    Teams that aren't this walk's are left out. Raises Refused for what is too long.
    """
    lock_walk(walk)
    teams = {team.public_id: team for team in walk.teams.all()}
    now = said_of(walk, list(teams.values()))
    stored, done = now.versions(), Written()
    for name in WORDS:
        if name in words and _may_write(name, words[name], seen, stored, done):
            _write_words(walk, name, _plain(words[name]), by)
    for team_id, lines in tops.items():
        if team_id in teams and _may_write(f"top:{team_id}", _lines(lines), seen, stored, done):
            _write_tops(teams[team_id], _lines(lines))
    if done.saved:
        _touch(walk, by)
        record(
            actor=by, action="debrief.write", resource="walk", object_id=walk.public_id, detail={"n": len(done.saved)}
        )
    return done


def _may_write(
    part: str, typed: str | Sequence[str], seen: Mapping[str, str], stored: Mapping[str, str], done: Written
) -> bool:
    """Whether this person changed the part and nobody else did. Notes what becomes of it in `done`."""
    wanted = version_of(typed)
    if wanted in (stored[part], seen.get(part)):
        return False
    if seen.get(part) != stored[part]:
        done.conflicts.append(part)
        return False
    done.saved.append(part)
    return True


def _lines(lines: Sequence[str]) -> list[str]:
    """At most three lines without a gap."""
    told = [" ".join(line.split()) for line in lines]
    told = [line for line in told if line][:MOST_TOPS]
    if any(len(line) > LONGEST_TOP for line in told):
        raise Refused(_("One of the top three is too long: 300 letters at most."))
    return told


def _write_words(walk: Walk, name: str, words: str, by: User) -> None:
    if len(words) > LONGEST_WORDS:
        raise Refused(_("That is too long: 3000 letters at most for each text."))
    Debrief.objects.update_or_create(walk=walk, defaults={name: words, "by": by})


def _write_tops(team: Team, lines: Sequence[str]) -> None:
    team.tops.all().delete()
    TeamTop.objects.bulk_create(
        TeamTop(walk_id=team.walk_id, team=team, rank=rank, text=line) for rank, line in enumerate(lines, start=1)
    )


def _touch(walk: Walk, by: User) -> Debrief:
    return Debrief.objects.update_or_create(walk=walk, defaults={"by": by})[0]


@transaction.atomic
def take_over_top(*, walk: Walk, team: Team, text: str, by: User) -> None:
    """Put a line on a team's first free place. Raises Refused where all three are taken; twice changes nothing."""
    lock_walk(walk)
    lines = list(team.tops.order_by("rank").values_list("text", flat=True))
    text = " ".join(text.split())[:LONGEST_TOP]
    if text in lines:
        return
    if len(lines) >= MOST_TOPS:
        raise Refused(_("%(team)s has its three already. Empty one first.") % {"team": team})
    _write_tops(team, [*lines, text])
    _touch(walk, by)


@transaction.atomic
def finish_debrief(*, walk: Walk, by: User) -> Debrief:
    """The table is cleared: from now on people can be thanked. Twice changes nothing; writing on stays possible."""
    lock_walk(walk)
    if walk.step_off_at > timezone.now():
        raise Refused(_("The walk hasn’t begun. Finish the debrief when it is over."))
    debrief = _touch(walk, by)
    if debrief.finished_at is None:
        debrief.finished_at = timezone.now()
        debrief.save(update_fields=["finished_at"])
        record(actor=by, action="debrief.finish", resource="walk", object_id=walk.public_id)
    return debrief


def lock_walk(walk: Walk) -> None:
    """Hold the walk's row until the transaction ends. Taken before any other row of the walk."""
    Walk.objects.select_for_update(of=("self",)).get(pk=walk.pk)

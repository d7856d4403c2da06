"""Two records of the same person or organization become one: shown before, written down, undone from what was written.

Whatever points at the one moves to the other, in every room, found through the relations themselves. What somebody
agreed to (`CONSENTS`) does not pass on unless the one who merges says that it may, with a reason. The old record
stays and names its successor (`merged_into`), so that old links and numbers keep working.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from office.actions import record
from office.models import AuditEvent
from office.refused import Refused
from people.actions import must_be_admin
from people.models import Organization, Person, User

Record = TypeVar("Record", Person, Organization)

# Rows that hold somebody's yes, by model label. They name rooms to the right as data: nothing is imported.
CONSENTS = frozenset({"walks.guardianconsent", "outreach.consent"})
# How many of these there are says who asked for help: numbers for coordinators alone.
BEHIND_THE_WALL = frozenset({"outreach.consent", "outreach.referral"})
# Filled in on the one that stays where it has nothing there.
FILLED = {
    Person: ("email", "phone"),
    Organization: ("email", "public_phone", "website"),
}  # fmt: skip


@dataclass(frozen=True)
class Move:
    """Rows of one kind that would move: `n` of them, named in words."""

    label: str
    n: int
    words: str


@dataclass(frozen=True)
class Preview:
    """What a merge would do. `problem` says why it can't be done, and is empty otherwise."""

    moves: list[Move]
    consents: list[Move]
    filled: list[str]
    walls: bool
    problem: str = ""


@dataclass
class _Done:
    moved: dict[str, list[int]] = field(default_factory=dict)
    stayed: dict[str, list[int]] = field(default_factory=dict)


class Relation(NamedTuple):
    """Something that points at a person or an organization: a model and its field."""

    model: type[models.Model]
    field: str

    @property
    def label(self) -> str:
        return f"{self.model._meta.label_lower}.{self.field}"

    @property
    def is_consent(self) -> bool:
        """A yes that this record gave; that somebody *recorded* another one's yes is plain history."""
        return self.model._meta.label_lower in CONSENTS and self.field in {"person", "organization"}

    def rows(self, of: models.Model) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(**{self.field: of}).order_by("pk")


def relations(model: type[models.Model]) -> Iterable[Relation]:
    """Everything that points at a person or organization, apart from earlier merges."""
    for relation in model._meta.related_objects:
        if relation.field.name != "merged_into" and (relation.one_to_many or relation.one_to_one):
            yield Relation(cast(type[models.Model], relation.related_model), relation.field.name)


def preview(*, keep: Record, drop: Record, by: User | None = None) -> Preview:
    """What merging `drop` into `keep` would move. One query per kind of thing that points at them.

    What is behind the wall is counted for coordinators alone.
    """
    moves: list[Move] = []
    consents: list[Move] = []
    sees_all = by is not None and by.may_see_help
    for relation in relations(type(drop)):
        if relation.model._meta.label_lower in BEHIND_THE_WALL and not sees_all:
            continue
        n = relation.rows(drop).count()
        if n:
            meta = relation.model._meta
            words = str(meta.verbose_name if n == 1 else meta.verbose_name_plural)
            (consents if relation.is_consent else moves).append(Move(relation.label, n, words))
    filled = [str(getattr(keep._meta.get_field(name), "verbose_name", name)) for name in _to_fill(keep, drop)]
    walls = isinstance(keep, Organization) and isinstance(drop, Organization) and drop.is_walled and not keep.is_walled
    return Preview(moves, consents, filled, walls, _problem(keep, drop))


def _to_fill(keep: Record, drop: Record) -> list[str]:
    return [name for name in FILLED[type(keep)] if getattr(drop, name) and not getattr(keep, name)]


def _problem(keep: Record, drop: Record) -> str:
    if keep.pk == drop.pk:
        return _("Those are one and the same. Choose two different ones.")
    if keep.merged_into_id or drop.merged_into_id:
        return _("One of the two was merged already. Choose the one it became.")
    if isinstance(keep, Person) and User.objects.filter(person_id__in=[keep.pk, drop.pk]).count() == 2:
        return _("Both people have a sign-in. A sign-in stays with its person, so these two can’t become one.")
    return ""


@transaction.atomic
def merge_people(*, keep: Person, drop: Person, by: User, reason: str, pass_consents: bool = False) -> Person:
    """Make `drop` a former record of `keep`. Raises Refused with a sentence; nothing is changed then."""
    if not by.is_organizer:
        raise Refused(_("Only organizers can merge people."))
    if User.objects.filter(person=drop).exists():
        must_be_admin(by, _("The one that goes has a sign-in. Only an admin can pass it on."))
    return _merge(keep=keep, drop=drop, by=by, reason=reason, pass_consents=pass_consents)


@transaction.atomic
def merge_organizations(
    *, keep: Organization, drop: Organization, by: User, reason: str, pass_consents: bool = False
) -> Organization:
    """Make `drop` a former record of `keep`; a wall of either is a wall of both. Raises Refused with a sentence.

    Only a coordinator may say that what people agreed to with the one holds for the other, too.
    """
    if not by.is_organizer:
        raise Refused(_("Only organizers can merge organizations."))
    if pass_consents and not by.may_see_help:
        raise Refused(_("Only a coordinator can say that a yes for the one holds for the other, too."))
    return _merge(keep=keep, drop=drop, by=by, reason=reason, pass_consents=pass_consents)


def _merge(*, keep: Record, drop: Record, by: User, reason: str, pass_consents: bool) -> Record:
    reason = " ".join(reason.split())
    if not reason:
        raise Refused(_("Say why they are the same. It is kept with the merge."))
    keep, drop = _lock_both(keep, drop)
    if problem := _problem(keep, drop):
        raise Refused(problem)
    done = _Done()
    for relation in relations(type(drop)):
        if pass_consents or not relation.is_consent:
            _move(relation, drop, keep, done)
    filled: list[str] = _to_fill(keep, drop)
    drop.merged_into = keep
    drop.save(update_fields=["merged_into"])
    for name in filled:
        setattr(keep, name, getattr(drop, name))
    raised: bool = _raise_wall(keep, drop)
    keep.save(update_fields=[*filled, *(["is_walled"] if raised else [])])
    for join, _part in _steps(keep):
        join(keep=keep, drop=drop, by=by)
    record(
        actor=by,
        action="merged",
        resource=type(keep)._meta.model_name or "",
        object_id=drop.public_id,
        reason=reason,
        detail={
            "into": str(keep.public_id),
            "moved": done.moved,
            "stayed": done.stayed,
            "filled": filled,
            "walled": raised,
            "consents": "passed on" if pass_consents else "not passed on",
        },
    )
    return keep


def _steps(record_: Person | Organization) -> list[tuple[Callable[..., None], Callable[..., None]]]:
    """What rooms to the right do after two records were merged, and after that was undone.

    `settings.MERGE_STEPS` for people, `ORGANIZATION_MERGE_STEPS` for organizations.
    """
    modules = settings.MERGE_STEPS if isinstance(record_, Person) else settings.ORGANIZATION_MERGE_STEPS
    return [(import_string(f"{module}.join"), import_string(f"{module}.part")) for module in modules]


def _lock_both(keep: Record, drop: Record) -> tuple[Record, Record]:
    """Both rows, locked in the order of their numbers, so that two merges at once can't wait for each other."""
    model: type[Any] = type(keep)
    rows = {row.pk: row for row in model.objects.select_for_update().filter(pk__in=[keep.pk, drop.pk]).order_by("pk")}
    if len(rows) < 2:
        raise Refused(_("Those are one and the same. Choose two different ones."))
    return rows[keep.pk], rows[drop.pk]


def _move(relation: Relation, source: models.Model, target: models.Model, done: _Done) -> None:
    """Point each row at the other record. A row that would double one there stays (two sign-ups for one walk)."""
    for pk in list(relation.rows(source).values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                relation.model._base_manager.filter(pk=pk).update(**{relation.field: target})
        except IntegrityError:
            done.stayed.setdefault(relation.label, []).append(pk)
        else:
            done.moved.setdefault(relation.label, []).append(pk)


def _raise_wall(keep: models.Model, drop: models.Model) -> bool:
    if isinstance(keep, Organization) and isinstance(drop, Organization) and drop.is_walled and not keep.is_walled:
        keep.is_walled = True
        return True
    return False


def merge_of(record_: Person | Organization) -> AuditEvent | None:
    """What was written down when this record was merged away; None where it wasn't, or where it was purged since."""
    if not record_.merged_into_id:
        return None
    model_name = type(record_)._meta.model_name
    return AuditEvent.objects.filter(action="merged", resource=model_name, object_id=record_.public_id).first()


@transaction.atomic
def undo_merge(*, drop: Record, by: User) -> Record:
    """Take a merge apart again: what moved and still stands where it was put goes back.

    Raises Refused where there is nothing to undo or the name was given to another organization since.
    """
    if not by.is_organizer:
        raise Refused(_("Only organizers can undo a merge."))
    drop = type(drop)._default_manager.select_related("merged_into").get(pk=drop.pk)
    event = merge_of(drop)
    if not event or drop.merged_into is None:
        raise Refused(_("There is no merge here to undo."))
    if "people.user.person" in event.detail["moved"]:
        must_be_admin(by, _("A sign-in moved with this merge. Only an admin can undo it."))
    keep, drop = _lock_both(drop.merged_into, drop)
    _empty_again(keep, drop, event.detail)
    drop.merged_into = None
    try:
        with transaction.atomic():
            drop.save(update_fields=["merged_into"])
    except IntegrityError as error:
        raise Refused(_("Its name or address is used by another record now. Change that one first.")) from error
    for relation in relations(type(drop)):
        ids = event.detail["moved"].get(relation.label, [])
        relation.rows(keep).filter(pk__in=ids).update(**{relation.field: drop})
    for _join, part in _steps(drop):
        part(drop=drop, by=by)
    record(
        actor=by,
        action="unmerged",
        resource=type(drop)._meta.model_name or "",
        object_id=drop.public_id,
        detail={"from": str(keep.public_id)},
    )
    return drop


def _empty_again(keep: Record, drop: Record, detail: dict[str, Any]) -> None:
    """Take back what the merge filled in, unless somebody changed it since."""
    names = [name for name in detail.get("filled", []) if getattr(keep, name) == getattr(drop, name)]
    for name in names:
        setattr(keep, name, "")
    if detail.get("walled") and isinstance(keep, Organization):
        keep.is_walled = False
        names.append("is_walled")
    if names:
        keep.save(update_fields=names)


def what_it_became(record_: Record) -> Record:
    """The record that stands for it today, through all its merges. One query per merge."""
    seen: set[UUID] = set()
    while record_.merged_into is not None and record_.public_id not in seen:
        seen.add(record_.public_id)
        record_ = record_.merged_into
    return record_

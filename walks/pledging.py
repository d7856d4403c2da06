"""How many people organizations bring: asked by mail with a link of their own, answered without an account."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import queue_mail, record
from office.models import Coalition, OutboxMessage
from office.refused import Refused
from people.models import Membership, Organization, User
from walks.links import pack, unpack
from walks.models import Pledge, Signup, Walk
from walks.notices import about, walk_url
from walks.places import lock

MOST_PEOPLE = 500
_signer = Signer(salt="walks.pledge", sep=".")


def pledge_token(pledge: Pledge) -> str:
    """What stands in the address where an organization answers, until `link_version` rises."""
    return _signer.sign(pack(pledge.public_id, pledge.link_version))


def pledge_from_token(token: str) -> Pledge | None:
    """The pledge that a link speaks of, with its walk, or None where the link is forged or old. At most one query."""
    try:
        public_id, version = unpack(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    rows = Pledge.objects.select_related("walk__corridor", "organization")
    return rows.filter(public_id=public_id, link_version=version, walk__deleted_at=None).first()


def pledge_url(pledge: Pledge) -> str:
    return settings.SITE_URL + reverse("walks:pledge", args=[pledge_token(pledge)])


def is_open(walk: Walk, now: datetime) -> bool:
    """Whether an answer still means something."""
    return walk.deleted_at is None and walk.state == Walk.State.PUBLISHED and now < walk.end_at


# --- Reading ---


@dataclass(frozen=True)
class Line:
    """One organization on the plan page: what it said, how many of it signed up, and came (None before the walk)."""

    pledge: Pledge
    n_signed_up: int
    n_came: int | None = None

    @property
    def link(self) -> str:
        return pledge_url(self.pledge)

    @property
    def n_missing(self) -> int:
        """How many of those they promised haven't signed up."""
        return max((self.pledge.n_people or 0) - self.n_signed_up, 0)


def pledge_lines(walk: Walk, coming: Iterable[Signup], now: datetime) -> list[Line]:
    """Every organization that was asked or answered, beside how many of `coming` are its people.

    Once the walk has met, also how many came, walk-ups with them. One query; two then.
    """
    n_of: Counter[int | None] = Counter()
    for signup in coming:
        n_of[signup.organization_id] += signup.n_people
    rows = walk.pledges.select_related("organization")
    for row in rows:
        row.walk = walk
    came = _came(walk) if walk.meet_at <= now else None
    return [
        Line(row, n_of[row.organization_id], None if came is None else came.get(row.organization_id, 0)) for row in rows
    ]


def _came(walk: Walk) -> dict[int | None, int]:
    """How many people of each organization (its database id) were checked in. One query."""
    rows = walk.presences.standing().order_by().values_list("organization")
    return dict(rows.annotate(n=Sum("n_people")))


def not_asked(walk: Walk) -> list[Organization]:
    """Partners of the coalition who weren't asked about this walk yet, by name. One query."""
    asked = walk.pledges.values("organization")
    return list(Organization.objects.current().exclude(pk__in=asked).order_by("name", "id"))


# --- Writing ---


@transaction.atomic
def ask_organizations(*, walk: Walk, organizations: Iterable[Organization], by: User) -> tuple[int, int]:
    """Ask each how many people it brings, one mail each. (asked, of them without an e-mail address).

    Who was asked before isn't asked again: `remind_organizations` does that. Raises Refused for a walk that nobody
    can join.
    """
    now, locked = timezone.now(), lock(walk)
    _refuse_closed(locked, now)
    there = set(locked.pledges.values_list("organization", flat=True))
    new = [one for one in organizations if one.pk not in there and one.merged_into_id is None]
    rows = Pledge.objects.bulk_create(Pledge(walk=locked, organization=one, asked_at=now) for one in new)
    n_mailed = _mail_all(rows, locked, is_reminder=False)
    if rows:
        detail = {"n": len(rows), "mailed": n_mailed}
        record(actor=by, action="pledge.ask", resource="walk", object_id=walk.public_id, detail=detail)
    return len(rows), len(rows) - n_mailed


@transaction.atomic
def remind_organizations(*, walk: Walk, by: User) -> int:
    """Mail those again who haven't answered, at most once in a day. How many mails."""
    now, locked = timezone.now(), lock(walk)
    _refuse_closed(locked, now)
    waiting = locked.pledges.filter(answered_at=None).exclude(organization__email="").select_related("organization")
    n_mailed = _mail_all(list(waiting), locked, is_reminder=True, now=now)
    detail = {"mailed": n_mailed}
    record(actor=by, action="pledge.remind", resource="walk", object_id=walk.public_id, detail=detail)
    return n_mailed


@transaction.atomic
def renew_link(*, pledge: Pledge, by: User) -> bool:
    """Make the link that was sent before worthless and mail a new one. Whether a mail was written.

    Nothing is mailed without an address, or about a walk that takes no answers; the old link ends all the same.
    """
    now, locked = timezone.now(), lock(pledge.walk)
    pledge = Pledge.objects.select_for_update(of=("self",)).select_related("organization").get(pk=pledge.pk)
    pledge.link_version += 1
    pledge.save(update_fields=["link_version"])
    is_mailed = is_open(locked, now) and _mail_all([pledge], locked, is_reminder=False) > 0
    detail = {"walk": str(locked.public_id), "version": pledge.link_version, "mailed": is_mailed}
    record(actor=by, action="pledge.renew_link", resource="pledge", object_id=pledge.public_id, detail=detail)
    return is_mailed


@transaction.atomic
def answer_pledge(
    *, pledge: Pledge, n_people: int, contact_name: str = "", note: str = "", by: User | None = None
) -> Pledge:
    """Write what an organization says it brings; 0: it can't come. May be said again. Raises Refused."""
    now, locked = timezone.now(), lock(pledge.walk)
    if by is None or not by.is_organizer:
        _refuse_closed(locked, now)
    version = pledge.link_version
    pledge = Pledge.objects.select_for_update(of=("self",)).select_related("organization").get(pk=pledge.pk)
    if by is None and pledge.link_version != version:
        raise Refused(_("This link was replaced by a new one just now. Use the new link."))
    if not 0 <= n_people <= MOST_PEOPLE:
        raise Refused(_("Write how many people, from 0 to %(most)d.") % {"most": MOST_PEOPLE})
    pledge.n_people, pledge.answered_at = n_people, now
    pledge.contact_name, pledge.note = contact_name.strip()[:120], note.strip()[:300]
    pledge.save(update_fields=["n_people", "answered_at", "contact_name", "note"])
    detail = {"walk": str(locked.public_id), "n": n_people}
    record(actor=by, action="pledge.answer", resource="pledge", object_id=pledge.public_id, detail=detail)
    return pledge


@transaction.atomic
def write_pledge(*, walk: Walk, organization: Organization, by: User, **answer: Any) -> Pledge:
    """The desk writes down what an organization said on the phone; it needn't have been asked."""
    locked = lock(walk)
    pledge, _created = Pledge.objects.get_or_create(walk=locked, organization=organization)
    return answer_pledge(pledge=pledge, by=by, **answer)


def _refuse_closed(walk: Walk, now: datetime) -> None:
    if walk.state == Walk.State.DRAFT:
        raise Refused(_("Publish the walk first: a link in the mail leads to its page."))
    if not is_open(walk, now):
        raise Refused(_("This walk doesn’t take place any more, or is over."))


def _mail_all(pledges: list[Pledge], walk: Walk, *, is_reminder: bool, now: datetime | None = None) -> int:
    """One mail to each that has an address. How many were written."""
    coalition, n = Coalition.current(), 0
    contacts = _languages([pledge.organization_id for pledge in pledges])
    for pledge in pledges:
        pledge.walk = walk
        language = contacts.get(pledge.organization_id, coalition.languages[0] if coalition.languages else "en")
        n += _mail(pledge, coalition, language, is_reminder=is_reminder, now=now) is not None
    return n


def _languages(organizations: list[int]) -> dict[int, str]:
    """The language of each one's contact person, where we write it. One query."""
    written = dict(settings.LANGUAGES)
    contacts = Membership.objects.active(timezone.now())
    rows = contacts.filter(organization__in=organizations, is_contact=True).order_by("-id")
    return {
        pk: language for pk, language in rows.values_list("organization", "person__language") if language in written
    }


def _mail(
    pledge: Pledge, coalition: Coalition, language: str, *, is_reminder: bool, now: datetime | None
) -> OutboxMessage | None:
    organization = pledge.organization
    if not organization.email:
        return None
    event = f"reminder:{now:%Y-%m-%d}" if is_reminder and now else "asked"
    return queue_mail(
        kind="walks.pledge",
        template="mail/walks/pledge",
        to_address=organization.email,
        to_name=organization.name,
        language=language,
        about=about(pledge.walk),
        dedupe_key=f"pledge:{pledge.public_id}:{pledge.link_version}:{event}",
        headers={"Reply-To": coalition.reply_to} if coalition.reply_to else {},
        context={
            "organization": organization,
            "walk": pledge.walk,
            "coalition": coalition,
            "link": f"{pledge_url(pledge)}?lang={language}",
            "walk_link": walk_url(pledge.walk),
            "is_reminder": is_reminder,
        },
    )


def signed_up_of(organization: Organization, walk: Walk) -> int:
    """How many people of an organization come. One query."""
    held = Signup.objects.counted().filter(walk=walk, organization=organization)
    return int(held.aggregate(n=Coalesce(Sum("n_people"), 0))["n"])

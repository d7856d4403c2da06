"""What one person noted on their walk, and what became of it: for their own page, by their own link."""

from dataclasses import dataclass

from django.utils import timezone

from concerns.features import shown_status
from concerns.models import Category, Concern, Look
from concerns.workflow import Publication, Status
from office.partner import Section
from walks.models import Signup

MOST_SHOWN = 8  # the others are one tap away


@dataclass(frozen=True)
class Find:
    """One thing: its kind, the block it is on, and how it stands. The exact place isn't on a page behind a link."""

    category: Category
    place: str
    status: str
    public_id: object = None  # of its public page, where it has one
    seen: str = ""  # what they saw when they looked again; "" where they noted it first
    is_held_back: bool = False


def finds_of(signup: Signup) -> list[Find]:
    """Two queries."""
    noted = Concern.objects.filter(device__signup=signup).exclude(status=Status.WITHDRAWN)
    noted = noted.select_related("category", "segment__corridor", "duplicate_of__category", "duplicate_of__segment")
    looks = Look.objects.filter(device__signup=signup, duplicate=None).exclude(publication=Publication.SPAM)
    looked = looks.select_related("concern__category", "concern__segment__corridor")
    first = [_find(one) for one in noted.order_by("first_seen_at", "id")]
    return first + [_find(one.concern, seen=one.get_result_display()) for one in looked.order_by("received_at", "id")]


def _find(concern: Concern, seen: str = "") -> Find:
    now = concern.duplicate_of or concern
    is_public = now.publication == Publication.PUBLISHED and now.public_point is not None
    return Find(
        category=concern.category,
        place=_block(concern),
        status=shown_status(now),
        public_id=now.public_id if is_public else None,
        seen=seen,
        is_held_back=concern.publication in (Publication.HIDDEN, Publication.SPAM),
    )


def _block(concern: Concern) -> str:
    if concern.segment is None:
        return ""
    side = f", {concern.segment.side_name(concern.side)}" if concern.side else ""
    return f"{concern.segment.name}{side}"


def section(*, signup: Signup, token: str) -> Section | None:
    """For `settings.MY_SECTIONS`: nothing before they noted anything. Two queries, none before the walk."""
    if signup.walk.invite_opens_at > timezone.now():
        return None
    finds = finds_of(signup)
    if not finds:
        return None
    n_fixed = sum(one.status == Status.VERIFIED_FIXED for one in finds)
    context = {"finds": finds[:MOST_SHOWN], "rest": finds[MOST_SHOWN:], "n_fixed": n_fixed}
    return Section("found", "", "concerns/_my_found.html", n=len(finds), context=context)

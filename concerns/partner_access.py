"""What an organization that should fix something may reach: its current assignments, by sign-in or by a mail's link.

Either way a `Reach` says which rows, under which addresses, and who is there. What ended is gone with the next request.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.urls import reverse

from concerns.models import Assignment, AssignmentQuerySet, Concern, Handover, Photo
from concerns.reporters import Reporter
from concerns.workflow import Publication, Status
from office.actions import record
from people.access import SignedInRequest
from people.models import Organization, User
from walks.links import pack, unpack

_signer = Signer(salt="concerns.handover", sep=".")
OCCUPIED = Q()
for _answer in ("yes", "part", ["yes"], ["part"]):
    # Containment is never NULL, so that it can be turned around.
    OCCUPIED |= Q(concern__answers__contains={"occupied": _answer})
PUT_ASIDE = Q(concern__publication=Publication.SPAM) | Q(concern__status__in=[Status.WITHDRAWN, Status.DUPLICATE])


def handover_token(handover: Handover) -> str:
    return _signer.sign(pack(handover.public_id, handover.link_version))


def handover_of_token(token: str) -> Handover | None:
    """The mail a link came in, or None where it is forged or ended. At most one query."""
    try:
        public_id, version = unpack(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    rows = Handover.objects.select_related("organization")
    return rows.filter(public_id=public_id, link_version=version, organization__merged_into=None).first()


def shown(rows: AssignmentQuerySet) -> AssignmentQuerySet:
    """Current ones that may leave the desk: nothing put aside, and no house where people live before help was offered.

    See also `may_be_sent`.
    """
    return rows.current().exclude(PUT_ASIDE).exclude(OCCUPIED & Q(concern__help_first=""))


def may_be_sent(concern: Concern) -> bool:
    """See also `shown`, which asks the database the same."""
    put_aside = concern.publication == Publication.SPAM or concern.status in {Status.WITHDRAWN, Status.DUPLICATE}
    return not put_aside and not concern.waits_for_help


def told(rows: AssignmentQuerySet) -> AssignmentQuerySet:
    """With everything that a line about one says."""
    return rows.select_related("concern__category", "concern__segment__corridor", "organization")


@dataclass(frozen=True)
class Reach:
    """Which assignments somebody may see and answer now, and how to address them."""

    rows: AssignmentQuerySet
    organizations: list[Organization]
    user: User | None = None
    token: str = ""
    handover: Handover | None = None
    query: str = ""

    @property
    def name(self) -> str:
        return ", ".join(one.name for one in self.organizations)

    def _url(self, by_sign_in: str, by_link: str, *more: object) -> str:
        if self.token:
            return reverse(f"concerns:{by_link}", args=[self.token, *more])
        return reverse(f"concerns:{by_sign_in}", args=[*more]) + self.query

    @property
    def list_url(self) -> str:
        return self._url("partner", "assignment_link")

    @property
    def csv_url(self) -> str:
        return self._url("partner_file", "assignment_file")

    @property
    def upload_url(self) -> str:
        return self._url("partner_upload", "assignment_upload")

    def item_url(self, assignment: Assignment) -> str:
        return self._url("partner_assignment", "assignment_item", assignment.public_id)

    def photo_url(self, photo: Photo, size: str) -> str:
        name = "assignment_photo" if self.token else "partner_photo"
        kwargs = {"public_id": photo.public_id, "size": size} | ({"token": self.token} if self.token else {})
        return reverse(f"concerns:{name}", kwargs=kwargs)

    def whole_item_url(self, assignment: Assignment) -> str:
        """For files."""
        return settings.SITE_URL + self.item_url(assignment)

    def assignment(self, public_id: uuid.UUID) -> Assignment | None:
        """One of theirs with its concern, category and block; None otherwise. One query."""
        return told(self.rows).filter(public_id=public_id).first()

    def photo(self, public_id: uuid.UUID) -> Photo | None:
        """A copy that is ready, of a concern that is theirs now or of a look at it that wasn't hidden. One query."""
        concerns = self.rows.order_by().values("concern")
        hidden = Q(look__publication__in=[Publication.HIDDEN, Publication.SPAM])
        mine = Photo.objects.filter(Q(concern__in=concerns) | (Q(look__concern__in=concerns) & ~hidden))
        return mine.filter(public_id=public_id, state=Photo.State.READY).exclude(image="").first()


def reach_of_token(token: str) -> Reach:
    """By a mail's link: exactly what stood in that mail and is still theirs. Raises Http404. One query."""
    handover = handover_of_token(token)
    if handover is None:
        raise Http404("no such handover")
    rows = shown(Assignment.objects.filter(handover=handover, organization=handover.organization_id))
    return Reach(rows, [handover.organization], token=token, handover=handover)


def reach_of(request: SignedInRequest) -> Reach:
    """By sign-in: organizations with an active membership; organizers the one they name. At most one query.

    Raises PermissionDenied for who has neither; an organizer who names none reaches nothing.
    """
    user = request.user
    if user.is_organizer:
        named = _named(request)
        rows = Assignment.objects.of([named.pk] if named else [])
        return Reach(shown(rows), [named] if named else [], user, query=_query(named))
    if not user.organization_ids:
        raise PermissionDenied
    theirs = [one for one in user.organizations if one.merged_into_id is None]
    return Reach(shown(Assignment.objects.of(user.organization_ids)), theirs, user)


def reach_about(request: SignedInRequest, organizations: Sequence[Organization]) -> Reach:
    """As `reach_of`, where it is known already which organizations these are. No query."""
    user = request.user
    rows = Assignment.objects.of([one.pk for one in organizations])
    query = _query(organizations[0]) if user.is_organizer else ""
    return Reach(shown(rows), list(organizations), user, query=query)


def reach_for_object(request: SignedInRequest) -> Reach:
    """As `reach_of`; an organizer needn't name the organization, and who works for none reaches nothing."""
    user = request.user
    if user.is_organizer:
        return Reach(shown(Assignment.objects.all()), [], user, query=_query(_named(request)))
    return Reach(shown(Assignment.objects.of(user.organization_ids)), [], user)


def _named(request: HttpRequest) -> Organization | None:
    try:
        public_id = uuid.UUID(request.GET.get("organization", ""))
    except ValueError:
        return None
    return Organization.objects.current().filter(public_id=public_id).first()


def _query(named: Organization | None) -> str:
    return f"?organization={named.public_id}" if named else ""


def get_assignment_for(request: SignedInRequest, public_id: uuid.UUID) -> tuple[Reach, Assignment]:
    """One of theirs; organizers any. 404 for all others, the same as for one that isn't there, and it is noted."""
    reach = reach_for_object(request)
    assignment = reach.assignment(public_id)
    if assignment is None:
        note_denied(request.user, public_id)
        raise Http404("not their assignment")
    return reach, assignment


def note_denied(user: User, public_id: uuid.UUID) -> None:
    """Somebody asked for what isn't theirs, or isn't there: both are written down alike."""
    record(actor=user, action="denied", resource="assignment", object_id=public_id)


def shared_contacts(reach: Reach, assignment: Assignment) -> list[Reporter]:
    """Reporters who ticked that the agency may have their contact. Never by a link, never behind the wall."""
    if reach.user is None or reach.user.is_walled or assignment.organization.is_walled:
        return []
    reporters = Reporter.objects.filter(concern=assignment.concern_id, shares_contact=True)
    return [one for one in reporters if one.has_contact]

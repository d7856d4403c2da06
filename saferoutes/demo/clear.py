"""Take exactly the demo away again: the rows that `load_demo` made, and what only hangs on them."""

from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Q

from concerns.content_flags import ContentFlag
from concerns.models import (
    Assignment,
    BulkItem,
    BulkMove,
    Commitment,
    Concern,
    ConcernUpdate,
    ExternalCase,
    Look,
    Photo,
    Proposal,
)
from concerns.reporters import Reporter
from corridors.models import Corridor, Segment
from field.models import Receipt
from office.models import Coalition, DemoRecord, OutboxMessage
from people.models import Person
from saferoutes.demo.cast import MAIL_DOMAIN
from saferoutes.demo.clear_partners import clear_partners
from saferoutes.demo.clearing import Cleared, delete_rows, demo_rows, try_delete
from walks.models import Clearance, Device, GuardianConsent, Meeting, Walk, WalkSeries


@transaction.atomic
def clear_demo() -> Cleared:
    """Remove the demo. Rows that something real stands on stay, and are counted as kept.

    Records that people tried out *on a demo walk* (sign-ups, phones, concerns) go with that walk. A real walk on the
    demo's corridor keeps the corridor.
    """
    cleared = Cleared()
    series = demo_rows(WalkSeries)
    # The periodic job makes more walks of the demo's series.
    walks = Walk.objects.filter(Q(pk__in=demo_rows(Walk)) | Q(series__in=series))
    concerns = Concern.objects.filter(Q(pk__in=demo_rows(Concern)) | Q(walk__in=walks))
    meetings = demo_rows(Meeting)
    clear_partners(walks, meetings, cleared)
    _clear_commitments(walks, meetings, concerns, cleared)
    _clear_concerns(concerns, cleared)
    delete_rows(Device.objects.filter(walk__in=walks), cleared)
    delete_rows(GuardianConsent.objects.filter(Q(walk__in=walks) | Q(person__in=demo_rows(Person))), cleared)
    delete_rows(Clearance.objects.filter(person__in=demo_rows(Person)), cleared)
    tried_out = set(Person.objects.filter(signups__walk__in=walks, user=None).values_list("pk", flat=True))
    for walk in walks:
        try_delete(walk, cleared)
    for one in series:
        try_delete(one, cleared)
    for person in Person.objects.filter(pk__in=tried_out, signups=None).exclude(pk__in=demo_rows(Person)):
        try_delete(person, cleared)
    for meeting in meetings:
        try_delete(meeting, cleared)
    for label in ("walks.signup", "concerns.routingrule", "concerns.handover", "corridors.landmark", "corridors.area"):
        for row in demo_rows(apps.get_model(label)):
            try_delete(row, cleared)
    for corridor in demo_rows(Corridor):
        _clear_corridor(corridor, cleared)
    for label in ("office.outboxmessage", "people.membership", "people.user", "people.person", "people.organization"):
        for row in demo_rows(apps.get_model(label)):
            try_delete(row, cleared)
    # What periodic jobs wrote to the story's people since then (reminders) goes to nobody.
    delete_rows(OutboxMessage.objects.filter(to_address__endswith=MAIL_DOMAIN), cleared)
    DemoRecord.objects.all().delete()
    Coalition.objects.filter(id=1).update(is_demo=False)
    return cleared


def _clear_commitments(walks: Any, meetings: Any, concerns: models.QuerySet[Concern], cleared: Cleared) -> None:
    """A promise made on a real walk or at a real meeting stays, and is about no concern any more."""
    tried_out = Q(walk__in=walks) | Q(meeting__in=meetings) | Q(walk=None, meeting=None, concern__in=concerns)
    delete_rows(Commitment.objects.filter(tried_out), cleared)
    Commitment.objects.filter(concern__in=concerns).update(concern=None)


def _clear_concerns(concerns: models.QuerySet[Concern], cleared: Cleared) -> None:
    ids = list(concerns.values_list("pk", flat=True))
    looks = Look.objects.filter(Q(concern__in=ids))
    photos = Photo.objects.filter(Q(concern__in=ids) | Q(look__in=looks))
    files = [name for row in photos.values_list("original", "image", "thumbnail") for name in row if name]
    storage = Photo._meta.get_field("original").storage
    delete_rows(photos, cleared)
    moves = list(BulkItem.objects.filter(concern__in=ids).values_list("move", flat=True))
    for model in (Proposal, ExternalCase, Assignment, Reporter, ContentFlag, BulkItem):
        delete_rows(model._default_manager.filter(concern__in=ids), cleared)
    delete_rows(BulkMove.objects.filter(pk__in=moves, items=None), cleared)
    delete_rows(Receipt.objects.filter(Q(concern__in=ids) | Q(look__in=looks)), cleared)
    delete_rows(looks, cleared)
    with connection.cursor() as cursor:
        # The story is append-only; only rows of the demo go through this door.
        cursor.execute("set local saferoutes.retention = 'on'")
        delete_rows(ConcernUpdate.objects.filter(concern__in=ids), cleared)
        cursor.execute("set local saferoutes.retention = 'off'")
    # A real concern that was marked the same as a demo one stands on its own again.
    Concern.objects.filter(duplicate_of__in=ids).exclude(pk__in=ids).update(duplicate_of=None, status="triaged")
    Concern.objects.filter(pk__in=ids, status="duplicate").update(duplicate_of=None, status="triaged")
    delete_rows(Concern.objects.filter(pk__in=ids), cleared)

    def delete_files() -> None:
        for name in files:
            storage.delete(name)

    transaction.on_commit(delete_files)


def _clear_corridor(corridor: Corridor, cleared: Cleared) -> None:
    try:
        with transaction.atomic():
            segments = Segment.objects.filter(corridor=corridor)
            n = segments.count()
            segments.delete()
            corridor.delete()
    except (models.ProtectedError, models.RestrictedError):
        cleared.kept[corridor._meta.label_lower] += 1
    else:
        cleared.removed[Segment._meta.label_lower] += n
        cleared.removed[corridor._meta.label_lower] += 1

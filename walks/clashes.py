"""Somebody is on two walks at the same time: said, never forbidden."""

from walks.models import Signup, Walk


def clashes_of(person_id: int, walk: Walk) -> list[Walk]:
    """Other walks of a person that overlap with this one, and take place. One query."""
    theirs = Signup.objects.filter(person=person_id).exclude(state=Signup.State.WITHDRAWN).exclude(walk=walk.pk)
    others = Walk.objects.current().exclude(state=Walk.State.CALLED_OFF)
    at_once = others.filter(pk__in=theirs.values("walk"), meet_at__lt=walk.end_at, end_at__gt=walk.meet_at)
    return list(at_once.order_by("meet_at", "id"))

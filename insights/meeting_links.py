"""The link by which who is invited puts a meeting into a calendar: it says when and where, and nothing else."""

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from walks.links import pack, unpack
from walks.models import Meeting

_signer = Signer(salt="insights.meeting", sep=".")


def meeting_token(meeting: Meeting) -> str:
    """What stands in the address, for as long as there is the meeting."""
    return _signer.sign(pack(meeting.public_id, 1))


def calendar_url(meeting: Meeting) -> str:
    return settings.SITE_URL + reverse("insights:meeting_calendar", args=[meeting_token(meeting)])


def meeting_of_token(token: str) -> Meeting | None:
    """The meeting that a link speaks of; None where the link is forged. One query."""
    try:
        public_id: uuid.UUID = unpack(_signer.unsign(token))[0]
    except (BadSignature, ValueError):
        return None
    return Meeting.objects.filter(public_id=public_id).first()

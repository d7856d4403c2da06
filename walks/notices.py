"""Mail about walks, written into the outbox by the actions that cause it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office.actions import queue_mail
from office.models import Coalition, OutboxMessage
from walks.links import signup_url
from walks.models import Signup, Walk


@dataclass(frozen=True)
class Change:
    """One thing that is different now, for the mail and the page: a label, what it was, what it is."""

    label: str | Promise
    before: Any
    after: Any

    @property
    def is_time(self) -> bool:
        return isinstance(self.after, datetime)

    @property
    def is_place(self) -> bool:
        return isinstance(self.after, Point) or isinstance(self.before, Point)


def walk_url(walk: Walk) -> str:
    return settings.SITE_URL + reverse("walks:detail", args=[walk.public_id])


def about(walk: Walk) -> str:
    """How the outbox knows mail about this walk."""
    return f"walk:{walk.public_id}"


def send_link(signup: Signup) -> OutboxMessage | None:
    """Mail somebody their own link."""
    return _send(signup, kind="walks.sign_up", template="mail/walks/sign_up", dedupe_key=None)


def send_link_again(signup: Signup, *, now: datetime) -> OutboxMessage | None:
    """Mail it once more, at most once in an hour, so that nobody can flood an address with it."""
    key = f"sign-up:{signup.public_id}:{now:%Y-%m-%dT%H}"
    with transaction.atomic():
        return _send(signup, kind="walks.sign_up", template="mail/walks/sign_up", dedupe_key=key)


def send_guardian_said_yes(signup: Signup) -> OutboxMessage | None:
    key = f"guardian:{signup.public_id}:{signup.link_version}"
    return _send(signup, kind="walks.guardian", template="mail/walks/sign_up", dedupe_key=key)


def tell_of_call_off(walk: Walk) -> int:
    """Tell everybody on the roster who has an e-mail address. How many were told."""
    return _tell(walk, kind="walks.called_off", template="mail/walks/called_off")


def tell_of_change(walk: Walk, changes: Sequence[Change]) -> int:
    """Tell everybody on the roster what is different. How many were told."""
    return _tell(walk, kind="walks.changed", template="mail/walks/changed", changes=changes)


def tell_it_is_on_again(walk: Walk) -> int:
    return _tell(walk, kind="walks.on_again", template="mail/walks/on_again")


def _tell(walk: Walk, *, kind: str, template: str, **context: Any) -> int:
    told = 0
    for signup in walk.signups.on_roster().select_related("person"):
        signup.walk = walk
        key = f"{kind}:{walk.public_id}:{walk.sequence}:{signup.person_id}"
        told += _send(signup, kind=kind, template=template, dedupe_key=key, **context) is not None
    return told


def _send(signup: Signup, *, kind: str, template: str, dedupe_key: str | None, **context: Any) -> OutboxMessage | None:
    """Nothing where the person has no address: the desk lists those (`SignupQuerySet.out_of_reach`)."""
    person = signup.person
    if not person.email:
        return None
    coalition = Coalition.current()
    return queue_mail(
        kind=kind,
        template=template,
        to_address=person.email,
        to_name=signup.name,
        language=language_of_mail(signup),
        about=about(signup.walk),
        dedupe_key=dedupe_key,
        headers={"Reply-To": coalition.reply_to} if coalition.reply_to else {},
        context=context
        | {
            "signup": signup,
            "walk": signup.walk,
            "coalition": coalition,
            "link": signup_url(signup),
            "walk_link": walk_url(signup.walk),
            "walks_link": settings.SITE_URL + reverse("walks:list"),
            "calendar_link": settings.SITE_URL + reverse("walks:ics", args=[signup.walk.public_id]),
            "is_waiting": signup.state == Signup.State.GUARDIAN,
            "is_withdrawn": signup.state == Signup.State.WITHDRAWN,
        },
    )


def language_of_mail(signup: Signup) -> str:
    """The language they wanted on the walk where we write it, otherwise their own."""
    written = dict(settings.LANGUAGES)
    return next((code for code in (signup.language, signup.person.language) if code in written), "en")


CHANGE_LABELS: dict[str, str | Promise] = {
    "meet_at": _("meet"),
    "step_off_at": _("step off"),
    "end_at": _("back by"),
    "meeting_place": _("meeting point"),
    "meeting_location": _("meeting point on the map"),
}

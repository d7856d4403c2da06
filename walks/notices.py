"""Mail about walks, written into the outbox by the actions that cause it."""

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
from walks.links import guardian_url, signup_url
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
    """Mail somebody their own link, with what became of their sign-up."""
    if signup.state in {Signup.State.WAITLIST, Signup.State.OFFERED}:
        return send_waiting(signup)
    return _send(signup, kind="walks.sign_up", template="mail/walks/sign_up", dedupe_key=None)


def send_link_again(signup: Signup, *, now: datetime) -> OutboxMessage | None:
    """Mail it once more, at most once in an hour, so that nobody can flood an address with it."""
    key = f"sign-up:{signup.public_id}:{now:%Y-%m-%dT%H}"
    is_waiting = signup.state in {Signup.State.WAITLIST, Signup.State.OFFERED}
    template = "mail/walks/waitlist" if is_waiting else "mail/walks/sign_up"
    with transaction.atomic():
        return _send(signup, kind="walks.sign_up", template=template, dedupe_key=key)


def send_waiting(signup: Signup) -> OutboxMessage | None:
    """Tell somebody that they are on the waitlist, with their link."""
    return _send(signup, kind="walks.waitlist", template="mail/walks/waitlist", dedupe_key=None)


def send_place(signup: Signup) -> OutboxMessage | None:
    """A place is free and kept for them until `offer_until`."""
    key = f"place:{signup.public_id}:{signup.offered_at}"
    return _send(signup, kind="walks.place", template="mail/walks/place", dedupe_key=key)


def ask_guardian(signup: Signup, *, email: str, now: datetime) -> OutboxMessage | None:
    """Mail a parent or guardian the link where they say yes or no, at most once in an hour."""
    coalition = Coalition.current()
    return queue_mail(
        kind="walks.ask_guardian",
        template="mail/walks/ask_guardian",
        to_address=email,
        language=language_of_mail(signup),
        about=about(signup.walk),
        dedupe_key=f"ask-guardian:{signup.public_id}:{now:%Y-%m-%dT%H}",
        headers={"Reply-To": coalition.reply_to} if coalition.reply_to else {},
        context={
            "first_name": first_name(signup.name),
            "walk": signup.walk,
            "coalition": coalition,
            "link": guardian_url(signup),
        },
    )


def first_name(name: str) -> str:
    return name.split()[0] if name.split() else ""


def send_guardian_said_yes(signup: Signup) -> OutboxMessage | None:
    key = f"guardian:{signup.public_id}:{signup.link_version}"
    return _send(signup, kind="walks.guardian", template="mail/walks/sign_up", dedupe_key=key)


def _send(signup: Signup, *, kind: str, template: str, dedupe_key: str | None, **context: Any) -> OutboxMessage | None:
    return write(signup, kind=kind, template=template, dedupe_key=dedupe_key, **context)


def write(
    signup: Signup,
    *,
    kind: str,
    template: str,
    dedupe_key: str | None,
    due_at: datetime | None = None,
    coalition: Coalition | None = None,
    is_essential: bool = True,
    **context: Any,
) -> OutboxMessage | None:
    """One mail about somebody's sign-up. Nothing where they have no address: the desk lists those.

    One that isn't essential carries a one-click unsubscribe (RFC 8058).
    """
    person = signup.person
    if not person.email:
        return None
    coalition, link = coalition or Coalition.current(), signup_url(signup)
    headers = {"Reply-To": coalition.reply_to} if coalition.reply_to else {}
    if not is_essential:
        context["unsubscribe_link"] = f"{link}no-more-mail/"
        headers |= {
            "List-Unsubscribe": f"<{link}no-more-mail/>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return queue_mail(
        kind=kind,
        template=template,
        to_address=person.email,
        to_name=signup.name,
        language=language_of_mail(signup),
        about=about(signup.walk),
        dedupe_key=dedupe_key,
        due_at=due_at,
        headers=headers,
        context=context
        | {
            "signup": signup,
            "walk": signup.walk,
            "coalition": coalition,
            "link": link,
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

"""What is hidden before the week's mail about it went out doesn't go out: the mail is taken back and written anew."""

from datetime import date, datetime, time

from concerns.models import Concern, Follower
from office.models import Coalition, OutboxMessage

KIND = "follow.digest"
HOUR = 7


def about(follower: Follower) -> str:
    """How the outbox knows mail to a follower."""
    return f"follower {follower.public_id}"


def take_back_digests(concern: Concern) -> int:
    """Cancel digests that name this concern and still wait; the hourly job writes them again without it.

    The caller is in the transaction that takes it out of sight. Returns how many. A mail being sent right now may
    still arrive.
    """
    waiting = OutboxMessage.objects.filter(
        kind=KIND, status=OutboxMessage.Status.QUEUED, body_text__contains=str(concern.public_id)
    )
    n = 0
    for mail in waiting.only("about"):
        # Without its key the next one is not the same mail to the outbox.
        if waiting.filter(pk=mail.pk).update(status=OutboxMessage.Status.CANCELLED, dedupe_key=None):
            n += 1
            _hear_again(mail.about)
    return n


def _hear_again(about_: str) -> None:
    """A follower hears again of everything since the mail before; weeks without a mail had nothing to tell."""
    follower = Follower.objects.select_for_update().filter(public_id=about_.rpartition(" ")[2]).first()
    if follower is None or follower.told_until is None:
        return
    keys = OutboxMessage.objects.filter(kind=KIND, about=about_).exclude(dedupe_key=None)
    told = [date.fromisoformat(key.rpartition(":")[2]) for key in keys.values_list("dedupe_key", flat=True) if key]
    since = datetime.combine(max(told), time(HOUR), Coalition.current().zone) if told else follower.confirmed_at
    if since is not None and since < follower.told_until:
        follower.told_until = since
        follower.save(update_fields=["told_until"])

"""What people say after a walk, and whether they want mail that they don't need for one."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from walks.models import Signup, Walk


@transaction.atomic
def say_whether_came(*, signup: Signup, came: bool | None, words: str = "") -> Signup:
    """Keep what somebody says about their walk; saying it again replaces it. Raises Refused before the walk began."""
    if came is None:
        raise Refused(_("Choose “Yes, I came” or “No, I couldn’t”."))
    locked = _lock(signup)
    if locked.walk.meet_at > timezone.now():
        raise Refused(_("The walk hasn’t begun yet. Tell us afterwards."))
    if locked.state == Signup.State.GUARDIAN:
        raise Refused(_("You were not on the list of this walk."))
    locked.said_came, locked.said_at, locked.said_words = came, timezone.now(), words.strip()[:500]
    locked.save(update_fields=["said_came", "said_at", "said_words"])
    record(actor=None, action="signup.said_came", resource="signup", object_id=locked.public_id, detail={"came": came})
    return locked


@transaction.atomic
def stop_mail(*, signup: Signup) -> None:
    """No more questions, thanks and invitations to this person. Twice changes nothing."""
    person = signup.person
    if person.unsubscribed_at is None:
        person.unsubscribed_at = timezone.now()
        person.save(update_fields=["unsubscribed_at"])
        record(actor=None, action="person.unsubscribe", resource="person", object_id=person.public_id)


@transaction.atomic
def want_mail_again(*, signup: Signup) -> None:
    person = signup.person
    if person.unsubscribed_at is not None:
        person.unsubscribed_at = None
        person.save(update_fields=["unsubscribed_at"])
        record(actor=None, action="person.subscribe", resource="person", object_id=person.public_id)


def _lock(signup: Signup) -> Signup:
    Walk.objects.select_for_update(of=("self",)).get(pk=signup.walk_id)
    return Signup.objects.select_for_update(of=("self",)).select_related("walk", "person").get(pk=signup.pk)

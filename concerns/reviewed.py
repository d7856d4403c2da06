"""What isn't kept once an organizer has read a report: words about somebody's immigration status (promise 5)."""

from typing import Any

from django.utils.translation import gettext as _

from concerns.flags import mentions_status, without_status
from concerns.models import Concern, Look, Proposal
from office.refused import Refused

# Where a phone's or a person's own words are in what they proposed.
WORDS = ("note", "city_case", "address")


def forget_status_words(concern: Concern) -> bool:
    """Cut those parts out of a locked concern's words, its looks' and what was proposed for it. Whether it did.

    Nothing is asked where its words don't seem to describe a person; a look's words are read with the look.
    """
    if Concern.Flag.PERSON_TEXT not in concern.flags or not mentions_status(concern.note):
        return False
    concern.note = without_status(concern.note)
    concern.save(update_fields=["note"])
    for proposal in Proposal.objects.filter(concern=concern).exclude(state=Proposal.State.OPEN):
        forget_in_proposal(proposal)
    return True


def forget_in_look(look: Look) -> None:
    """The same for a look that an organizer published or hid."""
    if mentions_status(look.note):
        look.note = without_status(look.note)
        look.save(update_fields=["note"])


def forget_in_proposal(proposal: Proposal) -> None:
    """The same for a proposal that was decided."""
    body: dict[str, Any] = proposal.body
    cut = {name: without_status(body[name]) for name in WORDS if isinstance(body.get(name), str)}
    if any(cut[name] != body[name] for name in cut):
        proposal.body = body | cut
        proposal.save(update_fields=["body"])


def refuse_status_words(text: str) -> None:
    """Raise Refused where words that would become public speak of somebody's papers."""
    if mentions_status(text):
        raise Refused(
            _("These words speak of somebody’s immigration status. We don’t keep that: leave it out and publish again.")
        )

"""The life of a referral, in the words of FHIR's Task (https://hl7.org/fhir/R4/task.html), as tables. Pure.

`requested` (sent to the agency) → `received` (it was opened) → `accepted` (“we take this”) → `in-progress` (they are in
touch) → `completed` (got help) or `failed` (couldn't, with a reason). `rejected` is a no before taking it, `cancelled`
ends it from our or the person's side. “Answered” isn't “helped”: only `completed` is.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    REQUESTED = "requested", _("sent")
    RECEIVED = "received", _("seen")
    ACCEPTED = "accepted", _("taken on")
    IN_PROGRESS = "in-progress", _("in touch")
    COMPLETED = "completed", _("got help")
    REJECTED = "rejected", _("declined")
    FAILED = "failed", _("couldn’t help")
    CANCELLED = "cancelled", _("ended")


class Outcome(models.TextChoices):
    """Why it ended, counted by reason. `got_help` is the only good one."""

    GOT_HELP = "got_help", _("got help")
    NOT_REACHED = "not_reached", _("couldn’t be reached")
    NOT_ELIGIBLE = "not_eligible", _("not eligible")
    NO_CAPACITY = "no_capacity", _("no capacity")
    NOT_INTERESTED = "not_interested", _("no longer interested")
    HELPED_ELSEWHERE = "helped_elsewhere", _("got help elsewhere")
    WRONG_SERVICE = "wrong_service", _("not what they offer")
    WITHDRAWN = "withdrawn", _("took the yes back")
    PASSED_ON = "passed_on", _("passed on to another agency")
    NEVER_ANSWERED = "never_answered", _("never answered")


class Party(models.TextChoices):
    """Who may move it. `SYSTEM` is the clock: 180 silent days, a consent that ran out."""

    COORDINATOR = "coordinator", _("coordinator")
    AGENCY = "agency", _("agency")
    PERSON = "person", _("the person")
    SYSTEM = "system", _("by itself")


OPEN_STATES = frozenset({State.REQUESTED, State.RECEIVED, State.ACCEPTED, State.IN_PROGRESS})
UNANSWERED = frozenset({State.REQUESTED, State.RECEIVED})
CLOSED_STATES = frozenset(State) - OPEN_STATES

_ENDS = {State.COMPLETED, State.FAILED}
# Who may move it from where to where. What is over stays over: a new referral is a new row.
MOVES: dict[Party, dict[State, frozenset[State]]] = {
    Party.AGENCY: {
        State.REQUESTED: frozenset({State.RECEIVED, State.ACCEPTED, State.IN_PROGRESS, State.REJECTED, *_ENDS}),
        State.RECEIVED: frozenset({State.ACCEPTED, State.IN_PROGRESS, State.REJECTED, *_ENDS}),
        State.ACCEPTED: frozenset({State.IN_PROGRESS, *_ENDS}),
        State.IN_PROGRESS: frozenset(_ENDS),
    },
    Party.COORDINATOR: {
        State.REQUESTED: frozenset({State.ACCEPTED, State.IN_PROGRESS, State.REJECTED, State.CANCELLED, *_ENDS}),
        State.RECEIVED: frozenset({State.ACCEPTED, State.IN_PROGRESS, State.REJECTED, State.CANCELLED, *_ENDS}),
        State.ACCEPTED: frozenset({State.IN_PROGRESS, State.CANCELLED, *_ENDS}),
        State.IN_PROGRESS: frozenset({State.CANCELLED, *_ENDS}),
    },
    Party.PERSON: {state: frozenset({State.COMPLETED, State.FAILED, State.CANCELLED}) for state in OPEN_STATES},
    Party.SYSTEM: {state: frozenset({State.CANCELLED, State.FAILED}) for state in OPEN_STATES},
}

# Which reasons go with which end.
OUTCOMES: dict[State, frozenset[Outcome]] = {
    State.COMPLETED: frozenset({Outcome.GOT_HELP}),
    State.REJECTED: frozenset({Outcome.NOT_ELIGIBLE, Outcome.NO_CAPACITY, Outcome.WRONG_SERVICE}),
    State.FAILED: frozenset(
        {
            Outcome.NOT_REACHED,
            Outcome.NOT_ELIGIBLE,
            Outcome.NO_CAPACITY,
            Outcome.NOT_INTERESTED,
            Outcome.HELPED_ELSEWHERE,
            Outcome.WRONG_SERVICE,
            Outcome.NEVER_ANSWERED,
        }
    ),
    State.CANCELLED: frozenset(
        {Outcome.WITHDRAWN, Outcome.PASSED_ON, Outcome.NOT_INTERESTED, Outcome.HELPED_ELSEWHERE, Outcome.NOT_REACHED}
    ),
}


def may_move(party: Party, before: State, to: State) -> bool:
    """Whether this party may take a referral from the one state to the other."""
    return to in MOVES[party].get(before, frozenset())


def fits(to: State, outcome: str) -> bool:
    """Whether the reason goes with the state: an end needs one of its own, an open state none."""
    if to in OPEN_STATES:
        return outcome == ""
    return outcome in OUTCOMES[to]

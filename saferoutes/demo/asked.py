"""Who asked for help in the demo, and what became of it. Everybody is invented; so is what they say."""

from typing import NamedTuple

from outreach.models import Consent, HelpRequest, Need
from outreach.workflow import Outcome, State
from saferoutes.demo.directory import CLINIC, HEARTH, JOBS, LIGHT, NINE, PANTRY, PAPER, YOUTH

Scope, Source = Consent.Scope, HelpRequest.Source
ON_THE_WALK = 0


class Step(NamedTuple):
    """What happened to a referral on which working day (see `Asked`). `to` is a state, or one of the words below."""

    day: int
    to: str
    outcome: str = ""
    note: str = ""
    by: str = "agency"


# Steps that are no state.
TRIED, COLLEAGUE, REMINDED, PASSED_ON = "tried", "colleague", "reminded", "passed on"
# Sent so that the answer is due on the next working day.
DUE_NEXT = -1


class Sent(NamedTuple):
    """A referral, sent on which working day, and its steps in their order. A call has no link and no mail."""

    organization: str
    need: str
    day: int
    steps: tuple[Step, ...] = ()
    words: str = ""
    is_call: bool = False
    passed_to: str = ""


class Asked(NamedTuple):
    """`ago` in working days. Of who asked `ON_THE_WALK` all days count from that evening on, else back from today.

    `told`: name, phone, e-mail, best time, in their words.
    """

    needs: tuple[str, ...]
    scope: str
    ago: int
    source: str
    agencies: tuple[str, ...] = ()
    told: tuple[str, str, str, str, str] = ("", "", "", "", "")
    language: str = "en"
    wants_mail: bool = False
    card: int = 0
    sent: tuple[Sent, ...] = ()
    closed: int = 0  # by the coordinator
    taken_back: int = 0  # by the person


ASKED = [
    # --- That evening ---
    Asked(
        (Need.FOOD, Need.UTILITIES), Scope.NAMED, ON_THE_WALK, Source.WALK, (PANTRY, LIGHT), card=3, wants_mail=True,
        told=("Rosalind Amberly", "+18165550170", "rosalind@demo.example", "mornings", "Four of us, two are small."),
        sent=(
            Sent(PANTRY, Need.FOOD, 1, (
                Step(2, State.ACCEPTED), Step(4, State.COMPLETED, Outcome.GOT_HELP, "Comes each second Monday"),
            )),
            Sent(LIGHT, Need.UTILITIES, 1, (
                Step(2, State.REJECTED, Outcome.NOT_ELIGIBLE, "The meter is in the landlord’s name"),
            )),
            Sent(PANTRY, Need.UTILITIES, 3, (
                Step(4, State.ACCEPTED), Step(7, State.COMPLETED, Outcome.GOT_HELP, "Paid 140 dollars"),
            ), words="The bill fund, please: Porchlight can’t, because of the meter."),
        ), closed=9,
    ),
    Asked(
        (Need.MENTAL_HEALTH,), Scope.NAMED, ON_THE_WALK, Source.WALK, (NINE,),
        told=("Cass", "+18165550171", "", "after 4 PM", ""),
        sent=(
            Sent(NINE, Need.MENTAL_HEALTH, 2, (
                Step(3, TRIED, note="No answer"), Step(5, TRIED, note="Mailbox full"),
                Step(8, TRIED, note="No answer in the evening either"),
                Step(9, State.FAILED, Outcome.NOT_REACHED),
            )),
        ), closed=10,
    ),
    Asked(
        (Need.SUBSTANCE_USE,), Scope.NAMED, ON_THE_WALK, Source.WALK, (NINE,),
        told=("T.", "+18165550172", "", "", ""),
        sent=(
            Sent(NINE, Need.SUBSTANCE_USE, 1, (
                Step(1, State.ACCEPTED), Step(3, State.IN_PROGRESS), Step(12, State.COMPLETED, Outcome.GOT_HELP),
            )),
        ), closed=13,
    ),
    Asked(
        (Need.LEGAL,), Scope.NEED_ONLY, ON_THE_WALK, Source.WALK,
        sent=(
            Sent(PAPER, Need.LEGAL, 1, (
                Step(11, State.FAILED, Outcome.NEVER_ANSWERED, "Called twice; the line rings out", "coordinator"),
            )),
        ), closed=11,
    ),
    # --- At the desk and by the help page, since then ---
    Asked(
        (Need.HEALTH,), Scope.NAMED, 9, Source.DESK, (CLINIC,), told=("Perpetua", "+18165550173", "", "", ""),
        sent=(Sent(CLINIC, Need.HEALTH, 9),), taken_back=8,
    ),
    Asked(
        (Need.HOUSING,), Scope.NAMED, 5, Source.DESK, (HEARTH,), language="es",
        told=("Lucía Farolito", "+18165550174", "", "por la tarde", "Tiene que dejar la casa a fin de mes."),
        sent=(Sent(HEARTH, Need.HOUSING, 5, (Step(1, REMINDED),), "Has to leave at the end of the month."),),
    ),
    Asked(
        (Need.YOUTH,), Scope.NEED_ONLY, 7, Source.PAGE,
        sent=(Sent(YOUTH, Need.YOUTH, 7, (Step(6, State.RECEIVED), Step(5, State.IN_PROGRESS)), "14 years old."),),
    ),
    Asked(
        (Need.JOB,), Scope.CALL_ME, 6, Source.DESK, told=("Ambrose Tilly", "+18165550175", "", "evenings", ""),
        sent=(
            Sent(JOBS, Need.JOB, 5, (Step(4, State.ACCEPTED, note="Next course in two weeks", by="coordinator"),),
                 is_call=True),
        ),
    ),
    Asked(
        (Need.HEALTH,), Scope.NAMED, 6, Source.PAGE, (CLINIC,), told=("Otis Rainford", "+18165550179", "", "", ""),
        sent=(Sent(CLINIC, Need.HEALTH, 6, (Step(5, State.ACCEPTED), Step(2, State.COMPLETED, Outcome.GOT_HELP))),),
    ),
    Asked(
        (Need.UTILITIES,), Scope.NAMED, 4, Source.DESK, (LIGHT, PANTRY),
        told=("Marguerite Sorrel", "+18165550176", "", "before noon", "They cut the gas off on the first."),
        sent=(Sent(LIGHT, Need.UTILITIES, 4, (Step(1, PASSED_ON),), passed_to=PANTRY),),
    ),
    Asked(
        (Need.MENTAL_HEALTH,), Scope.NAMED, 4, Source.DESK, (NINE,),
        told=("Ignatius Bell", "+18165550177", "ignatius@demo.example", "lunch time", "Since my brother died."),
        sent=(Sent(NINE, Need.MENTAL_HEALTH, 4, (Step(3, State.ACCEPTED), Step(3, COLLEAGUE))),),
    ),
    Asked(
        (Need.SUBSTANCE_USE, Need.HOUSING), Scope.NAMED, 2, Source.PAGE, (NINE, HEARTH), wants_mail=True,
        told=("Juniper", "", "juniper@demo.example", "", ""),
        sent=(
            Sent(NINE, Need.SUBSTANCE_USE, DUE_NEXT, words="Would like to come with a friend."),
            Sent(HEARTH, Need.HOUSING, DUE_NEXT),
        ),
    ),
    Asked(
        (Need.FOOD, Need.CLOTHING), Scope.CALL_ME, 1, Source.DESK,
        told=("Old Barnaby", "+18165550178", "", "any time", "Coat in size L."),
    ),
    Asked((Need.TRANSPORT,), Scope.NEED_ONLY, 1, Source.PAGE),
]  # fmt: skip

"""The shops on the demo's street: how and when they want to be visited, what they asked, and what became of it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from concerns.models import Concern
from corridors.models import Corridor, Landmark
from outreach.keeping_off import set_do_not_visit
from outreach.shopping import add_note, answer_about, change_note, save_shop, tell
from people.models import User
from saferoutes.demo.clock import at
from walks.models import Walk


class Known(NamedTuple):
    """`call_back` in days from today."""

    name: str
    hours: str
    language: str = "en"
    best_time: str = ""
    call_back: int | None = None


SHOPS = [
    Known("Benton Tire and Brake", "Mon to Sat 8 to 6", best_time="before 10"),
    Known("Copper Kettle Diner", "every day 6 to 3", best_time="after the lunch rush", call_back=0),
    Known("Panadería La Espiga", "every day 5 to 8", "es", "early afternoon"),
    Known("Northeast Key and Lock", "Tue to Sat 9 to 5"),
    Known("El Faro Laundry", "every day 6 to 10", "es", "weekday mornings", call_back=5),
    Known("Phở Little Lotus", "Wed to Mon 11 to 9", "vi", "between 2 and 4"),
    Known("Suuqa Nuur Grocery", "every day 9 to 9", "so", "not on Friday noon"),
    Known("Second Spin Bicycles", "Thu to Sun 11 to 6", best_time="any time it is open"),
    Known("Lantern Bakery", "Tue to Sun 6 to 2", best_time="after 1, when the ovens are off"),
    Known("Violet Hour Nails", "Mon to Sat 10 to 7", "vi", "Tuesday mornings"),
    Known("Hardesty Hardware", "Mon to Sat 8 to 5"),
]
KEEPS_OFF, WHY = "Blue Heron Barbers", "They want their peace; said so kindly"


class Answer(NamedTuple):
    """What a shop asked on last month's walk. `told` so many days ago; LAMP: what became of the lamp."""

    shop: str
    asked: str
    happened: str = ""
    told: int | None = None


LAMP = "lamp"
ANSWERS = [
    Answer("Violet Hour Nails", "When does the lamp at the bus stop come on again?", LAMP, told=8),
    Answer("El Faro Laundry", "Can you bring the flyer in Spanish?", "It is translated; here are fifty.", told=13),
    Answer("Copper Kettle Diner", "Who picks up the mattress in our alley?", "The city has it on its list."),
    Answer("Suuqa Nuur Grocery", "Could somebody walk along at closing time?"),
]


def tell_the_shops(*, corridor: Corridor, walk: Walk, by: User, now: datetime) -> None:
    """Everything it makes hangs on the landmarks, and goes with them."""
    shops = {one.name: one for one in Landmark.objects.filter(corridor=corridor, kind=Landmark.Kind.BUSINESS)}
    today = timezone.localdate(now)
    for known in SHOPS:
        with at(walk.end_at + timedelta(days=1)):
            save_shop(
                landmark=shops[known.name],
                by=by,
                hours=known.hours,
                language=known.language,
                best_time=known.best_time,
                call_back_on=None if known.call_back is None else today + timedelta(days=known.call_back),
                do_not_visit=False,
                do_not_visit_why="",
            )
    with at(walk.end_at + timedelta(days=1)):
        set_do_not_visit(landmark=shops[KEEPS_OFF], why=WHY, by=by)
    for answer in ANSWERS:
        _answer(answer, shops[answer.shop], walk, by, now)


def _answer(answer: Answer, landmark: Landmark, walk: Walk, by: User, now: datetime) -> None:
    about = _lamp(walk) if answer.happened == LAMP else None
    with at(walk.end_at + timedelta(days=1)):
        note = add_note(landmark=landmark, by=by, asked=answer.asked, happened="", concern=about)
    if not answer.happened:
        return
    words = answer_about(about) if about else answer.happened
    with at(now - timedelta(days=answer.told or 3, hours=2)):
        note = change_note(note=note, asked=answer.asked, happened=words)
    if answer.told is not None:
        with at(now - timedelta(days=answer.told)):
            tell(note=note, by=by)


def _lamp(walk: Walk) -> Concern | None:
    """A lamp of that walk that somebody looked at again."""
    lamps = Concern.objects.filter(walk=walk, category__code="LIGHT_OUT", publication="published")
    return lamps.filter(status="verified_fixed").order_by("id").first()

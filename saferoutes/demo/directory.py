"""What the demo's agencies offer. All of it is invented, like who offers it."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db import models

from corridors.models import Area, Corridor
from outreach.directory_actions import Hours, ask_whether_right, make_listing, save_service, set_capacity
from outreach.models import Listing, Need, Service
from people.contact import normalize_phone
from people.models import Organization, User
from saferoutes.demo.clock import at

Room = Service.Capacity
WEEK = range(5)
DAILY = range(7)


class Offer(NamedTuple):
    """One service. `hours` are (weekdays, from, to); `confirmed` so many days ago; `areas`: only for these."""

    organization: str
    name: str
    needs: list[str]
    description: str
    hours: list[tuple[tuple[int, ...] | range, str, str]]
    room: str = Room.OPEN
    languages: tuple[str, ...] = ("en", "es")
    who: str = ""
    ages: tuple[int | None, int | None] = (None, None)
    how: str = ""
    fees: str = "Free"
    address: str = ""
    confirmed: int = 20
    avenue_only: bool = False
    areas: tuple[str, ...] = ()
    note: str = ""


PANTRY, HEARTH, NINE = "Second Loaf Pantry", "Hearth and Key Housing", "Nine Lives Recovery"
YOUTH, JOBS = "Northeast Youth Table", "Bridgeway Job Training"
PAPER, LIGHT, CLINIC = "Plain Paper Legal Aid", "Porchlight Energy Help", "Open Hand Clinic"

ABOUT = {
    PANTRY: "Groceries, coats and a warm lunch, from the hall of a former bakery.",
    HEARTH: "A bed for tonight, and somebody who talks with your landlord.",
    NINE: "People who were there themselves, for people who want to stop using.",
    YOUTH: "A table with food, homework help and summer jobs.",
    JOBS: "Short courses that end with a job interview.",
    PAPER: "Lawyers and students who explain papers in plain words.",
    LIGHT: "Keeps the light and the heat on, and the draft out.",
    CLINIC: "Doctors and nurses who ask no papers.",
}
# Who hasn't confirmed for too long and was asked again, so many days ago.
STALE, ASKED_AGAIN = PAPER, 6

OFFERS = [
    Offer(PANTRY, "Groceries without questions", [Need.FOOD], "A bag for each household, twice a month.",
          [((0, 2), "10:00", "14:00"), ((5,), "9:00", "12:00")], how="Just come. Bring a bag.",
          address="3722 Independence Ave", languages=("en", "es", "so"), confirmed=12),
    Offer(PANTRY, "Coats and shoes", [Need.CLOTHING], "Warm things in all sizes, from October on.",
          [((2,), "10:00", "14:00")], room=Room.LIMITED, address="3722 Independence Ave", confirmed=12,
          note="Ask at the desk on other days"),
    Offer(PANTRY, "Bill fund", [Need.UTILITIES], "Pays up to 150 dollars of a gas or light bill, once a year.",
          [((1, 3), "13:00", "16:00")], room=Room.LIMITED, how="Bring the bill.", confirmed=12,
          areas=("Lykins", "Independence Plaza"), address="3722 Independence Ave"),
    Offer(HEARTH, "A bed for tonight", [Need.HOUSING, Need.SAFETY], "Forty beds, also for families. Pets may come.",
          [(DAILY, "16:00", "23:00")], room=Room.WAITLIST, who="Anybody 18 or older, and families with children",
          ages=(18, None), how="Call before 6 PM.", address="2900 Gladstone Blvd", confirmed=33),
    Offer(HEARTH, "Talk with your landlord", [Need.HOUSING, Need.LEGAL],
          "Somebody comes along, or calls for you, before it comes to an eviction.",
          [(WEEK, "9:00", "17:00")], how="Call, or come by.", address="2900 Gladstone Blvd", confirmed=33),
    Offer(NINE, "Recovery group", [Need.SUBSTANCE_USE], "Each evening. First names only.",
          [(DAILY, "18:30", "20:00")], languages=("en", "es", "ase"), how="Come ten minutes early.",
          address="4110 Independence Ave", confirmed=5),
    Offer(NINE, "Somebody to talk to", [Need.MENTAL_HEALTH, Need.VICTIM_SERVICES],
          "Counseling without an appointment, also after a death.",
          [((0, 1, 3), "12:00", "19:00")], room=Room.LIMITED, fees="What you can pay", confirmed=5,
          address="4110 Independence Ave", note="Last walk-in at 6 PM"),
    Offer(YOUTH, "After-school table", [Need.YOUTH, Need.FAMILY], "Homework, a warm meal, a ride home after dark.",
          [(WEEK, "15:00", "19:00")], languages=("en", "es", "sw", "my"), ages=(10, 18), confirmed=48,
          address="512 Van Brunt Blvd", avenue_only=True),
    Offer(YOUTH, "First job", [Need.JOB, Need.YOUTH], "Six paid weeks in a shop on the Avenue.",
          [((1,), "16:00", "18:00")], room=Room.WAITLIST, ages=(15, 21), confirmed=48,
          address="512 Van Brunt Blvd", note="Begins in June and in January"),
    Offer(JOBS, "Forklift license in six weeks", [Need.JOB, Need.TRANSPORT], "With a bus pass for the way.",
          [(WEEK, "8:00", "12:00")], ages=(18, None), languages=("en", "es", "fr"), confirmed=95,
          address="5210 Winner Rd", how="Call to hear when the next course begins."),
    Offer(PAPER, "Clear your record", [Need.LEGAL, Need.DOCUMENTS], "Expungement, birth certificates, state IDs.",
          [((3,), "17:00", "20:00")], room=Room.CLOSED, who="Who earns less than twice the poverty line",
          how="Leave your number; we call when there is room.", address="3640 St. John Ave", confirmed=210),
    Offer(LIGHT, "Help with gas and light bills", [Need.UTILITIES], "For who got a notice that it will be cut off.",
          [(WEEK, "9:00", "16:30")], who="The meter is in your name", how="Bring the notice and an ID.",
          address="1416 Hardesty Ave", confirmed=61, languages=("en", "es", "vi")),
    Offer(LIGHT, "Warm windows", [Need.HOME_REPAIR], "Seals windows and doors, mends steps.",
          [(WEEK, "9:00", "16:30")], room=Room.WAITLIST, who="Owners who live in the house", confirmed=61,
          address="1416 Hardesty Ave", areas=("Scarritt Point", "South Indian Mound", "Lykins")),
    Offer(CLINIC, "See a doctor", [Need.HEALTH, Need.FAMILY], "Also shots for children, glasses and teeth.",
          [((0, 2, 4), "8:00", "17:00"), ((1, 3), "12:00", "20:00")], fees="What you can pay",
          languages=("en", "es", "so", "sw", "ar", "vi"), how="Walk in, or call.", confirmed=27,
          address="601 Benton Blvd"),
]  # fmt: skip


def tell_the_directory(
    *, organizations: dict[str, Organization], corridor: Corridor, by: User, now: datetime
) -> Iterator[models.Model]:
    """Yields every row it made. Each agency wrote its own, by its link; one was asked whether it is still right."""
    areas = {area.name: area for area in Area.objects.filter(source="demo")}
    for name, words in ABOUT.items():
        with at(now - timedelta(days=240)):
            listing = make_listing(organizations[name])
        Listing.objects.filter(pk=listing.pk).update(description=words)
    for offer in OFFERS:
        yield _offer(offer, organizations[offer.organization], corridor, areas, now)
    with at(now - timedelta(days=ASKED_AGAIN)):
        ask_whether_right(organization=organizations[STALE], by=by)


def _offer(
    offer: Offer, organization: Organization, corridor: Corridor, areas: dict[str, Area], now: datetime
) -> Service:
    fields = {
        "name": offer.name,
        "needs": offer.needs,
        "description": offer.description,
        "eligibility": offer.who,
        "minimum_age": offer.ages[0],
        "maximum_age": offer.ages[1],
        "languages": sorted(offer.languages),
        "application_process": offer.how,
        "fees": offer.fees,
        "phone": normalize_phone(organization.public_phone),
        "email": organization.email,
        "address": offer.address,
        "schedule_note": offer.note,
        "corridors": [corridor] if offer.avenue_only else [],
    }
    with at(now - timedelta(days=offer.confirmed)):
        service = save_service(organization=organization, fields=fields, hours=_hours(offer), is_agency=True)
        if offer.areas:
            service.areas.set([areas[name] for name in offer.areas])
        return set_capacity(service=service, capacity=offer.room)


def _hours(offer: Offer) -> Hours:
    return [(day, _clock(a), _clock(b)) for days, a, b in offer.hours for day in days]


def _clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))

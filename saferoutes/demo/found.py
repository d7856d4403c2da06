"""What a walk found, and what became of it: read, published, filed, looked at again."""

import uuid
from datetime import datetime, timedelta
from random import Random

from django.contrib.gis.geos import Point

from concerns import actions as concern_actions
from concerns.models import Category, Concern, Look, Photo
from concerns.photos import keep_original, process_waiting
from concerns.workflow import LookResult, Source, Status
from corridors.models import WGS84
from saferoutes.demo import finds
from saferoutes.demo.pictures import picture
from saferoutes.demo.start import Start
from walks.models import Device, Walk
from walks.sun import Lit

# What happens to a concern on its way to each end: (step, days after the walk).
STEPS: dict[str, list[tuple[str, int]]] = {
    Status.TRIAGED: [],
    Status.REPORTED: [(Status.REPORTED, 2)],
    Status.IN_PROGRESS: [(Status.REPORTED, 2), (Status.IN_PROGRESS, 9)],
    Status.CLAIMED_FIXED: [(Status.REPORTED, 2), (Status.CLAIMED_FIXED, 14)],
    Status.VERIFIED_FIXED: [(Status.REPORTED, 2), (Status.CLAIMED_FIXED, 12), (LookResult.FIXED, 20)],
    Status.REOPENED: [(Status.REPORTED, 2), (Status.CLAIMED_FIXED, 11), (LookResult.STILL_THERE, 19)],
    Status.MONITORING: [(Status.MONITORING, 3)],
    Status.REFERRED_TO_OWNER: [(Status.REFERRED_TO_OWNER, 4)],
    Status.NOT_ACTIONABLE: [(Status.NOT_ACTIONABLE, 5)],
}

SCENES = {"LIGHT_OUT": "light", "DUMPING": "ground", "SIDEWALK": "way", "ASSET": "good", "ABAND_VEH": "ground"}


class Found(Start):
    """`phones` are those of the teams, by the team's number."""

    phones: dict[int, Device]
    random: Random

    def log(self, find: finds.Find, *, walk: Walk, number: int) -> Concern:
        seen_at = walk.step_off_at + timedelta(minutes=4 * number)
        device = self.phones[find.team]
        concern = concern_actions.log_concern(
            category=Category.objects.get(code=find.category),
            source=Source.FIELD,
            walk=walk,
            team=device.team,
            device=device,
            location=Point(find.place, srid=WGS84),
            accuracy_m=float(self.random.randint(4, 14)),
            place_from="gps",
            address=find.address,
            lit=Lit.DARK,
            note=find.words,
            answers=find.answers,
            told_by=find.told_by,
            captured_at=seen_at,
            received_at=seen_at + timedelta(seconds=40),
            n_photos_expected=int(find.photo),
        )
        self.keep(concern)
        if find.photo:
            self.photograph(find, concern=concern)
        return concern

    def photograph(self, find: finds.Find, *, concern: Concern | None = None, look: Look | None = None) -> Photo:
        data = picture(SCENES[find.category], after=look is not None and look.result == LookResult.FIXED)
        return keep_original(
            concern=concern,
            look=look,
            device=self.phones[find.team],
            client_id=uuid.UUID(int=self.random.getrandbits(128)),
            position=0,
            data=data,
        )

    def follow(self, concern: Concern, find: finds.Find, number: int) -> None:
        """Let the days pass: read it, publish it where that is right, file it, look again."""
        by = self.users["organizer"]
        day = concern.received_at
        concern_actions.triage(concern=concern, by=by, at=day + timedelta(days=1))
        if concern.category.publication_rule != Category.Rule.NEVER and not concern.waits_for_help:
            self.process()
            for photo in concern.photos.all():
                concern_actions.approve_photo(photo=photo, by=by)
            concern_actions.publish_concern(concern=concern, by=by, text=find.text, at=day + timedelta(days=1, hours=1))
        for step, days in STEPS[find.end]:
            self.step(concern, find, step, number, at=day + timedelta(days=days))

    def process(self) -> None:
        while process_waiting(limit=20):
            pass

    def step(self, concern: Concern, find: finds.Find, step: str, number: int, *, at: datetime) -> None:
        by = self.users["organizer"]
        concern.refresh_from_db()
        if step == Status.REPORTED:
            number = 41870 + 13 * number
            concern_actions.add_case(concern=concern, by=by, system="311", number=f"2026-{number}", at=at)
        elif step in LookResult.values:
            self.look(concern, find, step, at=at)
        else:
            note = "The owner mows it twice a year" if step == Status.NOT_ACTIONABLE else ""
            said = "The city closed the case" if step == Status.CLAIMED_FIXED else ""
            concern_actions.move_concern(concern=concern, to=step, by=by, note=note, public_note=said, at=at)

    def look(self, concern: Concern, find: finds.Find, result: str, *, at: datetime) -> None:
        look = concern_actions.record_look(
            concern=concern, result=result, lit=Lit.DARK, by=self.users["coordinator"], captured_at=at, received_at=at
        )
        self.keep(look)
        if find.photo:
            photo = self.photograph(find, look=look)
            self.process()
            photo.refresh_from_db()
            concern_actions.approve_photo(photo=photo, by=self.users["organizer"])
        concern_actions.publish_look(look=look, by=self.users["organizer"])

    def twin_and_taken_back(self, walk: Walk) -> None:
        """One concern that was the same as another, and one that its team took back."""
        first = finds.FINDS[0]
        twin = self.log(first._replace(place=(-94.52606, 39.10553), words="Light out at the bus stop", photo=False),
                        walk=walk, number=40)  # fmt: skip
        lamp = Concern.objects.filter(note=first.words).order_by("id").first()
        assert lamp is not None
        concern_actions.mark_duplicate(
            concern=twin, of=lamp, by=self.users["organizer"], at=twin.received_at + timedelta(days=1)
        )
        mistake = self.log(finds.FINDS[4]._replace(words="", photo=False), walk=walk, number=41)
        concern_actions.withdraw_concern(concern=mistake, at=mistake.received_at + timedelta(minutes=1))

"""Help asked for and given: told day by day through the same actions that the desk, agencies and people use."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db import models
from django.db.models import Q
from django.utils import timezone

from concerns.receipts import shown
from outreach.agency_mail import write_morning_mail
from outreach.cards import make_cards, use_card
from outreach.helping import Yes, ask_for_help, close_help, withdraw_consent
from outreach.models import CardBatch, Contact, HelpRequest, Referral
from outreach.referring import hand_to_colleague, move_referral, note_attempt, reassign, refer
from outreach.workflow import Party, State
from people.models import Organization, User
from saferoutes.demo.asked import ASKED, COLLEAGUE, DUE_NEXT, ON_THE_WALK, PASSED_ON, REMINDED, TRIED, Asked, Sent, Step
from saferoutes.demo.clock import at
from saferoutes.demo.workdays import so_that_it_is_due_next, working_days_after, working_days_ago
from walks.models import Device, Walk

N_CARDS = 24
LEFT_CARDS = (1, 2)  # given out without a yes

Happening = tuple[datetime, Callable[[], object]]


class Help:
    """`code` is that of the first request, as its person keeps it."""

    def __init__(
        self,
        *,
        walk: Walk,
        phone: Device,
        users: dict[str, User],
        organizations: dict[str, Organization],
        now: datetime,
    ) -> None:
        self.walk, self.phone, self.now = walk, phone, now
        self.users, self.organizations = users, organizations
        self.coordinator = users["coordinator"]
        self.code = ""
        self.requests: dict[int, HelpRequest] = {}
        self.referrals: dict[tuple[int, int], Referral] = {}

    def tell(self) -> Iterator[models.Model]:
        """Yields every request, and the printing of cards; contacts, consents and referrals hang on them."""
        self.batch = self._print_cards()
        yield self.batch
        happened = [one for number, asked in enumerate(ASKED) for one in self._about(number, asked)]
        for moment, happens in sorted(happened, key=lambda one: one[0]):
            with at(moment):
                happens()
        yield from self.requests.values()

    def _print_cards(self) -> CardBatch:
        with at(self.walk.meet_at - timedelta(days=3)):
            batch = make_cards(n=N_CARDS, walk=self.walk, languages=["en", "es"], by=self.users["organizer"])
        left = Contact.objects.filter(walk=self.walk, result=Contact.Result.LEFT_MATERIAL).order_by("captured_at")
        for number, contact in zip(LEFT_CARDS, left, strict=False):
            use_card(card=batch.cards.get(number=number), contact=contact, at=contact.captured_at)
        return batch

    def _about(self, number: int, asked: Asked) -> Iterator[Happening]:
        """Everything that happened about one request, each with its moment."""
        moment = self._asked_at(number, asked)
        yield moment, partial(self._ask, number, asked, moment)
        for n, sent in enumerate(asked.sent):
            yield self._on(asked, sent.day, 11, number), partial(self._send, (number, n), sent)
            for later, step in enumerate(sent.steps):
                hour = 8 if step.to == REMINDED else 13 + later
                yield self._on(asked, step.day, hour, number), partial(self._step, (number, n), sent, step)
        if asked.taken_back:
            yield self._on(asked, asked.taken_back, 18, number), partial(self._take_back, number)
        if asked.closed:
            yield self._on(asked, asked.closed, 16, number), partial(self._close, number)

    def _on(self, asked: Asked, day: int, hour: int, minute: int) -> datetime:
        """That time on a working day after the walk or before today, as `Asked` says."""
        if asked.ago == ON_THE_WALK:
            return working_days_after(self.walk.end_at, day, hour, minute)
        days = so_that_it_is_due_next(self.now) if day == DUE_NEXT else day
        return working_days_ago(self.now, days, hour, minute)

    # --- What happens ---

    def _asked_at(self, number: int, asked: Asked) -> datetime:
        if asked.ago == ON_THE_WALK:
            return self.walk.step_off_at + timedelta(minutes=20 + 12 * number)
        return self._on(asked, asked.ago, 10, number)

    def _ask(self, number: int, asked: Asked, moment: datetime) -> None:
        contact = self._met(asked, moment) if asked.ago == ON_THE_WALK else None
        card = self.batch.cards.get(number=asked.card) if asked.card else None
        is_desk = asked.source == HelpRequest.Source.DESK
        name, phone, email, best_time, note = asked.told
        kept = ask_for_help(
            form_token=card.token if card else uuid.uuid4(),
            needs=asked.needs,
            source=asked.source,
            yes=self._yes(asked),
            by=self.coordinator if is_desk else None,
            device=self.phone if contact else None,
            contact=contact,
            name=name,
            phone=phone,
            email=email,
            best_time=best_time,
            note=note,
            language=asked.language,
            wants_mail=asked.wants_mail,
        )
        if card:
            use_card(card=card, contact=contact, help_request=kept.help_request, at=moment)
        self.code = self.code or shown(kept.code)
        self.requests[number] = kept.help_request

    def _yes(self, asked: Asked) -> Yes:
        how = "ticked" if asked.source == HelpRequest.Source.PAGE else "spoken"
        return Yes(asked.scope, how, tuple(self.organizations[name] for name in asked.agencies))

    def _met(self, asked: Asked, moment: datetime) -> Contact:
        """The contact of that evening that was about it and has no request yet, else a new one."""
        talked = Contact.objects.filter(walk=self.walk, result=Contact.Result.TALKED, help_request=None)
        alike = talked.filter(Q(needs__contains=[asked.needs[0]]) | Q(needs=[])).exclude(kind=Contact.Kind.BUSINESS)
        found = alike.order_by("captured_at").first() or talked.order_by("-captured_at").first()
        assert found is not None
        return found

    def _send(self, key: tuple[int, int], sent: Sent) -> None:
        self.referrals[key] = refer(
            help_request=self.requests[key[0]],
            organization=self.organizations[sent.organization],
            need=sent.need,
            by=self.coordinator,
            words=sent.words,
            mode=Referral.Mode.LOGGED if sent.is_call else Referral.Mode.LIVE,
        )

    def _step(self, key: tuple[int, int], sent: Sent, step: Step) -> None:
        referral, party = self.referrals[key], Party(step.by)
        by = self._who(sent, step)
        if step.to == TRIED:
            note_attempt(referral=referral, party=party, by=by, note=step.note)
        elif step.to == COLLEAGUE:
            hand_to_colleague(referral=referral, colleague=self.users["agency"].person, by=self.users["agency"])
        elif step.to == REMINDED:
            write_morning_mail(referral.organization.email, now=timezone.now())
        elif step.to == PASSED_ON:
            self.referrals[key] = reassign(
                referral=referral, organization=self.organizations[sent.passed_to], by=self.coordinator
            )
        else:
            move_referral(
                referral=referral, to=State(step.to), party=party, by=by, outcome=step.outcome, note=step.note
            )

    def _who(self, sent: Sent, step: Step) -> User | None:
        """The coordinator, the agency's one sign-in, or nobody: by the link in the mail."""
        if step.by == "coordinator":
            return self.coordinator
        works_there = self.users["agency"].person.memberships.filter(organization__name=sent.organization).exists()
        return self.users["agency"] if works_there else None

    def _take_back(self, number: int) -> None:
        for consent in self.requests[number].consents.filter(withdrawn_at=None):
            withdraw_consent(consent=consent)

    def _close(self, number: int) -> None:
        close_help(help_request=self.requests[number], party=HelpRequest.ClosedBy.COORDINATOR, by=self.coordinator)

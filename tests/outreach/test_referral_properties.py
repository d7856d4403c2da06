"""Whatever people, agencies, coordinators and the clock do to requests, in whatever order: what always holds."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from office.refused import Refused
from office.retention import apply_retention
from outreach import handoff, helping, referring
from outreach.models import Consent, HelpRequest, Referral
from outreach.workflow import MOVES, OPEN_STATES, OUTCOMES, UNANSWERED, Outcome, Party, State
from people.models import Organization, User
from tests import factories

pytestmark = pytest.mark.django_db

START = datetime.fromisoformat("2026-11-23T15:00:00+00:00")
NEEDS = ["food", "housing"]
N_AGENCIES = 3  # the last one is the police


class World:
    """A few agencies, and what happens to requests. Every step may be refused; then it changed nothing."""

    def __init__(self, by: User) -> None:
        self.by, self.now = by, START
        kinds = ["service_provider"] * (N_AGENCIES - 1) + ["police"]
        self.agencies = [factories.make_organization(name=f"Agency {n}", kind=kind) for n, kind in enumerate(kinds)]
        for agency in self.agencies:
            Organization.objects.filter(pk=agency.pk).update(email=f"agency{agency.pk}@example.org")
            agency.refresh_from_db()

    def act(self, what: str, *numbers: int) -> None:
        step: Callable[..., None] = getattr(self, what)
        with time_machine.travel(self.now, tick=False), suppress(Refused), transaction.atomic():
            step(*numbers)

    def pick(self, rows: Any, n: int) -> Any:
        found = list(rows.order_by("id"))
        return found[n % len(found)] if found else None

    def agency(self, n: int) -> Organization:
        return self.agencies[n % N_AGENCIES]

    # --- what people do ---

    def ask(self, n: int, m: int) -> None:
        factories.make_help_request(needs=NEEDS, created_at=self.now, touched_at=self.now)

    def say_yes(self, n: int, m: int) -> None:
        if request := self.pick(HelpRequest.objects, n):
            scope = [Consent.Scope.NAMED, Consent.Scope.NEED_ONLY][m % 3 == 2]
            whom = (self.agency(m // 3),) if scope == Consent.Scope.NAMED else ()
            helping.give_consent(help_request=request, yes=helping.Yes(scope, "spoken", whom), by=self.by)

    def take_back(self, n: int, m: int) -> None:
        if consent := self.pick(Consent.objects, n):
            helping.withdraw_consent(consent=consent)

    def refer(self, n: int, m: int) -> None:
        if request := self.pick(HelpRequest.objects, n):
            mode = Referral.Mode.LOGGED if m % 7 == 0 else Referral.Mode.LIVE
            need = NEEDS[m % 2]
            referring.refer(help_request=request, organization=self.agency(m), need=need, by=self.by, mode=mode)

    def take_now(self, n: int, m: int) -> None:
        if request := self.pick(HelpRequest.objects, n):
            handoff.take_now(help_request=request, organization=self.agency(m), needs=[NEEDS[m % 2]], by=self.by)

    def move(self, n: int, m: int) -> None:
        if referral := self.pick(Referral.objects, n):
            party = [Party.AGENCY, Party.COORDINATOR, Party.PERSON][m % 3]
            to = list(State)[m % len(State)]
            outcome = sorted(OUTCOMES[to])[m % len(OUTCOMES[to])] if to in OUTCOMES else ""
            referring.move_referral(referral=referral, to=to, party=party, by=self.by, outcome=outcome)

    def undo(self, n: int, m: int) -> None:
        if referral := self.pick(Referral.objects, n):
            referring.take_back_end(referral=referral, by=self.by)

    def pass_on(self, n: int, m: int) -> None:
        if referral := self.pick(Referral.objects, n):
            referring.reassign(referral=referral, organization=self.agency(m), by=self.by)

    def try_to_reach(self, n: int, m: int) -> None:
        if referral := self.pick(Referral.objects, n):
            referring.note_attempt(referral=referral, party=[Party.AGENCY, Party.COORDINATOR][m % 2], by=self.by)

    def close(self, n: int, m: int) -> None:
        if request := self.pick(HelpRequest.objects, n):
            party = [HelpRequest.ClosedBy.PERSON, HelpRequest.ClosedBy.COORDINATOR][m % 2]
            helping.close_help(help_request=request, party=party, by=self.by)

    def forget(self, n: int, m: int) -> None:
        if request := self.pick(HelpRequest.objects, n):
            helping.forget_help(help_request=request)

    def wait(self, n: int, m: int) -> None:
        self.now += timedelta(days=[1, 3, 40, 200][m % 4])

    def clean_up(self, n: int, m: int) -> None:
        apply_retention(now=self.now)

    # --- what holds after each of it ---

    def check(self) -> None:
        yes = set(Consent.objects.in_force(self.now).values_list("help_request_id", "scope", "organization_id"))
        for agency in self.agencies:
            for referral in Referral.objects.of([agency.pk], self.now):
                assert referral.organization_id == agency.pk
                assert referral.outcome not in {Outcome.PASSED_ON, Outcome.WITHDRAWN}
                named = (referral.help_request_id, "named", agency.pk) in yes
                assert named or ((referral.help_request_id, "need_only", None) in yes and not agency.is_walled)
        for referral in Referral.objects.select_related("help_request").prefetch_related("updates"):
            self.check_one(referral)
        for request in HelpRequest.objects.exclude(forgotten_at=None):
            assert (request.name, request.phone, request.email, request.note) == ("", "", "", "")

    def check_one(self, referral: Referral) -> None:
        lines = [line for line in referral.updates.all() if line.to_state]
        assert lines[-1].to_state == referral.state, "the story ends where it stands"
        for end, after in pairwise(lines):
            if end.to_state not in OPEN_STATES:
                assert (end.party, after.kind) == ("agency", "undone"), "what is over stays over"
                assert after.at - end.at <= referring.UNDO_WITHIN
        if referral.state in OPEN_STATES:
            assert referral.help_request.closed_at is None
            # One that ran out counts until the clean-up ends what stands on it.
            yes = referral.help_request.consents.filter(withdrawn_at=None, scope__in=["named", "need_only"])
            stands = yes.exclude(organization__isnull=False).exists() or yes.filter(organization=referral.organization)
            assert referral.mode == Referral.Mode.LOGGED or stands
            late = referral.state in UNANSWERED and referral.due_at < self.now
            assert referral.is_overdue(self.now) == late
            assert Referral.objects.overdue(self.now).filter(pk=referral.pk).exists() == late
        else:
            assert referral.outcome in OUTCOMES[State(referral.state)]
            assert referral.closed_by


STEPS = ["ask", "say_yes", "take_back", "refer", "take_now", "move", "pass_on", "try_to_reach", "close", "forget"]
STEPS += ["wait", "clean_up", "refer", "move", "pass_on", "take_back", "undo"]
ACTS = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2), st.integers(0, 27)), min_size=6, max_size=14)
# One request with a yes for two agencies, or for its need alone, and two referrals: something can go wrong.
NAMED = [("ask", 0, 0), ("say_yes", 0, 0), ("say_yes", 0, 3), ("refer", 0, 6), ("refer", 0, 4)]
NEED_ONLY = [("ask", 0, 0), ("say_yes", 0, 2), ("refer", 0, 6), ("refer", 0, 2), ("refer", 0, 5)]
PASSED_ON = [*NAMED[:4], ("pass_on", 0, 4)]


# Stories aren't shortened when one fails: each step of that costs as much as all of them.
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(begin=st.sampled_from([NAMED, NEED_ONLY, PASSED_ON]), acts=ACTS)
def test_no_agency_ever_sees_what_is_not_its_own_and_every_referral_ends_or_is_overdue(
    coordinator: User, begin, acts
) -> None:
    with transaction.atomic():
        world = World(coordinator)
        for what, n, m in [*begin, *acts]:
            world.act(what, n, m)
            world.check()
        transaction.set_rollback(True)


def test_after_half_a_silent_year_nothing_is_open(coordinator: User) -> None:
    world = World(coordinator)
    for what, n, m in [*NAMED, ("try_to_reach", 0, 0)]:
        world.act(what, n, m)
    assert Referral.objects.open().exists()
    apply_retention(now=START + timedelta(days=181))
    assert not Referral.objects.open().exists()
    assert set(Referral.objects.values_list("outcome", flat=True)) == {Outcome.NEVER_ANSWERED}
    assert timezone.now() > START - timedelta(days=1)


def test_every_open_state_has_a_way_out_for_each_party_and_no_end_has_one() -> None:
    for moves in MOVES.values():
        assert set(moves) == OPEN_STATES
        for state, to in moves.items():
            assert to - OPEN_STATES, state

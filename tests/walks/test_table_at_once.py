"""Greeters at one table at the same moment, each over a connection of their own."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from tests import factories
from walks.actions import withdraw
from walks.models import Presence, Signup
from walks.table_actions import Ticker, check_in, check_out, undo_check_in, walk_up

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*does: Callable[[], Any]) -> list[Any]:
    start = Barrier(len(does))

    def run(do: Callable[[], Any]) -> Any:
        try:
            start.wait(30)
            return do()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(does)) as pool:
        return list(pool.map(run, does))


def again(signup: Signup) -> Signup:
    return Signup.objects.select_related("walk", "person").get(pk=signup.pk)


def test_eight_greeters_who_tick_one_person_make_one_check_in() -> None:
    signup = factories.make_signup(walk=factories.make_running_walk())
    ticks = [lambda n=n: check_in(signup=again(signup), by=Ticker(greeter=f"Bea {n}")).pk for n in range(8)]
    assert len(set(at_once(*ticks))) == 1
    assert Presence.objects.count() == 1


def test_a_walk_up_that_is_sent_twice_at_once_is_one_person() -> None:
    walk, client_id = factories.make_running_walk(), uuid.uuid4()
    ticks = [lambda: walk_up(walk=walk, name="Teo", by=Ticker(), client_id=client_id).pk] * 4
    assert len(set(at_once(*ticks))) == 1
    assert Presence.objects.count() == 1


@pytest.mark.parametrize("_turn", range(3))
def test_whoever_stands_at_the_table_while_they_withdraw_is_there(_turn: int) -> None:
    signup = factories.make_signup(walk=factories.make_running_walk())
    at_once(lambda: check_in(signup=again(signup), by=Ticker()), lambda: withdraw(signup=again(signup)))
    assert Presence.objects.standing().get().signup_id == signup.pk
    # Both orders are told apart by what the table shows: the check-in stands, the sign-up says what came last.
    assert again(signup).state in {Signup.State.GOING, Signup.State.WITHDRAWN}


def test_an_undo_and_a_check_out_at_once_leave_one_row_that_says_both_or_the_first() -> None:
    presence = check_in(signup=factories.make_signup(walk=factories.make_running_walk()), by=Ticker())
    at_once(lambda: undo_check_in(presence=presence, by=Ticker()), lambda: check_out(presence=presence, by=Ticker()))
    assert Presence.objects.get().withdrawn_at is not None
    assert not Presence.objects.standing().exists()

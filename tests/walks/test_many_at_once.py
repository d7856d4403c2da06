"""Two hundred people want ten places at the same moment, each over a connection of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from people.models import Person
from tests import factories
from walks.actions import sign_up
from walks.models import Signup, Walk

N_PEOPLE, N_PLACES, AT_ONCE = 200, 10, 20


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_hundred_sign_ups_for_ten_places_give_exactly_ten():
    assert connection.vendor == "postgresql"
    walk = factories.make_walk(capacity=N_PLACES)
    start = Barrier(AT_ONCE)

    def try_it(n: int) -> str:
        try:
            if n < AT_ONCE:
                start.wait(30)
            mine = Walk.objects.get(pk=walk.pk)
            return sign_up(walk=mine, name=f"Wren {n}", email=f"wren{n}@example.org").outcome
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(try_it, range(N_PEOPLE)))
    assert outcomes.count("going") == N_PLACES
    assert outcomes.count("full") == N_PEOPLE - N_PLACES
    assert walk.places_taken == Signup.objects.count() == N_PLACES
    assert Person.objects.count() == N_PLACES


@pytest.mark.django_db(transaction=True)
def test_one_address_on_two_walks_at_once_is_one_person():
    walks = [factories.make_walk() for _ in range(6)]
    start = Barrier(len(walks))

    def try_it(walk: Walk) -> str:
        try:
            start.wait(30)
            return sign_up(walk=walk, name="Teo", email="teo@example.org").outcome
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(walks)) as pool:
        assert set(pool.map(try_it, walks)) == {"going"}
    assert Person.objects.filter(email="teo@example.org").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_taps_on_one_form_are_one_place():
    import uuid

    walk, token = factories.make_walk(), uuid.uuid4()
    start = Barrier(2)

    def tap(_n: int) -> int:
        try:
            start.wait(30)
            result = sign_up(walk=Walk.objects.get(pk=walk.pk), name="Teo", phone="8165550111", form_token=token)
            return result.signup.pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(tap, range(2)))) == 1
    assert Signup.objects.count() == 1

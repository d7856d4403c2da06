"""The phone's own look at a note: the same cases as `concerns.flags`, so far as they say who somebody is."""

import pytest

from tests.concerns.test_flags import ABOUT_PEOPLE, ABOUT_PLACES
from tests.field.conftest import PhoneInHand

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAYS_WHO = """async (texts) => {
    const { saysWho } = await import("/static/field/doubt.js");
    return texts.filter((text) => saysWho(text));
}"""
# How somebody looks and what they drive is left to the server.
ON_THE_PHONE = ("phone", "email", "lives_at", "name")


def test_the_phone_knows_names_numbers_and_homes_from_words_about_places(phone: PhoneInHand) -> None:
    wanted = [text for kind in ON_THE_PHONE for text in ABOUT_PEOPLE[kind]]
    assert phone.open().evaluate(SAYS_WHO, [*wanted, *ABOUT_PLACES]) == wanted

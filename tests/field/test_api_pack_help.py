"""What a phone gets for asking a yes and for visiting shops."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from office.models import Coalition
from outreach.models import ConsentWording, Shop, ShopNote
from people.roles import OrganizationKind
from tests import factories
from tests.field.phone import Phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(db: None) -> Phone:
    return Phone()


def help_on(phone: Phone) -> dict[str, Any]:
    found: dict[str, Any] = phone.get("pack/").json()["help"]
    return found


def test_the_newest_words_come_in_both_languages_and_say_who_holds_the_data(phone: Phone) -> None:
    Coalition.objects.update_or_create(defaults={"public_body": "the City of Kansas City"})
    for language in ("en", "es"):
        text, since = f"{language}: %(public_body)s", timezone.localdate()
        ConsentWording.objects.create(version=2, language=language, text=text, since=since)
    found = help_on(phone)
    assert found.pop("words")["scope_call_me"] == {"en": "You may call me", "es": "Me pueden llamar"}
    assert found == {
        "version": 2,
        "text": {"en": "en: The City of Kansas City", "es": "es: The City of Kansas City"},
        "organizations": [],
    }


def test_who_may_be_named_is_who_offers_something_and_whom_only_the_person_may_name(phone: Phone) -> None:
    police = factories.make_organization(name="East Patrol", kind=OrganizationKind.POLICE)
    pantry = factories.make_organization(name="Open Pantry")
    factories.make_service(organization=pantry)
    factories.make_organization(name="Offers nothing")
    merged = factories.make_organization(name="Old Pantry", merged_into=pantry)
    factories.make_service(organization=merged)
    assert help_on(phone)["organizations"] == [
        {"id": str(pantry.public_id), "name": "Open Pantry"},
        {"id": str(police.public_id), "name": "East Patrol", "walled": True},
    ]


def test_a_shop_says_first_of_all_whether_it_wants_a_visit(phone: Phone) -> None:
    corridor = phone.walk.corridor
    market = factories.make_landmark(name="Corner Market", kind="business", corridor=corridor)
    plain = factories.make_landmark(name="Barber", kind="business", corridor=corridor)
    factories.make_landmark(name="Bus stop", kind="transit", corridor=corridor)
    today = timezone.localdate()
    shop = Shop.objects.create(
        landmark=market, hours="9–6", language="es", best_time="mornings", call_back_on=today,
        do_not_visit=True, do_not_visit_since=today,
    )  # fmt: skip
    ShopNote.objects.create(shop=shop, asked="Fix the lamp", happened="The lamp is lit again")
    for days, result in ((9, "closed"), (2, "talked")):
        factories.make_contact(landmark=market, result=result, captured_at=timezone.now() - timedelta(days=days))
    factories.make_contact(landmark=market, result="declined", withdrawn_at=timezone.now())
    barber, corner = phone.get("pack/").json()["shops"]
    assert barber == {"id": str(plain.public_id), "name": "Barber", "lat": 39.1058, "lon": -94.535}
    assert corner["id"] == str(market.public_id)
    assert (corner["do_not_visit"], corner["hours"], corner["best_time"]) == (True, "9–6", "mornings")
    assert (corner["language"], corner["call_back_on"]) == ("es", today.isoformat())
    assert (corner["last"], corner["answer"]) == ("talked", "The lamp is lit again")
    assert "last_on" in corner


def test_practice_asks_in_the_same_words_and_names_no_shop(phone: Phone) -> None:
    practice = phone.get("practice/").json()
    assert (practice["help"], practice["shops"]) == (help_on(phone), [])

"""How often "it is fixed" came too early: which look decides, and what is left out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from concerns.models import Assignment, Category, Concern, ConcernUpdate, Look
from concerns.numbers import Claimed, claimed, claims, rate_of
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/desk/concerns/claims/"
DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def trash() -> Concern:
    return factories.make_concern(category="DUMPING", status="claimed_fixed", triaged_at=timezone.now())


def claim(concern: Concern, at: datetime, **fields: Any) -> ConcernUpdate:
    line = {"kind": "status", "to_value": "claimed_fixed", "voice": "agency", "is_public": True}
    return ConcernUpdate.objects.create(concern=concern, at=at, **line | fields)


def look(concern: Concern, at: datetime, result: str = "still_there", lit: str = "dark", **fields: Any) -> Look:
    return factories.make_look(concern=concern, received_at=at, result=result, lit=lit, **fields)


def verdicts(concern: Concern) -> list[str | None]:
    """Of each claim, the oldest first: the result that decided it."""
    return [row.result for row in claims().filter(concern=concern).order_by("at")]


def test_the_first_look_after_the_claim_decides(trash: Concern, now: datetime) -> None:
    claim(trash, now - 20 * DAY)
    look(trash, now - 21 * DAY)
    look(trash, now - 15 * DAY, "worse")
    look(trash, now - 10 * DAY, "fixed")
    assert verdicts(trash) == ["worse"]
    assert claimed(trash) == Claimed(1, 1)


def test_a_claim_that_holds_is_not_too_early(trash: Concern, now: datetime) -> None:
    claim(trash, now - 20 * DAY)
    look(trash, now - 15 * DAY, "fixed")
    look(trash, now - 10 * DAY)
    assert verdicts(trash) == ["fixed"]
    assert claimed(trash) == Claimed(1, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"result": "cannot_tell"},
        {"result": "gone"},
        {"is_by_fixer": True},
        {"publication": "spam"},
        {"at_days": 31},
        {"at_days": -1},
    ],
)
def test_what_proves_nothing_is_left_out(trash: Concern, now: datetime, fields: dict[str, Any]) -> None:
    claim(trash, now - 60 * DAY)
    look(trash, now + (fields.pop("at_days", 5) - 60) * DAY, **fields)
    assert verdicts(trash) == [None]
    look(trash, now - 50 * DAY, "still_there")
    assert verdicts(trash) == ["still_there"]


@pytest.mark.parametrize(("lit", "result"), [("day", None), ("dusk", None), ("", None), ("dark", "still_there")])
def test_a_light_counts_after_dark_only(now: datetime, lit: str, result: str | None) -> None:
    light = factories.make_concern(category="LIGHT_OUT", status="claimed_fixed", triaged_at=now)
    claim(light, now - 5 * DAY)
    look(light, now - 3 * DAY, lit=lit)
    assert verdicts(light) == [result]


def test_the_days_of_the_kind_count(trash: Concern, now: datetime) -> None:
    claim(trash, now - 20 * DAY)
    look(trash, now - 12 * DAY)
    assert verdicts(trash) == ["still_there"]
    Category.objects.filter(pk=trash.category_id).update(false_close_days=7)
    assert verdicts(trash) == [None]


def test_each_claim_has_its_own_look(trash: Concern, now: datetime) -> None:
    claim(trash, now - 40 * DAY)
    claim(trash, now - 30 * DAY)
    look(trash, now - 25 * DAY)
    claim(trash, now - 20 * DAY)
    look(trash, now - 15 * DAY, "worse")
    # Nobody looked before the second claim: a look after it judges that one alone.
    assert verdicts(trash) == [None, "still_there", "worse"]
    assert claimed(trash) == Claimed(3, 2)


def test_a_look_that_waited_on_a_phone_is_no_look_at_the_claim(trash: Concern, now: datetime) -> None:
    claim(trash, now - 5 * DAY)
    look(trash, now - 4 * DAY, captured_at=now - 6 * DAY)
    assert verdicts(trash) == [None]


def test_a_joined_report_is_nobodys_look(trash: Concern, now: datetime) -> None:
    claim(trash, now - 5 * DAY)
    look(trash, now - 4 * DAY, duplicate=factories.make_concern())
    assert verdicts(trash) == [None]


def test_what_the_desk_took_back_at_once_was_no_claim(trash: Concern, now: datetime) -> None:
    claim(trash, now - 5 * DAY)
    back = {"kind": "status", "from_value": "claimed_fixed", "to_value": "reported"}
    ConcernUpdate.objects.create(concern=trash, at=now - 5 * DAY + timedelta(minutes=4), voice="desk", **back)
    assert verdicts(trash) == []


def test_it_belongs_to_whoever_had_it_then(trash: Concern, now: datetime) -> None:
    before, later = (factories.make_organization(name=name) for name in ("Lamps and Wires", "Street Works"))
    Assignment.objects.create(
        concern=trash, organization=before, from_at=now - 30 * DAY, until_at=now - 10 * DAY
    )  # fmt: skip
    Assignment.objects.create(concern=trash, organization=later, from_at=now - 9 * DAY)
    claim(trash, now - 20 * DAY)
    claim(trash, now - 5 * DAY)
    claim(factories.make_concern(), now - 3 * DAY)
    assert [row.owner for row in claims().order_by("at")] == ["Lamps and Wires", "Street Works", ""]


def test_a_rate_says_what_nobody_looked_at(now: datetime) -> None:
    def one(days: int, result: str = "", status: str = "claimed_fixed") -> None:
        concern = factories.make_concern(category="DUMPING", status=status, triaged_at=now)
        claim(concern, now - days * DAY)
        if result:
            look(concern, now - (days - 1) * DAY, result)

    one(50, "still_there", "reopened")
    one(50, "fixed", "verified_fixed")
    one(50, "fixed", "verified_fixed")
    one(50)
    one(5)
    rate = rate_of("all", claims().select_related("concern"), now)
    assert (rate.n_claims, rate.n_checked, rate.n_too_early) == (5, 3, 1)
    assert (rate.percent, rate.n_unchecked, rate.n_waiting) == (33, 1, 1)
    assert rate_of("none", [], now).percent is None
    assert claims(since=(now - 10 * DAY).date()).count() == 1


# The page.


def test_the_desk_sees_rates_evidence_and_the_agencys_answer(desk: Client, trash: Concern, now: datetime) -> None:
    assert "Nothing was said to be fixed" in desk.get(PAGE).content.decode()
    agency = factories.make_organization(name="Lamps and Wires")
    Assignment.objects.create(concern=trash, organization=agency, from_at=now - 30 * DAY)
    claim(trash, now - 20 * DAY, public_note="Case closed")
    seen = look(trash, now - 15 * DAY, note="Three bags")
    photo = factories.make_photo(concern=None, look=seen)
    said = {"kind": "note", "voice": "agency"}
    ConcernUpdate.objects.create(concern=trash, at=now - 19 * DAY, public_note="too old", **said)
    ConcernUpdate.objects.create(concern=trash, at=now - 14 * DAY, public_note="We come again", **said)
    page = desk.get(PAGE).content.decode()
    for words in ("Lamps and Wires", "Case closed", "Three bags", "We come again", "1 (100 %)", str(photo.public_id)):
        assert words in page, words
    assert "too old" not in page
    assert "Nothing was said to be fixed" in desk.get(f"{PAGE}?period=90&page=x").content.decode() or "Case" in page
    own = desk.get(f"/desk/concerns/{trash.public_id}/").content.decode()
    assert "Said to be fixed 1 time, 1 too early" in own


@pytest.mark.parametrize("query", ["period=x", "period=%00", "page=-1", "page=1e9"])
def test_an_odd_address_breaks_nothing(desk: Client, query: str) -> None:
    assert desk.get(f"{PAGE}?{query}").status_code == 200


def test_its_queries_do_not_grow(desk: Client, now: datetime) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(PAGE)
        return len(asked)

    def one() -> None:
        concern = factories.make_concern(category="DUMPING", triaged_at=now, status="reopened")
        claim(concern, now - 20 * DAY)
        factories.make_photo(concern=None, look=look(concern, now - 15 * DAY))

    one()
    count()
    few = count()
    for _ in range(4):
        one()
    assert count() == few <= 12

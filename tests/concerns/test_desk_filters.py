"""The desk's filters: kept in the address, the same for list and map, and never more than a sentence for nonsense."""

import itertools
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from concerns.desk_filters import SHOW, SHOWN, DeskFilter, asked_for, desk_filter, is_shown
from concerns.filters import BadFilter
from concerns.models import Assignment, Concern, ExternalCase
from concerns.workflow import Publication, Status
from office.models import Coalition
from tests import factories

pytestmark = pytest.mark.django_db
LIST, MAP = "/desk/concerns/", "/desk/map/concerns.geojson"
NAMES = [
    "show", "find", "category", "status", "publication", "corridor", "walk", "owner", "source", "overdue", "older",
    "since", "flag", "bbox", "unread", "flagged", "photo", "danger", "again", "page", "lang", "order_by", "sort", "q",
]  # fmt: skip
HOSTILE = [
    "'", ")", "'; drop table concerns_concern; --", "1 or 1=1", "%", "_%\\", "\x00", "\x00\x01", "-1", "1e9", "NaN",
    "١٢", "None", "null", "true", "[]", "{}", "password", "a" * 5000, "<script>alert(1)</script>", "\u202e", "😀",
    "{{7*7}}",
    "../../etc/passwd", "0001-01-01", "9999-12-31", "2026-02-30", "1,2,3", "NaN,NaN,NaN,NaN", "inf,inf,inf,inf",
    "00000000-0000-0000-0000-000000000007", "none", ",", ",,,", "99999999999999999999",
]  # fmt: skip


def found(desk: Client, query: str) -> set[Concern]:
    """What the list shows; the map must show the same."""
    response = desk.get(f"{LIST}?{query}")
    listed = set(response.context["page"])
    on_map = {f["properties"]["id"] for f in desk.get(f"{MAP}?{query}").json()["features"]}
    assert on_map == {str(concern.public_id) for concern in listed}
    return listed


def test_late_and_far_too_late(desk: Client) -> None:
    today = timezone.localdate()
    dates = {"due_on": today - timedelta(days=1), "far_due_on": today + timedelta(days=1)}
    late = factories.make_concern(**dates)
    far = factories.make_concern(**dates | {"far_due_on": today - timedelta(days=1)})
    factories.make_concern(due_on=today, far_due_on=today)
    assert found(desk, "overdue=1") == {late, far}
    assert found(desk, "overdue=far") == {far}


def test_who_fixes_it(desk: Client) -> None:
    works, other = factories.make_organization(name="Works"), factories.make_organization(name="Other")
    mine, former, nobody = (factories.make_concern() for _n in range(3))
    Assignment.objects.create(concern=mine, organization=works)
    ended = Assignment.objects.create(concern=former, organization=works)
    Assignment.objects.filter(pk=ended.pk).update(until_at=timezone.now())
    Assignment.objects.create(concern=former, organization=other)
    assert found(desk, f"owner={works.public_id}") == {mine}
    assert found(desk, f"owner={other.public_id}") == {former}
    assert found(desk, "owner=none") == {nobody}
    assert "Works" in desk.get(f"{LIST}?owner={works.public_id}").content.decode()


def test_how_old_and_since_when(desk: Client) -> None:
    now = timezone.now()
    old = factories.make_concern(first_seen_at=now - timedelta(days=31), received_at=now - timedelta(days=30))
    new = factories.make_concern()
    assert found(desk, "older=30") == {old}
    assert found(desk, "older=31") == {old}
    assert found(desk, "older=32") == set()
    assert found(desk, f"since={timezone.localdate() - timedelta(days=2)}") == {new}
    assert found(desk, f"since={timezone.localdate() - timedelta(days=40)}") == {old, new}


def test_a_day_begins_where_the_coalition_is(desk: Client) -> None:
    first = date(2026, 11, 2)
    before = factories.make_concern(received_at="2026-11-02T05:59:59+00:00")
    after = factories.make_concern(received_at="2026-11-02T06:00:00+00:00")
    assert found(desk, f"since={first}") == {after}
    assert found(desk, f"since={first - timedelta(days=1)}") == {before, after}


def test_where_it_came_from_what_is_flagged_and_what_wants_a_look(desk: Client) -> None:
    web = factories.make_concern(source="web", flags=["person_text"])
    phone = factories.make_concern(relook_on=timezone.localdate(), flags=["no_block"])
    factories.make_concern(relook_on=timezone.localdate() + timedelta(days=1))
    assert found(desk, "source=web") == {web}
    assert found(desk, "source=web,field&flagged=1") == {web, phone}
    assert found(desk, "flag=person_text") == {web}
    assert found(desk, "again=1") == {phone}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("3512 indep", True), ("bus stop", True), ("BUS  STOP", True), ("2026-0815", True), ("KC-77", True),
        ("kc-7", False), ("zebra", False), ("%", False), ("_", False),
    ],
)  # fmt: skip
def test_it_finds_addresses_words_and_numbers(desk: Client, text: str, is_found: bool) -> None:
    concern = factories.make_concern(city_case="2026-0815")
    ExternalCase.objects.create(concern=concern, system="311", number="KC-77")
    assert found(desk, urlencode({"find": text})) == ({concern} if is_found else set())
    assert found(desk, f"find={str(concern.public_id)[:8]}") == {concern}


def test_nothing_is_found_across_two_fields(desk: Client) -> None:
    factories.make_concern(address="3512 Independence Ave", note="Lamp is dark")
    assert found(desk, urlencode({"find": "Ave Lamp"})) == set()


def test_search_is_answered_by_its_index(db: None) -> None:
    """The query must be written exactly as the index is, or every concern is read."""
    factories.make_concern()
    asked = DeskFilter(find="bus stop")
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    assert "concern_words" in asked_for(Concern.objects.order_by(), asked).explain()


def test_tabs_count_what_they_would_show(desk: Client) -> None:
    for publication, status in itertools.product(Publication.values, ["new", "triaged", "verified_fixed"]):
        fields: dict[str, Any] = {"publication": publication, "status": status, "triaged_at": timezone.now()}
        fields |= {"published_at": timezone.now(), "hidden_reason": "x"}
        factories.make_concern(**fields)
    tabs = {name: n for name, _word, n in desk.get(LIST).context["tabs"]}
    for show in SHOW:
        assert tabs[show] == Concern.objects.filter(SHOWN[show]).count() == len(found(desk, f"show={show}"))
    for publication, status in itertools.product(Publication.values, Status.values):
        factories.make_concern()
        rows = Concern.objects.filter(SHOWN["unread"], publication=publication, status=status)
        assert rows.exists() == is_shown("unread", publication, status)


def test_the_address_is_written_back_as_it_was_read() -> None:
    query = (
        "show=open&find=bus+stop&category=LIGHT_OUT,DUMPING&status=open,reported&publication=held&corridor=ind"
        "&walk=00000000-0000-0000-0000-000000000007&owner=none&source=web&overdue=far&older=30&since=2026-11-01"
        "&flag=person_text&bbox=-94.6,39.0,-94.5,39.1&unread=1&flagged=1&photo=1&danger=1&again=1"
    )
    assert desk_filter(QueryDict(query)).as_query() == query


def test_each_filter_that_is_set_is_a_chip_that_takes_it_away(desk: Client) -> None:
    lamp = factories.make_concern()
    response = desk.get(f"{LIST}?show=open&category=LIGHT_OUT&older=3&photo=1&page=2")
    assert response.context["chips"] == [
        (lamp.category.name, "?show=open&older=3&photo=1"),
        ("older than 3 days", "?show=open&category=LIGHT_OUT&photo=1"),
    ]
    quick = {word: (is_on, href) for word, is_on, href in response.context["quick"]}
    assert quick["has a photo"] == (True, "?show=open&category=LIGHT_OUT&older=3")
    assert quick["overdue"] == (False, "?show=open&category=LIGHT_OUT&older=3&photo=1&overdue=1")


def read_or_refused(name: str, value: str) -> DeskFilter:
    """The filter, or none where it was refused in a sentence that names it."""
    try:
        return desk_filter(QueryDict(urlencode({name: value})))
    except BadFilter as bad:
        refusal = bad.message
    assert name in refusal, (name, value)
    return DeskFilter()


def test_o44_every_value_of_every_parameter_is_read_or_refused_in_words() -> None:
    factories.make_concern()
    for name, value in itertools.product(NAMES, HOSTILE):
        asked = read_or_refused(name, value)
        list(asked_for(Concern.objects.all(), asked)[:1])
        assert desk_filter(QueryDict(asked.as_query())) == asked


@pytest.mark.parametrize("name", NAMES)
def test_o44_no_parameter_breaks_the_list_or_the_map(desk: Client, name: str) -> None:
    for address, value in itertools.product([LIST, MAP], ["'; drop table concerns_concern; --\x00", "1e9"]):
        response = desk.get(f"{address}?{urlencode({name: value})}")
        assert response.status_code in {200, 400}, (name, value)
        if response.status_code == 400:
            assert name in response.content.decode()


def test_the_list_asks_at_most_twelve_times_for_three_and_for_forty(desk: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            response = desk.get(f"{LIST}?show=all")
        assert response.status_code == 200
        return len(asked)

    Coalition.current()
    works = factories.make_organization(name="Works")

    def add(n: int) -> None:
        walk = factories.make_walk()
        for _n in range(n):
            concern = factories.make_concern(walk=walk)
            factories.make_photo(concern=concern)
            Assignment.objects.create(concern=concern, organization=works)
        factories.make_saved_view(is_shared=True)

    add(3)
    three = count()
    add(37)
    assert count() == three <= 12

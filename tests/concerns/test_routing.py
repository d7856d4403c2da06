"""Whose work a concern is by the table, and the words it is filed with."""

from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from concerns.models import Category, Concern, RoutingRule
from concerns.routing import file_text, filing_of, fill, route_for, routes_for
from corridors.models import Area
from office.models import AuditEvent
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TRY, TRY_NEW = "/admin/concerns/routingrule/try/", "/admin/concerns/routingrule/try/new/"


def make_rule(**fields: Any) -> RoutingRule:
    if isinstance(fields.get("category"), str):
        fields["category"] = Category.objects.get(code=fields["category"])
    return RoutingRule.objects.create(**{"system": "311"} | fields)


def make_area(west: float, east: float, **fields: Any) -> Area:
    """A strip of the city between two longitudes."""
    box = MultiPolygon(Polygon.from_bbox((west, 39.0, east, 39.2)), srid=4326)
    names = {"kind": "neighborhood", "name": "East", "source": "test", "source_id": f"{west}"}
    return Area.objects.create(**names | {"shape": box} | fields)


# Whose.


def test_the_first_rule_in_use_that_fits_takes_it() -> None:
    light = factories.make_concern()
    last = make_rule(position=300, request_type="anything")
    make_rule(position=10, category="DUMPING")
    make_rule(position=5, category="LIGHT_OUT", is_active=False)
    first = make_rule(position=20, category="LIGHT_OUT")
    make_rule(position=20, category="LIGHT_OUT", request_type="later made")
    assert route_for(light) == first
    assert route_for(factories.make_concern(category="SIDEWALK")) == last


def test_no_rule_fits() -> None:
    make_rule(category="DUMPING")
    assert route_for(factories.make_concern()) is None
    assert routes_for([]) == {}


def test_an_area_counts_by_the_exact_place_and_its_edge_belongs_to_it() -> None:
    east = make_rule(area=make_area(-94.54, -94.50))
    for longitude, expected in [(-94.53, east), (-94.54, east), (-94.5401, None)]:
        concern = factories.make_concern(location=Point(longitude, 39.1, srid=4326))
        assert route_for(concern) == expected, longitude


def test_with_an_address_alone_the_block_says_in_which_area_it_lies() -> None:
    concern = factories.make_concern(location=None)
    assert concern.segment is not None
    middle = concern.segment.line.centroid.x
    here = make_rule(area=make_area(middle - 0.01, middle + 0.01), position=1)
    assert route_for(concern) == here
    assert route_for(factories.make_concern(location=None, segment=None)) is None


def test_many_are_asked_in_two_queries() -> None:
    for n in range(3):
        make_rule(area=make_area(-94.60 + n / 100, -94.59 + n / 100), position=n)

    def asked(n: int) -> int:
        concerns = [factories.make_concern() for _n in range(n)]
        with CaptureQueriesContext(connection) as queries:
            routes_for(concerns)
        return len(queries)

    assert asked(1) == asked(12) == 2


# Words.


def test_the_words_are_filled_in() -> None:
    rule = make_rule(template_en="{category} at {address} ({block}).\n{answers}\nNote: {note}\n{nonsense}")
    concern = factories.make_published_concern(answers={"what": ["out", "dim"], "pole": "SAH 1621"})
    text = file_text(rule, concern)
    for words in ("Street light not working at 3512 Independence Ave (", "Out, Dim", "SAH 1621", "Note: Light is out"):
        assert words in text, text
    assert text.endswith("{nonsense}")


def test_what_a_resident_wrote_never_goes_out_and_a_reader_is_told() -> None:
    filing = filing_of(make_rule(), factories.make_concern(note="The tall man in the hoodie at 816-555-0100"))
    assert "hoodie" not in filing.text
    assert "555" not in filing.text
    assert len(filing.warnings) == 1


def test_an_answer_that_describes_somebody_is_left_out_and_said() -> None:
    concern = factories.make_concern(note="", answers={"what": ["out"], "pole": "call 816-555-0100"})
    filing = filing_of(make_rule(), concern)
    assert "555" not in filing.text
    assert "Out" in filing.text
    assert "left out" in filing.warnings[0]


def test_public_words_about_a_person_are_warned_of() -> None:
    concern = factories.make_published_concern(public_text="A black male in a hoodie stands here", note="")
    assert any("describe the place" in one.lower() for one in filing_of(None, concern).warnings)


@pytest.mark.parametrize(
    "evil", ["{0.__class__}", "{note}", "{category.__class__.__mro__}", "{", "}}", "%(x)s", "{address"]
)
def test_braces_in_what_people_wrote_stay_what_they_are(evil: str) -> None:
    concern = factories.make_published_concern(address=evil, public_text=evil, answers={"pole": evil, evil: evil})
    text = file_text(make_rule(template_en="A {address} B {note} C {answers}"), concern)
    assert text.startswith(f"A {evil} B {evil} C ")


def test_lines_that_stay_empty_are_left_out() -> None:
    assert fill("A {address}\n{answers}\n\nB {note}", {"address": "x", "answers": "", "note": ""}) == "A x\n\nB"


def test_the_words_are_english_whatever_the_reader_speaks() -> None:
    concern = factories.make_concern(answers={"what": ["out"]})
    with translation.override("es"):
        english, spanish = file_text(None, concern), file_text(None, concern, language="es")
    assert "Street light" in english
    assert "Out" in english
    assert "Apagada" in spanish


# The dry run in the admin.


@pytest.fixture
def review(client: Client, admin: User) -> Client:
    client.force_login(admin, backend=BACKEND)
    return client


def footprint() -> tuple[Any, ...]:
    """Everything that a dry run could have written."""
    concerns = list(Concern.objects.order_by("pk").values_list("pk", "updated_at", "status"))
    return concerns, list(RoutingRule.objects.order_by("pk").values()), AuditEvent.objects.count()


def test_the_dry_run_counts_what_each_rule_takes_and_what_none_does(review: Client) -> None:
    lights = make_rule(category="LIGHT_OUT", request_type="Street light out", position=1)
    for _n in range(3):
        factories.make_concern()
    factories.make_concern(category="DUMPING")
    factories.make_concern(category="DUMPING", publication="spam")
    factories.make_concern(category="ASSET")
    factories.make_concern(received_at=timezone.now() - timezone.timedelta(days=120))
    before = footprint()
    page = review.get(TRY)
    assert [(count.rule, count.n) for count in page.context["counts"]] == [(lights, 3), (None, 1)]
    assert [(kind.code, n) for kind, n in page.context["kinds"]] == [("DUMPING", 1)]
    assert [count.n for count in review.get(TRY, {"days": 200}).context["counts"]] == [4, 1]
    assert review.get(TRY, {"days": "-1"}).status_code == 400
    assert footprint() == before


def test_a_changed_rule_is_tried_before_it_is_saved(review: Client) -> None:
    rule = make_rule(category="LIGHT_OUT", request_type="Street light out", position=1)
    utility = factories.make_organization(name="Glow Light Company")
    concern = factories.make_concern()
    factories.make_concern(category="DUMPING")
    before = footprint()
    typed = {"category": rule.category_id, "organization": utility.pk, "position": 1, "is_active": "on", "days": 30}
    page = review.post(f"/admin/concerns/routingrule/{rule.pk}/try/", typed)
    assert page.status_code == 200
    assert [change.concern for change in page.context["changes"]] == [concern]
    assert page.context["moves"] == [(("1 Street light out", "1 Glow Light Company"), 1)]
    assert [row[1:] for row in page.context["rows"]] == [(1, 1), (1, 1)]
    assert "Glow Light Company" in page.content.decode()
    assert footprint() == before
    review.post(f"/admin/concerns/routingrule/{rule.pk}/change/", typed | {"_save": "1"})
    rule.refresh_from_db()
    assert rule.organization == utility
    assert AuditEvent.objects.filter(resource="routingrule", action="changed").count() == 1


def test_a_new_rule_is_tried_before_it_is_saved(review: Client) -> None:
    factories.make_concern()
    before = footprint()
    typed = {"category": "", "system": "311", "request_type": "<b>All</b>", "position": 7, "is_active": "on"}
    page = review.post(TRY_NEW, typed | {"template_en": "{category} <script>alert(1)</script>"})
    assert page.context["n_changes"] == 1
    assert page.context["moves"] == [(("no rule", "7 <b>All</b>"), 1)]
    assert "<script>alert" not in page.content.decode()
    assert footprint() == before


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"system": ""}, "__all__"),
        ({"template_en": "{category} {0.__class__}"}, "template_en"),
        ({"template_en": "{ note"}, "template_en"),
        ({"position": "-3"}, "position"),
        ({"category": "'"}, "category"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_stays_typed(review: Client, typed: dict[str, str], field: str) -> None:
    page = review.post(TRY_NEW, {"system": "311", "position": "5", "request_type": "Stays typed"} | typed)
    assert page.status_code == 400
    assert field in page.context["form"].errors
    assert "Stays typed" in page.content.decode()
    assert not RoutingRule.objects.exists()


def test_the_dry_run_asks_the_same_number_of_times_for_more(review: Client) -> None:
    make_rule(category="LIGHT_OUT", area=make_area(-94.6, -94.5))

    def asked(n: int) -> int:
        for _n in range(n):
            factories.make_concern()
        review.get(TRY)
        with CaptureQueriesContext(connection) as queries:
            review.get(TRY)
        return len(queries)

    assert asked(1) == asked(8)


def test_only_admins_try_rules(client: Client, organizer: User) -> None:
    client.force_login(organizer, backend=BACKEND)
    for address in (TRY, TRY_NEW):
        assert client.get(address).status_code == 403


def test_the_times_of_a_kind_are_edited_with_it(review: Client) -> None:
    kind = Category.objects.get(code="DUMPING")
    page = review.get(f"/admin/concerns/category/{kind.pk}/change/").content.decode()
    for name in ("same_by", "duplicate_days", "fix_days", "fix_in_working_days", "false_close_days", "relook_days"):
        assert f'name="{name}"' in page

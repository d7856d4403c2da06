"""Typing in look-again lists and the names of blank rows, and dates of sheets that come late."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser

from concerns.models import Category, Concern, Look
from concerns.workflow import LookResult
from field.paper import Kind, pack_of
from field.paper_actions import make_sheets, take_back, type_concern, type_names
from people.models import User
from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, Window, what_sticks_out
from walks.models import Presence, Sheet, Walk


@pytest.fixture
def walk(db: None) -> Walk:
    meet = timezone.now() - timedelta(days=30)
    return factories.make_walk(meet_at=meet, step_off_at=meet + timedelta(minutes=15), end_at=meet + timedelta(hours=2))


def lookable(walk: Walk, n: int) -> list[Concern]:
    segment = walk.corridor.segments.all()[0]
    light = Category.objects.get(code="LIGHT_OUT")
    middle = segment.line.interpolate_normalized(0.5)
    return [
        factories.make_published_concern(
            segment=segment, side="left", category=light, location=middle, status="reported"
        )
        for _one in range(n)
    ]


def printed(walk: Walk, by: User) -> Sheet:
    pack = pack_of(walk, with_hidden=True)
    return make_sheets(walk=walk, pack=pack, kinds=[Kind.AGAIN], team_ids=None, copies=1, by=by)[0]


def page_of(sheet: Sheet) -> str:
    return reverse("field:desk_sheet", args=[sheet.walk.public_id, sheet.number])


@pytest.mark.django_db
def test_what_is_ticked_becomes_looks_of_that_sheet_and_day_once(desk: Client, walk: Walk, organizer: User) -> None:
    lookable(walk, 2)
    sheet = printed(walk, organizer)
    first, second = (Concern.objects.get(public_id=one) for one in sheet.items or [])
    form = {f"result-{first.pk}": "still_there", f"note-{first.pk}": "Both lamps", f"result-{second.pk}": ""}
    for _twice in range(2):
        assert desk.post(page_of(sheet), form).status_code == 302
    look = Look.objects.get()
    assert (look.concern, look.result, look.note, look.sheet, look.by) == (
        first,
        LookResult.STILL_THERE,
        "Both lamps",
        sheet,
        organizer,
    )
    assert (look.captured_at, look.walk, look.lit != "") == (walk.step_off_at, walk, True)
    sheet.refresh_from_db()
    assert (sheet.back_at is not None, sheet.typed_at) == (True, None)
    desk.post(page_of(sheet), {f"result-{second.pk}": "fixed", "lit": "dark", "done": "1"})
    assert Look.objects.count() == 2
    sheet.refresh_from_db()
    assert sheet.typed_by == organizer


@pytest.mark.django_db
def test_the_numbers_stay_as_printed_when_something_is_looked_at_meanwhile(
    desk: Client, walk: Walk, organizer: User
) -> None:
    first, _second = lookable(walk, 2)
    sheet = printed(walk, organizer)
    before = list(sheet.items or [])
    Concern.objects.filter(pk=first.pk).update(status="verified_fixed")
    shown = desk.get(page_of(sheet)).content.decode()
    assert [shown.index(f"result-{Concern.objects.get(public_id=one).pk}") for one in before] == sorted(
        shown.index(f"result-{Concern.objects.get(public_id=one).pk}") for one in before
    )
    assert len(before) == 2


@pytest.mark.django_db
def test_words_without_a_result_and_an_unknown_result_are_said(desk: Client, walk: Walk, organizer: User) -> None:
    first = lookable(walk, 1)[0]
    sheet = printed(walk, organizer)
    answer = desk.post(page_of(sheet), {f"note-{first.pk}": "Both lamps"})
    assert answer.status_code == 400
    assert "Choose what they saw" in answer.content.decode()
    assert "Both lamps" in answer.content.decode()
    assert desk.post(page_of(sheet), {f"result-{first.pk}": "burnt"}).status_code == 400
    assert not Look.objects.exists()


@pytest.mark.django_db
def test_a_sheet_of_before_shows_what_its_team_would_get_and_a_foreign_walk_nothing(
    desk: Client, walk: Walk, organizer: User
) -> None:
    first = lookable(walk, 1)[0]
    sheet = factories.make_sheet(walk=walk, kind="again")
    assert f"result-{first.pk}" in desk.get(page_of(sheet)).content.decode()
    other = factories.make_walk()
    assert desk.get(reverse("field:desk_sheet", args=[other.public_id, sheet.number])).status_code == 404


@pytest.mark.django_db
def test_a_sheet_with_a_look_is_never_ticked_as_empty(desk: Client, walk: Walk, organizer: User) -> None:
    first = lookable(walk, 1)[0]
    sheet = printed(walk, organizer)
    desk.post(page_of(sheet), {f"result-{first.pk}": "gone"})
    take_back(walk=walk, numbers=[sheet.number], how="blank", by=organizer)
    sheet.refresh_from_db()
    assert not sheet.is_blank


@pytest.mark.django_db
def test_names_of_blank_rows_are_check_ins_by_paper_once(desk: Client, walk: Walk, organizer: User) -> None:
    sheet = factories.make_sheet(walk=walk, kind="sign_in")
    form = {"names": "Rosa  Lind\n\nNguyễn Văn An\nrosa lind"}
    for _twice in range(2):
        assert desk.post(page_of(sheet), form).status_code == 302
    rows = Presence.objects.order_by("name").values_list("name", "method", "by", "arrived_at", "signup")
    assert list(rows) == [
        ("Nguyễn Văn An", "paper", organizer.pk, walk.meet_at, None),
        ("rosa lind", "paper", organizer.pk, walk.meet_at, None),
    ]
    Presence.objects.filter(name="rosa lind").update(withdrawn_at=timezone.now())
    type_names(sheet=sheet, names=["Rosa Lind"], by=organizer)
    assert Presence.objects.standing().count() == 1, "one that was taken back stays taken back"
    too_long = desk.post(page_of(sheet), {"names": "x" * 130})
    assert too_long.status_code == 400
    assert "One name a line" in too_long.content.decode()


@pytest.mark.django_db
def test_o50_paper_typed_in_weeks_later_keeps_its_day(walk: Walk, organizer: User) -> None:
    light = Category.objects.get(code="LIGHT_OUT")
    sheet = factories.make_sheet(walk=walk)
    told: dict[str, Any] = {"sheet": sheet, "by": organizer, "category": light, "address": "4777 Independence Ave"}
    late, _new = type_concern(token=sheet.public_id, seen_at=walk.step_off_at, **told)
    assert (late.first_seen_at, Concern.Flag.CLOCK_OFF in late.flags) == (walk.step_off_at, False)
    ahead, _new = type_concern(token=walk.public_id, seen_at=timezone.now() + timedelta(days=1), **told)
    assert Concern.Flag.CLOCK_OFF in ahead.flags


@pytest.fixture
def window(browser: Browser, site: str, organizer: User) -> Iterator[Window]:
    made = Window(browser, site, viewport=PHONE, user=organizer)
    yield made
    made.close()
    made.check()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_paper_pages_on_a_phone(window: Window, walk: Walk, organizer: User) -> None:
    lookable(walk, 1)
    again, tab = printed(walk, organizer), window.page
    sheets = [again, *(factories.make_sheet(walk=walk, kind=kind) for kind in ("sign_in", "concerns", "contacts"))]
    for address in [reverse("field:desk_paper", args=[walk.public_id]), *map(page_of, sheets)]:
        tab.goto(address)
        assert axe_violations(tab) == [], address
        assert what_sticks_out(tab) == [], address
    tab.goto(page_of(again))
    tab.get_by_label("what they saw").select_option("still_there")
    tab.get_by_role("button", name="Keep, more to type").click()
    tab.get_by_text("1 look is typed in").wait_for()
    assert Look.objects.get().sheet == again

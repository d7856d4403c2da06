"""The desk's side of sending: what would leave is shown first, and what a city didn't settle a person does."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns.models import Concern
from office.models import AuditEvent
from open311.models import Delivery, Endpoint
from open311.panels import panels
from open311.sealing import seal, unseal
from tests import factories

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.fixture
def endpoint(db) -> Endpoint:
    return factories.make_endpoint(name="311")


def page(concern: Concern) -> str:
    return reverse("open311:desk_send", args=[concern.public_id])


def test_the_button_stands_on_the_page_of_a_kind_that_a_city_takes(desk, endpoint):
    light, dump = factories.make_published_concern(), factories.make_published_concern(category="DUMPING")
    shown = desk.get(reverse("concerns:desk_detail", args=[light.public_id])).content.decode()
    assert f"{page(light)}?to={endpoint.public_id}" in shown
    assert "Send to 311" in shown
    assert "Send to" not in desk.get(reverse("concerns:desk_detail", args=[dump.public_id])).content.decode()


def test_the_preview_shows_what_leaves_and_nothing_private(desk, endpoint):
    concern = factories.make_published_concern(note="PRIVATE note", public_text="Lamp is dark", answers={"pole": "XX"})
    factories.make_reporter(concern=concern, name="Rosa Linden", email="rosa@example.org")
    shown = desk.get(page(concern)).content.decode()
    for words in ("Lamp is dark", "3512 Independence Ave", "39.106120", "-94.539120", "001"):
        assert words in shown
    for words in ("PRIVATE", "Rosa", "rosa@example.org", "XX"):
        assert words not in shown
    assert not Delivery.objects.exists(), "looking changes nothing"


def test_who_approved_is_recorded_and_the_shown_fields_are_kept(desk, endpoint, organizer):
    concern = factories.make_published_concern()
    answer = desk.post(page(concern), {"words": "Lamp is dark", "to": str(endpoint.public_id)}, follow=True)
    assert "It goes out to 311 now" in answer.content.decode()
    delivery = Delivery.objects.get()
    assert (delivery.approved_by, delivery.state) == (organizer, State.QUEUED)
    assert delivery.fields["description"] == "Lamp is dark"
    event = AuditEvent.objects.get(action="open311.approved")
    assert event.actor == organizer.public_id
    assert "Lamp" not in str(event.detail)


def test_refused_words_stay_in_their_box_with_the_reason(desk, endpoint):
    answer = desk.post(page(factories.make_published_concern()), {"words": "The man who lives at 4512"})
    assert answer.status_code == 400
    assert "The man who lives at 4512" in answer.content.decode()
    assert "seem to describe a person" in answer.content.decode()


def test_an_old_page_shows_who_was_quicker(desk, endpoint):
    concern = factories.make_published_concern()
    answer = desk.post(page(concern), {"words": "Dark", "seen": "1.000000"})
    assert answer.status_code == 400
    assert "Somebody was quicker" in answer.content.decode()
    assert "Dark" in answer.content.decode()


def test_where_people_live_the_page_says_what_comes_first(desk, endpoint):
    house = factories.make_concern(category="VACANT_BLD", answers={"occupied": "yes"})
    for answer in (desk.get(page(house)), desk.get(reverse("concerns:desk_detail", args=[house.public_id]))):
        assert "People live there" in answer.content.decode()
    desk.post(page(house), {"words": "Empty house"})
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("to", ["", "nonsense", "00000000-0000-0000-0000-000000000007"])
def test_a_kind_that_no_city_takes_says_so(desk, to):
    concern = factories.make_published_concern()
    assert "No city takes this kind" in desk.get(page(concern), {"to": to}).content.decode()
    assert "No city takes this kind" in desk.post(page(concern), {"to": to, "words": "x"}).content.decode()


@pytest.mark.parametrize("who", ["volunteer", "partner", "lead"])
def test_only_organizers_send(client: Client, request, endpoint, who):
    client.force_login(request.getfixturevalue(who), backend="allauth.account.auth_backends.AuthenticationBackend")
    concern = factories.make_published_concern()
    assert client.post(page(concern), {"words": "x"}).status_code in (403, 404)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("state", "sent", "after"),
    [
        (State.QUEUED, {"do": "call_off"}, State.CANCELLED),
        (State.CHECK, {"do": "number", "number": "2026-7"}, State.SENT),
        (State.CHECK, {"do": "number", "number": ""}, State.CHECK),
        (State.CHECK, {"do": "number", "number": "x" * 99}, State.CHECK),
        (State.CHECK, {"do": "again"}, State.QUEUED),
        (State.LOOKING, {"do": "give_up"}, State.CANCELLED),
        (State.REFUSED, {"do": "seen"}, State.REFUSED),
        (State.SENT, {"do": "again"}, State.SENT),
    ],
)
def test_what_a_person_decides(desk, endpoint, state, sent, after):
    delivery = factories.make_delivery(endpoint=endpoint, state=state)
    answer = desk.post(reverse("open311:desk_delivery", args=[delivery.public_id]), sent, follow=True)
    assert answer.status_code == 200
    delivery.refresh_from_db()
    assert delivery.state == after


def test_an_unknown_button_is_nothing(desk):
    delivery = factories.make_delivery()
    assert desk.post(reverse("open311:desk_delivery", args=[delivery.public_id]), {"do": "x"}).status_code == 404


def test_the_list_takes_as_many_queries_with_more_rows(desk, endpoint, django_assert_max_num_queries):
    for state in State:
        factories.make_delivery(endpoint=endpoint, state=state, lease_until="2031-01-01T00:00Z", last_error="No")
    for show in ("decide", "way", "all", "nonsense"):
        with django_assert_max_num_queries(9):
            desk.get(reverse("open311:desk_deliveries"), {"show": show})


def test_the_desk_is_told_of_what_waits_for_a_decision_and_of_paused_cities(organizer, volunteer, endpoint):
    cache.clear()
    factories.make_delivery(endpoint=endpoint, state=State.CHECK)
    factories.make_delivery(endpoint=endpoint, state=State.SENT)
    Endpoint.objects.update(paused_at="2026-11-22T00:00Z")
    found = list(panels(user=organizer, now=timezone.now()))
    assert [panel.n for panel in found] == [1, 1]
    assert list(panels(user=volunteer, now=timezone.now())) == []


# --- In the admin ----------------------------------------------------------------------------------------------------


@pytest.fixture
def review(client: Client, admin, settings) -> Client:
    settings.REQUIRE_SECOND_FACTOR = False
    settings.OPEN311_ALLOW_LOOPBACK = True
    client.force_login(admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


ADD = "/admin/open311/endpoint/add/"
ROWS = {"services-TOTAL_FORMS": "0", "services-INITIAL_FORMS": "0", "form": "json", "is_active": "on"}


def test_a_key_is_sealed_and_never_shown_again(review):
    sent = {"name": "311", "url": "http://127.0.0.1:8139/v2", "api_key": "SECRET-KEY"} | ROWS
    assert review.post(ADD, sent).status_code == 302
    endpoint = Endpoint.objects.get()
    assert "SECRET-KEY" not in endpoint.api_key_sealed
    assert unseal(endpoint.api_key_sealed) == "SECRET-KEY"
    assert "SECRET-KEY" not in review.get(f"/admin/open311/endpoint/{endpoint.pk}/change/").content.decode()
    assert "SECRET-KEY" not in str(list(AuditEvent.objects.values()))


def test_a_new_address_or_key_has_to_be_signed_off_before_anything_is_sent(review, admin):
    endpoint = factories.make_endpoint(name="311", url="http://127.0.0.1:8139/v2", approved_at=None)
    list_page, own_page = "/admin/open311/endpoint/", f"/admin/open311/endpoint/{endpoint.pk}/change/"

    def services() -> dict[str, str]:
        rows = {"services-TOTAL_FORMS": "2", "services-INITIAL_FORMS": "2"}
        for i, row in enumerate(endpoint.services.all()):
            values = {
                "id": row.pk,
                "endpoint": endpoint.pk,
                "category": row.category_id,
                "service_code": row.service_code,
            }
            rows |= {f"services-{i}-{name}": str(value) for name, value in values.items()}
            rows[f"services-{i}-attributes"] = "{}"
        return rows

    same = {"name": "311", "url": endpoint.url} | ROWS | services()
    for change in ({"url": "http://127.0.0.1:8138/v2"}, {"api_key": "another"}, {"jurisdiction_id": "town.example"}):
        review.post(list_page, {"action": "sign_off_these", "_selected_action": endpoint.pk})
        endpoint.refresh_from_db()
        assert (endpoint.is_usable, endpoint.approved_by) == (True, admin)
        assert review.post(own_page, same | {"url": endpoint.url, "name": "Our 311"}).status_code == 302
        endpoint.refresh_from_db()
        assert endpoint.is_usable, "a name is not an address"
        assert review.post(own_page, same | {"url": endpoint.url} | change).status_code == 302
        endpoint.refresh_from_db()
        assert not endpoint.is_usable, change


def test_o43_an_unsafe_address_is_refused_with_its_reason(review, settings):
    settings.OPEN311_ALLOW_LOOPBACK = False
    for url, why in (
        ("http://127.0.0.1:5432", "must begin with https://"),
        ("https://169.254.169.254/", "side by side"),
    ):
        answer = review.post(ADD, {"name": "311", "url": url} | ROWS)
        assert answer.status_code == 200
        assert why in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_a_key_sealed_under_another_file_is_empty_not_wrong(settings):
    sealed = seal("words")
    settings.ENDPOINT_KEY = "another"
    assert unseal(sealed) == ""

"""A resident reports without an account: the form, its refusals, the code."""

import base64
import io
import json
import re
import threading
import uuid
from datetime import timedelta
from typing import Any

import altcha
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image

from concerns import actions, report_views
from concerns.models import Concern
from concerns.proof import challenge_for, is_solved
from concerns.receipts import code_for
from concerns.report_forms import read_token
from concerns.reporters import Reporter
from concerns.workflow import Publication, Source
from office.models import AuditEvent, Coalition, OutboxMessage
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/report/"
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


def a_photo(name: str = "lamp.jpg") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), "olive").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def open_form(client: Client) -> str:
    found = TOKEN.search(client.get(PAGE).content.decode())
    assert found
    return found.group(1)


def solved(token: str) -> str:
    """What the page's script sends after its work."""
    name, _age = read_token(token)
    made = altcha.Challenge.from_dict(challenge_for(name))
    solution = altcha.solve_challenge(made)
    assert solution
    return altcha.Payload(made, solution).to_base64()


def send(client: Client, *, seconds: int = 20, proof: bool | str = True, token: str = "", **fields: Any) -> Any:
    """Open the form, take some time over it, send it."""
    token = token or open_form(client)
    body = {"category": "LIGHT_OUT", "address": "4777 Independence Ave", "note": "Dark for weeks", "form_token": token}
    if proof:
        body["proof"] = solved(token) if proof is True else proof
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        return client.post(PAGE, body | fields)


def code_of(response: Any) -> str:
    found = re.search(r'class="receipt-code"[^>]*>([^<]+)<', response.content.decode())
    assert found, response.content.decode()[:2000]
    return found.group(1).strip()


def test_a_report_is_kept_held_and_answered_with_a_code(client):
    response = send(client)
    assert response.status_code == 200
    concern = Concern.objects.get()
    assert (concern.source, concern.publication, concern.told_by) == (Source.WEB, Publication.HELD, "resident")
    assert (concern.address, concern.note, concern.category.code) == (
        "4777 Independence Ave",
        "Dark for weeks",
        "LIGHT_OUT",
    )
    assert len(code_of(response).replace("-", "")) == 16
    assert response["Cache-Control"] == "no-store"
    assert not Reporter.objects.get().is_low_trust


def test_the_code_is_kept_nowhere(client):
    code = code_of(send(client)).replace("-", "")
    row = Reporter.objects.values().get()
    assert code not in json.dumps(row, default=str)
    audited = json.dumps(list(AuditEvent.objects.values()), default=str)
    assert code not in audited
    assert str(row["form_token"]) not in audited


def test_o10_nothing_of_it_is_public_before_somebody_read_it(client):
    send(client, note="MARKER-of-a-report")
    for address in ("/concerns/", "/map/concerns.geojson", "/"):
        assert b"MARKER-of-a-report" not in client.get(address).content


def test_o26_the_same_form_sent_twice_is_one_report_with_one_code(client):
    token = open_form(client)
    codes = {code_of(send(client, token=token)) for _ in range(2)}
    assert len(codes) == 1
    assert Concern.objects.count() == Reporter.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_o26_two_taps_at_the_same_moment_are_one_report(client):
    token = open_form(client)
    proof, answers = solved(token), []

    def tap() -> None:
        body = {"category": "LIGHT_OUT", "address": "4777 Independence Ave", "form_token": token, "proof": proof}
        try:
            answers.append(Client().post(PAGE, body))
        finally:
            connection.close()

    with time_machine.travel(timezone.now() + timedelta(seconds=20)):
        threads = [threading.Thread(target=tap) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {code_of(answer) for answer in answers} == {code_of(answers[0])}
    assert len(answers) == 6
    assert Concern.objects.count() == 1


def test_without_script_it_is_taken_with_less_trust_three_times_an_hour(client):
    answers = [send(client, proof=False) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert Reporter.objects.filter(is_low_trust=True).count() == 3
    assert answers[3]["Retry-After"]
    assert "Dark for weeks" in answers[3].content.decode()


def test_o22_the_sixty_first_report_of_an_hour_is_kept_in_the_form_and_told_whom_to_call(client, monkeypatch):
    monkeypatch.setattr(report_views, "REPORTS_AN_HOUR", 2)
    Coalition.current()
    Coalition.objects.update(city_number="816-555-0113")
    answers = [send(client) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    page = answers[2].content.decode()
    assert "Dark for weeks" in page
    assert "816-555-0113" in page
    assert answers[2]["Retry-After"]


def test_o22_somebody_signed_in_is_not_limited_by_the_network(client, volunteer, monkeypatch):
    monkeypatch.setattr(report_views, "REPORTS_AN_HOUR", 1)
    assert send(client).status_code == 200
    client.force_login(volunteer, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert send(client).status_code == 200


@pytest.mark.parametrize("trap", [{"website": "https://example.org"}, {"seconds": 0}])
def test_o23_a_machine_believes_it_was_taken_and_it_lands_in_spam(client, trap):
    response = send(client, email="bot@example.org", wants_mail="on", **trap)
    assert code_of(response)
    assert Concern.objects.get().publication == Publication.SPAM
    assert OutboxMessage.objects.count() == 0


def wrong_proof(token: str, how: str) -> str:
    if how == "other form":
        made = altcha.Challenge.from_dict(challenge_for(uuid.uuid4()))
        return altcha.Payload(made, altcha.solve_challenge(made)).to_base64()
    if how == "easier":
        name, _age = read_token(token)
        made = altcha.create_challenge("PBKDF2/SHA-256", 1, data={"form": str(name)}, hmac_secret="guessed")
        return altcha.Payload(made, altcha.solve_challenge(made)).to_base64()
    if how == "unsolved":
        parts = json.loads(base64.b64decode(solved(token)))
        parts["solution"]["counter"] += 1
        return base64.b64encode(json.dumps(parts).encode()).decode()
    return {
        "nonsense": "!!!",
        "deep": base64.b64encode(b"[" * 2000).decode(),
        "list": base64.b64encode(b"[]").decode(),
    }[how]


@pytest.mark.parametrize("how", ["other form", "easier", "unsolved", "nonsense", "deep", "list"])
def test_o24_a_wrong_proof_is_asked_to_try_again_and_keeps_what_was_typed(client, how):
    token = open_form(client)
    response = send(client, token=token, proof=wrong_proof(token, how))
    assert response.status_code == 400
    page = response.content.decode()
    assert "Please try again" in page
    assert "Dark for weeks" in page
    assert Concern.objects.count() == 0


def test_o24_a_page_left_open_overnight_is_asked_to_send_once_more_and_then_taken(client):
    response = send(client, seconds=13 * 3600)
    page = response.content.decode()
    assert response.status_code == 400
    assert "open for too long" in page
    assert "Dark for weeks" in page
    fresh = TOKEN.search(page)
    assert fresh
    assert send(client, token=fresh.group(1)).status_code == 200


def test_a_proof_is_worth_nothing_for_another_form():
    name = uuid.uuid4()
    made = altcha.Challenge.from_dict(challenge_for(name))
    answer = altcha.Payload(made, altcha.solve_challenge(made)).to_base64()
    assert is_solved(answer, form_token=name)
    assert not is_solved(answer, form_token=uuid.uuid4())


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"category": ""}, "category", "Choose what it is"),
        ({"category": "suspicious_person"}, "category", "Choose one of the kinds"),
        ({"address": ""}, "address", "Say where it is"),
        ({"email": "nobody"}, "email", "whole e-mail address"),
        ({"wants_mail": "on"}, "email", "give an e-mail address"),
        ({"phone": "12"}, "phone", ""),
        ({"location": '{"type":"Point","coordinates":[39.1,-94.5]}'}, "location", ""),
        ({"note": "x" * 2001}, "note", ""),
    ],
)
def test_bad_input_names_the_field_and_keeps_what_was_typed(client, fields, field, words):
    Coalition.current()
    response = send(client, **{"note": "Dark for weeks", "name": "Rosa Linden"} | fields)
    assert response.status_code == 400
    assert field in response.context["form"].errors
    assert words in " ".join(response.context["form"].errors[field])
    assert "Rosa Linden" in response.content.decode()
    assert Concern.objects.count() == 0


def test_a_pin_finds_the_block(client):
    corridor = factories.make_corridor()
    send(client, address="", location='{"type":"Point","coordinates":[-94.53912,39.10612]}')
    concern = Concern.objects.get()
    assert concern.segment.corridor == corridor
    assert concern.place_from == Concern.PlaceFrom.PIN


def test_an_address_alone_finds_the_block_and_can_be_published(client, organizer):
    block = factories.make_corridor(name="Independence Avenue").segments.first()
    send(client, address=f"{block.block + 12} Independence Ave")
    concern = Concern.objects.get()
    assert (concern.segment, concern.side) == (block, "left")
    assert Concern.Flag.NO_BLOCK not in concern.flags
    actions.publish_concern(concern=concern, by=organizer, text="Dark for weeks")
    assert "Dark for weeks" in client.get("/concerns/").content.decode()


def test_photos_are_kept_in_their_order(client):
    send(client, photos=[a_photo("a.jpg"), a_photo("b.jpg")])
    assert Concern.objects.get().photos.count() == 2


def test_o39_a_file_that_is_no_photo_leaves_the_report_and_is_said(client):
    bad = SimpleUploadedFile("virus.jpg", b"<html>", "image/jpeg")
    response = send(client, photos=[bad, a_photo()])
    assert "One photo could not be kept" in response.content.decode()
    assert Concern.objects.get().photos.count() == 1


def test_four_photos_are_too_many(client):
    response = send(client, photos=[a_photo() for _ in range(4)])
    assert response.status_code == 400
    assert "At most 3 photos" in str(response.context["form"].errors["photos"])


def test_o13_words_about_a_person_are_kept_and_flagged(client):
    send(client, note="The man who lives at 4512 did it", words_seen="1")
    assert Concern.Flag.PERSON_TEXT in Concern.objects.get().flags


def test_only_who_asked_for_mail_gets_one_and_it_asks_whether_the_address_is_theirs(client):
    send(client, email="rosa@example.org")
    assert OutboxMessage.objects.count() == 0
    send(client, email="rosa@example.org", wants_mail="on")
    mail = OutboxMessage.objects.get()
    assert mail.to_address == "rosa@example.org"
    assert mail.kind == "report.confirm"
    assert "/receipt/" in mail.body_text
    assert "List-Unsubscribe" in mail.headers


def test_it_speaks_the_reporters_language(client):
    token = open_form(client)
    with time_machine.travel(timezone.now() + timedelta(seconds=20)):
        client.post(
            PAGE,
            {"category": "LIGHT_OUT", "address": "4777", "form_token": token, "proof": solved(token)},
            headers={"Accept-Language": "es"},
        )
    assert Reporter.objects.get().language == "es"


def test_the_code_cannot_be_worked_out_without_our_key(settings):
    token = uuid.uuid4()
    before = code_for(token)
    settings.RECEIPT_KEY = "another"
    assert code_for(token) != before


def test_a_post_without_the_page_is_refused_and_other_methods_too(client):
    assert client.post(PAGE, {"category": "LIGHT_OUT", "address": "x"}).status_code == 400
    assert client.put(PAGE).status_code == 405
    assert Concern.objects.count() == 0


def test_its_queries_do_not_grow(client, django_assert_max_num_queries):
    for _ in range(3):
        factories.make_corridor()
    client.get(PAGE)
    with django_assert_max_num_queries(6):
        client.get(PAGE)

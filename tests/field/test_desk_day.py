"""/desk/walks/<uuid>/day/: who needs help, who is back, what the phones say; for organizers and the walk's lead."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from concerns.actions import handle_danger, triage, version_of
from concerns.models import ConcernUpdate
from office.models import AuditEvent, Coalition
from office.refused import Refused
from tests import factories
from tests.field.phone import Phone
from walks.day_actions import handle_incident, withdraw_by_hand
from walks.models import TeamSegment, Walk

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
MOST_QUERIES = 12
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(db, lead):
    return factories.make_running_walk(lead=lead.person)


@pytest.fixture
def team(walk):
    leader = factories.make_signup(walk=walk, person=factories.make_person(name="Amos Penhallow", phone="+18165550123"))
    return factories.make_team(walk=walk, number=3, name="Sycamore", lead=leader)


@pytest.fixture
def lead_s_desk(lead):
    browser = Client()
    browser.force_login(lead, backend=BACKEND)
    return browser


def address_of(walk):
    return f"/desk/walks/{walk.public_id}/day/"


def page(client, walk, **headers):
    response = client.get(address_of(walk), headers=headers)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def take(client, row, **said):
    """Press “I take care of it” below an incident or a danger."""
    is_incident = hasattr(row, "version")
    kind, seen = ("incidents", row.version) if is_incident else ("dangers", version_of(row))
    address = f"{address_of(row.walk)}{kind}/{row.public_id}/handle/"
    return client.post(address, {"seen": seen} | said)


def over(walk, **ago):
    """The walk ended that long ago."""
    now = timezone.now()
    walk.meet_at = walk.step_off_at = now - timedelta(hours=3)
    walk.end_at = now - timedelta(**ago)
    walk.save()


# --- who may look ---


def test_an_empty_day_says_what_is_unknown_and_what_to_do(desk, walk):
    html = page(desk, walk)
    for words in (
        "Nobody has called for help",
        "This walk has no teams yet",
        "No phone has joined yet",
        "Nobody has counted yet, so we don’t know",
        "Nothing from the street yet",
        "0 of 6 sides",
    ):
        assert words in html
    assert "Everything is in" not in html


def test_the_walk_s_lead_sees_it(lead_s_desk, walk):
    assert walk.title in page(lead_s_desk, walk)


@pytest.mark.parametrize("who", ["volunteer", "outsider", "partner"])
def test_others_find_nothing_and_can_press_nothing(client, request, walk, who):
    incident, danger = factories.make_incident(walk=walk), factories.make_concern(walk=walk, danger_now=True)
    factories.make_signup(walk=walk, person=request.getfixturevalue("volunteer").person)
    client.force_login(request.getfixturevalue(who), backend=BACKEND)
    assert client.get(address_of(walk)).status_code == 404
    assert take(client, incident).status_code == take(client, danger).status_code == 404
    incident.refresh_from_db()
    assert incident.handled_at is None


def test_the_lead_of_another_walk_finds_nothing(lead_s_desk, walk):
    other = factories.make_running_walk()
    incident = factories.make_incident(walk=other)
    assert lead_s_desk.get(address_of(other)).status_code == 404
    assert take(lead_s_desk, incident).status_code == 404
    crossed = f"{address_of(walk)}incidents/{incident.public_id}/handle/"
    assert lead_s_desk.post(crossed, {"seen": incident.version}).status_code == 404
    assert lead_s_desk.post(crossed.replace("incidents", "dangers"), {"seen": "1"}).status_code == 404


def test_a_stranger_is_asked_to_sign_in(client, walk):
    assert "/accounts/login/" in client.get(address_of(walk))["Location"]
    assert "/accounts/login/" in take(client, factories.make_incident(walk=walk))["Location"]


def test_an_unknown_walk_incident_or_concern_is_not_found(desk, walk):
    assert desk.get(f"/desk/walks/{uuid.uuid4()}/day/").status_code == 404
    for kind in ("incidents", "dangers"):
        assert desk.post(f"{address_of(walk)}{kind}/{uuid.uuid4()}/handle/").status_code == 404


def test_looking_changes_nothing_and_the_page_takes_no_post(desk, walk):
    incident, danger = factories.make_incident(walk=walk), factories.make_concern(walk=walk, danger_now=True)
    assert desk.post(address_of(walk)).status_code == 405
    for kind, row in (("incidents", incident), ("dangers", danger)):
        assert desk.get(f"{address_of(walk)}{kind}/{row.public_id}/handle/").status_code == 405


def test_the_old_page_of_the_phones_leads_here(desk, walk):
    response = desk.get(f"/desk/walks/{walk.public_id}/phones/")
    assert response["Location"] == f"{address_of(walk)}#phones"


def test_it_is_never_kept_by_a_cache(desk, walk):
    response = desk.get(address_of(walk))
    assert response["Cache-Control"] == "private, no-store"
    assert "HX-Request" in response["Vary"]


# --- what is loud ---


def test_an_incident_is_loud_with_team_block_words_and_a_number_to_call(desk, walk, team):
    device = factories.make_device(walk=walk, team=team, signup=team.lead)
    segment = walk.corridor.segments.first()
    factories.make_incident(walk=walk, team=team, device=device, segment=segment, side="left")
    html = page(desk, walk)
    assert "1 thing needs somebody now" in html
    assert "Somebody is hurt or ill" in html
    assert "Team 3, Sycamore" in html
    assert "by the laundry, 3500 block, north side (even numbers)" in html
    assert 'href="tel:+18165550123"' in html
    assert "Call Amos Penhallow" in html
    assert "I take care of it" in html


def test_a_block_that_the_phone_named_is_named_once(lead_s_desk, walk, team):
    block = walk.corridor.segments.first()
    told = f"{block.name}, north side, between Askew and Monroe"
    factories.make_incident(walk=walk, team=team, place=told, segment=block, side="left")
    html = page(lead_s_desk, walk)
    assert told in html
    assert f"{told}, {block.name}" not in html


def test_what_was_noticed_without_an_address_is_listed_with_its_block(lead_s_desk, walk, team):
    block = walk.corridor.segments.first()
    factories.make_concern(walk=walk, team=team, segment=block, side="left", address="")
    noticed = page(lead_s_desk, walk).split('id="noticed"')[1]
    assert "<span>3500 block, north side (even numbers)</span>" in noticed
    assert "no address" not in noticed


def test_a_walled_organizer_sees_the_call_for_help_but_no_number(walk, team, walled_organizer):
    factories.make_incident(walk=walk, team=team)
    browser = Client()
    browser.force_login(walled_organizer, backend=BACKEND)
    over(walk, minutes=12)
    Walk.objects.filter(pk=walk.pk).update(designee_name="Rosa Fernhill", designee_phone="+18165550144")
    html = page(browser, walk)
    assert "Somebody is hurt or ill" in html
    assert "Rosa Fernhill" in html
    assert "tel:" not in html
    assert "816555" not in html
    assert "so numbers of people aren’t shown to you" in html


def test_a_lead_who_works_for_the_police_sees_no_number_either(lead_s_desk, lead, walk, team):
    factories.make_incident(walk=walk, team=team)
    assert "tel:+18165550123" in page(lead_s_desk, walk)
    factories.make_membership(lead.person, factories.make_organization(kind="police"))
    assert "5550123" not in page(lead_s_desk, walk)


def test_a_danger_is_loud_until_somebody_takes_care_of_it(lead_s_desk, lead, walk):
    danger = factories.make_concern(walk=walk, category="UTILITY", danger_now=True, note="Wire hangs and sparks")
    html = page(lead_s_desk, walk)
    assert "1 thing needs somebody now" in html
    assert "Wire hangs and sparks" in html
    response = take(lead_s_desk, danger, note="Called the utility")
    assert response["Location"] == f"{address_of(walk)}#alarms"
    html = page(lead_s_desk, walk)
    assert "Every call for help is taken care of" in html
    assert "Linus Farrow takes care of it since" in html
    assert "“Called the utility”" in html
    line = danger.updates.get(kind=ConcernUpdate.Kind.NOTE)
    assert (line.by, line.note, line.is_public) == (lead, "Called the utility", False)
    danger.refresh_from_db()
    assert danger.status == "new"


def test_a_danger_that_an_organizer_read_is_quiet(desk, organizer, walk):
    danger = factories.make_concern(walk=walk, danger_now=True)
    triage(concern=danger, by=organizer)
    html = page(desk, walk)
    assert "Every call for help is taken care of" in html
    assert "an organizer read it" in html


def test_what_was_taken_back_or_is_spam_is_not_loud(desk, walk):
    factories.make_incident(walk=walk, withdrawn_at=timezone.now())
    factories.make_concern(walk=walk, danger_now=True, publication="spam")
    factories.make_concern(walk=walk, danger_now=True, status="withdrawn")
    html = page(desk, walk)
    assert "Nobody has called for help" in html
    assert "Nothing from the street yet" in html


def test_other_walks_are_not_on_this_board(desk, walk):
    factories.make_incident()
    factories.make_concern(danger_now=True)
    assert "Nobody has called for help" in page(desk, walk)


def test_taking_care_of_an_incident_is_written_down(desk, organizer, walk):
    incident = factories.make_incident(walk=walk)
    assert take(desk, incident, note=" Bea drives there ").status_code == 302
    incident.refresh_from_db()
    assert (incident.handled_by, incident.handled_note) == (organizer, "Bea drives there")
    html = page(desk, walk)
    assert "Odessa Quill takes care of it since" in html
    assert "“Bea drives there”" in html
    event = AuditEvent.objects.get(action="incident.handle")
    assert (event.actor, event.object_id) == (organizer.public_id, incident.public_id)
    assert "Bea" not in str(event.detail)


@pytest.mark.parametrize("kind", ["incident", "danger"])
def test_the_second_greeter_sees_who_was_quicker_and_keeps_the_note(desk, lead, walk, kind):
    if kind == "incident":
        row = factories.make_incident(walk=walk)
        seen = row.version
        handle_incident(incident=row, by=lead, note="I go there", expected=seen)
    else:
        row = factories.make_concern(walk=walk, danger_now=True)
        seen = version_of(row)
        handle_danger(concern=row, by=lead, note="I go there", expected=seen)
    response = take(desk, row, note="Calling an ambulance", seen=seen)
    html = " ".join(response.content.decode().split())
    assert response.status_code == 409
    assert "Linus Farrow takes care of it since" in html
    assert "You had written: “Calling an ambulance”" in html
    assert "“I go there”" in html
    if kind == "incident":
        row.refresh_from_db()
        assert (row.handled_by, row.handled_note) == (lead, "I go there")
    else:
        assert row.updates.filter(kind="note").count() == 1


def test_what_the_team_changed_meanwhile_is_looked_at_first(desk, walk):
    incident = factories.make_incident(walk=walk)
    seen = incident.version
    incident.note = "Two people are hurt"
    incident.save()
    response = take(desk, incident, note="On my way", seen=seen)
    html = response.content.decode()
    assert response.status_code == 409
    assert "The team changed it while you were reading" in html
    assert "Two people are hurt" in html
    assert 'value="On my way"' in html
    incident.refresh_from_db()
    assert incident.handled_at is None


def test_a_note_that_is_too_long_is_kept_with_the_reason(desk, walk):
    incident = factories.make_incident(walk=walk)
    long = "a bench and " * 30
    response = take(desk, incident, note=long)
    html = response.content.decode()
    assert response.status_code == 400
    assert "The note is too long: 359 of 300 characters" in html
    assert f'value="{long}"' in html
    incident.refresh_from_db()
    assert incident.handled_at is None


def test_a_press_that_does_not_say_what_was_seen_is_refused(desk, walk):
    incident = factories.make_incident(walk=walk)
    response = take(desk, incident, seen="")
    assert response.status_code == 400
    assert "Open this page again" in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_press_at_once_one_takes_it(organizer, coordinator):
    incident = factories.make_incident()
    gate, outcomes = threading.Barrier(2), []

    def press(user):
        gate.wait()
        try:
            handle_incident(incident=incident, by=user, note=user.short_name, expected=incident.version)
            outcomes.append(user.short_name)
        except Refused as refused:
            outcomes.append(refused.message)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=press, args=[user]) for user in (organizer, coordinator)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    incident.refresh_from_db()
    assert incident.handled_note in outcomes
    assert sum("takes care of it since" in words for words in outcomes) == 1


@pytest.mark.parametrize("make", [factories.make_incident, factories.make_concern], ids=["incident", "danger"])
def test_what_was_taken_by_mistake_is_loud_again_and_can_be_taken_again(desk, walk, make):
    row = make(walk=walk, **({"danger_now": True} if make is factories.make_concern else {}))
    kind = "dangers" if make is factories.make_concern else "incidents"
    undo = f"{address_of(walk)}{kind}/{row.public_id}/reopen/"
    assert undo not in page(desk, walk)
    for _time in range(2):
        row.refresh_from_db()
        assert take(desk, row).status_code == 302
        assert undo in page(desk, walk)
        assert desk.get(undo).status_code == 405
        assert desk.post(undo)["Location"] == f"{address_of(walk)}#alarms"
        assert "1 thing needs somebody now" in page(desk, walk)
    assert Client().post(undo)["Location"].startswith("/accounts/login/")


# --- teams ---


def test_it_says_how_many_are_back_by_the_last_word_of_each_team(desk, walk, team):
    now = timezone.now()
    factories.make_team_back(walk=walk, team=team, n_back=2, back_at=now - timedelta(minutes=9))
    factories.make_team_back(walk=walk, team=team, n_back=4, back_at=now, note="Otis walked home")
    factories.make_team_back(walk=walk, team=team, n_back=5, back_at=now, withdrawn_at=now)
    html = page(desk, walk)
    assert "4 of 5 back at" in html
    assert "“Otis walked home”" in html
    assert "4 of 5 back</strong>" in html


def test_a_phone_with_a_wrong_clock_goes_by_when_its_word_arrived(desk, walk, team):
    now = timezone.now()
    off = {"is_clock_off": True, "back_at": now + timedelta(days=400), "received_at": now - timedelta(minutes=9)}
    factories.make_team_back(walk=walk, team=team, n_back=1, **off)
    factories.make_team_back(walk=walk, team=team, n_back=5, back_at=now)
    assert "5 of 5 back at" in page(desk, walk)


def test_a_team_is_overdue_after_the_walk_s_end_and_its_lead_can_be_called(desk, walk, team):
    factories.make_team_back(walk=walk, team=team)
    assert "min late" not in page(desk, walk)
    over(walk, minutes=12)
    html = page(desk, walk)
    assert "12 min late" in html
    assert "Call Amos Penhallow" in html
    factories.make_team_back(walk=walk, team=team, n_back=5)
    html = page(desk, walk)
    assert "min late" not in html
    assert "all back" in html


def test_a_late_team_comes_first_and_one_that_is_back_last(desk, walk):
    for number in (1, 2):
        factories.make_team(walk=walk, number=number, name=f"Number{number}")
    factories.make_team_back(walk=walk, team=walk.teams.get(number=1), n_back=5)
    over(walk, minutes=5)
    html = page(desk, walk)
    assert html.index("Team 2, Number2") < html.index("Team 1, Number1")


def test_people_without_a_team_s_word_are_those_who_signed_up(desk, walk, team):
    factories.make_signup(walk=walk, team=team, n_people=3)
    html = page(desk, walk)
    assert "0 of 3 back" in html
    assert "3 out, nothing said yet" in html


def test_a_team_of_unknown_size_is_said_to_be_one(desk, walk, team):
    assert "and 1 team of unknown size" in page(desk, walk)


def test_a_team_that_walks_one_side_has_half_the_plan(desk, walk, team):
    first, second = walk.corridor.segments.all()[:2]
    TeamSegment.objects.create(team=team, segment=first, sides="left")
    TeamSegment.objects.create(team=team, segment=second)
    for side in ("left", "right"):
        factories.make_pass(walk=walk, team=team, segment=first, side=side, lit="dark")
    html = page(desk, walk)
    assert "1 of 3 sides walked, 1 beside the plan" in html
    assert "<strong>Not yet:</strong> 3600 block, both sides." in html


def test_a_team_is_late_by_its_own_time(desk, walk, team):
    team.expected_back_at = timezone.now() - timedelta(minutes=5)
    team.save()
    assert "5 min late" in page(desk, walk)


def test_sides_walked_are_counted_against_the_plan_and_by_light(desk, walk, team):
    first, second = walk.corridor.segments.all()[:2]
    team.segments.set([first, second])
    factories.make_pass(walk=walk, team=team, segment=first, side="left", lit="dark")
    factories.make_pass(walk=walk, team=team, segment=first, side="left", lit="dark")
    factories.make_pass(walk=walk, team=team, segment=first, side="right", lit="day")
    factories.make_pass(walk=walk, team=team, segment=second, side="right", withdrawn_at=timezone.now())
    factories.make_pass(walk=walk, team=team, segment=walk.corridor.segments.last(), side="left", lit="dark")
    html = page(desk, walk)
    assert "2 of 4 sides walked, 1 beside the plan (1 by day, 2 after dark)" in html
    assert "<strong>2 of 4 sides</strong>, 1 by day, 2 after dark, 1 beside the plan." in html
    assert "<strong>Not yet:</strong> 3600 block, both sides." in html


def test_what_each_team_logged_is_counted(desk, walk, team):
    device = factories.make_device(walk=walk, team=team)
    factories.make_concern(walk=walk, team=team)
    factories.make_concern(walk=walk, team=team, status="withdrawn")
    factories.make_look(walk=walk, device=device)
    for result in ("talked", "talked", "left_material"):
        factories.make_contact(walk=walk, team=team, device=device, result=result)
    factories.make_contact(walk=walk, team=team, withdrawn_at=timezone.now())
    html = page(desk, walk)
    assert "1 thing noticed · 1 looked at again · 3 people and shops" in html
    assert "<dt>we talked</dt><dd>2</dd>" in html
    assert "<dt>left material</dt><dd>1</dd>" in html
    assert "<dt>closed</dt>" not in html


def test_the_person_who_waits_off_site_is_named(desk, walk):
    assert "Nobody waits off site" in page(desk, walk)
    Walk.objects.filter(pk=walk.pk).update(designee_name="Rosa Fernhill", designee_phone="+18165550144")
    html = page(desk, walk)
    assert "Off site: Rosa Fernhill" in html
    assert "tel:+18165550144" in html


# --- phones ---


def said(phone, waiting, *, at=None):
    phone.send("status/", {"waiting": waiting, "oldest_at": None, "app": "1"}, method="POST")
    if at:
        type(phone.device).objects.filter(pk=phone.device.pk).update(last_seen_at=at)


def test_phones_say_what_waits_on_them(desk, walk):
    phone = Phone(walk, name="Rosa’s phone")
    phone.put_concern()
    said(phone, 3)
    html = page(desk, walk)
    assert "Rosa’s phone" in html
    assert "3 records still wait on phones." in html
    assert "<strong>3 wait</strong>" in html
    assert "1 sent" in html
    assert "not confirmed" in html


def test_everything_is_in_only_after_the_last_word_of_each_phone(desk, walk):
    phones = [Phone(walk, name=f"Phone {n}") for n in (1, 2)]
    for phone in phones:
        said(phone, 0)
    assert "Everything is in." not in page(desk, walk)  # they still walk
    over(walk, minutes=30)
    html = page(desk, walk)
    assert "Everything is in." in html
    said(phones[0], 2)
    html = page(desk, walk)
    assert "Everything is in." not in html
    assert "1 phone hasn’t said yet that everything is in: Phone 1." in html


def test_a_phone_that_sent_after_its_last_word_is_not_in(desk, walk):
    over(walk, minutes=30)
    phone = Phone(walk)
    said(phone, 0, at=timezone.now() - timedelta(minutes=5))
    assert "Everything is in." in page(desk, walk)
    phone.put_concern()
    html = page(desk, walk)
    assert "Everything is in." not in html
    assert "sent something and hasn’t said since whether more waits" in html


def test_a_phone_whose_last_word_was_on_the_street_is_not_in(desk, walk):
    over(walk, minutes=30)
    phone = Phone(walk, enrolled_at=timezone.now() - timedelta(hours=2))
    said(phone, 0, at=timezone.now() - timedelta(minutes=45))
    html = page(desk, walk)
    assert "Everything is in." not in html
    assert "1 phone has said nothing for 20 minutes or longer." in html


def test_a_phone_that_never_spoke_or_was_taken_off(desk, walk):
    over(walk, minutes=30)
    phone = Phone(walk)
    assert "never said what waits on it" in page(desk, walk)
    desk.post(f"/desk/walks/{walk.public_id}/phones/{phone.device.public_id}/revoke/")
    html = page(desk, walk)
    assert "taken off" in html
    assert "Everything is in." not in html  # no phone is left that could say so


def test_a_team_that_is_back_early_lets_its_phones_be_in(desk, walk, team):
    phone = Phone(walk, team=team)
    factories.make_team_back(walk=walk, team=team, n_back=5, back_at=timezone.now() - timedelta(minutes=3))
    said(phone, 0)
    assert "Everything is in." in page(desk, walk)


def button_of(phone, action):
    return f"/desk/walks/{phone.walk.public_id}/phones/{phone.device.public_id}/{action}/"


def test_the_walk_lead_confirms_takes_off_and_lets_back_in(lead_s_desk, lead, walk):
    phone = Phone(walk)
    for action, word in [("confirm", "· confirmed"), ("revoke", "taken off"), ("readmit", "· not confirmed")]:
        response = lead_s_desk.post(button_of(phone, action), follow=True)
        assert response.redirect_chain == [(f"{address_of(walk)}#phones", 302)]
        assert word in " ".join(response.content.decode().split())
    assert phone.get("pack/").status_code == 200
    actions = AuditEvent.objects.order_by("id").values_list("action", "object_id", "actor")
    assert list(actions) == [
        (f"field.{action}", phone.device.public_id, lead.public_id) for action in ("confirm", "revoke", "readmit")
    ]


def test_a_phone_that_was_taken_off_is_refused_at_once(desk, walk):
    phone = Phone(walk)
    desk.post(button_of(phone, "revoke"))
    assert phone.put_concern().status_code == 403


@pytest.mark.parametrize("who", ["volunteer", "outsider", "partner"])
def test_others_cannot_touch_a_phone(client, request, walk, who):
    phone = Phone(walk)
    client.force_login(request.getfixturevalue(who), backend=BACKEND)
    assert client.post(button_of(phone, "revoke")).status_code == 404
    phone.device.refresh_from_db()
    assert phone.device.revoked_at is None


def test_a_lead_reaches_only_phones_of_the_own_walk(lead_s_desk, walk):
    other = Phone(factories.make_running_walk())
    assert lead_s_desk.post(button_of(other, "revoke")).status_code == 404
    crossed = f"/desk/walks/{walk.public_id}/phones/{other.device.public_id}/revoke/"
    assert lead_s_desk.post(crossed).status_code == 404
    other.device.refresh_from_db()
    assert other.device.revoked_at is None


@pytest.mark.parametrize("action", ["confirm", "revoke", "readmit"])
def test_a_phone_s_buttons_are_pressed_by_post_and_by_who_is_signed_in(client, desk, walk, action):
    phone = Phone(walk)
    assert desk.get(button_of(phone, action)).status_code == 405
    assert desk.post(f"/desk/walks/{walk.public_id}/phones/{uuid.uuid4()}/{action}/").status_code == 404
    assert "/accounts/login/" in Client().post(button_of(phone, action))["Location"]


# --- heads ---


def test_heads_are_the_last_count_of_each_phone_added_up(desk, walk):
    phones = [factories.make_device(walk=walk) for _n in range(2)]
    now = timezone.now()
    factories.make_head_count(walk=walk, device=phones[0], n_25_34=9, counted_at=now - timedelta(minutes=30))
    factories.make_head_count(walk=walk, device=phones[0], n_25_34=3, n_under_13=2, counted_at=now)
    factories.make_head_count(walk=walk, device=phones[1], n_25_34=4, counted_at=now)
    factories.make_head_count(walk=walk, device=phones[1], n_25_34=70, counted_at=now, withdrawn_at=now)
    html = page(desk, walk)
    assert "<dt>25–34</dt><dd>7</dd>" in html
    assert "<dt>under 13</dt><dd>2</dd>" in html
    assert '<strong class="big">9</strong>' in html
    assert "counted on 2 phones, the last count of each" in html


def test_what_a_phone_sends_stands_on_the_board(desk, walk, team):
    phone = Phone(walk, team=team, name="Rosa’s phone")
    segment = walk.corridor.segments.first()
    now = timezone.now().isoformat()
    team.segments.set([segment])

    def send(path, **body):
        answer = phone.send(f"{path}/{uuid.uuid4()}/", {"rev": 1, "walk": str(walk.public_id), "deleted": False} | body)
        assert answer.status_code == 201, answer.content

    block = {"segment": str(segment.public_id), "side": "right"}
    send("passes", **block, lit="dark", started_at=now, ended_at=now, ratings={"light": 1})
    send("headcounts", counted_at=now, counts={"under_13": 2, "18_24": 1})
    send("incidents", **block, kind="stuck", place="by the church", note="", happened_at=now)
    send("team-backs", n_back=3, n_out=4, note="", back_at=now)
    send(
        "contacts", kind="business", result="talked", needs=["food"], consent=None, captured_at=now, position=None
    )  # fmt: skip
    phone.put_concern(danger_now=True)
    html = page(desk, walk)
    for words in (
        "2 things need somebody now",
        "by the church, 3500 block, south side (odd numbers)",
        "3 of 4 back at",
        "1 of 2 sides walked (1 after dark) · 1 thing noticed · 0 looked at again · 1 person or shop",
        "<dt>under 13</dt><dd>2</dd>",
        "<dt>we talked</dt><dd>1</dd>",
        "6 sent",
    ):
        assert words in html


# --- the list, the refresh and what it costs ---


def test_the_list_holds_what_the_map_shows(desk, walk):
    hidden = {"publication": "hidden", "hidden_reason": "a face"}
    for fields in ({}, {"status": "withdrawn"}, {"publication": "spam"}, hidden):
        factories.make_concern(walk=walk, **fields)
    html = page(desk, walk)
    url = html.split('data-urls="')[1].split('"')[0].replace("&amp;", "&")
    on_map = [one["properties"]["id"] for one in desk.get(url).json()["features"]]
    in_list = [part.split('"')[0] for part in html.split('data-feature="')[1:]]
    assert on_map == in_list
    assert len(in_list) == 2
    assert "2 things on the map" in html


def test_a_refresh_sends_the_parts_and_nothing_else(desk, walk, team):
    incident = factories.make_incident(walk=walk, team=team)
    html = page(desk, walk, **HTMX)
    assert "<html" not in html
    for part in ("board-now", "alarms", "teams", "blocks", "phones", "people", "noticed"):
        assert html.count(f'id="{part}"') == 1
    assert html.count('hx-swap-oob="true"') == 7
    assert f'id="incident-{incident.public_id}"' in html
    assert "hx-swap-oob" not in page(desk, walk)


def fill(walk, n):
    for _n in range(n):
        team = factories.make_team(walk=walk, lead=factories.make_signup(walk=walk))
        team.segments.set(walk.corridor.segments.all())
        device = factories.make_device(walk=walk, team=team, signup=factories.make_signup(walk=walk, team=team))
        segment = walk.corridor.segments.last()
        factories.make_incident(walk=walk, team=team, device=device, segment=segment, side="left")
        factories.make_incident(walk=walk, device=device, handled_at=timezone.now(), handled_by=factories.make_user())
        factories.make_concern(walk=walk, team=team, device=device, danger_now=True)
        factories.make_look(walk=walk, device=device)
        factories.make_contact(walk=walk, team=team, device=device)
        factories.make_pass(walk=walk, team=team, device=device)
        factories.make_head_count(walk=walk, device=device)
        factories.make_team_back(walk=walk, team=team, device=device)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "refresh"])
@pytest.mark.parametrize("who", ["desk", "lead_s_desk"])
def test_its_queries_do_not_grow_with_teams_phones_and_incidents(request, walk, who, headers):
    Coalition.current()
    client = request.getfixturevalue(who)
    counts = []
    for n in (1, 5):
        fill(walk, n)
        with CaptureQueriesContext(connection) as queries:
            page(client, walk, **headers)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= MOST_QUERIES


def test_hostile_words_come_out_as_words(desk, walk):
    nasty = "</script><img src=x onerror=alert(1)>"
    team = factories.make_team(walk=walk, name=nasty[:60])
    device = factories.make_device(walk=walk, team=team, name=nasty)
    factories.make_incident(walk=walk, team=team, device=device, place=nasty, note=nasty)
    factories.make_concern(walk=walk, team=team, danger_now=True, note=nasty, address=nasty)
    factories.make_team_back(walk=walk, team=team, note=nasty)
    assert "<img src=x" not in page(desk, walk)


# --- records taken back in the admin ---


def test_a_record_taken_back_stays_and_counts_nowhere(desk, organizer, walk, team):
    row = factories.make_pass(walk=walk, team=team)
    assert "1 of 6 sides" in page(desk, walk)
    withdraw_by_hand(row=row, by=organizer)
    withdraw_by_hand(row=row, by=organizer)
    row.refresh_from_db()
    assert row.withdrawn_at is not None
    assert "0 of 6 sides" in page(desk, walk)
    assert AuditEvent.objects.filter(action="segmentpass.withdraw").count() == 1


def test_the_desk_s_pages_of_a_walk_lead_here(desk, walk):
    html = desk.get(f"/desk/walks/{walk.public_id}/").content.decode()
    assert f'href="{reverse("field:desk_day", args=[walk.public_id])}"' in html

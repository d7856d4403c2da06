"""Moving sign-ups, deleting walks, retrying mail, roles and merges in the Django admin; the page of data problems."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Polygon
from django.test import Client
from django.utils import timezone

from concerns.models import Photo
from office.models import AuditEvent, Coalition, OutboxMessage
from office.refused import Refused
from people.models import Person, User
from people.roles import Role
from tests import factories
from walks.mending import delete_walk, move_signup, restore_walk
from walks.models import Signup, Walk

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def review(client: Client, admin: User) -> Client:
    client.force_login(admin, backend=BACKEND)
    return client


def told(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_sign_up_moves_to_the_right_walk_and_back(review: Client) -> None:
    signup, walk = factories.make_signup(team=factories.make_team()), factories.make_walk()
    before = signup.walk
    url = f"/admin/walks/signup/{signup.pk}/move/"
    assert "Nobody is told by mail" in review.post(url, {"walk": walk.pk}).content.decode()
    assert Signup.objects.get(pk=signup.pk).walk == before
    page = review.post(url, {"walk": walk.pk, "sure": "1"}, follow=True).content.decode()
    moved = Signup.objects.get(pk=signup.pk)
    assert (moved.walk, moved.team) == (walk, None)
    assert "Undo the move" in page
    review.post(url, {"walk": before.pk, "sure": "1"})
    assert Signup.objects.get(pk=signup.pk).walk == before
    assert AuditEvent.objects.filter(action="signup.move").count() == 2


def test_a_full_walk_takes_nobody(admin: User) -> None:
    full = factories.make_walk(capacity=1)
    factories.make_signup(walk=full)
    signup = factories.make_signup()
    with pytest.raises(Refused, match="taken"):
        move_signup(signup=signup, walk=full, by=admin)
    assert Signup.objects.get(pk=signup.pk).walk != full


def test_a_minor_needs_a_yes_for_the_new_walk(admin: User) -> None:
    signup = factories.make_signup(age_band="13_17", state="going")
    move_signup(signup=signup, walk=factories.make_walk(), by=admin)
    assert Signup.objects.get(pk=signup.pk).state == "guardian"


@pytest.mark.parametrize("what", ["same", "called_off", "twice", "phone"])
def test_a_move_that_makes_no_sense_is_refused(admin: User, what: str) -> None:
    signup, walk = factories.make_signup(), factories.make_walk()
    match what:
        case "same":
            walk = signup.walk
        case "called_off":
            now = timezone.now()
            walk = factories.make_walk(state="called_off", called_off_at=now, call_off_reason="storm")
        case "twice":
            factories.make_signup(walk=walk, person=signup.person)
        case "phone":
            factories.make_device(walk=signup.walk, signup=signup)
    with pytest.raises(Refused):
        move_signup(signup=signup, walk=walk, by=admin)


def test_a_walk_is_deleted_softly_and_comes_back(admin: User) -> None:
    walk = factories.make_walk(state="draft", published_at=None)
    delete_walk(walk=walk, by=admin)
    assert not Walk.objects.current().filter(pk=walk.pk).exists()
    with pytest.raises(Refused, match="already"):
        delete_walk(walk=walk, by=admin)
    restore_walk(walk=walk, by=admin)
    assert Walk.objects.current().filter(pk=walk.pk).exists()


def test_a_walk_with_concerns_or_people_stays(review: Client) -> None:
    found = factories.make_concern().walk
    expected = factories.make_signup().walk
    assert found
    empty = factories.make_walk()
    fields = {"action": "delete_walks", "_selected_action": [found.pk, expected.pk, empty.pk]}
    words = told(review.post("/admin/walks/walk/", fields, follow=True))
    assert "1 walk deleted, 2 skipped:" in words
    assert "Concerns were found on it" in words
    assert "People are signed up" in words
    again = {"action": "restore_walks", "_selected_action": [empty.pk]}
    assert "1 walk restored" in told(review.post("/admin/walks/walk/?deleted=yes", again, follow=True))


def test_an_unmatched_organization_is_matched(review: Client) -> None:
    signup = factories.make_signup(organization_text="Pickle Works")
    pickle = factories.make_organization(name="Pickle Works Collective")
    review.post(f"/admin/walks/signup/{signup.pk}/match/", {"organization": pickle.pk})
    assert Signup.objects.get(pk=signup.pk).organization == pickle


def test_sign_ups_are_withdrawn_in_bulk(review: Client) -> None:
    signups = [factories.make_signup() for _n in range(2)]
    fields = {"action": "withdraw_signups", "_selected_action": [signup.pk for signup in signups]}
    assert "2 sign-ups withdrawn" in told(review.post("/admin/walks/signup/", fields, follow=True))
    assert {signup.state for signup in Signup.objects.all()} == {"withdrawn"}


def test_mail_that_died_is_tried_again(review: Client) -> None:
    mail = {"kind": "x", "to_address": "a@example.org", "subject": "x", "body_text": "x"}
    dead = OutboxMessage.objects.create(**mail, status="dead", n_attempts=8)
    sent = OutboxMessage.objects.create(**mail, status="sent", sent_at=timezone.now())
    fields = {"action": "retry", "_selected_action": [dead.pk, sent.pk]}
    words = told(review.post("/admin/office/outboxmessage/", fields, follow=True))
    assert "1 message will be tried again, 1 skipped:" in words
    dead.refresh_from_db()
    sent.refresh_from_db()
    assert (dead.status, dead.n_attempts, sent.status) == ("queued", 0, "sent")


def test_a_role_is_changed_on_the_page_of_a_sign_in(review: Client, admin: User, volunteer: User) -> None:
    url = f"/admin/people/user/{volunteer.pk}/change/"
    review.post(url, {"role": "organizer", "is_active": "on"})
    volunteer.refresh_from_db()
    assert volunteer.role == Role.ORGANIZER
    assert AuditEvent.objects.filter(action="changed_role", actor=admin.public_id).count() == 1


def test_the_last_admin_is_told_so_and_stays_signed_in(review: Client, admin: User) -> None:
    answer = review.post(f"/admin/people/user/{admin.pk}/change/", {"role": "member", "is_active": "on"}, follow=True)
    assert "only admin" in told(answer)
    assert "successfully" not in told(answer)
    assert User.objects.get(pk=admin.pk).role == Role.ADMIN


def test_changing_ones_own_grant_keeps_this_session(review: Client, admin: User) -> None:
    fields = {"role": "admin", "is_active": "on", "is_outreach_coordinator": "on"}
    review.post(f"/admin/people/user/{admin.pk}/change/", fields)
    assert review.get("/admin/").status_code == 200


def test_sign_ins_end_and_open_in_bulk(review: Client, admin: User, volunteer: User) -> None:
    fields = {"action": "end_sign_in", "_selected_action": [admin.pk, volunteer.pk]}
    words = told(review.post("/admin/people/user/", fields, follow=True))
    assert "1 sign-in ended, 1 skipped:" in words
    assert not User.objects.get(pk=volunteer.pk).is_active
    review.post("/admin/people/user/", fields | {"action": "open_again", "_selected_action": [volunteer.pk]})
    assert User.objects.get(pk=volunteer.pk).is_active


def test_two_people_are_merged_and_come_apart(review: Client) -> None:
    keep, drop = factories.make_person(), factories.make_person()
    signup = factories.make_signup(person=drop)
    fields = {"action": "merge", "_selected_action": [keep.pk, drop.pk]}
    answer = review.post("/admin/people/person/", fields)
    assert answer["Location"].endswith(f"/merge/?keep={keep.pk}&drop={drop.pk}")
    assert "1 sign-up" in review.get(answer["Location"]).content.decode()
    assert review.post(answer["Location"], {"reason": ""}).status_code == 400
    review.post(answer["Location"], {"reason": "signed up twice"})
    assert Signup.objects.get(pk=signup.pk).person == keep
    page = review.get(f"/admin/people/person/{drop.pk}/change/").content.decode()
    assert "Undo the merge" in page
    review.post(f"/admin/people/person/{drop.pk}/undo-merge/")
    assert Signup.objects.get(pk=signup.pk).person == drop


def test_merging_takes_exactly_two(review: Client) -> None:
    person = factories.make_person()
    fields = {"action": "merge", "_selected_action": [person.pk]}
    assert "exactly two" in told(review.post("/admin/people/person/", fields, follow=True))
    assert review.get("/admin/people/person/merge/?keep=x&drop=1").status_code == 404


def test_a_taken_address_is_refused_with_the_remedy(review: Client) -> None:
    factories.make_person(email="taken@example.org")
    person = factories.make_person()
    fields = {"name": "Wren", "email": "TAKEN@example.org", "language": "en", "age_band": "unknown"}
    rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    answer = review.post(f"/admin/people/person/{person.pk}/change/", fields | rows)
    assert "Merge the two" in answer.content.decode()
    assert Person.objects.get(pk=person.pk).email != "taken@example.org"


def test_the_coalition_is_changed_through_its_action(review: Client, admin: User) -> None:
    Coalition.current()
    fields = {
        "name": "Northeast Walks",
        "time_zone": "America/Chicago",
        "units": "feet",
        "languages": ["en"],
        "emergency_number": "911",
        "city_number_name": "311",
        "service_bounds": '{"type": "Polygon", "coordinates": [[[-95, 39], [-94, 39], [-94, 40], [-95, 39]]]}',
    }
    assert review.post("/admin/office/coalition/1/change/", fields).status_code == 302
    coalition = Coalition.current()
    assert coalition.name == "Northeast Walks"
    assert coalition.service_bounds
    assert AuditEvent.objects.filter(resource="coalition", actor=admin.public_id).count() == 1
    crossing = '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}'
    answer = review.post("/admin/office/coalition/1/change/", fields | {"service_bounds": crossing})
    assert "crosses itself" in answer.content.decode()


def test_a_landmark_takes_only_good_geometry(review: Client) -> None:
    landmark = factories.make_landmark()
    url = f"/admin/corridors/landmark/{landmark.pk}/change/"
    fields = {"name": "Fire Station 23", "kind": "meeting_point", "is_public": "on"}
    for bad in ("", "x", '{"type": "Point", "coordinates": [500, 500]}', '{"type": "Point", "coordinates": [1, 2, 3]}'):
        answer = review.post(url, fields | {"location": bad})
        assert answer.status_code == 200
        assert "errornote" in answer.content.decode()
    good = '{"type": "Point", "coordinates": [-94.5349, 39.1057]}'
    assert review.post(url, fields | {"location": good}).status_code == 302
    landmark.refresh_from_db()
    assert landmark.location.x == -94.5349


def test_a_corridor_in_use_is_not_deleted(review: Client) -> None:
    used, free = factories.make_walk().corridor, factories.make_corridor()
    fields = {"action": "delete_corridors", "_selected_action": [used.pk, free.pk]}
    assert "1 corridor deleted, 1 skipped:" in told(review.post("/admin/corridors/corridor/", fields, follow=True))


# --- Data problems ---


def test_every_problem_is_found_with_its_way_to_mend(review: Client) -> None:
    coalition = Coalition.current()
    coalition.service_bounds = Polygon.from_bbox((-94.6, 39.0, -94.5, 39.2))
    coalition.save()
    fine = factories.make_concern()
    outside = factories.make_concern(location="POINT (-90 39.1)")
    flagged = factories.make_concern(flags=["outside"])
    without = factories.make_concern(segment=None)
    clock = factories.make_concern(flags=["clock_off"])
    fewer = factories.make_concern(n_photos_expected=2)
    unreadable = factories.make_concern()
    Photo.objects.create(concern=unreadable, sha256="0" * 64, n_bytes=1, state=Photo.State.UNREADABLE)
    long_ago = timezone.now() - timedelta(hours=2)
    Photo.objects.create(concern=unreadable, sha256="0" * 64, n_bytes=1, received_at=long_ago)
    signup = factories.make_signup(organization_text="Pickle Works")
    twins = [factories.make_person(phone="+18165550123") for _n in range(2)]
    page = review.get("/admin/data-problems/").content.decode()
    for concern, mend in (
        (outside, "re-place"), (flagged, "re-place"), (without, "re-place"), (clock, "move-to-walk"), (fewer, "change"),
        (unreadable, "change"),
    ):  # fmt: skip
        assert f"/admin/concerns/concern/{concern.pk}/{mend}/" in page
    assert f"/admin/concerns/concern/{fine.pk}/" not in page
    assert f"/admin/walks/signup/{signup.pk}/match/" in page
    assert f"keep={twins[0].pk}&amp;drop={twins[1].pk}" in page
    assert "Photos that wait too long" in page


def test_a_page_without_problems_says_so(review: Client) -> None:
    assert "No problems" in review.get("/admin/data-problems/").content.decode()


def test_the_page_takes_few_queries(review: Client, django_assert_max_num_queries) -> None:
    for _n in range(6):
        factories.make_concern(segment=None)
        factories.make_signup(organization_text="Pickle Works")
    with django_assert_max_num_queries(20):
        review.get("/admin/data-problems/")

"""GET /field/api/pack/: what a phone needs with no network, and nothing of anybody else's."""

import json
from datetime import datetime, timedelta

import pytest
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from concerns.models import Photo
from field import actions
from tests import factories
from tests.field.phone import Phone, error_codes, make_jpeg
from walks.models import TeamSegment

MOST_QUERIES = 14

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(db, lead):
    lead.person.phone = "+18165550142"
    lead.person.save()
    walk = factories.make_running_walk(lead=lead.person)
    team = factories.make_team(walk=walk, number=2, name="North side")
    team.segments.add(walk.corridor.segments.get(position=1))
    return Phone(walk, team=team)


def on_the_corridor(phone, **fields):
    defaults = {"walk": phone.walk, "status": "triaged", "triaged_at": timezone.now()}
    return factories.make_concern(**defaults | fields)


def test_it_holds_the_walk_and_its_times(phone):
    pack = phone.get("pack/").json()
    walk = phone.walk
    assert pack["saferoutes"] == 1
    assert (pack["walk"]["id"], pack["walk"]["corridor"]) == (str(walk.public_id), walk.corridor.name)
    assert datetime.fromisoformat(pack["walk"]["meet_at"]) == walk.meet_at
    assert datetime.fromisoformat(pack["expires_at"]) == walk.end_at + timedelta(hours=24)
    assert pack["walk"]["time_zone"] == "America/Chicago"
    assert pack["walk"]["sunset_at"] > pack["walk"]["sunrise_at"]


def test_it_says_whom_to_call(phone):
    calls = phone.get("pack/").json()["call"]
    assert [(call["kind"], call["phone"]) for call in calls] == [("emergency", "911"), ("lead", "+18165550142")]


def test_it_holds_teams_and_the_phones_own(phone):
    pack = phone.get("pack/").json()
    assert pack["team"]["number"] == 2
    assert pack["teams"] == [pack["team"]]
    assert pack["team"]["segments"] == [str(phone.walk.corridor.segments.get(position=1).public_id)]


def test_it_says_which_sides_a_team_walks(phone):
    first, second, _third = phone.walk.corridor.segments.all()
    team = phone.walk.teams.get()
    TeamSegment.objects.create(team=team, segment=first, sides="left")
    pack = phone.get("pack/").json()["team"]
    assert pack["segments"] == [str(first.public_id), str(second.public_id)]
    assert pack["sides"] == {str(first.public_id): "left", str(second.public_id): "both"}


def test_it_holds_every_category_with_its_questions_in_both_languages(phone):
    categories = {category["code"]: category for category in phone.get("pack/").json()["categories"]}
    assert len(categories) == 19
    light = categories["LIGHT_OUT"]
    assert set(light["name"]) == {"en", "es"}
    assert light["name"]["es"] not in ("", light["name"]["en"])
    assert light["needs_dark"] is True
    first = light["questions"][0]
    assert first["label"]["es"]
    assert {"code", "en", "es"} <= set(first["options"][0])


def test_it_draws_the_map(phone):
    features = phone.get("pack/").json()["map"]["features"]
    kinds = [feature["properties"]["kind"] for feature in features]
    assert (kinds.count("corridor"), kinds.count("segment"), kinds.count("meeting")) == (1, 3, 1)
    block = next(feature for feature in features if feature["properties"]["kind"] == "segment")
    assert block["geometry"] == {"type": "LineString", "coordinates": [[-94.54, 39.106], [-94.538, 39.106]]}
    assert block["properties"]["sides"]["left"]["en"] == "north side (even numbers)"


def test_it_holds_what_to_check_again_in_walking_order(phone):
    far = on_the_corridor(phone, segment=phone.walk.corridor.segments.get(position=2), status="claimed_fixed")
    near = on_the_corridor(phone)
    looks = phone.get("pack/").json()["looks"]
    assert [look["id"] for look in looks] == [str(near.public_id), str(far.public_id)]
    assert (looks[0]["category"], looks[0]["address"]) == ("LIGHT_OUT", "3512 Independence Ave")


def test_its_order_is_that_of_the_desks_list(phone, desk):
    places = [(2, -94.5355), (0, -94.5383), (0, -94.5398), (1, -94.5379)]
    for block, lon in places:
        segment = phone.walk.corridor.segments.get(position=block)
        on_the_corridor(phone, segment=segment, location=Point(lon, 39.10612, srid=4326))
    page = desk.get(f"/desk/concerns/again/?walk={phone.walk.public_id}&show=open&way=along")
    order = [str(item.concern.public_id) for item in page.context["items"]]
    assert [look["id"] for look in phone.get("pack/").json()["looks"]] == order
    assert [look["lon"] for look in phone.get("pack/").json()["looks"]] == sorted(lon for _block, lon in places)


def test_it_holds_nothing_that_nobody_read_or_that_is_out_of_sight(phone):
    on_the_corridor(phone, status="new", triaged_at=None)
    on_the_corridor(phone, publication="hidden", hidden_reason="names a person")
    on_the_corridor(phone, publication="spam")
    on_the_corridor(phone, status="verified_fixed")
    on_the_corridor(phone, category="NUISANCE")
    elsewhere = factories.make_walk()
    on_the_corridor(phone, walk=elsewhere, segment=elsewhere.corridor.segments.first())
    assert phone.get("pack/").json()["looks"] == []


def test_it_tells_the_approved_words_only(phone):
    on_the_corridor(phone, note="MARKER-NOTE by a neighbor", public_text="MARKER-DRAFT")
    public = {"publication": "published", "published_at": timezone.now(), "public_text": "Light is out"}
    on_the_corridor(phone, note="MARKER-NOTE two", **public)
    text = phone.get("pack/").content.decode()
    assert "MARKER" not in text
    assert "Light is out" in text


def test_only_confirmed_phones_get_vacant_buildings(phone, lead):
    on_the_corridor(phone, category="VACANT_OPEN")
    assert phone.get("pack/").json()["looks"] == []
    actions.confirm_device(device=phone.device, by=lead)
    assert len(phone.get("pack/").json()["looks"]) == 1


def test_it_names_nobody_but_the_walk_lead(phone):
    signup = factories.make_signup(walk=phone.walk)
    Phone(phone.walk, name="MARKER-PHONE")
    text = phone.get("pack/").content.decode()
    assert signup.name not in text
    assert "MARKER-PHONE" not in text
    assert "example.org" not in text


def test_it_is_not_sent_twice(phone):
    first = phone.get("pack/")
    again = phone.get("pack/", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    on_the_corridor(phone)
    assert phone.get("pack/", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_o03_a_day_after_the_walk_it_is_refused_but_sends_are_not():
    end = timezone.now() - timedelta(hours=25)
    times = {"meet_at": end - timedelta(hours=3), "step_off_at": end - timedelta(hours=2), "end_at": end}
    phone = Phone(factories.make_walk(**times))
    refused = phone.get("pack/")
    assert (refused.status_code, error_codes(refused)) == (403, [("walk", "walk_closed")])
    assert "This walk has closed" in json.dumps(refused.json())
    assert phone.put_concern().status_code == 201


def test_its_queries_do_not_grow_with_what_it_holds(phone):
    on_the_corridor(phone)
    phone.get("pack/")
    counts = []
    for _n in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert phone.get("pack/").status_code == 200
        counts.append(len(queries))
        for _more in range(4):
            on_the_corridor(phone)
            factories.make_team(walk=phone.walk)
    assert counts[0] == counts[1] <= MOST_QUERIES


def test_it_says_who_waits_off_site(phone):
    phone.walk.designee_name, phone.walk.designee_phone = "Nadia Brook", "+18165550177"
    phone.walk.save()
    calls = phone.get("pack/").json()["call"]
    assert {"kind": "designee", "name": "Nadia Brook", "phone": "+18165550177"} in calls


def test_it_holds_the_words_of_what_a_phone_may_choose_from(phone):
    labels = phone.get("pack/").json()["labels"]
    assert [rating["code"] for rating in labels["ratings"]] == ["light", "feeling"]
    assert labels["ratings"][0]["label"]["en"] == "light"
    assert set(labels["ratings"][0]["label"]) == {"en", "es"}
    assert [kind["code"] for kind in labels["contact_kinds"]] == ["business", "resident", "passer_by", "door"]
    assert "left_material" in {result["code"] for result in labels["contact_results"]}
    assert [kind["code"] for kind in labels["incident_kinds"]] == ["hurt", "threat", "lost", "stuck", "other"]
    assert (labels["age_bands"][0]["code"], len(labels["age_bands"]), len(labels["needs"])) == ("under_13", 8, 18)


def test_only_ratings_that_the_walk_asks_for_are_in_it(phone):
    phone.walk.ratings = ["transport", "light"]
    phone.walk.save()
    assert [one["code"] for one in phone.get("pack/").json()["labels"]["ratings"]] == ["light", "transport"]


def test_it_says_how_far_the_corridor_reaches(phone):
    features = phone.get("pack/").json()["map"]["features"]
    reach = [feature["properties"]["reach_m"] for feature in features if feature["properties"]["kind"] == "corridor"]
    assert reach == [phone.walk.corridor.buffer_m]


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def with_picture(phone, **fields):
    """Something to check again with an approved photo, whose small copy is there."""
    concern = on_the_corridor(phone, **fields)
    photo = factories.make_photo(concern=concern)
    photo.thumbnail.save("small.jpg", ContentFile(make_jpeg()))
    return concern, photo


def test_a_thing_to_check_again_names_its_photo_and_the_phone_gets_it(phone, media):
    concern, photo = with_picture(phone)
    [look] = phone.get("pack/").json()["looks"]
    response = phone.get(f"looks/{concern.public_id}/photo/")
    assert look["photo"] == str(photo.public_id)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content) == make_jpeg()


@pytest.mark.parametrize(
    "fields", [{"approved_at": None}, {"state": "held"}, {"state": "unreadable"}, {"thumbnail": ""}], ids=str
)
def test_photos_that_nobody_approved_or_made_small_are_not_shown(phone, media, fields):
    concern, photo = with_picture(phone)
    Photo.objects.filter(pk=photo.pk).update(**fields)
    assert phone.get("pack/").json()["looks"][0]["photo"] is None
    response = phone.get(f"looks/{concern.public_id}/photo/")
    assert (response.status_code, error_codes(response)) == (404, [("photo", "no_photo")])


def test_photos_of_vacant_buildings_are_for_confirmed_phones(phone, lead, media):
    concern, _photo = with_picture(phone, category="VACANT_OPEN")
    assert phone.get(f"looks/{concern.public_id}/photo/").status_code == 404
    actions.confirm_device(device=phone.device, by=lead)
    assert phone.get(f"looks/{concern.public_id}/photo/").status_code == 200


def test_photos_of_what_is_not_in_the_pack_are_not_shown(phone, media):
    elsewhere = factories.make_walk()
    hidden, _photo = with_picture(phone, publication="hidden", hidden_reason="names a person")
    other, _photo = with_picture(phone, walk=elsewhere, segment=elsewhere.corridor.segments.first())
    assert [phone.get(f"looks/{one.public_id}/photo/").status_code for one in (hidden, other)] == [404, 404]


def test_a_photo_whose_file_is_lost_is_404_and_no_fault_of_ours(phone, media):
    concern, photo = with_picture(phone)
    photo.thumbnail.storage.delete(photo.thumbnail.name)
    assert phone.get(f"looks/{concern.public_id}/photo/").status_code == 404

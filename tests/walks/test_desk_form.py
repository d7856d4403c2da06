"""/desk/walks/new/ and /edit/: scheduling and changing a walk."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from office.models import AuditEvent, OutboxMessage
from tests import factories
from walks.models import Walk

pytestmark = pytest.mark.django_db

NEW = "/desk/walks/new/"
PIN = json.dumps({"type": "Point", "coordinates": [-94.535, 39.1058]})


def _fields(corridor, **fields):
    return {
        "title": "Lawn and Van Brunt, by day",
        "corridor": corridor.pk,
        "day": "2026-12-02",
        "meet_clock": "14:00",
        "step_off_clock": "14:30",
        "end_clock": "16:30",
        "time_zone": "America/Chicago",
        "languages": ["en", "es"],
        "purposes": ["audit"],
        "wheelchair": "yes",
        "police_walk_along": "no",
        "meeting_place": "Fire Station 23, at Lawn",
        "meeting_location": PIN,
        "capacity": "40",
    } | fields


def _edit_fields(walk, **fields):
    local = [moment.astimezone(walk.zone) for moment in (walk.meet_at, walk.step_off_at, walk.end_at)]
    return (
        _fields(walk.corridor)
        | {
            "title": walk.title,
            "day": local[0].date().isoformat(),
            "meet_clock": f"{local[0]:%H:%M}",
            "step_off_clock": f"{local[1]:%H:%M}",
            "end_clock": f"{local[2]:%H:%M}",
            "meeting_place": walk.meeting_place,
            "meeting_location": walk.meeting_location.geojson,
            "capacity": "",
            "wheelchair": walk.wheelchair,
            "police_walk_along": "",
            "seen": walk.updated_at.isoformat(),
        }
        | fields
    )


def _edit(walk):
    return reverse("walks:desk_edit", args=[walk.public_id])


class TestNew:
    def test_it_saves_a_draft_in_the_walks_own_time(self, desk, lead):
        corridor, organization = factories.make_corridor(), factories.make_organization()
        response = desk.post(NEW, _fields(corridor, lead=lead.person.pk, lead_organization=organization.pk))
        walk = Walk.objects.get()
        assert response.headers["Location"] == reverse("walks:desk_detail", args=[walk.public_id])
        assert walk.state == Walk.State.DRAFT
        assert walk.meet_at == datetime(2026, 12, 2, 20, 0, tzinfo=UTC)
        assert walk.end_at == datetime(2026, 12, 2, 22, 30, tzinfo=UTC)
        assert (walk.lead, walk.lead_organization) == (lead.person, organization)
        assert walk.police_walk_along is False
        assert walk.meeting_location.tuple == (-94.535, 39.1058)
        assert AuditEvent.objects.get(action="walk.schedule").object_id == walk.public_id

    def test_another_zone_is_another_moment(self, desk):
        desk.post(NEW, _fields(factories.make_corridor(), time_zone="America/New_York"))
        assert Walk.objects.get().meet_at == datetime(2026, 12, 2, 19, 0, tzinfo=UTC)

    def test_a_walk_past_midnight_ends_the_next_day(self, desk):
        night = {"meet_clock": "22:00", "step_off_clock": "22:15", "end_clock": "00:30"}
        desk.post(NEW, _fields(factories.make_corridor(), **night))
        assert Walk.objects.get().end_at == datetime(2026, 12, 3, 6, 30, tzinfo=UTC)

    def test_a_known_meeting_point_brings_words_pin_and_facilities(self, desk):
        landmark = factories.make_landmark(facilities="at the station")
        corridor = factories.make_corridor()
        desk.post(NEW, _fields(corridor, meeting_landmark=landmark.pk, meeting_place="", meeting_location=""))
        walk = Walk.objects.get()
        assert (walk.meeting_place, walk.facilities) == (landmark.name, "at the station")
        assert walk.meeting_location == landmark.location

    def test_a_draft_needs_little(self, desk):
        corridor = factories.make_corridor()
        little = ("meeting_place", "meeting_location", "capacity", "purposes", "police_walk_along")
        desk.post(NEW, {name: value for name, value in _fields(corridor).items() if name not in little})
        walk = Walk.objects.get()
        assert (walk.meeting_place, walk.purposes, walk.capacity) == ("", [], None)

    def test_police_may_stay_unsaid(self, desk):
        desk.post(NEW, _fields(factories.make_corridor(), police_walk_along=""))
        assert Walk.objects.get().police_walk_along is None

    @pytest.mark.parametrize("typed", ["2:00 PM", "2 pm", "14:00", "2:00 p.m."])
    def test_times_are_read_as_people_write_them(self, desk, typed):
        desk.post(NEW, _fields(factories.make_corridor(), meet_clock=typed))
        assert Walk.objects.get().meet_at == datetime(2026, 12, 2, 20, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"title": ""}, "Give the walk a title."),
            ({"title": "x" * 121}, "at most 120 characters"),
            ({"corridor": ""}, "Choose the corridor"),
            ({"corridor": "999999"}, "valid choice"),
            ({"corridor": "x"}, "valid choice"),
            ({"day": "soon"}, "Write a day like"),
            ({"meet_clock": "noonish"}, "Write a time like"),
            ({"day": "2026-03-08", "meet_clock": "02:30"}, "clocks go forward"),
            ({"day": "2026-11-01", "meet_clock": "01:30"}, "happens twice"),
            ({"step_off_clock": "13:00"}, "comes before “meet”"),
            ({"end_clock": "14:30"}, "must be later than “step off”"),
            ({"time_zone": "Kansas/City"}, "is not a time zone"),
            ({"time_zone": "../../etc/passwd"}, "is not a time zone"),
            ({"capacity": "0"}, "at least one place"),
            ({"capacity": "-3"}, "greater than or equal to 0"),
            ({"capacity": "99999999999"}, "less than or equal to"),
            ({"purposes": ["parade"]}, "valid choice"),
            ({"languages": []}, "Choose at least one language."),
            ({"meeting_location": "{"}, "GeoJSON"),
            ({"meeting_location": '{"type":"Point","coordinates":[500,500]}'}, "outside the map"),
            ({"lead": "999999"}, "valid choice"),
        ],
    )
    def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(self, desk, fields, words):
        response = desk.post(NEW, _fields(factories.make_corridor(), note="Kept words") | fields)
        page = response.content.decode()
        assert response.status_code == 200
        assert words in page
        assert "Kept words" in page
        assert not Walk.objects.exists()

    def test_a_minor_is_not_offered_as_lead(self, desk):
        teen = factories.make_user(name="Pip Under").person
        teen.age_band = "13_17"
        teen.save()
        assert "Pip Under" not in desk.get(NEW).content.decode()

    def test_only_organizers_schedule(self, client, lead):
        assert client.get(NEW).headers["Location"].startswith("/accounts/login/")
        client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.get(NEW).status_code == 403
        assert client.post(NEW, _fields(factories.make_corridor())).status_code == 403
        assert not Walk.objects.exists()

    def test_it_costs_few_queries(self, desk, django_assert_max_num_queries):
        for _ in range(5):
            factories.make_landmark(), factories.make_organization(), factories.make_user()
        with django_assert_max_num_queries(12):
            desk.get(NEW)


class TestEdit:
    def test_it_shows_the_walk_and_saves_a_change(self, desk):
        walk = factories.make_walk()
        assert walk.title in desk.get(_edit(walk)).content.decode()
        desk.post(_edit(walk), _edit_fields(walk, title="Another title"))
        walk.refresh_from_db()
        assert (walk.title, walk.sequence) == ("Another title", 1)

    def test_saving_what_was_shown_changes_nothing(self, desk):
        walk = factories.make_walk(capacity=None)
        form = desk.get(_edit(walk)).context["form"]
        data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, [], False)}
        data["meeting_location"] = '{"type":"Point","coordinates":[-94.535,39.1058]}'
        for clock in form.clocks:
            data[clock] = f"{data[clock]:%H:%M}"
        assert desk.post(_edit(walk), data).status_code == 302
        assert not AuditEvent.objects.filter(action="walk.change").exists()
        assert not OutboxMessage.objects.exists()

    def test_a_new_time_tells_everybody_once(self, desk):
        walk = factories.make_walk()
        factories.make_signup(walk=walk)
        factories.make_signup(walk=walk, person=factories.make_person(email=""))
        gone = factories.make_signup(walk=walk, state="withdrawn", withdrawn_at=timezone.now())
        earlier = f"{walk.meet_at.astimezone(walk.zone) - timedelta(minutes=30):%H:%M}"
        was = f"{walk.meet_at.astimezone(walk.zone):%-I:%M %p}"
        desk.post(_edit(walk), _edit_fields(walk, meet_clock=earlier, tell="on"))
        mail = OutboxMessage.objects.get()
        assert mail.kind == "walks.changed"
        assert mail.to_address != gone.person.email
        assert was in mail.body_text
        assert f"Meet: {walk.meet_at - timedelta(minutes=30):%a}" in mail.body_text

    def test_without_the_tick_nobody_is_told(self, desk):
        walk = factories.make_walk()
        factories.make_signup(walk=walk)
        desk.post(_edit(walk), _edit_fields(walk, meeting_place="Elsewhere"))
        walk.refresh_from_db()
        assert walk.sequence == 1
        assert not OutboxMessage.objects.exists()

    def test_other_changes_are_nobodys_news(self, desk):
        walk = factories.make_walk()
        factories.make_signup(walk=walk)
        desk.post(_edit(walk), _edit_fields(walk, note="Bring a hat", tell="on"))
        walk.refresh_from_db()
        assert (walk.note, walk.sequence) == ("Bring a hat", 0)
        assert not OutboxMessage.objects.exists()

    def test_a_draft_that_moves_tells_nobody(self, desk):
        walk = factories.make_walk(state="draft", published_at=None)
        factories.make_signup(walk=walk)
        desk.post(_edit(walk), _edit_fields(walk, meeting_place="Elsewhere", tell="on"))
        walk.refresh_from_db()
        assert (walk.meeting_place, walk.sequence) == ("Elsewhere", 0)
        assert not OutboxMessage.objects.exists()

    def test_who_comes_second_sees_both_versions_and_loses_nothing(self, desk):
        walk = factories.make_walk(note="As it was")
        mine = _edit_fields(walk, note="Mine", capacity="12")
        desk.post(_edit(walk), _edit_fields(walk, note="Of somebody else"))
        response = desk.post(_edit(walk), mine)
        page = response.content.decode()
        walk.refresh_from_db()
        assert response.status_code == 200
        assert walk.note == "Of somebody else"
        assert "Of somebody else" in page
        assert "Mine" in page
        assert walk.updated_at.isoformat() in page
        desk.post(_edit(walk), mine | {"seen": walk.updated_at.isoformat()})
        walk.refresh_from_db()
        assert (walk.note, walk.capacity) == ("Mine", 12)

    def test_a_lead_writes_the_notes_and_nothing_else(self, client, lead):
        walk = factories.make_walk(lead=lead.person)
        client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
        page = client.get(_edit(walk)).content.decode()
        assert 'name="note"' in page
        assert 'name="day"' not in page
        client.post(_edit(walk), _edit_fields(walk, note="Bring a hat", title="Hijacked", day="2030-01-01"))
        after = Walk.objects.get()
        assert (after.note, after.title, after.meet_at) == ("Bring a hat", walk.title, walk.meet_at)

    def test_a_lead_reaches_no_other_walk(self, client, lead):
        other = factories.make_walk()
        client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.get(_edit(other)).status_code == 404
        assert client.post(_edit(other), {"note": "x"}).status_code == 404

    def test_the_sequence_rises_only_when_the_walk_is_public(self, desk):
        walk = factories.make_walk(state="draft", published_at=None)
        desk.post(_edit(walk), _edit_fields(walk, title="Another"))
        walk.refresh_from_db()
        assert walk.sequence == 0


class TestSunset:
    URL = "/desk/walks/sunset/"
    ASKED = {"lat": "39.1052", "lon": "-94.5267", "day": "2026-12-02", "zone": "America/Chicago"}

    def test_it_answers_in_the_zone_asked(self, desk):
        assert desk.get(self.URL, self.ASKED).json()["clock"] in {"16:54", "16:55"}
        assert desk.get(self.URL, self.ASKED | {"zone": "America/New_York"}).json()["clock"] in {"17:54", "17:55"}

    @pytest.mark.parametrize(
        "bad",
        [{"lat": "nan"}, {"lat": "x"}, {"lat": "500"}, {"lon": "inf"}, {"day": "x"}, {"zone": "x"}, {"zone": "\x00"}],
    )
    def test_nonsense_is_refused(self, desk, bad):
        assert desk.get(self.URL, self.ASKED | bad).status_code == 400
        assert desk.get(self.URL).status_code == 400

    def test_the_midnight_sun_is_said(self, desk):
        north = {"lat": "78.2", "lon": "15.6", "day": "2026-06-21", "zone": "Arctic/Longyearbyen"}
        assert "doesn’t set" in desk.get(self.URL, north).json()["words"]


def test_it_keeps_who_waits_off_site_and_what_teams_may_rate(desk):
    corridor = factories.make_corridor()
    fields = {"designee_name": "Nadia Brook", "designee_phone": "(816) 555-0177", "ratings": ["light", "transport"]}
    desk.post(NEW, _fields(corridor, **fields))
    walk = Walk.objects.get()
    assert (walk.designee_name, walk.designee_phone) == ("Nadia Brook", "+18165550177")
    assert walk.ratings == ["light", "transport"]


def test_light_and_feeling_are_asked_unless_somebody_chooses_otherwise(desk):
    page = desk.get(NEW).content.decode()
    ticked = [
        part.split('"')[0] for part in page.split('name="ratings" value="')[1:] if "checked" in part.split(">")[0]
    ]
    assert ticked == ["light", "feeling"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"designee_name": "Nadia Brook"}, "Write their number, too"),
        ({"designee_phone": "816 555 0177"}, "Write whose number it is."),
        ({"designee_name": "Nadia Brook", "designee_phone": "555"}, "is not a whole phone number"),
        ({"ratings": ["smell"]}, "is not one of the available choices"),
    ],
)
def test_it_says_what_is_wrong_with_who_waits_off_site_or_with_the_ratings(desk, fields, sentence):
    page = desk.post(NEW, _fields(factories.make_corridor(), **fields))
    assert sentence in page.content.decode()
    assert Walk.objects.count() == 0

"""Every page of the Django admin: opens, lists in few queries, adds and deletes only what it may, tells no secret."""

from datetime import time

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from concerns.actions import log_concern, mark_duplicate, offer_help
from concerns.models import (
    Category,
    Commitment,
    Concern,
    ExternalCase,
    Look,
    Photo,
    Proposal,
    ReplyTemplate,
    RoutingRule,
)
from corridors.models import Area
from field.models import Receipt, Tombstone
from office.models import AuditEvent, ClosedDay, Coalition, OutboxMessage
from outreach.models import ServiceHours
from people.models import Membership, User
from people.roles import Role
from tests import factories
from walks.models import (
    Agreement,
    Clearance,
    Debrief,
    Equipment,
    GoNoGo,
    GroupMember,
    GuardianConsent,
    Notice,
    NoticeTo,
    Pledge,
    Presence,
    RoleNeed,
    Sheet,
    Signup,
    TeamTop,
)

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
# Rows that may be added or deleted here; everything else belongs to an action, a phone or a shell.
MAY_ADD = {
    "open311.ApiKey",
    "open311.Endpoint",
    "concerns.Category",
    "concerns.RoutingRule",
    "concerns.ReplyTemplate",
    "corridors.Area",
    "corridors.Landmark",
    "office.ClosedDay",
    "people.Membership",
    "people.Organization",
    "people.Person",
    "people.User",
    "walks.Agreement",
}
MAY_DELETE = {"concerns.RoutingRule", "corridors.Area", "corridors.Landmark", "office.ClosedDay"}


@pytest.fixture
def review(client: Client, admin: User) -> Client:
    """A browser with Ada signed in."""
    client.force_login(admin, backend=BACKEND)
    return client


@pytest.fixture(scope="module")
def world(rows_for_the_module: None) -> User:
    """At least two rows of every kind, with everything that hangs on them. Who made them comes back."""
    maker = factories.make_user(name="Abel Quist", email="abel@example.org", role=Role.ADMIN)
    Coalition.current()
    for n in range(2):
        add_one_of_each(n, maker)
    return maker


def add_one_of_each(n: int, by: User) -> None:
    factories.make_landmark(name=f"Corner {n}")
    shape = "MULTIPOLYGON (((-94.55 39.10, -94.53 39.10, -94.53 39.11, -94.55 39.10)))"
    Area.objects.create(kind="neighborhood", name=f"Area {n}", source="test", source_id=str(n), shape=shape)
    concern = factories.make_concern(flags=["no_block"], answers={"what": ["out"]}, n_photos_expected=2)
    other = factories.make_published_concern()
    mark_duplicate(concern=factories.make_concern(), of=other, by=by)
    offer_help(concern=concern, by=by, kind="offered")
    look = Look.objects.create(concern=other, result="fixed", by=by)
    for owner in ({"concern": concern}, {"look": look}):
        Photo.objects.create(**owner, sha256="0" * 64, n_bytes=1, state=Photo.State.UNREADABLE)
    ExternalCase.objects.create(concern=concern, system="311", number=f"2026-{n}", filed_by=by)
    Proposal.objects.create(concern=concern, body={"rev": 2})
    RoutingRule.objects.create(category=concern.category, area=Area.objects.latest("pk"), system="311")
    ReplyTemplate.objects.create(name=f"Thank you {n}", category=concern.category, text_en="Thank you.")
    device = factories.make_device(walk=factories.make_walk())
    Receipt.objects.create(device=device, client_id=device.client_id, kind="concern", concern=concern, rev=1)
    Tombstone.objects.create(public_id=device.public_id, kind="concern")
    signup = factories.make_signup(organization_text="Pickle Works", team=factories.make_team())
    consent = {"guardian_name": "Nia Applegate", "guardian_phone": "+18165550188", "how": "paper"}
    GuardianConsent.objects.create(person=signup.person, walk=signup.walk, recorded_by=by.person, **consent)
    factories.make_membership(signup.person, factories.make_organization())
    now = timezone.now()
    ClosedDay.objects.create(on=now.date().replace(day=n + 1), name="Holiday")
    OutboxMessage.objects.create(
        kind="invitation", to_address="secret@example.org", subject="Hello", body_text="link-token-4711", status="dead"
    )
    service = factories.make_service()
    ServiceHours.objects.create(service=service, weekday=n, opens_at=time(9), closes_at=time(17))
    factories.make_listing(organization=service.organization)
    factories.make_api_key()
    factories.make_delivery(concern=concern)
    device = factories.make_device(walk=factories.make_running_walk())
    for make in (
        factories.make_incident,
        factories.make_pass,
        factories.make_head_count,
        factories.make_team_back,
        factories.make_contact,
    ):
        make(walk=device.walk, device=device, team=factories.make_team(walk=device.walk))
    add_what_a_walk_leaves(n, signup, by)


def add_what_a_walk_leaves(n: int, signup: Signup, by: User) -> None:
    walk, team, now = signup.walk, signup.team, timezone.now()
    assert team
    factories.make_series(designee_name="Rosa Marker", designee_phone="+18165550188")
    RoleNeed.objects.create(walk=walk, role="scribe")
    Pledge.objects.create(walk=walk, organization=factories.make_organization(), contact_name="Rosa Marker")
    GoNoGo.objects.create(walk=walk, decision="go", by=by)
    GroupMember.objects.create(signup=signup, name="Rosa Marker")
    Clearance.objects.create(person=signup.person, until_on=now.date(), recorded_by=by.person)
    notice = Notice.objects.create(walk=walk, kind="words", key=str(n), words="Bring water.", by=by)
    NoticeTo.objects.create(notice=notice, person=signup.person, signup=signup)
    newest = Agreement.objects.first()
    Agreement.objects.create(version=1 + (newest.version if newest else 0), text_en="We look.", text_es="Miramos.")
    told = {"name": "Rosa Marker", "guardian_note": "mother, +18165550188"}
    presence = Presence.objects.create(walk=walk, team=team, method="walk_up", arrived_at=now, **told)
    Equipment.objects.create(walk=walk, what="vest", team=team, presence=presence)
    Debrief.objects.create(walk=walk, highlights="Many came.", by=by)
    TeamTop.objects.create(walk=walk, team=team, rank=1, text="The light at Lawn")
    Sheet.objects.create(walk=walk, number=1, kind="concerns", team=team)
    owner = {"owner_name": "Rosa Marker", "owner_email": "marker@example.org"}
    due = {"due_on": now.date(), "first_due_on": now.date()}
    Commitment.objects.create(text="Cut the tree", walk=walk, team=team, created_by=by, **owner, **due)


def list_url(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def row_url(model, pk: object, page: str = "change") -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[pk])


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_every_list_and_record_and_history_opens(review: Client, world: User, model) -> None:
    url = list_url(model)
    assert review.get(url, follow=True).status_code == 200
    if model._meta.label != "office.Coalition":
        assert review.get(url, {"q": "a'%\\"}).status_code == 200
    row = model.objects.first()
    assert row is not None, "the world of this test has no such row"
    assert review.get(row_url(model, row.pk)).status_code == 200
    assert review.get(row_url(model, row.pk, "history")).status_code == 200


def test_lists_take_at_most_twenty_queries_and_no_more_with_more_rows(review: Client, world: User) -> None:
    """In one test: what the lists have to show more of is made once for all of them."""
    lists = [model for model in MODELS if model is not Coalition]
    for model in lists:
        review.get(list_url(model))
    few = {model: queries_of(review, model) for model in lists}
    for n in range(2, 5):
        add_one_of_each(n, world)
    many = {model: queries_of(review, model) for model in lists}
    assert {model: len(said) for model, said in many.items() if len(said) > 20} == {}
    assert {model: many[model] for model in lists if len(many[model]) != len(few[model])} == {}


def queries_of(review: Client, model) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        review.get(list_url(model))
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_nothing_is_added_or_deleted_that_only_an_action_may(review: Client, world: User, model) -> None:
    label = model._meta.label
    row = model.objects.first()
    may_add = review.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")).status_code != 403
    may_delete = review.get(row_url(model, row.pk, "delete")).status_code == 200
    assert (may_add, may_delete) == (label in MAY_ADD, label in MAY_DELETE)
    if not may_delete:
        n = model.objects.count()
        review.post(row_url(model, row.pk, "delete"), {"post": "yes"})
        review.post(list_url(model), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
        assert model.objects.count() == n


def test_what_only_an_action_may_change_cannot_be_posted(review: Client, world: User) -> None:
    concern = factories.make_concern()
    everything = {
        "status": "verified_fixed",
        "publication": "published",
        "public_text": "x",
        "triaged_at_0": "2026-01-01",
    }
    assert review.post(row_url(Concern, concern.pk), everything).status_code == 403
    event = AuditEvent.objects.first()
    assert event
    assert review.post(row_url(AuditEvent, event.pk), {"action": "nothing"}).status_code == 403
    message = OutboxMessage.objects.first()
    assert message
    assert review.post(row_url(OutboxMessage, message.pk), {"to_address": "me@example.org"}).status_code == 403
    concern.refresh_from_db()
    assert (concern.status, concern.publication) == ("new", "held")


@pytest.mark.parametrize("who", ["organizer", "coordinator", "volunteer", "partner"])
def test_only_admins_come_in(client: Client, request: pytest.FixtureRequest, who: str) -> None:
    client.force_login(request.getfixturevalue(who), backend=BACKEND)
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get("/admin/data-problems/", follow=True).status_code == 403


def test_a_visitor_is_sent_to_the_sites_own_sign_in(client: Client, db: None) -> None:
    answer = client.get("/admin/concerns/concern/", follow=True)
    path, _sep, query = answer.redirect_chain[-1][0].partition("?")
    assert path == reverse("account_login")
    assert "admin/concerns/concern" in query


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("people/person", "email__startswith=w"),
        ("people/person", "phone__contains=816"),
        ("people/user", "password__startswith=md5"),
        ("people/user", "email__startswith=a"),
        ("walks/signup", "person__email__startswith=w"),
        ("walks/signup", "person__phone__contains=816"),
        ("walks/walk", "signups__person__email__startswith=w"),
        ("walks/device", "token_sha256__startswith=a"),
        ("walks/presence", "name__startswith=r"),
        ("walks/groupmember", "name__startswith=r"),
        ("walks/pledge", "contact_name__startswith=r"),
        ("walks/noticeto", "person__email__startswith=w"),
        ("concerns/commitment", "owner_email__startswith=m"),
        ("concerns/concern", "note__icontains=lamp"),
        ("concerns/concern", "device__signup__person__email__startswith=w"),
        ("office/outboxmessage", "to_address__startswith=s"),
        ("office/outboxmessage", "body_text__contains=token"),
        ("office/auditevent", "detail__to__startswith=a"),
    ],
)
def test_a_list_is_filtered_by_what_it_offers_and_by_nothing_else(review: Client, path: str, query: str) -> None:
    assert review.get(f"/admin/{path}/?{query}").status_code == 400


def test_neither_addresses_nor_texts_of_mail_show(review: Client, world: User) -> None:
    message = OutboxMessage.objects.first()
    assert message
    for page in (review.get(list_url(OutboxMessage)), review.get(row_url(OutboxMessage, message.pk))):
        shown = page.content.decode()
        assert "s***@example.org" in shown
        assert "secret@example.org" not in shown
        assert "link-token-4711" not in shown


def test_passwords_and_what_tokens_are_made_of_never_show(review: Client, admin: User) -> None:
    assert admin.password not in review.get(row_url(User, admin.pk)).content.decode()
    device = factories.make_device()
    page = review.get(f"/admin/walks/device/{device.pk}/change/").content.decode()
    assert device.token_sha256 not in page
    assert device.secret_sha256 not in page


def test_a_walled_admin_sees_no_contacts_of_people(client: Client, world: User) -> None:
    walled = factories.make_user(role="admin")
    factories.make_membership(walled.person, factories.make_organization(kind="police"))
    client.force_login(walled, backend=BACKEND)
    person = factories.make_person(name="Wren Marker", email="marker@example.org", phone="+18165550177")
    user = factories.make_user(email="login-marker@example.org", person=person)
    signup = factories.make_signup(person=person)
    paths = [
        "/admin/people/person/?q=Wren",
        f"/admin/people/person/{person.pk}/change/",
        f"/admin/people/person/{person.pk}/history/",
        "/admin/people/user/",
        f"/admin/people/user/{user.pk}/change/",
        "/admin/walks/signup/?q=Wren",
        f"/admin/walks/signup/{signup.pk}/change/",
        "/admin/walks/guardianconsent/",
        f"/admin/people/person/merge/?keep={person.pk}&drop={signup.person_id}",
        "/admin/data-problems/",
        f"/admin/people/membership/?q={person.name}",
    ]
    for path in paths:
        answer = client.get(path)
        page = answer.content.decode()
        assert answer.status_code == 200, path
        for marker in ("marker@example.org", "5550177", "555-0177", "5550188"):
            assert marker not in page, (path, marker)
    consent = GuardianConsent.objects.first()
    assert consent
    shown = client.get(f"/admin/walks/guardianconsent/{consent.pk}/change/").content.decode()
    assert "Nia Applegate" not in shown
    assert "5550188" not in shown


@pytest.mark.parametrize("model", [GroupMember, Presence, Pledge, Commitment], ids=str)
def test_a_walled_admin_reads_no_name_of_whom_we_may_call(client: Client, world: User, review: Client, model) -> None:
    """The same page shows it to another admin, so that the test knows the name is there to be seen."""
    url = row_url(model, model.objects.latest("pk").pk)
    assert "Rosa Marker" in review.get(url).content.decode()
    walled = factories.make_user(role="admin")
    factories.make_membership(walled.person, factories.make_organization(kind="police"))
    client.force_login(walled, backend=BACKEND)
    for page in (client.get(url), client.get(list_url(model))):
        assert page.status_code == 200
        for marker in ("Rosa Marker", "marker@example.org", "5550188"):
            assert marker not in page.content.decode()


@pytest.mark.parametrize("model", [GroupMember, Presence, Commitment], ids=str)
def test_no_list_shows_whom_we_may_call(review: Client, world: User, model) -> None:
    page = review.get(list_url(model)).content.decode()
    for marker in ("Rosa Marker", "marker@example.org", "5550188"):
        assert marker not in page


def test_a_new_agreement_is_a_new_version_and_the_old_one_stays(review: Client, world: User) -> None:
    before = Agreement.objects.first()
    assert before
    fields = {"text_en": "We look and tell.", "text_es": "Miramos y contamos."}
    review.post("/admin/walks/agreement/add/", fields | {"from_at_0": "2026-01-01", "from_at_1": "00:00"})
    after = Agreement.objects.first()
    assert after
    assert (after.version, after.text_en) == (before.version + 1, "We look and tell.")
    assert review.post(row_url(Agreement, before.pk), fields).status_code == 403


def test_a_walled_admin_finds_nobody_by_address(client: Client, db: None) -> None:
    walled = factories.make_user(role="admin")
    factories.make_membership(walled.person, factories.make_organization(kind="police"))
    client.force_login(walled, backend=BACKEND)
    factories.make_person(name="Wren Marker", email="marker@example.org")
    assert "Wren Marker" not in client.get("/admin/people/person/", {"q": "marker@example"}).content.decode()
    assert client.get("/admin/people/person/", {"email": "marker@example.org"}).status_code == 400


def test_a_walled_admin_cannot_write_a_contact_either(client: Client, db: None) -> None:
    walled = factories.make_user(role="admin")
    factories.make_membership(walled.person, factories.make_organization(kind="police"))
    client.force_login(walled, backend=BACKEND)
    person = factories.make_person(email="marker@example.org")
    fields = {"name": "Wren", "language": "en", "age_band": "unknown", "email": "mine@example.org"}
    rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    client.post(f"/admin/people/person/{person.pk}/change/", fields | rows)
    person.refresh_from_db()
    assert (person.name, person.email) == ("Wren", "marker@example.org")


def test_every_change_is_one_line_of_the_audit_trail(review: Client, admin: User) -> None:
    review.post("/admin/office/closedday/add/", {"on": "2026-12-25", "name": "Christmas"})
    day = ClosedDay.objects.latest("pk")
    review.post(f"/admin/office/closedday/{day.pk}/change/", {"on": "2026-12-25", "name": "Christmas Day"})
    review.post(f"/admin/office/closedday/{day.pk}/delete/", {"post": "yes"})
    told = AuditEvent.objects.filter(resource="closedday").order_by("pk").values_list("action", "actor")
    assert list(told) == [(action, admin.public_id) for action in ("added", "changed", "deleted")]


def test_tables_of_libraries_are_not_here() -> None:
    assert {model._meta.app_label for model in MODELS} == {
        "concerns", "corridors", "field", "office", "open311", "outreach", "people", "walks",
    }  # fmt: skip


def test_the_first_page_names_the_newest_lines_of_the_audit_trail(review: Client, world: User) -> None:
    page = review.get("/admin/").content.decode()
    assert "Data problems" in page
    assert "offer_help" in page


def test_a_concern_with_markup_in_it_is_shown_as_text(review: Client, db: None) -> None:
    concern = log_concern(
        category=Category.objects.get(code="DUMPING"),
        source="field",
        address="<script>alert(1)</script>",
        note='"><img src=x onerror=alert(1)>',
        answers={"<b>what</b>": ["<i>x</i>"]},
    )
    for path in (f"{concern.pk}/change/", "", f"{concern.pk}/history/", f"{concern.pk}/re-place/"):
        page = review.get(f"/admin/concerns/concern/{path}").content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<i>x</i>" not in page


def test_the_membership_of_somebody_ends_and_is_not_deleted(review: Client, partner: User) -> None:
    membership = Membership.objects.get(person=partner.person)
    assert review.get(f"/admin/people/membership/{membership.pk}/delete/").status_code == 403

"""Words ready to use: offered by kind and status, in the reporter's language, shown before anything is sent."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from concerns.models import Category, Concern, ReplyTemplate
from concerns.replies import replies_for, with_reply
from office.models import OutboxMessage
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def only_these() -> None:
    ReplyTemplate.objects.all().delete()


def make_reply(**fields: Any) -> ReplyTemplate:
    return ReplyTemplate.objects.create(
        **{"name": "Filed", "status": "reported", "text_en": "We filed {place}.", "text_es": "Ya está: {place}."}
        | fields
    )


def make_reported(language: str = "es", **fields: Any) -> Concern:
    """A concern whose reporter gets mail in a language."""
    mail = {"email": f"{language}@example.org", "wants_mail": True, "mail_confirmed_at": timezone.now()}
    if "concern" not in fields:
        fields["concern"] = factories.make_concern(source="web", public_place="3500 block")
    return factories.make_reporter(language=language, **mail, **fields).concern


def names(concern: Concern) -> list[str]:
    return [reply.name for reply in replies_for(concern).replies]


def address(concern: Concern, do: str) -> str:
    return f"/desk/concerns/{concern.public_id}/{do}/"


def test_it_offers_what_fits_the_kind_and_where_it_may_go() -> None:
    concern = factories.make_concern()
    make_reply(name="any kind")
    make_reply(name="any status", status="")
    make_reply(name="this kind", category=concern.category)
    make_reply(name="other kind", category=Category.objects.get(code="DUMPING"))
    make_reply(name="out of use", is_active=False)
    make_reply(name="only after a look", status="verified_fixed")
    assert set(names(concern)) == {"any kind", "any status", "this kind"}


def test_it_speaks_the_language_of_who_reported_it() -> None:
    make_reply()
    assert [reply.text for reply in replies_for(make_reported("es")).replies] == ["Ya está: 3500 block."]
    assert [reply.text for reply in replies_for(make_reported("en")).replies] == ["We filed 3500 block."]
    assert [reply.text for reply in replies_for(factories.make_concern(public_place="3500 block")).replies] == [
        "We filed 3500 block."
    ]


def test_two_who_reported_it_in_two_languages_both_can_read_it() -> None:
    make_reply()
    concern = make_reported("es")
    make_reported("en", concern=concern)
    found = replies_for(concern)
    assert found.n_told == 2
    assert found.replies[0].text == "We filed 3500 block.\n\nYa está: 3500 block."


def test_where_nobody_wrote_it_in_spanish_it_is_english_throughout() -> None:
    make_reply(text_es="")
    assert replies_for(make_reported("es")).replies[0].text == "We filed 3500 block."


def test_a_reporter_who_took_the_address_back_no_longer_counts() -> None:
    make_reply()
    concern = make_reported("es")
    concern.reporters.update(wants_mail=False, email="")
    assert replies_for(concern).languages == ["en"]


def test_it_fills_in_the_public_place_and_never_the_exact_one() -> None:
    make_reply(text_en="{place} is {status}. {note} {category.concerns} {0} {address}", status="")
    held, public = factories.make_concern(), factories.make_published_concern()
    (reply,) = replies_for(held).replies
    assert reply.text.startswith("the place you told us is new. {note} {category.concerns} {0} {address}")
    (reply,) = replies_for(public, "reported").replies
    assert reply.text.startswith("3500 block, north side is filed with the city.")


def test_own_words_stay_and_another_reply_takes_the_place_of_the_first() -> None:
    make_reply(name="One", text_en="One."), make_reply(name="Two", text_en="Two.")
    one, two = replies_for(factories.make_concern()).replies
    assert with_reply("", one, [one, two]) == "One."
    assert with_reply("One.", two, [one, two]) == "Two."
    assert with_reply("Dear Wren,", one, [one, two]) == "Dear Wren,\n\nOne."


# On the page.


def test_it_is_shown_in_the_form_and_nothing_is_sent_by_it(desk: Client) -> None:
    reply, concern = make_reply(), make_reported("en")
    typed = {"use": reply.pk, "to": "in_progress", "note": "Ask Rosa", "public_note": "", "expected": "new"}
    page = desk.post(address(concern, "reply"), typed).content.decode()
    assert "We filed 3500 block.</textarea>" in page
    assert "Ask Rosa</textarea>" in page
    assert re.search(r'<option value="reported" selected', page)
    assert Concern.objects.get().status == "new"
    assert not OutboxMessage.objects.exists()


def test_it_is_sent_as_it_was_changed(desk: Client) -> None:
    concern = make_reported("en")
    given = {"to": "reported", "public_note": "We filed it on Monday.", "expected": "new"}
    desk.post(address(concern, "move"), given)
    assert "We filed it on Monday." in OutboxMessage.objects.get().body_text


def test_who_was_quicker_is_told_also_after_a_reply_was_chosen(desk: Client) -> None:
    reply, concern = make_reply(status=""), make_reported("en")
    Concern.objects.update(status="monitoring", triaged_at=timezone.now())
    page = desk.post(address(concern, "reply"), {"use": reply.pk, "expected": "new"}).content.decode()
    assert '<input type="hidden" name="expected" value="new">' in page
    response = desk.post(address(concern, "move"), {"to": "reported", "expected": "new"})
    assert response.status_code == 400
    assert Concern.objects.get().status == "monitoring"


@pytest.mark.parametrize("use", ["", "0", "x", "'", "999999999999999999999", "١"])
def test_a_reply_that_is_not_there_is_said_and_what_was_typed_stays(desk: Client, use: str) -> None:
    response = desk.post(address(factories.make_concern(), "reply"), {"use": use, "public_note": "Dear Wren"})
    assert response.status_code == 400
    assert "Dear Wren</textarea>" in response.content.decode()


def test_a_hostile_reply_stays_text(desk: Client) -> None:
    make_reply(name="<img src=x onerror=alert(1)>", text_en="</textarea><script>alert(1)</script>")
    page = desk.get(f"/desk/concerns/{factories.make_concern().public_id}/").content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


def test_the_page_costs_no_query_more_with_more_replies(desk: Client, django_assert_max_num_queries: Any) -> None:
    concern = factories.make_concern()
    for n in range(12):
        make_reply(name=f"Reply {n}")
    with django_assert_max_num_queries(28):
        desk.get(f"/desk/concerns/{concern.public_id}/")


def test_it_is_for_organizers_by_post(client: Client, desk: Client, lead: User) -> None:
    concern = factories.make_concern(walk=factories.make_walk(lead=lead.person))
    assert desk.get(address(concern, "reply")).status_code == 405
    other = Client()
    other.force_login(lead, backend=BACKEND)
    assert other.post(address(concern, "reply"), {"use": make_reply().pk}).status_code == 403


# In the admin.


def test_an_admin_is_told_of_a_brace_that_nobody_fills_in(client: Client, admin: User) -> None:
    client.force_login(admin, backend=BACKEND)
    given = {"name": "Hello", "text_en": "Dear {name}", "text_es": "", "position": "1"}
    page = client.post("/admin/concerns/replytemplate/add/", given).content.decode()
    assert "Take other braces away" in page
    assert not ReplyTemplate.objects.exists()
    client.post("/admin/concerns/replytemplate/add/", given | {"text_en": "{category} at {place}: {status}"})
    assert ReplyTemplate.objects.exists()


def test_six_replies_come_with_the_site_in_both_languages() -> None:
    from importlib import import_module

    from django.apps import apps

    migration = import_module("concerns.migrations.0016_replies_to_begin_with")
    migration.add_starters(apps, None)
    migration.add_starters(apps, None)
    assert ReplyTemplate.objects.exclude(text_es="").count() == 6
    for reply in ReplyTemplate.objects.all():
        reply.full_clean()

"""Assignments as a file, and the file back with answers, as people and their spreadsheets send it."""

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from concerns.models import Assignment, Concern
from concerns.partner_access import handover_token
from office.cells import plain_cell, safe_cell
from people.models import Organization, User
from tests import factories

pytestmark = pytest.mark.django_db
SOON = timezone.localdate() + timedelta(days=20)


@pytest.fixture
def mine(partner_organization: Organization) -> list[Assignment]:
    walk = factories.make_walk()
    concerns = [
        factories.make_concern(walk=walk, status="referred_to_owner", triaged_at=timezone.now()) for _n in range(4)
    ]
    return [factories.make_assignment(concern=one, organization=partner_organization) for one in concerns]


@pytest.fixture
def start(mine: list[Assignment]) -> str:
    return f"/assignment/{handover_token(factories.make_handover(*mine))}/"


def rows_of(start: str) -> list[dict[str, str]]:
    text = Client().get(f"{start}answers.csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_file(rows: list[dict[str, str]], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def send(start: str, data: bytes, status: int = 200) -> str:
    answer = Client().post(f"{start}answers/", {"file": SimpleUploadedFile("answers.csv", data)})
    assert answer.status_code == status
    return html.unescape(answer.content.decode())


def confirm(start: str, page: str) -> str:
    found = re.search(r'name="rows" value="([^"]+)"', page)
    assert found
    return html.unescape(Client().post(f"{start}answers/", {"rows": found[1]}, follow=True).content.decode())


def test_the_same_file_back_changes_nothing(start: str) -> None:
    page = send(start, as_file(rows_of(start)))
    assert "0 will change, 4 unchanged, 0 not understood" in page


def test_answers_come_back_row_by_row_after_a_preview(start: str, mine: list[Assignment]) -> None:
    rows = rows_of(start)
    by_id = {row["id"]: row for row in rows}
    first, second, third, _fourth = (by_id[str(one.public_id)] for one in mine)
    first |= {"your answer": "We are working on it.", "your note": "=pole", "promised for": SOON.strftime("%m/%d/%Y")}
    second |= {"your answer": "done"}
    third |= {"your answer": "perhaps"}
    page = send(start, as_file(rows))
    assert "2 will change, 1 unchanged, 1 not understood" in page
    assert "“perhaps” is no answer" in page
    assert not Assignment.objects.exclude(answer="").exists()
    assert "2 answers kept." in confirm(start, page)
    kept = Assignment.objects.get(pk=mine[0].pk)
    assert (kept.answer, kept.answer_note, kept.promised_on) == ("working", "=pole", SOON)
    assert Concern.objects.get(pk=mine[1].concern_id).status == "claimed_fixed"
    assert "2 were so before." in confirm(start, page)
    assert kept.concern.updates.filter(kind="assigned", voice="agency").count() == 1


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-16"), (";", "utf-8")]
)
def test_what_spreadsheets_do_to_a_file_is_put_up_with(start: str, delimiter: str, encoding: str) -> None:
    rows = rows_of(start)
    rows[0] |= {"your answer": "it is fixed", "your note": "señal"}
    page = send(start, as_file(rows, delimiter=delimiter, encoding=encoding))
    assert "1 will change, 3 unchanged, 0 not understood" in page
    assert "señal" in page


def test_o38_cells_that_would_be_computed_are_text_and_come_back_whole(start: str, mine: list[Assignment]) -> None:
    evil = '=HYPERLINK("http://evil.example")'
    for one, note in zip(mine, [evil, "+18165550100", "@sum", "'=quoted"], strict=True):
        Assignment.objects.filter(pk=one.pk).update(
            answer="working", answered_at=timezone.now(), answer_note=note, note=evil
        )
    rows = rows_of(start)
    assert {row["your note"][0] for row in rows} == {"'"}
    assert all(row["note"].startswith("'=") for row in rows)
    assert "0 will change, 4 unchanged, 0 not understood" in send(start, as_file(rows))


@pytest.mark.parametrize(
    "text", ["", "x", "=1", "+1", "-1", "@a", "\t=1", "\r1", "＝1", "'", "''", "'=1", "''=1", "'x", "it's", "''@"]
)
def test_o38_every_cell_survives_going_out_and_back(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text
    assert safe_cell(text)[:1] not in set("=+-@\t\r＝")


def test_another_s_id_is_never_answered(start: str) -> None:
    foreign = factories.make_assignment()
    rows = rows_of(start)
    rows[0] |= {"id": str(foreign.public_id), "your answer": "it is fixed"}
    rows[1] |= {"id": "'; drop table concerns", "your answer": "it is fixed"}
    rows[3] |= {"id": rows[2]["id"], "your answer": "it is fixed"}
    page = send(start, as_file(rows))
    assert "0 will change, 1 unchanged, 3 not understood" in page
    assert Assignment.objects.get(pk=foreign.pk).answer == ""


def test_what_was_given_to_another_between_preview_and_yes_fails_alone(start: str, mine: list[Assignment]) -> None:
    rows = rows_of(start)
    for row in rows:
        row["your answer"] = "it is fixed"
    page = send(start, as_file(rows))
    Assignment.objects.filter(pk=mine[0].pk).update(until_at=timezone.now())
    done = confirm(start, page)
    assert "3 answers kept." in done
    assert "not any more" in done


@pytest.mark.parametrize(
    "change",
    [
        {"promised for": "soon"},
        {"your answer": "fixed", "promised for": "02/30/2027"},
        {"your answer": "fixed", "promised for": "2020-01-01"},
        {"your note": "only words"},
        {"your answer": "fixed", "your note": "n" * 1001},
        {"your answer": "<script>alert(1)</script>"},
    ],
)
def test_a_row_that_cannot_be_understood_is_named_with_its_line(start: str, change: dict[str, str]) -> None:
    rows = rows_of(start)
    rows[1] |= change
    page = send(start, as_file(rows))
    assert "Line 3:" in page
    assert "0 will change, 3 unchanged, 1 not understood" in page


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02", b"id,kind\n1,2\n", b"PK\x03\x04" + b"\0" * 50, b'id,your answer\n"' + b"x" * 999_000]
)
def test_what_is_no_such_file_gets_a_sentence(start: str, data: bytes) -> None:
    answer = Client().post(f"{start}answers/", {"file": SimpleUploadedFile("answers.csv", data)})
    assert answer.status_code in {200, 400}
    assert not Assignment.objects.exclude(answer="").exists()


def test_no_file_and_a_forged_yes_change_nothing(start: str) -> None:
    assert Client().post(f"{start}answers/").status_code == 400
    answer = Client().post(f"{start}answers/", {"rows": "forged:rows"}, follow=True)
    assert "too old" in answer.content.decode()


def test_what_is_back_is_asked_anew(start: str, mine: list[Assignment]) -> None:
    """An untouched "fixed" of before must not claim it a second time."""
    Assignment.objects.filter(pk=mine[0].pk).update(answer="fixed", answered_at=timezone.now())
    Concern.objects.filter(pk=mine[0].concern_id).update(status="reopened")
    assert "0 will change, 4 unchanged" in send(start, as_file(rows_of(start)))


def test_signed_in_staff_have_the_same_file(partner: User, mine: list[Assignment]) -> None:
    client = Client()
    client.force_login(partner, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer: Any = client.get("/partner/answers.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["id"] for row in rows} == {str(one.public_id) for one in mine}
    assert all("/partner/assignments/" in row["photos"] for row in rows)

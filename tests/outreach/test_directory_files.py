"""The directory as files: HSDS for everybody, cards on paper, and a partner's file taken in at the desk."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from outreach.models import Service
from tests import factories

pytestmark = pytest.mark.django_db

IMPORT = "outreach:services_import"
CSV = "\r\n".join(
    ["id,organization_name,name,needs,status", "1,Second Loaf,Groceries,food,active", "2,Second Loaf,Meals,food,maybe"]
)


def sent(text: str | bytes = CSV, name: str = "partners.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def test_everybody_gets_the_directory_as_hsds_and_asks_again_for_free(client: Client) -> None:
    factories.make_service(name="Groceries")
    answer = client.get(reverse("outreach:services_hsds"))
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    assert "Groceries" in packed.read("services.csv").decode()
    again = client.get(reverse("outreach:services_hsds"), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_cards_are_of_what_the_address_asks_for(client: Client, django_assert_max_num_queries) -> None:
    for n in range(9):
        factories.make_service(name=f"Pantry {n}", phone="+18165550154")
    factories.make_service(name="Legal clinic", needs=["legal"])
    with django_assert_max_num_queries(12):
        answer = client.get(reverse("outreach:services_cards") + "?need=food")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]
    assert len(pages) == 2
    assert "(816) 555-0154" in pages[0]
    assert "Legal clinic" not in "".join(pages)
    nothing = client.get(reverse("outreach:services_cards") + "?need=job")
    assert "Nothing fits" in PdfReader(io.BytesIO(nothing.content)).pages[0].extract_text()


def test_a_file_is_looked_at_first_and_then_taken_in(desk: Client) -> None:
    page = desk.post(reverse(IMPORT), {"file": sent(), "act": "look"}).content.decode()
    assert "Line 3: status is none of" in page
    assert not Service.objects.exists()
    answer = desk.post(reverse(IMPORT), {"file": sent(), "act": "import"}, follow=True)
    assert "1 service is in." in answer.content.decode()
    assert "1 row was left out." in answer.content.decode()
    assert Service.objects.get().name == "Groceries"


def test_rows_that_were_left_out_come_back_with_their_reasons(desk: Client) -> None:
    answer = desk.post(reverse(IMPORT), {"file": sent(), "act": "rejected"})
    lines = answer.content.decode().splitlines()
    assert lines[0].startswith("rejected_file,rejected_line,rejected_reason,id")
    assert "Meals" in lines[1]
    assert not Service.objects.exists()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "Choose a file."),
        (sent(b"PK\x03\x04 no zip", "a.zip"), "first line must name the columns"),
        (sent(b"", "empty.csv"), "The submitted file is empty."),
        (sent("x" * 10_000_001), "larger than 10 MB"),
    ],
    ids=["none", "broken", "empty", "large"],
)
def test_what_is_no_directory_gets_a_sentence(desk: Client, file, words) -> None:
    answer = desk.post(reverse(IMPORT), {"act": "look"} | ({"file": file} if file else {}))
    assert answer.status_code in {200, 400}
    assert words in answer.content.decode()
    assert not Service.objects.exists()


def test_a_zip_that_breaks_off_gets_a_sentence(desk: Client, client: Client) -> None:
    factories.make_service()
    whole = desk.get(reverse("outreach:services_hsds")).content
    broken = whole[:60] + b"\xff" * 40 + whole[100:]
    answer = desk.post(reverse(IMPORT), {"file": sent(broken, "a.zip"), "act": "look"})
    assert answer.status_code == 400
    assert "can’t be opened" in answer.content.decode()

"""What `script/bench outreach` asks for, on a small scale: it is all there, and asks the database little."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import outreach_data
from bench.outreach import ASKED, sign_in, what_is_there
from bench.pages import MOST_QUERIES
from outreach.models import Contact, Referral


@pytest.mark.django_db
def test_every_page_that_is_measured_is_there_and_takes_few_queries() -> None:
    outreach_data.load(contacts=600, referrals=1400, concerns=150)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    outreach_data.keep_weeks(3)
    assert (Contact.objects.count(), Referral.objects.count()) == (600, 1400)
    clients, known = sign_in(), what_is_there()
    found: dict[str, Any] = {}
    for asked in (one for one in ASKED if one.is_page):
        with CaptureQueriesContext(connection) as queries:
            answer = clients[asked.who].get(asked.path.format(**known))
        found[asked.name] = (answer.status_code, len(queries) <= MOST_QUERIES)
    assert found == dict.fromkeys(found, (200, True))

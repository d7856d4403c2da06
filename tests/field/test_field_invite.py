"""manage.py field_invite WALK"""

import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests import factories
from walks.invites import field_link, letters_for

pytestmark = pytest.mark.django_db


def test_it_prints_the_link_that_the_code_shows():
    walk, out, err = factories.make_running_walk(), StringIO(), StringIO()
    call_command("field_invite", str(walk.public_id), stdout=out, stderr=err)
    assert out.getvalue().strip() == field_link(walk)
    assert letters_for(walk) in err.getvalue()


def test_it_says_when_the_link_does_not_work_yet():
    err = StringIO()
    call_command("field_invite", str(factories.make_walk().public_id), stdout=StringIO(), stderr=err)
    assert "You can join from" in err.getvalue()


def test_it_says_when_there_is_no_such_walk():
    with pytest.raises(CommandError, match="There is no walk"):
        call_command("field_invite", str(uuid.uuid4()))

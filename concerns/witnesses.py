"""Who saw one thing, on how many walks, for the desk: joined reports and looks, read or not.

The public count is `concerns.public.PublicSeen`, by the same rules but only of what an organizer read.
"""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from concerns.models import Concern

# Whoever joined with a phone and a sign-up, or signed in, is one person; anything else is a witness of its own.
SEEN = """
select count(distinct coalesce('p' || s.person_id, 'p' || u.person_id, 'd' || t.device_id, t.who)),
       count(distinct t.walk_id)
  from (
    select c.walk_id, c.device_id, null::bigint as by_id, 'c' || c.id as who from concerns_concern c
     where c.id = %(id)s or (c.duplicate_of_id = %(id)s and c.publication not in ('hidden', 'spam'))
     union all
    select l.walk_id, l.device_id, l.by_id, coalesce('c' || l.duplicate_id, 'l' || l.id) from concerns_look l
      left join concerns_concern r on r.id = l.duplicate_id
     where (l.concern_id = %(id)s or l.concern_id in (select id from concerns_concern where duplicate_of_id = %(id)s))
       and not l.is_by_fixer and l.publication not in ('hidden', 'spam')
       and (r.id is null or (r.publication not in ('hidden', 'spam') and r.status <> 'withdrawn'))
  ) t
  left join walks_device d on d.id = t.device_id
  left join walks_signup s on s.id = d.signup_id
  left join people_user u on u.id = t.by_id
"""


@dataclass(frozen=True)
class Witnesses:
    """How many people saw it, on how many walks."""

    n_people: int = 1
    n_walks: int = 0

    @property
    def words(self) -> str:
        """ "seen by 4 people on 3 walks", "seen by 2 people", or "" where only one did."""
        if self.n_people < 2:
            return ""
        people = ngettext("seen by %(n)d person", "seen by %(n)d people", self.n_people) % {"n": self.n_people}
        if not self.n_walks:
            return people
        walks = ngettext("on %(n)d walk", "on %(n)d walks", self.n_walks) % {"n": self.n_walks}
        return _("%(people)s %(walks)s") % {"people": people, "walks": walks}


def witnesses_of(concern: Concern) -> Witnesses:
    """Everybody who saw it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, {"id": concern.pk})
        return Witnesses(*cursor.fetchone())

"""Views of the desk's list under a name, one's own or for everybody at the desk."""

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from concerns.desk_filters import desk_filter
from concerns.filters import BadFilter
from concerns.models import SavedFilter
from office.refused import Refused
from people.models import User

MOST_VIEWS = 30
LONGEST_NAME, LONGEST_QUERY = 60, 600


def views_for(user: User) -> QuerySet[SavedFilter]:
    """A person's own views and those that somebody at the desk shares; whose they are is read with them."""
    return SavedFilter.objects.filter(Q(user=user) | Q(is_shared=True)).select_related("user__person")


def save_view(*, user: User, name: str, query: str, is_shared: bool) -> SavedFilter:
    """Keep the filters of an address under a name. Only filters that the desk knows are kept. Raises Refused."""
    if SavedFilter.objects.filter(user=user).count() >= MOST_VIEWS:
        raise Refused(_("You have %(n)d views. Delete one first.") % {"n": MOST_VIEWS})
    return _write(SavedFilter(user=user, query=known_query(query)), name, is_shared)


def change_view(*, view: SavedFilter, name: str, is_shared: bool) -> SavedFilter:
    """Rename one's own view, share it or not. Raises Refused."""
    return _write(view, name, is_shared)


def _write(view: SavedFilter, name: str, is_shared: bool) -> SavedFilter:
    view.name, view.is_shared = " ".join(name.split()), is_shared
    if not view.name:
        raise Refused(_("Give the view a name."))
    if len(view.name) > LONGEST_NAME:
        raise Refused(_("Name: use at most %(n)d letters.") % {"n": LONGEST_NAME})
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise Refused(_("You have a view of that name already.")) from None
    return view


def known_query(query: str) -> str:
    """An address's filters once more, in our own spelling: nothing else survives. Raises Refused."""
    try:
        known = desk_filter(QueryDict(query[: 4 * LONGEST_QUERY])).as_query()
    except (BadFilter, ValueError) as bad:
        raise Refused(getattr(bad, "message", _("These filters can’t be read."))) from None
    if len(known) > LONGEST_QUERY:
        raise Refused(_("These are too many filters to keep. Take some away."))
    return known

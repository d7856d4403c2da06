"""Who may do what: every view names its row of the permission table, and this module checks the role.

`tests/access.csv` is the table (resource × action × role). A view says `@access("walk", "schedule", allow=ORGANIZERS)`;
`tests/test_access.py` opens every address as every role and holds it against the table. Whether somebody may reach
one object is decided where it is fetched (`walks.access.get_walk_for` …): an object that isn't theirs is a 404.
"""

from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Any, NamedTuple, TypeVar, cast

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from people.models import User


class Allow(Enum):
    """Which people a view lets in before it looks at the object."""

    EVERYBODY = "everybody"
    BY_LINK = "by_link"  # a signed link, code or device token decides; no sign-in
    SIGNED_IN = "signed_in"  # the object decides
    ORGANIZERS = "organizers"
    CONTACT_READERS = "contact_readers"  # organizers without a walled membership
    COORDINATORS = "coordinators"
    ADMINS = "admins"


EVERYBODY, BY_LINK, SIGNED_IN = Allow.EVERYBODY, Allow.BY_LINK, Allow.SIGNED_IN
ORGANIZERS, CONTACT_READERS, COORDINATORS, ADMINS = (
    Allow.ORGANIZERS,
    Allow.CONTACT_READERS,
    Allow.COORDINATORS,
    Allow.ADMINS,
)


class Row(NamedTuple):
    """A view's row of the permission table."""

    resource: str
    action: str
    allow: Allow


class SignedInRequest(HttpRequest):
    """A request behind a sign-in: `request.user` is a `User`."""

    user: User


def is_allowed(user: User | AnonymousUser, allow: Allow) -> bool:
    """Whether the role is enough for the view. May query for walled memberships."""
    if allow in {Allow.EVERYBODY, Allow.BY_LINK}:
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    if allow is Allow.SIGNED_IN:
        return True
    if allow is Allow.ORGANIZERS:
        return user.is_organizer
    if allow is Allow.CONTACT_READERS:
        return user.may_see_contacts
    if allow is Allow.COORDINATORS:
        return user.may_see_help
    return user.is_admin


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def access(resource: str, action: str, *, allow: Allow) -> Callable[[View], View]:
    """Name a view's row of the permission table and let only `allow` in: others get sign-in (anonymous) or 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_allowed(request.user, allow):
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            raise PermissionDenied

        checked.access_row = Row(resource, action, allow)  # type: ignore[attr-defined]
        if allow in {Allow.EVERYBODY, Allow.BY_LINK}:
            login_not_required(checked)
        return cast(View, checked)

    return decorate


def access_row(view: Callable[..., Any]) -> Row | None:
    """The row that a view named, or None where it named none."""
    return getattr(view, "access_row", None)

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse

from people.access import ADMINS, access
from people.models import User


def who(request: HttpRequest) -> User:
    """The admin behind a request: nobody else gets into the Django admin."""
    assert isinstance(request.user, User)
    return request.user


def admin_page(site: AdminSite, view: Callable[..., HttpResponse]) -> Any:
    """A page of our own within the Django admin, behind the admin's own door and with its row of the table."""
    return site.admin_view(access("django_admin", "any", allow=ADMINS)(view))

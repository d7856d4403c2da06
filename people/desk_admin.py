from django.http import HttpRequest

from people.models import User


def who(request: HttpRequest) -> User:
    """The admin behind a request: nobody else gets into the Django admin."""
    assert isinstance(request.user, User)
    return request.user

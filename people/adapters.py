from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-ins are given by an admin: there is no open registration, and volunteers need none."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

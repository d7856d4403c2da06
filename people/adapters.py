from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from office.models import Coalition, OutboxMessage
from people.models import User

# The mails of the sign-in end here; what they say is in templates/account/email/.
SECRET_MAILS = {"account/email/login_code": "sign_in_code", "account/email/password_reset_key": "set_password"}


class AccountAdapter(DefaultAccountAdapter):
    """How sign-in behaves here: no open registration, mail through the outbox, links to our own address only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Sign-ins are given by an admin, and volunteers need none."""
        return False

    def format_email_subject(self, subject: str) -> str:
        return f"{Coalition.current().name}: {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox, like every mail, so that a mail server that is away costs nobody their sign-in."""
        coalition = Coalition.current()
        known = {"email": email, "coalition": coalition, "site_url": settings.SITE_URL}
        message = self.render_mail(template_prefix, email, known | context)
        with transaction.atomic():
            OutboxMessage.objects.create(
                kind=SECRET_MAILS.get(template_prefix, template_prefix.rpartition("/")[2]),
                to_address=email,
                language=(get_language() or "en")[:8],
                subject=str(message.subject)[:255],
                body_text=f"{str(message.body).strip()}\n",
            )

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the configured address, whatever host the one who asked named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        user = request.user
        return reverse("desk") if isinstance(user, User) and user.is_organizer else reverse("home")

    def is_safe_url(self, url: str | None) -> bool:
        """Only a path on this site: people are sent back to where they were, never to another host."""
        return bool(url) and str(url).startswith("/") and super().is_safe_url(url)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: axes counts the failed tries in the database, where all processes see them."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Tell axes which address was tried; it locks an address from one IP, not everybody behind that IP."""
        tried = str(credentials.get("email") or "").strip().lower()
        return cast(
            User | None, super().authenticate(request, **credentials | {settings.AXES_USERNAME_FORM_FIELD: tried})
        )

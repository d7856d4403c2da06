"""API keys are made and taken back."""

import secrets

from django.db import transaction
from django.utils import timezone

from office.actions import record
from open311.models import ApiKey
from open311.posting import key_digest
from people.models import User

HINT = 6


@transaction.atomic
def make_key(*, name: str, by: User, per_hour: int = 300) -> tuple[ApiKey, str]:
    """A new key and its words; nobody can read the words again."""
    words = secrets.token_urlsafe(24)
    key = ApiKey.objects.create(
        name=name, key_sha256=key_digest(words), hint=words[:HINT], per_hour=per_hour, created_by=by
    )
    record(actor=by, action="open311.key_made", resource="open311.key", object_id=key.public_id)
    return key, words


@transaction.atomic
def revoke_key(*, key: ApiKey, by: User) -> ApiKey:
    """Take a key back: its next call is refused. What it posted stays."""
    locked = ApiKey.objects.select_for_update().get(pk=key.pk)
    locked.revoked_at = locked.revoked_at or timezone.now()
    locked.save(update_fields=["revoked_at"])
    record(actor=by, action="open311.key_revoked", resource="open311.key", object_id=locked.public_id)
    return locked

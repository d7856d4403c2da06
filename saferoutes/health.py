"""Is the site alive, and is it ready: two addresses for machines that watch over it.

`/healthz/` touches nothing but the process. `/readyz/` names what is wrong, so only the machine itself, a caller with
READY_TOKEN, or an admin may read it.
"""

import logging
import os
import secrets
import shutil
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from office.models import Heartbeat
from office.worker import HEARTBEAT
from people.access import BY_LINK, EVERYBODY, access

logger = logging.getLogger(__name__)

WORKER_MAY_BE_SILENT = timedelta(minutes=3)  # the longest that one mail to a mail server that hangs can take
DISK_ALARM_PERCENT = 85

Check = dict[str, object]  # always with "ok"


@never_cache
@require_safe
@access("healthz.live", "view", allow=EVERYBODY)
def healthz(request: HttpRequest) -> JsonResponse:
    """200 `{"status": "ok"}` while this process answers. No query."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
@access("healthz.ready", "view", allow=BY_LINK)
def readyz(request: HttpRequest) -> JsonResponse:
    """Each check with its figures; 200 where all are fine, else 503. Callers who may not ask get 403."""
    if not may_ask(request):
        raise PermissionDenied
    checks: dict[str, Callable[[], Check]] = {"database": check_database, "worker": check_worker, "disk": check_disk}
    found = {name: check() for name, check in checks.items()}
    is_ready = all(check["ok"] for check in found.values())
    return JsonResponse({"status": "ok" if is_ready else "not ready", **found}, status=200 if is_ready else 503)


def may_ask(request: HttpRequest) -> bool:
    """This machine itself, whoever has the token, or a signed-in admin. The database may be down, so it comes last."""
    return is_this_machine(request) or has_token(request) or is_admin(request)


def is_this_machine(request: HttpRequest) -> bool:
    """Whether the caller is on this machine. Behind a proxy everybody seems to be, so there the token decides."""
    if settings.SECURE_PROXY_SSL_HEADER or {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"} & request.META.keys():
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.READY_TOKEN) and secrets.compare_digest(given.encode(), settings.READY_TOKEN.encode())


def is_admin(request: HttpRequest) -> bool:
    try:
        return getattr(request.user, "is_admin", False)
    except Error:
        return False


def check_database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return {"ok": False}
    return {"ok": True}


def check_worker() -> Check:
    """When a worker was last seen, in whole seconds; None where none ever was."""
    try:
        last = Heartbeat.objects.filter(name=HEARTBEAT).values_list("at", flat=True).first()
    except Error:
        return {"ok": False, "seen_seconds_ago": None}
    if last is None:
        return {"ok": False, "seen_seconds_ago": None}
    age = timezone.now() - last
    return {"ok": age <= WORKER_MAY_BE_SILENT, "seen_seconds_ago": round(age.total_seconds())}


def check_disk() -> Check:
    """The fuller one of the disks that hold `var/` and the photos, as `df` counts: percent in use."""
    used = max(percent_used(settings.VAR_DIR), percent_used(Path(settings.MEDIA_ROOT)))
    return {"ok": used <= DISK_ALARM_PERCENT, "used_percent": used}


def percent_used(folder: Path) -> int:
    while not os.path.exists(folder):
        folder = folder.parent
    space = shutil.disk_usage(folder)
    return round(100 * space.used / (space.used + space.free))


def warn_about_disk() -> None:
    """A line in the log while a disk is fuller than it should be; the worker runs it."""
    disk = check_disk()
    if not disk["ok"]:
        logger.error("A disk is %s %% full. Photos and records stop being saved when it is full.", disk["used_percent"])

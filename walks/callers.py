"""Who is asking, for limits: a signed-in person, or an address on the network."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

from office.limits import seconds_to_wait

HOUR = 3600


def address_of(request: HttpRequest) -> str:
    """The caller's address as our own proxies tell it; what a caller writes into X-Forwarded-For is never believed.

    For IPv6 the network (/64), because one household has them all.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    n_proxies = settings.AXES_IPWARE_PROXY_COUNT
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if n_proxies and len(forwarded) >= n_proxies:
        address = forwarded[-n_proxies]
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped:
        return ":".join(parsed.exploded.split(":")[:4])
    return str(parsed)


def wait_of(request: HttpRequest, *, what: str, limit: int) -> int:
    """Count one try this hour; seconds to wait, or 0. By person where somebody is signed in, by address otherwise."""
    user = request.user
    caller = f"user:{user.pk}" if user.is_authenticated else f"ip:{address_of(request)}"
    return seconds_to_wait(key=f"{what}:{caller}", limit=limit, per_seconds=HOUR)

"""What changes the directory: an agency's services, their room, “all still right”, and the question whether it is."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.models import Coalition
from office.refused import Refused
from outreach.directory_links import contact_languages, mail_link
from outreach.models import Listing, Service, ServiceHours
from people.models import Organization, User

# An agency is asked by itself once in this time, however often the desk asks.
NUDGE_EVERY = timedelta(days=30)
MOST_NUDGES = 50
# (weekday, opens at, closes at); 0 is Monday.
Hours = Sequence[tuple[int, time, time]]


class ChangedMeanwhile(Refused):
    """Somebody else saved the service after this form was opened."""


def coalition_today(now: datetime | None = None) -> date:
    return (now or timezone.now()).astimezone(Coalition.current().zone).date()


def _lock_listing(organization: Organization) -> Listing:
    """The organization's entry, made on first use. All that changes its services waits here."""
    Listing.objects.get_or_create(organization=organization)
    listing = (
        Listing.objects.select_for_update(of=("self",)).select_related("organization").get(organization=organization)
    )
    if listing.organization.merged_into_id is not None:
        raise Refused(_("This organization was merged into another one. Open that one."))
    return listing


@transaction.atomic
def make_listing(organization: Organization) -> Listing:
    """The organization's entry, made where there is none yet. Raises Refused for one that was merged away."""
    return _lock_listing(organization)


def listing_of(organization: Organization) -> Listing:
    """The organization's entry for reading; written down only where an action makes it."""
    found = Listing.objects.filter(organization=organization).first() or Listing()
    found.organization = organization
    return found


@transaction.atomic
def save_service(
    *,
    organization: Organization,
    fields: dict[str, Any],
    hours: Hours,
    service: Service | None = None,
    seen: datetime | None = None,
    is_agency: bool = False,
    by: User | None = None,
) -> Service:
    """Add a service or change one. `seen`: the `changed_at` that the form showed; None doesn't compare.

    What the agency itself writes counts as confirmed. Raises Refused; ChangedMeanwhile where somebody was quicker.
    """
    now = timezone.now()
    _lock_listing(organization)
    current = _lock_service(service, organization) if service else Service(organization=organization)
    if service and seen is not None and current.changed_at != seen:
        raise ChangedMeanwhile(
            _("Somebody else changed this service while you were writing. Below is what it says now. "
              "Press Save again to keep your words.")
        )  # fmt: skip
    places = {name: fields[name] for name in ("corridors", "areas") if fields.get(name) is not None}
    for name, value in fields.items():
        if name not in {"corridors", "areas"}:
            setattr(current, name, value)
    current.changed_at = now
    if is_agency:
        current.assured_on = coalition_today(now)
    current.save()
    for name, chosen in places.items():
        getattr(current, name).set(chosen)
    _write_hours(current, hours)
    action, detail = ("service.change" if service else "service.add"), {"organization": str(organization.public_id)}
    record(actor=by, action=action, resource="service", object_id=current.public_id, detail=detail)
    return current


def _lock_service(service: Service, organization: Organization) -> Service:
    locked = Service.objects.select_for_update(of=("self",)).filter(pk=service.pk, organization=organization).first()
    if locked is None:
        raise Refused(_("This service isn’t this organization’s any more."))
    return locked


def _write_hours(service: Service, hours: Hours) -> None:
    service.hours.all().delete()
    rows = (ServiceHours(service=service, weekday=day, opens_at=a, closes_at=b) for day, a, b in sorted(set(hours)))
    ServiceHours.objects.bulk_create(rows)


@transaction.atomic
def set_capacity(*, service: Service, capacity: str, by: User | None = None) -> Service:
    """How much room there is, in one tap. It doesn't confirm the rest."""
    if capacity not in Service.Capacity.values:
        raise Refused(_("Choose how much room there is."))
    _lock_listing(service.organization)
    locked = _lock_service(service, service.organization)
    if locked.capacity == capacity:
        return locked
    locked.capacity, locked.changed_at = capacity, timezone.now()
    locked.save(update_fields=["capacity", "changed_at"])
    record(actor=by, action="service.room", resource="service", object_id=locked.public_id, detail={"to": capacity})
    return locked


@transaction.atomic
def assure(*, organization: Organization, by: User | None = None) -> int:
    """The agency says that everything is still right. How many services that confirms."""
    now = timezone.now()
    listing, today = _lock_listing(organization), coalition_today(now)
    listing.assured_on = today
    listing.save(update_fields=["assured_on"])
    n = organization.services.filter(status=Service.Status.ACTIVE).update(assured_on=today)
    detail = {"n": n}
    record(actor=by, action="service.assure", resource="listing", object_id=organization.public_id, detail=detail)
    return n


@transaction.atomic
def ask_whether_right(*, organization: Organization, by: User | None = None, now: datetime | None = None) -> bool:
    """Mail the agency its link. Whether a mail was written: at most one a day. Raises Refused without an address."""
    now = now or timezone.now()
    listing = _lock_listing(organization)
    if not listing.organization.email:
        raise Refused(_("We have no e-mail address of this organization. Pass its link on yourself."))
    language = contact_languages([organization]).get(organization.pk)
    n = organization.services.filter(status=Service.Status.ACTIVE).count()
    mail = mail_link(listing, Coalition.current(), language=language, n_services=n, now=now)
    listing.nudged_at = now
    listing.save(update_fields=["nudged_at"])
    detail = {"mailed": mail is not None}
    record(actor=by, action="service.ask", resource="listing", object_id=organization.public_id, detail=detail)
    return mail is not None


@transaction.atomic
def end_links(*, organization: Organization, by: User) -> Listing:
    """Every link that was sent so far leads nowhere from now on."""
    listing = _lock_listing(organization)
    Listing.objects.filter(pk=listing.pk).update(link_version=F("link_version") + 1)
    listing.refresh_from_db()
    record(actor=by, action="service.end_links", resource="listing", object_id=organization.public_id)
    return listing


def nudge_stale(now: datetime | None = None) -> int:
    """Ask agencies whose services weren't confirmed for too long, once in 30 days. How many mails."""
    now = now or timezone.now()
    stale = Service.objects.offered().stale(coalition_today(now))
    rested = Q(listing=None) | Q(listing__nudged_at=None) | Q(listing__nudged_at__lte=now - NUDGE_EVERY)
    waiting = Organization.objects.current().filter(rested, pk__in=stale.order_by().values("organization"))
    return sum(_nudge(one, now) for one in waiting.exclude(email="").order_by("pk")[:MOST_NUDGES])


@transaction.atomic
def _nudge(organization: Organization, now: datetime) -> bool:
    try:
        listing = _lock_listing(organization)
    except Refused:
        return False
    if listing.nudged_at is not None and listing.nudged_at > now - NUDGE_EVERY:
        return False
    return ask_whether_right(organization=listing.organization, now=now)

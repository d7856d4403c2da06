"""A person's own calendar by its link, and a new link in place of it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from office.models import Coalition
from people.access import BY_LINK, access
from people.token_pages import keep_secret, token_page
from walks.calendars import calendar_of
from walks.feeds import own_walks, person_from_feed_token, renew_feed
from walks.links import signup_from_token


@require_safe
@access("walk.ics_personal", "view", allow=BY_LINK)
def my_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """In the language of the person: a calendar program has none. The page without a walk is a calendar, too."""
    person = person_from_feed_token(token)
    if person is None:
        raise Http404("not a link of ours, or an old one")
    with override(person.language):
        name = _("My walks with %(name)s") % {"name": Coalition.current().name}
        body = calendar_of(own_walks(person, timezone.now()), name=name)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="my-walks.ics"'
    return keep_secret(response)


@token_page
@access("signup.own", "change", allow=BY_LINK)
@require_POST
def my_new_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Their calendar's old link ends at once."""
    signup = signup_from_token(token)
    if signup is None:
        raise Http404("not a link of ours, or an old one")
    renew_feed(person=signup.person)
    messages.success(request, _("The old link is dead. Add your calendar again with the new one."))
    return redirect("walks:my", token)

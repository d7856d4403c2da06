"""What each number about partners means and doesn't say, in sentences. A change of meaning raises `VERSION`."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERSION = 1


class Definition(NamedTuple):
    """A number's name, what is counted, and what must not be read into it."""

    key: str
    label: str | Promise
    sentence: str | Promise
    says_not: str | Promise


WALKS = (
    Definition(
        "walks_pledged",
        _("walks promised"),
        _("Walks of the quarter to which the organization promised to bring at least one person."),
        _("Whether it was asked at all: who is never asked can promise nothing."),
    ),
    Definition(
        "walks_came",
        _("walks with its people"),
        _("Walks of the quarter at which somebody was checked in with this organization."),
        _("Who came and named no organization isn’t in it."),
    ),
    Definition(
        "people_pledged",
        _("people promised"),
        _("People that it said it would bring, over all walks of the quarter that weren’t called off."),
        _("How hard it was to find them."),
    ),
    Definition(
        "people_came",
        _("people who came"),
        _("People checked in with this organization at those walks, also without a promise."),
        _("Who stayed how long, and who did what."),
    ),
)
HELP = (
    Definition(
        "asked",
        _("asked for help"),
        _("Requests that were handed to this agency in the quarter, with the person’s consent."),
        _("How many people needed help: one person may be handed to two agencies."),
    ),
    Definition(
        "in_time",
        _("answered in time"),
        _("Of these, answered within two business days: a yes or a no, both are answers."),
        _("Whether anybody was helped. Answered isn’t helped."),
    ),
    Definition(
        "got_help",
        _("got help"),
        _("Of these, ended with help for the person."),
        _("How good the help was, and what it took."),
    ),
    Definition(
        "no_room",
        _("couldn’t: no room"),
        _("Of these, ended because the agency had no room."),
        _("Whose fault that is. It is often money, and worth saying aloud."),
    ),
    Definition(
        "not_for_them",
        _("couldn’t: not for them"),
        _("Of these, ended because the person isn’t eligible or the agency doesn’t offer it."),
        _("That the agency did wrong: we may have asked the wrong one."),
    ),
    Definition(
        "not_reached",
        _("couldn’t: person not reached"),
        _("Of these, ended because the person wasn’t reached, wanted it no more, or got help elsewhere."),
        _("That nobody tried."),
    ),
    Definition(
        "never_answered",
        _("never answered"),
        _("Of these, closed without any answer."),
        _("Why. Mail gets lost, people leave, and phones are answered that we don’t see."),
    ),
)
PROMISES = (
    Definition(
        "kept",
        _("kept on time"),
        _("Promises due in the quarter and done by the day that was agreed last."),
        _("How big a promise was. One may weigh more than ten."),
    ),
    Definition(
        "kept_late",
        _("kept late"),
        _("Promises due in the quarter and done after that day."),
        _("Why it took longer."),
    ),
    Definition(
        "open",
        _("still open"),
        _("Promises due in the quarter and not done when this was counted."),
        _("That nothing was done yet."),
    ),
    Definition(
        "not_kept",
        _("not kept"),
        _("Promises due in the quarter that won’t be kept, as they or an organizer said."),
        _("Why. Saying so early helps everybody."),
    ),
)
GROUPS = (("walks", _("Walks"), WALKS), ("promises", _("Promises"), PROMISES), ("help", _("Help"), HELP))
HELP_KEYS = tuple(one.key for one in HELP)

"""All else of an evening: looking again, the team, help, blocks that were walked, heads, the way back."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from people.roles import AgeBand
from walks.models import Incident, Rating


def evening() -> dict[str, str]:
    return _looking_again() | _people() | _help() | _walked() | _count() | _back()


def _looking_again() -> dict[str, str]:
    return {
        "again_title": _("Check again"),
        "again_empty": _("Nothing to check again on this walk."),
        "again_done": _("{n} of {max} done, in walking order"),
        "again_dark": _("Dark now: lights count"),
        "again_day": _("By day: a light can’t be checked"),
        "look_fixed": _("Fixed"),
        "look_still_there": _("Still there"),
        "look_worse": _("Worse"),
        "look_cannot_tell": _("Can’t tell"),
        "look_gone": _("Gone"),
        "look_photo": _("Same spot, now"),
        "again_then": _("Then: {when}"),
        "again_now": _("Now"),
        "again_then_photo": _("Earlier photo of this place"),
        "again_now_photo": _("Photo of this phone"),
        "again_then_later": _("The earlier photo comes with signal."),
        "again_now_hint": _("Answer, then take it from the same spot."),
        "look_open": _("open"),
        "look_claimed_fixed": _("city says fixed"),
        "look_reported": _("filed with the city"),
        "look_in_progress": _("being worked on"),
        "look_reopened": _("back again"),
        "look_monitoring": _("we are watching it"),
        "look_referred_to_owner": _("told the owner"),
        "look_triaged": _("open"),
        "look_since": _("since {day}"),
        "look_change": _("Tap another answer to change it."),
    }


def _people() -> dict[str, str]:
    return {
        "people_title": _("Team and people to call"),
        "call_title": _("Call"),
        "call_emergency": _("Emergency"),
        "call_lead": _("Walk lead"),
        "call_designee": _("The person who watches the clock"),
        "call_city": _("City services"),
        "call_none": _("No numbers came with this walk. In danger call {number}."),
        "safety_title": _("On the walk"),
        "team_change": _("Change team"),
        "phone_title": _("This phone"),
        "app_update": _("A new version is ready. It is used when you close this app and open it anew."),
        "app_install": _("Put this app on the home screen"),
        "look_title": _("Light or dark"),
        "look_auto": _("By itself"),
        "look_light": pgettext("theme", "Light"),
        "look_dark": pgettext("theme", "Dark"),
        "times": _("meet {meet} · step off {off} · back by {end}"),
    }


def _help() -> dict[str, str]:
    kinds = {f"incident_{kind.value}": str(kind.label) for kind in Incident.Kind}
    return kinds | {
        "help_title": _("We need help"),
        "help_near": _("You are near"),
        "help_was_near": _("{age}, you were near"),
        "help_unknown": _(
            "We don’t know where you are. Look for a street sign or a house number and say it when you call."
        ),
        "help_off": _("not on the corridor"),
        "help_corner": _("near the corner of {street}"),
        "help_numbers": _("By numbers: {lat}, {lon}"),
        "help_within": _("within {distance}"),
        "help_stay": _("Stay together. Go where there is light and people, if you can."),
        "help_meeting": _("Meeting point: {place}"),
        "help_tell": _("Tell the walk lead"),
        "help_tell_hint": _("One tap. A call is quicker: if somebody is in danger, call first."),
        "help_saved": _("Saved on this phone. NOT sent yet: call."),
        "help_sent": _("Sent. The walk lead can see it. If nobody answers, call."),
        "help_refused": _("Safe Routes could not take it: call."),
        "help_place": _("Where are you?"),
        "help_place_hint": _("A house number, a corner, a shop."),
        "help_note": _("What happened?"),
        "help_note_hint": _("What help is needed. No names."),
        "help_other": _("Something else happened"),
        "ago_now": _("Just now"),
        "ago_minutes": _("{n} min ago"),
        "ago_hours": _("More than an hour ago"),
    }


def _walked() -> dict[str, str]:
    ratings = {f"rating_{rating.value}": str(rating.label) for rating in (Rating.LIGHT, Rating.FEELING)}
    return ratings | {
        "walked_title": _("Blocks"),
        "walked_done": _("{n} of {max} sides walked, on this phone"),
        "walked_hint": _("What other phones walked isn’t shown here."),
        "walked_ours": _("Our blocks"),
        "walked_others": _("Other blocks"),
        "walked_all": _("All blocks"),
        "walked_none": _("The blocks come with the walk’s data. Open this page once with signal."),
        "walked_it": _("We walked it"),
        "walked_start": _("Start here"),
        "walked_end": _("Done here"),
        "walked_since": _("started {time}"),
        "walked_day": _("walked by day"),
        "walked_dusk": _("walked at dusk"),
        "walked_dark": _("walked after dark"),
        "walked_not": _("not yet"),
        "walked_here": _("You are here"),
        "walked_change": _("Change"),
        "walked_rate": _("How is it here?"),
        "walked_rate_hint": _("You may leave this out."),
        "rate_0": _("Bad"),
        "rate_1": _("Poor"),
        "rate_2": _("Fair"),
        "rate_3": pgettext("rating", "Good"),
        "rate_none": _("Can’t tell"),
    }


def _count() -> dict[str, str]:
    bands = {f"age_{band.value}": str(band.label) for band in AgeBand} | {"age_unknown": _("age not known")}
    return bands | {
        "count_title": _("Head count"),
        "count_hint": _("Everybody who walks with you, also those without a name. Guess the age."),
        "count_total": _("in all"),
        "count_less": _("One less: {what}"),
        "count_more": _("One more: {what}"),
        "count_empty": _("Nothing counted yet."),
    }


def _back() -> dict[str, str]:
    return {
        "back_title": _("Everybody back?"),
        "back_lead": _("When your team stands at the meeting point again, say so here."),
        "back_out": _("How many went out?"),
        "back_in": _("How many are back?"),
        "back_all": _("All {n} are back"),
        "back_some": _("{n} of {max} are back"),
        "back_missing": _("Somebody is missing. Call them, then the walk lead."),
        "back_note": _("Who is where?"),
        "back_note_hint": _("Like: one of us went home by bus. No names."),
        "day_title": _("Your team"),
    }

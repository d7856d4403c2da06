"""Every sentence of the phone app, in one language. The page carries one set; the phone keeps the other for later."""

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from concerns.models import Category


def words(language: str) -> dict[str, str]:
    """The app's sentences by key. `{n}`, `{number}` … are filled in on the phone."""
    with translation.override(language):
        groups = {f"group_{group.value}": str(group.label) for group in Category.Group}
        return groups | _frame() | _joining() | _place() | _sheet() | _records() | _looking_again() | _people()


def _frame() -> dict[str, str]:
    return {
        "app": _("Safe Routes walk"),
        "to_other_language": _("Español"),
        "text_size": _("Aa, text size"),
        "text_size_0": _("Text size: normal"),
        "text_size_1": _("Text size: large"),
        "text_size_2": _("Text size: very large"),
        "tab_log": _("Log"),
        "tab_again": _("Check again"),
        "tab_mine": _("My list"),
        "tab_people": _("Team"),
        "what_do_you_see": _("What do you see?"),
        "more_kinds": _("More kinds"),
        "all_kinds": _("All kinds"),
        "back": _("Back"),
        "need_help": _("We need help"),
        "back_by": _("back by {time}"),
        "no_team": _("No team yet"),
        "close": _("Close"),
        "needs_https": _("This page needs a safe connection (an address that begins with https). Ask the walk lead."),
        "needs_script": _("This page needs JavaScript. Write it on paper and hand it in at the table."),
        "no_storage": _(
            "This browser won’t keep anything, so nothing can be saved. Leave private browsing, or use another browser."
        ),
        "broken": _("Something went wrong on this page. What you saved is kept. Open the page again."),
        "no_words": _("The other language could not be loaded. Try again when there is signal."),
    }


def _joining() -> dict[str, str]:
    return {
        "join_title": _("Join the walk"),
        "join_lead": _("Scan the code at the sign-in table with your camera. Or type its six letters here."),
        "letters": _("Six letters"),
        "letters_hint": _("From the sheet at the table, like KHT 4MX. Big or small letters are the same."),
        "letters_short": _("Six letters are needed. Look at the sheet at the table."),
        "join": _("Join"),
        "joining": _("Joining…"),
        "join_no_signal": _("No answer from Safe Routes. You need signal once, to join. Try again."),
        "join_ended": _("This walk has ended on this phone. Scan the code of the next walk to go on."),
        "team_title": _("Which team?"),
        "team_hint": _("You can change it later under “Team”."),
        "team_n": _("Team {n}"),
        "team_none": _("I don’t know yet"),
        "team_no_signal": _("The team could not be changed: no answer. Try again when there is signal."),
    }


def _place() -> dict[str, str]:
    return {
        "finding": _("Finding where you are…"),
        "place_good": _("place good, {distance}"),
        "place_rough": _("place is rough, {distance}"),
        "place_none": _("No position: choose an address"),
        "place_denied": _("Position is off: choose an address"),
        "place_pin": _("pin set by you"),
        "place_address": _("address chosen by you"),
        "place_missing": _("no place yet"),
        "block_side": _("{block}, {side}"),
        "off_corridor": _("Off the corridor"),
        "you_are_here": _("You are here: {place}"),
        "between": _("between {from} and {to}"),
        "feet": _("{n} ft"),
        "metres": _("{n} m"),
        "where": _("Where is it?"),
        "tap_nearest": _("Tap the nearest."),
        "corner_of": _("corner of {street}"),
        "address": _("Address or place in words"),
        "address_hint": _("Like 4777 Independence Ave, or: alley behind the bakery."),
        "other_address": _("Other address"),
        "move_pin": _("Move the pin"),
        "use_gps": _("Where I am now"),
        "side": _("Which side of the street?"),
        "no_place_yet": _("We don’t know where this is. Choose an address, or set the pin."),
        "pin_title": _("Put the cross on the place"),
        "pin_hint": _("Drag the map, or use the arrows."),
        "pin_map": _("Map. Arrow keys move it under the cross, plus and minus zoom."),
        "pin_use": _("It is here"),
        "pin_north": _("Up"),
        "pin_south": _("Down"),
        "pin_west": _("Left"),
        "pin_east": _("Right"),
        "zoom_in": _("Closer"),
        "zoom_out": _("Further away"),
        "map_failed": _("The map could not be loaded. Type the address instead."),
    }


def _sheet() -> dict[str, str]:
    return {
        "saved": _("Saved on this phone"),
        "saved_more": _("{time} · the rest is extra, one tap each"),
        "change_saved": _("Saved"),
        "not_saved": _("NOT saved. This phone could not keep it. Free some space, or write it on paper."),
        "photo_not_saved": _("The concern is saved, but the photo is NOT. This phone has no room for it."),
        "photo_unreadable": _("This file is not a photo that can be used. Take it again."),
        "kind": _("What kind?"),
        "other_kind": _("Another kind"),
        "danger": _("Danger now?"),
        "danger_no": _("No"),
        "danger_yes": _("Yes: wires, sparks, gas, fire"),
        "danger_call": _("Call {number} now"),
        "danger_text": _(
            "Don’t approach. Stay back and keep others back. Call {number}; "
            "for wires, gas or water call the utility too."
        ),
        "photo": _("Photo"),
        "photos_hint": _("Places only. No faces, no plates."),
        "photo_add": _("Add"),
        "photo_n": _("Photo {n}"),
        "photos_n": _("photos: {n}"),
        "photo_kept": _("{n} of {max} · kept"),
        "photo_sent": _("{n} of {max} · sent"),
        "photo_bad": _("{n} of {max} · not taken"),
        "photo_remove": _("Remove photo {n}"),
        "photo_working": _("Saving the photo…"),
        "photo_saved": _("Photo saved on this phone"),
        "note": _("Anything else about the place?"),
        "note_hint": _("Describe the place, not a person."),
        "note_person": _("This seems to describe a person. Please describe the place."),
        "told_by": _("Who told you?"),
        "told_seen": _("I saw it"),
        "told_resident": _("A resident"),
        "told_business": _("A shop"),
        "told_passer_by": _("A passer-by"),
        "lit": _("Day or dark?"),
        "lit_day": _("By day"),
        "lit_dusk": _("At dusk"),
        "lit_dark": _("After dark"),
        "city_case": _("Already reported? Its number"),
        "city_case_hint": _("The number from {city}, if somebody has one."),
        "hint_pattern": _("This doesn’t look like the usual number. It is kept as you typed it."),
        "undo": _("Undo"),
        "undone": _("Taken back."),
        "done": _("Done"),
        "yes": _("Yes"),
        "no": _("No"),
    }


def _records() -> dict[str, str]:
    return {
        "on_phone": _("on this phone"),
        "sent": _("sent"),
        "confirmed": _("confirmed"),
        "attention": _("need a look"),
        "state_queued": _("on this phone"),
        "state_sent": _("sent"),
        "state_confirmed": _("confirmed"),
        "state_refused": _("needs a look"),
        "state_review": _("sent, an organizer reads the change first"),
        "state_closed": _("closed by an organizer"),
        "state_bad_photo": _("sent, but a photo was not taken"),
        "mine_title": _("What I logged"),
        "mine_empty": _("Nothing yet. What you log shows up here, and whether it was sent."),
        "mine_explain": _(
            "On this phone: kept here until there is signal. Sent: Safe Routes has it. "
            "Confirmed: it is also in the safety copy."
        ),
        "mine_keep": _("Please don’t clear this browser’s data: {n} are only on this phone."),
        "send_now": _("Send now"),
        "open": pgettext("button", "Open"),
        "no_signal": _("No answer from Safe Routes. All is kept on this phone and sent by itself later."),
        "scan_again": _("The link has ended. All is kept on this phone. Scan the code again to send it."),
        "ask_lead": _("This phone was taken off the walk. All is kept on this phone. Ask the walk lead."),
        "all_sent": _("Everything is sent."),
        "sending": _("Sending…"),
        "answer_refused": _("Safe Routes could not take it: {why}"),
    }


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
        "call_offsite": _("The person who watches the clock"),
        "call_city": _("City services"),
        "call_none": _("No numbers came with this walk. In danger call {number}."),
        "safety_title": _("On the walk"),
        "team_change": _("Change team"),
        "phone_title": _("This phone"),
        "look_title": _("Light or dark"),
        "look_auto": _("By itself"),
        "look_light": pgettext("theme", "Light"),
        "look_dark": pgettext("theme", "Dark"),
        "times": _("meet {meet} · step off {off} · back by {end}"),
    }

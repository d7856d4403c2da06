"""Noting something: its place, the sheet, the map, and the list of what was noted."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def noting() -> dict[str, str]:
    return _place() | _map() | _sheet() | _records() | _queue() | _file() | _fields()


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
        "miles": _("{n} mi"),
        "kilometres": _("{n} km"),
        "where": _("Where is it?"),
        "tap_nearest": _("Tap the nearest."),
        "corner_of": _("corner of {street}"),
        "address": _("Address or place in words"),
        "address_hint": _("Like 4777 Independence Ave, or: alley behind the bakery."),
        "other_address": _("Other address"),
        "move_pin": _("Move the pin"),
        "use_gps": _("Where I am now"),
        "place_far": _("The position is too rough to find it again. Tap a place, type an address or set the pin."),
        "from_list": _("Choose from the list"),
        "list_blocks": _("Blocks"),
        "list_corners": _("Corners"),
        "list_landmarks": _("Landmarks"),
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
        "pin_off": _("Off the corridor by {distance}. You can still use it."),
    }


def _map() -> dict[str, str]:
    return {
        "map": _("Map"),
        "map_title": _("Map of this walk"),
        "map_keys": _("Map. Arrow keys move it, plus and minus zoom, N goes to the next mark, Enter opens it."),
        "map_corridor": _("{corridor}: {n} blocks"),
        "map_stretch": _("from {from} to {to}"),
        "map_team": _("your team’s blocks: {n}"),
        "map_again": _("to check again: {n}"),
        "map_mine": _("logged by you: {n}"),
        "map_unplaced": _("not on the map, only in the list: {n}"),
        "map_no_pack": _("The map comes with the walk. It isn’t on this phone yet: open this page once with signal."),
        "map_me": _("Me"),
        "map_next": _("Next"),
        "map_all": _("All"),
        "map_no_me": _("We don’t know where you are yet."),
        "map_you": _("You are at {place}, {quality}."),
        "map_at": _("{n} of {max}: {what}"),
        "map_open": pgettext("button", "Open"),
        "map_pile": _("{n} things here"),
        "map_list": _("The same as a list"),
        "map_list_empty": _("Nothing to check again, and nothing logged by you yet."),
        "map_key": _("What the map shows"),
        "key_you": _("you, and how exact that is"),
        "key_team": _("a side that your team walks"),
        "key_walked": _("a side that you marked as walked"),
        "key_side": _("another side of the street"),
        "key_again": _("number: to check again, as in the list"),
        "key_mine": _("framed: logged by you tonight"),
        "key_meeting": _("meeting point"),
        "key_landmark": _("landmark"),
    }


def _sheet() -> dict[str, str]:
    return {
        "saved": _("Saved on this phone"),
        "saved_more": _("{time} · the rest is extra, one tap each"),
        "change_saved": _("Saved"),
        "not_saved": _("NOT saved. This phone could not keep it. Free some space, or write it on paper."),
        "photo_not_saved": _("The concern is saved, but the photo is NOT. This phone has no room for it."),
        "photo_unreadable": _("This file is not a photo that can be used. Take it again."),
        "photo_too_large": _(
            "This photo is too large to be sent. Choose a smaller size in the camera, and take it again."
        ),
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
        "photo_saved_whole": _("Photo saved on this phone, without its place and time. The server makes it smaller."),
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
        "mine_keep": _("Only on this phone: {n}. Please don’t clear this browser’s data."),
        "send_now": _("Send now"),
        "open": pgettext("button", "Open"),
        "no_signal": _("No answer from Safe Routes. All is kept on this phone and sent by itself later."),
        "scan_again": _("The link has ended. All is kept on this phone. Scan the code again to send it."),
        "ask_lead": _("This phone was taken off the walk. All is kept on this phone. Ask the walk lead."),
        "no_answer": _("No answer yet."),
        "link_ended": _("The link has ended. Scan the code again."),
        "phone_off": _("This phone was taken off the walk. Ask the walk lead."),
        "waiting_alone": _("{n} only on this phone. Don’t clear this browser’s data."),
        "waiting_open": _("{n} waiting: keep this page open. Don’t clear this browser’s data."),
        "all_sent": _("Everything is sent."),
        "sending": _("Sending…"),
        "answer_refused": _("Safe Routes could not take it: {why}"),
    }


def _queue() -> dict[str, str]:
    """What waits, and what was refused."""
    return {
        "will_send": _("Goes out by itself in a moment."),
        "state_practice": _("practice, never sent"),
        "photos_of": _("{n} of {max} photos sent"),
        "photo_was_bad": _("Photo {n} was not taken: {why}"),
        "photo_was_gone": _("Photo {n} is no longer on this phone. Take it again if you can."),
        "refused_title": _("Needs a look, kept on this phone"),
        "refused_lead": _("Safe Routes could not take this. It is kept on this phone."),
        "refused_correct": _("Open and correct"),
        "send_again": _("Send again"),
        "delete": _("Delete"),
    }


def _file() -> dict[str, str]:
    return {
        "save_file": _("Save to a file"),
        "save_waiting": _("Save what waits to a file"),
        "file_saved": _("Saved as {name}. Look in this phone’s downloads."),
        "file_failed": _("The file could not be made. Nothing is lost: all is still on this phone."),
        "file_title": _("Safe Routes: {n} notes from a phone"),
        "file_lead": _(
            "Give this file to an organizer. It holds what this phone could not send, with its photos. "
            "It may show where people live: don’t pass it on."
        ),
        "file_photo_waiting": _("Photo {n}: only here"),
        "file_photo_held": _("Photo {n}: Safe Routes has it"),
        "file_photo_bad": _("Photo {n}: not taken. {why}"),
        "file_photo_gone": _("Photo {n}: no longer on the phone"),
        "little_room": _("Little room left on this phone. Free some space, or photos may not be saved."),
        "mine_others": _(
            "From an earlier walk, still on this phone: {n}. They go by themselves if that walk’s link works."
        ),
    }


def _fields() -> dict[str, str]:
    """What a note holds, as the file and a refusal name it."""
    return {
        "field_position": _("Place"),
        "field_address": _("Address"),
        "field_category": _("Kind"),
        "field_note": _("Note"),
        "field_captured_at": _("Time"),
        "field_answers": _("Answers"),
        "field_segment": _("Block"),
        "field_side": _("Side of the street"),
        "field_photos": _("Photos"),
        "field_walk": _("Walk"),
        "field_city_case": _("City number"),
    }

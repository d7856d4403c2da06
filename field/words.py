"""Every sentence of the phone app, in one language. The page carries one set; the phone keeps the other for later."""

from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from concerns.models import Category
from outreach.models import Consent, Contact
from people.roles import AgeBand
from walks.models import Incident, Rating


def words(language: str) -> dict[str, str]:
    """The app's sentences by key. `{n}`, `{number}` … are filled in on the phone."""
    with translation.override(language):
        groups = {f"group_{group.value}": str(group.label) for group in Category.Group}
        day = _help() | _walked() | _talk() | _count() | _back()
        return (
            groups
            | _frame()
            | _joining()
            | _place()
            | _sheet()
            | _records()
            | _queue()
            | _looking_again()
            | _people()
            | _map()
            | day
        )


def _frame() -> dict[str, str]:
    return {
        "app": _("Safe Routes walk"),
        "to_other_language": _("Español"),
        "text_size": _("Aa, text size"),
        "text_size_0": _("Text size: normal"),
        "text_size_1": _("Text size: large"),
        "text_size_2": _("Text size: very large"),
        "tab_log": _("Log"),
        "tab_walked": _("Blocks"),
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
        "part_missing": _("The rest of the app hasn’t come yet. Open the page again when there is signal."),
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
        "join_app": _(
            "This app can’t see what your browser kept. Did you join in the browser? Go on there: what you logged is "
            "kept and sent there. To join here, type the letters: a scanned code may open the browser."
        ),
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
    """What waits, what was refused, the file, leaving, practice."""
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
        "leave": _("Leave this walk, or hand the phone over"),
        "leave_title": _("Leave this walk"),
        "leave_lead": _(
            "Leaving takes this walk off the phone: its names and numbers, its list, and what you noted. "
            "What was sent stays with the organizers."
        ),
        "leave_waiting": _("Only on this phone: {n}. Nothing of it may get lost."),
        "leave_all_in": _("Everything is sent."),
        "leave_refused": _("Needs a look under “My list”: {n}."),
        "leave_photos": _(
            "Photos that were not taken are on {n} of your notes. Leaving deletes them: save them to a file first."
        ),
        "leave_send": _("Send first"),
        "leave_later": _("Hand over, send by itself later"),
        "leave_later_hint": _(
            "It stays sealed on this phone and goes out when there is signal. The next person can’t see it."
        ),
        "leave_now": _("Leave this walk"),
        "leave_done": _("This phone has left the walk. Nothing of it is left here."),
        "leave_sealed": _(
            "Sealed. It goes out by itself when there is signal. The phone is ready for the next person."
        ),
        "practice_title": _("Practice"),
        "practice_link": _("Practice first: nothing is sent"),
        "practice_lead": _(
            "Try every button. What you note stays on this phone, is never sent, and is deleted when practice ends. "
            "Only the buttons that call somebody are real."
        ),
        "practice_start": _("Start practice"),
        "practice_bar": _("Practice: nothing is sent"),
        "practice_end": _("End practice"),
        "practice_go_on": _("Go on practising"),
        "practice_ended": _("Practice has ended. Its notes are deleted."),
        "practice_no_signal": _("No answer from Safe Routes. Practice needs signal once. Try again."),
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


def _talk() -> dict[str, str]:
    kinds = {f"contact_{kind.value}": str(kind.label) for kind in Contact.Kind}
    results = {f"result_{result.value}": str(result.label) for result in Contact.Result}
    return (
        kinds
        | results
        | {
            "talk_title": _("We talked with somebody"),
            "talk_open": _("We talked"),
            "talk_private": _("Without a yes no names, no phone numbers, no addresses are kept."),
            "talk_whom": _("With whom?"),
            "talk_result": _("What came of it? One tap saves."),
            "talk_needs": _("What about?"),
            "talk_needs_hint": _("You may leave this out."),
            "talk_more": _("Next talk"),
            "talk_count": _("talks on this phone: {n}"),
            "talk_help": _("They want help"),
            "talk_extra": _("A note or a card"),
            "talk_note": _("Note"),
            "talk_note_hint": _("About the place or the need, never about who."),
            "talk_who": _("This seems to say who it is: leave it out, or ask for a yes."),
            "yes_asked": _("Help asked for"),
            "yes_forgets": _("This phone forgets it as soon as it is sent."),
            "yes_gone": _("What they told is no longer on this phone."),
            "yes_code": _("Their code. Write it down for them: it is shown only now."),
            "field_consent": _("They want help"),
        }
    )


def words_of_the_street(language: str) -> dict[str, str]:
    """What a phone says of a yes, a card and a shop. It comes with the walk's data: nobody needs it without."""
    with translation.override(language):
        return _yes() | _card() | _shops()


def _yes() -> dict[str, str]:
    scopes = {f"scope_{scope.value}": capfirst(str(scope.label)) for scope in Consent.Scope}
    hows = {f"how_{how.value}": capfirst(str(how.label)) for how in Consent.How}
    return (
        scopes
        | hows
        | {
            "yes_read": _("Read this to them first"),
            "yes_language": _("Which language?"),
            "yes_scope": _("What may we do with it?"),
            "yes_org": _("Which organization?"),
            "yes_walled": _("police, court or code enforcement: only if they name it"),
            "yes_here": _("Is somebody of it here?"),
            "yes_taken": _("They take it on now"),
            "yes_name": _("Name"),
            "yes_phone": _("Phone"),
            "yes_email": _("E-mail"),
            "yes_email_wrong": _("This e-mail address can’t be right. Look at it again, or leave it out."),
            "yes_news": _("News of it"),
            "yes_wants_mail": _("By mail, too"),
            "yes_note": _("In their words"),
            "yes_best_time": _("Good time to call"),
            "yes_how": _("How did they say yes?"),
            "yes_lacks": _("Still missing: {what}"),
            "yes_save": _("Save and send"),
        }
    )


def _card() -> dict[str, str]:
    return {
        "card": _("Code on the card you give them"),
        "card_scan": _("Scan the card"),
        "card_none": _("There is no code in this picture. Type its sixteen letters and digits."),
    }


def _shops() -> dict[str, str]:
    return {
        "shop": _("Which shop?"),
        "shop_off": _("DO NOT VISIT"),
        "shop_no_visit": _("They want no visits"),
        "shop_language": _("Language: {language}"),
        "shop_best": _("Best time: {time}"),
        "shop_last": _("Last visit {day}: {result}"),
        "shop_call": _("We said we’d come back by {day}"),
        "shop_tell": _("Tell them: {answer}"),
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

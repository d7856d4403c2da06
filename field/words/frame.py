"""The frame of the app, the way in and out, practice."""

from django.utils.translation import gettext as _


def frame() -> dict[str, str]:
    return _frame() | _joining() | _leaving() | _practice()


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


def _leaving() -> dict[str, str]:
    return {
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
    }


def _practice() -> dict[str, str]:
    return {
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

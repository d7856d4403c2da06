"""The words on the sheets of a print pack, in the languages that were asked for."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from field.pack import SAFETY
from office.bilingual import said

WORDS = {
    "again": _("To look at again"),
    "agreed": _("I agree"),
    "all_blocks": _("This team has no blocks yet. The whole street is drawn."),
    "back_by": _("Back by"),
    "back_out": _("Out / back"),
    "blocks": _("Blocks"),
    "call": _("Whom to call"),
    "collect": _("Collect every sheet at check-out."),
    "contacts": _("Whom we talked with"),
    "contacts_how": _("One line in the box for each. No names, no doors."),
    "call_back": _("come back by"),
    "dark": _("after dark"),
    "day": _("by day"),
    "designee": _("waits off site"),
    "dusk": _("at dusk"),
    "fixed": _("fixed"),
    "gone": _("gone"),
    "greeters": _("Stays at the table"),
    "in": _("In"),
    "keep_off": _("Do not visit"),
    "kind": _("What is it? Tick one."),
    "last_there": _("last visit"),
    "lead": _("Lead"),
    "map": _("The way"),
    "marshal": _("Marshal"),
    "meet": _("Meet"),
    "minor": _("minor"),
    "minor_waits": _("minor: no yes yet, call"),
    "name": _("Name"),
    "note": _("What do you see? The place, never people."),
    "nothing": _("Nothing to look at on these blocks."),
    "now": _("What do you see now?"),
    "number": _("No."),
    "organization": _("Organization"),
    "out": _("Out"),
    "people": _("People"),
    "phone_join": _("Join with a phone: scan, or type the letters"),
    "place": _("Where? Address, or block and side"),
    "purpose": _("Why we walk"),
    "roster": _("Who walks"),
    "safety": _("Stay safe"),
    "sheet": _("Sheet"),
    "sheets": _("Sheets"),
    "shop": _("Shop"),
    "shops": _("Shops on your way"),
    "shops_how": _("Tick one box for each. Write what they ask on a concern sheet, never who they are."),
    "sign_in": _("Who is here"),
    "sign_in_how": _("Sign in, read the agreement on the table, sign out. We don’t ask for your number here."),
    "still": _("still there"),
    "since": _("since"),
    "step_off": _("Step off"),
    "team": _("Team"),
    "tell_them": _("Tell them:"),
    "time": _("Time"),
    "too_many": _("More names are on the sign-in sheet."),
    "typing": _("Type it in here"),
    "walk_lead": _("walk lead"),
    "what_came": _("What came of it?"),
    "weather": _("If the weather is bad"),
    "worse": _("worse"),
    "concerns": _("What we noticed"),
    "unnumbered": _("Draft without a number: not to be handed out"),
    "unnumbered_hides": _("Empty buildings are only on numbered sheets."),
    "safety_text": SAFETY,
}


def words_in(languages: Sequence[str]) -> dict[str, SafeString]:
    return {name: said(words, languages) for name, words in WORDS.items()}

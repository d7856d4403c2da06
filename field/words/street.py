"""Talking with people: what came of it, a yes, a card, a shop."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outreach.models import Consent, Contact


def talk() -> dict[str, str]:
    return _talk()


def street() -> dict[str, str]:
    """What comes with the walk's data: nobody needs it without."""
    return _yes() | _card() | _shops()


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

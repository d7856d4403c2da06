"""How needs, languages and the states of referrals look and read."""

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext as _

from outreach.models import Need, Referral, ReferralUpdate
from outreach.workflow import Outcome, State

register = template.Library()

# A shape with each word, so that the state isn't told by colour alone.
SHAPES = {
    State.REQUESTED: "○",
    State.RECEIVED: "○",
    State.ACCEPTED: "◐",
    State.IN_PROGRESS: "◐",
    State.COMPLETED: "✓",
    State.REJECTED: "×",
    State.FAILED: "×",
    State.CANCELLED: "–",
}


@register.simple_tag
def referral_chip(referral: Referral) -> str:
    """Shape and word of the state, with the reason where it ended otherwise than well."""
    state = State(referral.state)
    words = str(state.label)
    if referral.outcome and referral.outcome != Outcome.GOT_HELP:
        words = f"{words}: {Outcome(referral.outcome).label}"
    chip = '<span class="help-chip help-{}"><span aria-hidden="true">{}</span> {}</span>'
    return format_html(chip, state.value, SHAPES[state], words)


@register.simple_tag
def need_word(code: str) -> str:
    return str(Need(code).label) if code in Need.values else code


@register.simple_tag
def language_word(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code))


@register.simple_tag
def update_words(line: ReferralUpdate) -> str:
    """One line of the story in words, by whom."""
    if line.kind == ReferralUpdate.Kind.STATE:
        words = str(State(line.to_state).label)
        if line.outcome and line.outcome != Outcome.GOT_HELP:
            words = f"{words}: {Outcome(line.outcome).label}"
    else:
        words = str(ReferralUpdate.Kind(line.kind).label)
    by = _("%(what)s (%(who)s)") % {"what": words, "who": line.get_party_display()}
    return format_html("{}{}", by, f" – {line.note}" if line.note else "")

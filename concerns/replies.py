"""Words that organizers send often: those that fit a concern, in the languages of who reported it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from concerns.models import Concern, ReplyTemplate
from concerns.reporters import Reporter
from concerns.workflow import MOVES, Status

ENGLISH, SPANISH = "en", "es"


@dataclass(frozen=True)
class Reply:
    """A template with its places filled in. `status` is the one it goes with, or ""."""

    number: int
    name: str
    status: str
    text: str


@dataclass(frozen=True)
class Replies:
    """What can be used now. `n_told` people who reported it get the public note by mail, in `languages`."""

    replies: Sequence[Reply]
    languages: Sequence[str]
    n_told: int


def replies_for(concern: Concern, status: str = "") -> Replies:
    """The templates for its kind and for where it may go next. Two queries; reads the category.

    `status` is what stands for `{status}` where a template goes with any; without it the present one.
    """
    told = _languages_of_reporters(concern)
    languages = sorted({_known(language) for language in told}) or [ENGLISH]
    reachable = [s for s in MOVES[concern.status] if s != Status.DUPLICATE]
    fitting = ReplyTemplate.objects.filter(
        Q(category=None) | Q(category=concern.category_id), Q(status="") | Q(status__in=reachable), is_active=True
    )
    replies = [
        Reply(one.pk, one.name, one.status, _text(one, concern, one.status or status or concern.status, languages))
        for one in fitting
    ]
    return Replies(replies, languages, len(told))


def _languages_of_reporters(concern: Concern) -> list[str]:
    """The language of each reporter who gets mail, also of reports merged into it. One query."""
    whose = Q(concern=concern) | Q(concern__duplicate_of=concern)
    return list(Reporter.objects.to_tell().filter(whose).values_list("language", flat=True))


def _known(language: str) -> str:
    return SPANISH if language.startswith(SPANISH) else ENGLISH


def _text(template: ReplyTemplate, concern: Concern, status: str, languages: Sequence[str]) -> str:
    """Its words in each language, one after the other."""
    return "\n\n".join(_filled(template, concern, status, language) for language in languages)


def _filled(template: ReplyTemplate, concern: Concern, status: str, language: str) -> str:
    text = (template.text_es if language == SPANISH else "") or template.text_en
    with translation.override(language if text != template.text_en else ENGLISH):
        values = {
            "{category}": concern.category.name,
            "{place}": concern.public_place or _("the place you told us"),
            "{status}": str(Status(status).label),
        }
    # Only these three: whoever writes a template must not reach anything else of a concern.
    for name, value in values.items():
        text = text.replace(name, value)
    return text.strip()


def with_reply(typed: str, reply: Reply, replies: Sequence[Reply]) -> str:
    """The note with the reply in it: instead of another unchanged reply, after words of one's own."""
    own = typed.strip().replace("\r\n", "\n")
    if not own or own in {one.text for one in replies}:
        return reply.text
    return f"{own}\n\n{reply.text}"

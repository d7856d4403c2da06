"""Words for paper, which can't be switched: in one language, or in both beside each other."""

from collections.abc import Callable, Sequence

from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Words = str | Promise | Callable[[], str]


def say(words: Words, languages: Sequence[str]) -> list[tuple[str, str]]:
    """`[("en", "Time"), ("es", "Hora")]`; what reads the same is said once. A callable is asked in each language."""
    told: list[tuple[str, str]] = []
    for language in languages:
        with translation.override(language):
            text = words() if callable(words) else str(words)
        if text not in {known for _language, known in told}:
            told.append((language, text))
    return told


def said(words: Words, languages: Sequence[str]) -> SafeString:
    """The same as HTML, each language marked as what it is."""
    told = say(words, languages)
    rest = format_html_join("", ' <span class="two" lang="{}">{}</span>', told[1:])
    return format_html('<span lang="{}">{}</span>{}', *told[0], rest)

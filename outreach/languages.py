"""Languages that people speak: which ones are offered for ticking, what a code is called, which code a word means.

Codes are the language part of BCP 47 (RFC 5646), as HSDS wants them: the two letters of ISO 639-1 where there are two,
else three. A region is left out: who speaks Spanish looks for Spanish, not for that of Mexico.
"""

import re
from functools import cache

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outreach.hsds import plain

# Those that agencies here speak most.
LANGUAGES: tuple[tuple[str, str | Promise], ...] = (
    ("en", _("English")),
    ("es", _("Spanish")),
    ("vi", _("Vietnamese")),
    ("so", _("Somali")),
    ("sw", _("Swahili")),
    ("ar", _("Arabic")),
    ("my", _("Burmese")),
    ("fr", _("French")),
    ("zh", _("Chinese")),
    ("ase", _("American Sign Language")),
)
# Those of people who came here lately, which Django's own list doesn't have.
MORE: tuple[tuple[str, str | Promise], ...] = (
    ("am", _("Amharic")),
    ("cnh", _("Hakha Chin")),
    ("hmn", _("Hmong")),
    ("ht", _("Haitian Creole")),
    ("kar", _("Karen")),
    ("ln", _("Lingala")),
    ("lo", _("Lao")),
    ("mam", _("Mam")),
    ("om", _("Oromo")),
    ("prs", _("Dari")),
    ("ps", _("Pashto")),
    ("pt", _("Portuguese")),
    ("rhg", _("Rohingya")),
    ("rn", _("Kirundi")),
    ("rw", _("Kinyarwanda")),
    ("ti", _("Tigrinya")),
    ("tl", _("Tagalog")),
)
# ISO 639-2, both its bibliographic and its terminological codes, for languages that have two letters.
THREE_LETTERS = {
    "amh": "am", "ara": "ar", "ben": "bn", "bur": "my", "mya": "my", "chi": "zh", "zho": "zh", "deu": "de",
    "ger": "de", "eng": "en", "fas": "fa", "per": "fa", "fra": "fr", "fre": "fr", "hat": "ht", "hin": "hi",
    "ita": "it", "jpn": "ja", "khm": "km", "kin": "rw", "kor": "ko", "lao": "lo", "lin": "ln", "nep": "ne",
    "orm": "om", "pol": "pl", "por": "pt", "pus": "ps", "run": "rn", "rus": "ru", "som": "so", "spa": "es",
    "swa": "sw", "tgl": "tl", "tha": "th", "tir": "ti", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi",
}  # fmt: skip
# Other ways of writing a name that people here use.
ALSO = {
    "中文": "zh", "mandarin": "zh", "cantonese": "zh", "farsi": "fa", "asl": "ase", "sign language": "ase",
    "creole": "ht",
}  # fmt: skip
CODE = re.compile(r"([a-z]{2,3})(-[a-z0-9]{1,8})*")


def name_of(code: str) -> str:
    """The language's name in the reader's language; the code itself where nobody here knows it."""
    known = dict(LANGUAGES) | dict(MORE)
    if code in known:
        return str(known[code])
    info = LANG_INFO.get(code)
    return str(translation.get_language_info(code)["name_translated"]) if info and "name" in info else code


def code_of(word: str) -> str | None:
    """The code that a code or a name means, the name in English, Spanish or the language itself. None where unknown.

    A well-formed code that isn't in any list is taken as it is: there are some 7,000 languages.
    """
    if found := _codes_by_name().get(plain(word)):
        return found
    written = CODE.fullmatch(word.strip().replace("_", "-").lower())
    return THREE_LETTERS.get(written[1], written[1]) if written else None


@cache
def _codes_by_name() -> dict[str, str]:
    names = {plain(name): code for name, code in ALSO.items()}
    for code, info in LANG_INFO.items():
        if "name" in info:
            names |= {plain(info["name"]): code, plain(info["name_local"]): code}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names |= {plain(name_of(code)): code for code in [*LANG_INFO, *dict(MORE), *dict(LANGUAGES)]}
    return {name: code.partition("-")[0] for name, code in names.items() if name}

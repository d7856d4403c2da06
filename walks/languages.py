"""Languages people may walk in, each by its own name. The site itself is written in those of `settings.LANGUAGES`."""

from collections.abc import Iterable

OWN_NAMES = {
    "en": "English",
    "es": "Español",
    "vi": "Tiếng Việt",
    "so": "Soomaali",
    "sw": "Kiswahili",
    "ar": "العربية",
    "fr": "Français",
    "my": "မြန်မာ",
    "ase": "ASL",
}


def own_name(code: str) -> str:
    return OWN_NAMES.get(code, code)


def choices_of(codes: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, own_name(code)) for code in codes]

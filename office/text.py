"""Words that live in the database in two languages."""

from typing import Any

from django.utils.translation import get_language


def in_language(row: Any, field: str, language: str | None = None) -> str:
    """`row.field_es` or `row.field_en`, by the language of the page; English where the translation is empty."""
    code = (language or get_language() or "en")[:2]
    return getattr(row, f"{field}_{code}", "") or getattr(row, f"{field}_en")

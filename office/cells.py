"""Cells of CSV files for spreadsheets: what one would take for a formula is marked as text, and read back whole."""

# Also the full-width forms, which some spreadsheets take for the same.
RISKY = frozenset("=+-@\t\r＝＋－＠")


def _is_risky(text: str) -> bool:
    return text.lstrip("'")[:1] in RISKY and text.strip("'") != ""


def safe_cell(value: object) -> str:
    """The value as text, with `'` before what would be computed. `plain_cell` takes exactly that away again."""
    text = "" if value is None else str(value)
    return f"'{text}" if _is_risky(text) else text


def plain_cell(text: str) -> str:
    """What somebody meant in a cell that went out through `safe_cell`."""
    return text[1:] if text.startswith("'") and _is_risky(text) else text

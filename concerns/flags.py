"""Stub, completed below."""


def flags_for_text(text: str) -> set[str]:
    return set()

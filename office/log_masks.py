"""Keeps the tokens of personal links out of the logs: an address with one in it is written with `***` in its place."""

import logging
import re

# Who signs: `pack()~version.signature`, and what follows these in an address, right or wrong.
_SIGNED = re.compile(r"[A-Za-z0-9_=-]{16,}~\d+\.[A-Za-z0-9_-]{16,}")
_AFTER = re.compile(
    r"(/(?:my|my/calendar|my/guardian|my/no-more|pledge|greet|off-site|commitment|follow|receipt|assignment|referral"
    r"|help/status|help/card|directory|meeting|week|accounts/first|accounts/welcome)/)"
    r"(?!lost/|calendar/|guardian/|no-more/)[^/\s'\"?]+"
)


def mask(text: str) -> str:
    """`/my/calendar/AbC…/` becomes `/my/calendar/***`."""
    return _AFTER.sub(r"\1***", _SIGNED.sub("***", text))


class MaskTokens(logging.Filter):
    """Masks a record's message and what is put into it, before anything writes it down."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):
            record.msg = mask(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(mask(one) if isinstance(one, str) else one for one in record.args)
        return True

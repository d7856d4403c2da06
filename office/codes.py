"""Short codes for posters and phones: letters and digits that nobody mixes up."""

import secrets

# Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code(length: int) -> str:
    """A random code of so many characters, five bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def read_code(typed: str) -> str:
    """What somebody typed, as it was meant: upper case, without spaces and dashes, O read as 0, I and L as 1."""
    return typed.upper().replace("-", "").replace(" ", "").translate(_READ_AS)

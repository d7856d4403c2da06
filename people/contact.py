"""E-mail addresses and phone numbers in one form, so that the same one is found again."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

HOME_COUNTRY = "US"


def normalize_email(typed: str) -> str:
    """Lower case, without spaces around it. Addresses differ in case only on paper (RFC 5321 section 2.4)."""
    return typed.strip().lower()


def normalize_phone(typed: str) -> str:
    """E.164, for example `+18165551234`. Raises ValidationError with what to do."""
    try:
        number = phonenumbers.parse(typed, HOME_COUNTRY)
    except phonenumbers.NumberParseException as error:
        raise ValidationError(_("“%(typed)s” is not a phone number."), params={"typed": typed[:40]}) from error
    if not phonenumbers.is_possible_number(number):
        raise ValidationError(
            _("“%(typed)s” is not a whole phone number. Write all ten digits."),
            params={"typed": typed[:40]},
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_contact(typed: str) -> tuple[str, str]:
    """`(email, phone)` from one box where people write either; one of the two is empty.

    Raises ValidationError naming what is missing. An empty box gives two empty strings.
    """
    typed = typed.strip()
    if not typed:
        return "", ""
    if any(letter.isalpha() for letter in typed):
        try:
            validate_email(typed)
        except ValidationError as error:
            raise ValidationError(
                _("“%(typed)s” is not a whole e-mail address. Add what comes after the @, or give a phone number."),
                params={"typed": typed[:80]},
            ) from error
        return normalize_email(typed), ""
    return "", normalize_phone(typed)


def show_phone(phone: str) -> str:
    """A stored number as people write it: `(816) 555-1234` at home, `+44 20 7946 0000` elsewhere."""
    try:
        number = phonenumbers.parse(phone, HOME_COUNTRY)
    except phonenumbers.NumberParseException:
        return phone
    home = number.country_code == phonenumbers.country_code_for_region(HOME_COUNTRY)
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)

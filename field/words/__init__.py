"""Every sentence of the phone app, in one language. The page carries one set; the phone keeps the other for later."""

from django.utils import translation

from concerns.models import Category
from field.words.evening import evening
from field.words.frame import frame
from field.words.noting import noting
from field.words.street import street, talk


def words(language: str) -> dict[str, str]:
    """The app's sentences by key. `{n}`, `{number}` … are filled in on the phone."""
    with translation.override(language):
        groups = {f"group_{group.value}": str(group.label) for group in Category.Group}
        return groups | frame() | noting() | evening() | talk()


def words_of_the_street(language: str) -> dict[str, str]:
    """What a phone says of a yes, a card and a shop. It comes with the walk's data: nobody needs it without."""
    with translation.override(language):
        return street()

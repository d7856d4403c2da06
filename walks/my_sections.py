"""Parts of somebody's own page (`/my/<token>/`). Rooms add one by naming a function in `settings.MY_SECTIONS`."""

from django.conf import settings
from django.utils.module_loading import import_string

from office.partner import Section
from walks.models import Signup


def my_sections(signup: Signup, token: str) -> list[Section]:
    """In the order of the settings; each is `(*, signup, token) -> Section | None`."""
    made = (import_string(name)(signup=signup, token=token) for name in settings.MY_SECTIONS)
    return [section for section in made if section is not None]

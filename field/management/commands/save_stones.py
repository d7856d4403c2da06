from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from field.stones import as_text


class Command(BaseCommand):
    help = "Saves what a restore must not bring back (ids only): what was purged, taken back, forgotten or passed on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        options["file"].write_text(as_text(), encoding="utf-8")

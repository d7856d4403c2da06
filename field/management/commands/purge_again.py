from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from field.purging import purge_again
from field.stones import NotStones, obey
from outreach.restoring import FORGOTTEN, NO_YES, PASSED_ON


class Command(BaseCommand):
    help = "After a restore: purges, takes back and forgets again what it brought back. FILE is what save_stones wrote."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] is None:
            self.stdout.write(f"Purged again: {purge_again()}")
            return
        try:
            done = obey(options["file"].read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, NotStones):
            raise CommandError(f"{options['file']} isn't a whole file of save_stones. Nothing was changed.") from None
        self.stdout.write(f"Purged again: {done['purged']}")
        self.stdout.write(f"Yes taken back again: {done[NO_YES]}")
        self.stdout.write(f"Requests forgotten again: {done[FORGOTTEN]}")
        self.stdout.write(f"Referrals ended again: {done[PASSED_ON]}")

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from office.retention import Forgotten, apply_retention

MOST_NAMED = 40


class Command(BaseCommand):
    help = "Forgets what is due by the rules of docs/privacy.md and prints kind, count and short ids."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="print the same list and change nothing")

    def handle(self, *args: Any, dry_run: bool = False, **options: Any) -> None:
        found = apply_retention(dry_run=dry_run)
        self.stdout.write("Would be forgotten:" if dry_run else "Forgotten:")
        for one in found:
            self.stdout.write(line(one))
            for name, reason in one.kept.items():
                self.stdout.write(f"    kept {name}: {reason}")


def line(one: Forgotten) -> str:
    """“reporter contacts: 3 (1a2b3c4d, …)”"""
    named = ", ".join(one.ids[:MOST_NAMED])
    more = f", and {len(one.ids) - MOST_NAMED} more" if len(one.ids) > MOST_NAMED else ""
    return f"  {one.kind}: {len(one.ids)}" + (f" ({named}{more})" if one.ids else "")

from typing import Any

from django.core.management.base import BaseCommand

from field.purging import purge_again


class Command(BaseCommand):
    help = "Purges again what a restore brought back although it was purged. Run it after loading the saved tombstones."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Purged again: {purge_again()}")

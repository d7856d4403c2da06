from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from saferoutes.demo.clear import clear_demo


class Command(BaseCommand):
    help = "Remove exactly the demo; what you made yourself stays."

    def handle(self, *args: Any, **options: Any) -> None:
        cleared = clear_demo()
        (settings.VAR_DIR / "demo-sign-ins.txt").unlink(missing_ok=True)
        for label, n in sorted(cleared.removed.items()):
            self.stdout.write(f"removed {n:>4}  {label}")
        for label, n in sorted(cleared.kept.items()):
            self.stdout.write(f"kept    {n:>4}  {label} (something of yours stands on it)")
        self.stdout.write("The demo is gone." if cleared.removed else "There was no demo.")

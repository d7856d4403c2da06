import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from office.models import DemoRecord
from saferoutes.demo.story import Story


class Command(BaseCommand):
    help = "Load the Independence Avenue story. Does nothing where it is loaded already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sign-ins", default=str(settings.VAR_DIR / "demo-sign-ins.txt"))

    def handle(self, *args: Any, **options: Any) -> None:
        if DemoRecord.objects.exists():
            self.stdout.write("The demo is there already. `clear_demo` removes it.")
            return
        story = Story(now=timezone.now(), password=os.environ.get("DEMO_PASSWORD") or None)
        story.tell()
        lines = [f"{key:<12} {email:<28} {password}" for key, email, password in story.sign_ins]
        write_private(Path(options["sign_ins"]), "\n".join(lines) + "\n")
        self.stdout.write("The demo is loaded. Sign in as:\n" + "\n".join(lines))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)

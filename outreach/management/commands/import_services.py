from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outreach.hsds_files import NotReadable
from outreach.hsds_read import import_services, rejected_csv


class Command(BaseCommand):
    help = "Imports services from HSDS CSV: a folder, a zip, or one flat file. Twice is harmless; nothing is lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FOLDER|FILE.zip|FILE.csv")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.exists():
            raise CommandError(f"{path}: there is no such file or folder.", returncode=2)
        try:
            report = import_services(path, by=None, is_dry=options["dry_run"])
        except NotReadable as problem:
            raise CommandError(f"{path.name}: {problem}") from None
        for line in report.lines():
            self.stdout.write(line)
        if report.rejected:
            beside = path.with_name(f"{path.name}.rejected.csv")
            beside.write_text(rejected_csv(report.rejected), encoding="utf-8-sig", newline="")
            raise CommandError(f"{len(report.rejected)} rows were rejected; they stand with their reasons in {beside}.")

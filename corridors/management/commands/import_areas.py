from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from corridors.imports import ImportRefused, import_areas, read_features
from corridors.models import Area


class Command(BaseCommand):
    help = "Imports areas (neighborhoods, council districts, patrol divisions) from a GeoJSON file; twice is harmless."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.geojson")
        parser.add_argument("--kind", required=True, choices=Area.Kind.values)
        parser.add_argument("--name-field", default="name", help="property that holds the name (name)")
        parser.add_argument("--id-field", default="", help="property that holds the number at the source")
        parser.add_argument("--source", default="", help="where the file comes from (the file’s name)")
        parser.add_argument("--approximate", action="store_true", help="the shapes are rough and are labelled so")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path}: there is no such file.", returncode=2)
        try:
            features = read_features(path)
        except ImportRefused as problem:
            raise CommandError(str(problem)) from None
        report = import_areas(
            features,
            kind=options["kind"],
            source=(options["source"] or path.stem)[:120],
            name_field=options["name_field"],
            id_field=options["id_field"],
            is_approximate=options["approximate"],
        )
        for line in report.lines():
            self.stdout.write(line)
        if sum(report.skipped.values()) == report.n_read:
            raise CommandError(f"{path.name}: no area in this file could be used.")

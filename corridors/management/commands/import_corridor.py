from pathlib import Path
from typing import Any

from django.contrib.gis.geos import LineString
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.text import slugify

from corridors.actions import create_corridor, redraw_corridor
from corridors.geometry import CrossStreet, length_m, side_of_compass
from corridors.imports import ImportRefused, Record, read_cross_streets, read_features, read_street
from corridors.models import Area, Corridor
from office.refused import Refused


class Command(BaseCommand):
    help = "Imports a corridor from a GeoJSON file with its line, and cuts it into blocks at its cross streets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.geojson")
        parser.add_argument("--name", default="", help="the street’s name (property “name” of the file)")
        parser.add_argument("--slug", default="", help="its address on this site (made from the name)")
        parser.add_argument("--from", dest="from_street", default="", help="cross street at the line’s start")
        parser.add_argument("--to", dest="to_street", default="", help="cross street at the line’s end")
        parser.add_argument("--cross-streets", type=Path, help="points with the property “street”, maybe “block”")
        parser.add_argument("--first-block", type=int, help="number of the first block; the others count up by 100")
        parser.add_argument("--even-side", default="", choices=["", "north", "east", "south", "west"])
        parser.add_argument("--buffer", type=int, default=60, help="how far it reaches, in metres (60)")
        parser.add_argument("--redraw", action="store_true", help="draw the corridor of that address again")
        parser.add_argument("--dry-run", action="store_true", help="show the blocks and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in filter(None, (options["file"], options["cross_streets"])):
            if not path.is_file():
                raise CommandError(f"{path}: there is no such file.", returncode=2)
        if not 5 <= options["buffer"] <= 500:
            raise CommandError("--buffer is 5 to 500 metres.", returncode=2)
        try:
            with transaction.atomic():
                self._import(options)
                transaction.set_rollback(options["dry_run"])
        except ImportRefused as problem:
            raise CommandError(str(problem)) from None
        except Refused as problem:
            raise CommandError(problem.message) from None
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was changed.")

    def _import(self, options: dict[str, Any]) -> None:
        features = read_features(options["file"])
        line = read_street(features)
        told: dict[str, Any] = next((item["properties"] for item in features if item["properties"].get("name")), {})
        name = str(options["name"] or told.get("name") or "").strip()[:120]
        if not name:
            raise ImportRefused("The file names no street. Give it one with --name “Independence Avenue”.")
        fields = {
            "name": name,
            "buffer_m": options["buffer"],
            "even_side": self._even_side(line, options["even_side"]),
            "from_street": str(options["from_street"] or told.get("from") or "")[:80],
            "to_street": str(options["to_street"] or told.get("to") or "")[:80],
            "first_block": options["first_block"],
        }
        streets = self._cross_streets(options["cross_streets"], line)
        slug = slugify(options["slug"] or name)
        was = Corridor.objects.filter(slug=slug).first()
        if was and not options["redraw"]:
            raise ImportRefused(
                f"There is a corridor at /corridors/{slug}/ already. "
                "Draw it again with --redraw, or give another --slug."
            )
        if was:
            corridor = redraw_corridor(corridor=was, by=None, line=line, cross_streets=streets, **fields).corridor
        else:
            corridor = create_corridor(by=None, line=line, cross_streets=streets, slug=options["slug"], **fields)
        self._tell(corridor)

    def _even_side(self, line: LineString, name: str) -> str:
        side = side_of_compass(line, name) if name else ""
        if side is None:
            raise ImportRefused(f"This street has no {name} side, seen from start to end. Try another --even-side.")
        return side

    def _cross_streets(self, path: Path | None, line: LineString) -> list[CrossStreet]:
        features: list[Record] = read_features(path) if path else []
        streets, skipped = read_cross_streets(features, line)
        for reason, n in skipped.items():
            self.stdout.write(f"Cross streets: {n} skipped: {reason}")
        return streets

    def _tell(self, corridor: Corridor) -> None:
        length = Corridor.objects.with_length().get(pk=corridor.pk).length.m  # type: ignore[attr-defined]
        segments = list(corridor.segments.current())
        self.stdout.write(f"{corridor.name}: {length:,.1f} m, {len(segments)} segments, at /corridors/{corridor.slug}/")
        for segment in segments:
            number = f"{segment.block} block" if segment.block is not None else ""
            words = f"{segment.from_street} to {segment.to_street}"
            self.stdout.write(f"  {segment.position + 1:>3}. {words:<45} {number:<12} {length_m(segment.line):6.0f} m")
        for area in Area.objects.crossing(corridor.line):
            self.stdout.write(f"  crosses {area.get_kind_display()} {area.shown_name}")

"""Forms of the desk for corridors and landmarks."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django import forms
from django.contrib.gis.geos import LineString, Point
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corridors.fields import LinePick, StrictGeometryField
from corridors.geometry import (
    FAR_M,
    WGS84,
    CrossStreet,
    compass_of_side,
    end_name,
    length_m,
    point_along,
    project,
    side_of_compass,
)
from corridors.models import COMPASS_SIDES, Corridor, Landmark, Segment
from office.widgets import PointPick

MAX_STREETS = 200
NUMBER = r"[-−]?\d+(?:\.\d+)?"
STREET_LINE = re.compile(
    rf"(?P<name>[^,]+?)\s*(?:,\s*(?P<lon>{NUMBER})\s*,\s*(?P<lat>{NUMBER})\s*)?(?:,\s*(?P<block>\d{{1,6}})\s*)?"
)


class TypedStreet(NamedTuple):
    """One line of the cross streets as somebody typed it; without a point it goes evenly between its neighbors."""

    number: int
    name: str
    point: Point | None
    block: int | None


class CrossStreetsField(forms.CharField):
    """Cross streets, one a line: "Askew Ave, -94.5388, 39.1058" and perhaps a block number, or the name alone."""

    widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})

    def to_python(self, value: Any) -> list[TypedStreet]:  # type: ignore[override]
        rows = [(n, row.strip()) for n, row in enumerate(str(value or "").splitlines(), 1) if row.strip()]
        if len(rows) > MAX_STREETS:
            raise ValidationError(
                _("%(n)s cross streets are too many for one corridor (at most %(max)s). Split it in two."),
                params={"n": len(rows), "max": MAX_STREETS},
            )
        return [self._street(n, row) for n, row in rows]

    def _street(self, n: int, row: str) -> TypedStreet:
        told = STREET_LINE.fullmatch(row)
        if told is None or len(told["name"]) > 80:
            raise ValidationError(
                _("Line %(n)s can’t be read. Write “Askew Ave”, or “Askew Ave, -94.5388, 39.1058”."), params={"n": n}
            )
        block = int(told["block"]) if told["block"] else None
        if told["lon"] is None:
            return TypedStreet(n, told["name"], None, block)
        lon, lat = (float(told[key].replace("−", "-")) for key in ("lon", "lat"))
        if not -180 <= lon <= 180 or not -90 <= lat <= 90:
            raise _swapped_street(n, told["name"], lon, lat)
        return TypedStreet(n, told["name"], Point(lon, lat, srid=WGS84), block)

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)

    def run_validators(self, value: Any) -> None:
        """A list has no length in letters."""


def _swapped_street(n: int, name: str, lon: float, lat: float) -> ValidationError:
    return ValidationError(
        _("Line %(n)s (%(street)s) looks swapped: longitude comes first. Write %(right)s."),
        code="swapped",
        params={"n": n, "street": name, "right": f"{lat:g}, {lon:g}"},
    )


def place_streets(typed: Sequence[TypedStreet], line: LineString) -> list[CrossStreet]:
    """Cross streets with a point each; names alone are spread evenly. Raises ValidationError."""
    total = length_m(line)
    at = [None if street.point is None else _along(street, line) for street in typed]
    for first, after in _gaps(at):
        left = at[first - 1] if first else 0.0
        right = at[after] if after < len(at) else total
        assert left is not None
        assert right is not None
        for k in range(first, after):
            at[k] = left + (right - left) * (k - first + 1) / (after - first + 1)
    return [
        CrossStreet(street.name, street.point or point_along(line, along or 0.0), street.block)
        for street, along in zip(typed, at, strict=True)
    ]


def _gaps(at: Sequence[float | None]) -> Iterable[tuple[int, int]]:
    """Runs of None: index of the first, and of the first that isn't one again."""
    first = None
    for n, along in enumerate([*at, 0.0]):
        if along is None and first is None:
            first = n
        elif along is not None and first is not None:
            yield first, n
            first = None


def _along(street: TypedStreet, line: LineString) -> float:
    assert street.point
    spot = project(street.point, line)
    if spot.distance_m > FAR_M:
        x, y = street.point.coords
        if abs(x) <= 90 and project(Point(y, x, srid=WGS84), line).distance_m <= FAR_M:
            raise _swapped_street(street.number, street.name, x, y)
        raise ValidationError(
            _("%(street)s is %(metres)s m from the line. Put it on the line, or take it out."),
            params={"street": street.name, "metres": round(spot.distance_m)},
        )
    return spot.along_m


class CorridorForm(forms.Form):
    """A corridor as the desk draws it. `cleaned_data` holds what `create_corridor` and `redraw_corridor` want."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("The street’s name: Independence Avenue.")
    )
    line = StrictGeometryField(label=gettext_lazy("The line"), types=("LineString",))
    cross_streets = CrossStreetsField(
        label=gettext_lazy("Cross streets"),
        required=False,
        help_text=gettext_lazy(
            "One a line: the name, then longitude and latitude, then the number of the block that begins there if "
            "you know it. Names alone are spaced evenly along the line."
        ),
    )
    from_street = forms.CharField(label=gettext_lazy("It begins at"), max_length=80, required=False)
    to_street = forms.CharField(label=gettext_lazy("It ends at"), max_length=80, required=False)
    first_block = forms.IntegerField(
        label=gettext_lazy("Number of the first block"),
        min_value=0,
        max_value=999_900,
        required=False,
        help_text=gettext_lazy("3100 for the 3100 block. The others count up from it by 100."),
    )
    even_side = forms.ChoiceField(
        label=gettext_lazy("Even house numbers are on the"),
        required=False,
        choices=[
            ("", gettext_lazy("we don’t know yet")),
            *COMPASS_SIDES.items(),
        ],
    )
    buffer_m = forms.IntegerField(
        label=gettext_lazy("How far it reaches, in metres"),
        min_value=5,
        max_value=500,
        initial=60,
        help_text=gettext_lazy("What people notice this near to the line belongs to the corridor."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note for organizers"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_public = forms.BooleanField(label=gettext_lazy("Show it to everybody"), required=False, initial=True)
    version = forms.CharField(required=False, widget=forms.HiddenInput, max_length=32)

    def __init__(self, *args: Any, around: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].widget = LinePick(data=around, streets=self["cross_streets"].auto_id)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        line = data.get("line")
        if line is None:
            return data
        if data.get("cross_streets"):
            try:
                data["cross_streets"] = place_streets(data["cross_streets"], line)
            except ValidationError as problem:
                self.add_error("cross_streets", problem)
        if data.get("even_side"):
            side = side_of_compass(line, data["even_side"])
            if side is None:
                self.add_error("even_side", self._no_such_side(line))
            data["even_side"] = side or ""
        return data

    def _no_such_side(self, line: LineString) -> str:
        sides = [str(COMPASS_SIDES[compass_of_side(line, side)]) for side in ("left", "right")]
        return _("This street has a %(one)s and a %(other)s. Choose one of them.") % {
            "one": sides[0],
            "other": sides[1],
        }


def initial_of(corridor: Corridor, segments: Sequence[Segment]) -> dict[str, Any]:
    """What the form shows of a corridor that is there already."""
    lines = [
        ", ".join(
            [
                segment.from_street.replace(",", " "),
                f"{segment.line.coords[0][0]:.6f}",
                f"{segment.line.coords[0][1]:.6f}",
                *([str(segment.block)] if segment.block is not None else []),
            ]
        )
        for segment in segments[1:]
    ]
    ends = {True: segments[0].from_street, False: segments[-1].to_street} if segments else {}
    named = {start: "" if name == end_name(corridor.line, start=start) else name for start, name in ends.items()}
    return {
        "name": corridor.name,
        "line": corridor.line,
        "cross_streets": "\n".join(lines),
        "from_street": named.get(True, corridor.from_street),
        "to_street": named.get(False, corridor.to_street),
        "first_block": segments[0].block if segments else None,
        "even_side": compass_of_side(corridor.line, corridor.even_side) if corridor.even_side else "",
        "buffer_m": corridor.buffer_m,
        "note": corridor.note,
        "is_public": corridor.is_public,
    }


class LandmarkForm(forms.ModelForm):
    location = StrictGeometryField(label=gettext_lazy("Place"))

    class Meta:
        model = Landmark
        fields = ("name", "kind", "location", "address", "corridor", "facilities", "note", "is_public")

    def __init__(self, *args: Any, around: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].widget = PointPick(data=around)
        self.fields["name"].widget.attrs["autocomplete"] = "off"

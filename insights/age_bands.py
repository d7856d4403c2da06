"""How many people of which age: counts by band, and the youth share.

The youth share is the bands 13–17 and 18–24 over all with a known band. What is unknown stays beside it, and is never
spread over the bands. See docs/at-the-table.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from people.roles import AgeBand

YOUTH = (AgeBand.TEEN, AgeBand.YOUNG_ADULT)
KNOWN = tuple(band for band in AgeBand if band is not AgeBand.UNKNOWN)


@dataclass(frozen=True)
class Bands:
    """People by age band (`AgeBand` values); a band that isn't there counts none."""

    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, band: str) -> int:
        return self.counts.get(band, 0)

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def unknown(self) -> int:
        return self.of(AgeBand.UNKNOWN)

    @property
    def known(self) -> int:
        return self.n - self.unknown

    @property
    def youth(self) -> int:
        return sum(self.of(band) for band in YOUTH)

    @property
    def late_twenties(self) -> int:
        return self.of(AgeBand.LATE_TWENTIES)

    @property
    def others(self) -> int:
        """Of known age, neither 13 to 24 nor 25 to 34: children under 13 and who is 35 or over."""
        return self.known - self.youth - self.late_twenties

    @property
    def share(self) -> float | None:
        """The youth share, 0 to 1; None where nobody's age is known: that isn't zero."""
        return self.youth / self.known if self.known else None

    @property
    def percent(self) -> int | None:
        """The youth share in whole percent."""
        return None if self.share is None else round(100 * self.share)


def together(several: Iterable[Bands]) -> Bands:
    """Their people counted together."""
    total: Counter[str] = Counter()
    for one in several:
        total.update(one.counts)
    return Bands(dict(total))

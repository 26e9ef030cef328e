"""One made-up report at a time: what it is about, where it was, when it came in."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from detector.simulate.plan import ReportRow
from detector.simulate.shares import Choice, Shares
from detector.simulate.town import VENUE_KINDS, Town, Venue

HEADER = (
    "report_id", "received_on", "occurred_on", "municipality", "x", "y", "area", "place_key", "place_kind",
    "grounds", "communities", "domains", "nature", "kind", "withdrawn",
)  # fmt: skip
BETWEEN = "|"
"""Between several values of one field."""

MEDIAN_DELAY_DAYS = 7.0
DELAY_SPREAD = float(np.log(60 / MEDIAN_DELAY_DAYS) / 1.2816)
"""So that a tenth of the reports come in more than sixty days after what happened (1.2816: the normal's ninth decile)."""
LONGEST_DELAY_DAYS = 3_650

LETTERS = "bcdfghjkmnpqrstvwxz"
NAMES_COMMUNITY = 0.6
SECOND_GROUND = 0.08
SECOND_DOMAIN = 0.05
GIVES_POINT = 0.6
GIVES_NEIGHBOURHOOD = 0.3
NAMES_VENUE = 0.35
WITHDRAWN = 0.01
KINDS = Choice.of({"single": 0.95, "duplicate": 0.03, "series": 0.02})


@dataclass(frozen=True, eq=False)
class Writer:
    """Writes report rows for a town; ``seed`` and a part's name make their ids, which say nothing of what they are part of."""

    town: Town
    shares: Shares
    seed: int

    def row(
        self,
        part: str,
        number: int,
        received_on: date,
        rng: np.random.Generator,
        *,
        community: str | None = None,
        kind: str | None = None,
        domain: str | None = None,
        delay_days: int | None = None,
    ) -> ReportRow:
        """A report that does not say where; community, kind, domain and delay are drawn if not given."""
        ground = self.shares.grounds_of(community).draw(rng) if community else self.shares.grounds.draw(rng)
        grounds = [ground]
        communities = [community] if community else []
        if not community and ground in self.shares.communities and rng.random() < NAMES_COMMUNITY:
            communities.append(self.shares.communities[ground].draw(rng))
        if rng.random() < SECOND_GROUND:
            grounds.append(self.shares.grounds.draw(rng))
        domains = [domain or self.shares.domains.draw(rng)]
        if domain is None and rng.random() < SECOND_DOMAIN:
            domains.append(self.shares.domains.draw(rng))
        delay = (
            delay_days
            if delay_days is not None
            else min(LONGEST_DELAY_DAYS, int(rng.lognormal(np.log(MEDIAN_DELAY_DAYS + 0.5), DELAY_SPREAD)))
        )
        drawn_kind = KINDS.draw(rng)
        withdrawn = rng.random() < WITHDRAWN
        return dict.fromkeys(HEADER, "") | {
            "report_id": self._report_id(part, number),
            "received_on": received_on.isoformat(),
            "occurred_on": (received_on - timedelta(days=delay)).isoformat(),
            "municipality": self.town.table.municipality.code,
            "grounds": BETWEEN.join(dict.fromkeys(grounds)),
            "communities": BETWEEN.join(communities),
            "domains": BETWEEN.join(dict.fromkeys(domains)),
            "nature": self.shares.natures.draw(rng),
            "kind": kind or drawn_kind,
            "withdrawn": "true" if withdrawn and kind is None else "false",
        }

    def placed(self, row: ReportRow, rng: np.random.Generator, area: int | None = None) -> ReportRow:
        """The report with its place, as precisely as reporters say: a point, the neighbourhood, or only the district."""
        domain = row["domains"].split(BETWEEN, 1)[0]
        if area is None:
            venue = self._venue_for(domain, rng)
            if venue is not None:
                return self.at_venue(row, venue)
        where = self.town.draw_row(rng) if area is None else area
        said = rng.random()
        point = self.town.point_in(where, rng) if said < GIVES_POINT else None
        if point is not None:
            private = {"place_kind": "private"} if domain in {"huisvesting", "privesfeer"} else {}
            return row | {"x": f"{point[0]:.0f}", "y": f"{point[1]:.0f}"} | private
        # A planted report is always placed in its own area, or it would be no part of the pattern.
        finest = area is not None or said < GIVES_POINT + GIVES_NEIGHBOURHOOD or self.town.table.parent[where] == 0
        code = self.town.area(where if finest else int(self.town.table.parent[where])).code
        return row | {"area": code}

    def at_venue(self, row: ReportRow, venue: Venue) -> ReportRow:
        """The report with a venue's key and place."""
        placed = row | {"place_key": venue.key, "place_kind": "public"}
        if np.isfinite(venue.x_m):
            return placed | {"x": f"{venue.x_m:.0f}", "y": f"{venue.y_m:.0f}"}
        return placed | {"area": self.town.area(venue.row).code}

    def _venue_for(self, domain: str, rng: np.random.Generator) -> Venue | None:
        kind = VENUE_KINDS.get(domain)
        # A station is one place among all streets; a school is where education happens.
        likely = 0.08 if kind == "station" else NAMES_VENUE
        if kind is None or rng.random() >= likely:
            return None
        fitting = [venue for venue in self.town.venues if venue.kind == kind]
        return fitting[int(rng.integers(len(fitting)))]

    def _report_id(self, part: str, number: int) -> str:
        digest = hashlib.blake2b(f"{self.seed}:{part}:{number}".encode(), digest_size=10).digest()
        # Letters only: a run of figures could pass for a telephone or citizen service number.
        return "".join(LETTERS[byte % len(LETTERS)] for byte in digest)

"""The scan: the nightly method that finds places, communities and both at once with more reports than their past explains."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Le

from detector.model import Family, Finding, IntArray, StreamKind, Window
from detector.scan.zones import ZoneKind

if TYPE_CHECKING:
    from detector.scan.families import FamilyLook, History

_DAYS_A_YEAR = 365.25
_FINEST = 20
"""The limit of a family must be at least this many steps of 1/(R+1), or more replicates are run."""


class Score(StrEnum):
    """How a count is scored: against its zone's and stream's own past, or by the likelihood ratio that SaTScan uses."""

    PREDICTIVE = "predictive"
    LLR = "llr"


def _default_shares() -> dict[Family, float]:
    return {Family.PLACE: 0.5, Family.COMMUNITY: 0.35, Family.PLACE_COMMUNITY: 0.15}


@dataclass(frozen=True, slots=True)
class Scan:
    """Settings of the scan over zones and streams, with the budget of false alerts that it may spend.

    A finding passes when chance alone would give its family's maximum less often than the family's part of
    ``false_alerts_per_year * share``. The null is exact for any history in which dates have nothing to do with where and whom:
    all permutations of the dates over the reports of the last ``history_days`` are as likely.
    It misleads when the way of reporting itself changes for one place or community (outreach, a new reporting point).

    Kulldorff, Heffernan, Hartman, Assunção, Mostashari (2005), A space-time permutation scan statistic for disease outbreak
    detection, PLoS Medicine 2:e59.
    """

    name: ClassVar[str] = "scan"
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    score: Score = Score.PREDICTIVE
    false_alerts_per_year: Annotated[float, Gt(0)] = 2.0
    share: Annotated[float, Ge(0), Le(1)] = 0.9
    family_shares: Mapping[Family, Annotated[float, Ge(0), Le(1)]] = field(default_factory=_default_shares)
    windows_days: tuple[Annotated[int, Gt(0)], ...] = (21, 42, 63)
    history_days: Annotated[int, Gt(0)] = 1096
    min_reports: Annotated[int, Ge(2)] = 3
    alpha: Annotated[float, Gt(0)] = 2.0
    lasting_days: Annotated[int, Ge(1)] = 7
    replicates: Annotated[int, Ge(99)] = 9999
    zones: tuple[ZoneKind, ...] = (
        ZoneKind.NEIGHBOURHOOD,
        ZoneKind.DISTRICT,
        ZoneKind.NEAREST_1,
        ZoneKind.NEAREST_2,
        ZoneKind.NEAREST_3,
        ZoneKind.AROUND,
        ZoneKind.VENUE,
    )
    streams: tuple[StreamKind, ...] = (StreamKind.COMMUNITY,)
    max_radius_m: Annotated[float, Gt(0)] = 2000.0
    max_share: Annotated[float, Gt(0), Le(1)] = 0.5
    threads: Annotated[int, Gt(0)] = 1

    def __post_init__(self) -> None:
        if not self.windows_days:
            raise ValueError("windows_days is empty: name at least one length in days")
        if sum(self.family_shares.values()) > 1 + 1e-9:
            raise ValueError("family_shares add up to more than 1: lower them, together they divide this method's budget")
        if StreamKind.ALL in self.streams:
            raise ValueError("streams cannot hold 'all': the place family already scans all reports")

    def expected_false_alerts_per_year(self, window: Window, rng: np.random.Generator) -> float:  # noqa: ARG002 (the interface's)
        """The part of the budget that the families may spend; what is really spent is at most this."""
        return self.false_alerts_per_year * self.share * sum(self.family_shares.values())

    def detect(self, window: Window, rng: np.random.Generator) -> list[Finding]:
        """Findings within the budget, best recurrence interval first; at most one for mostly the same reports in each family."""
        from detector.scan.families import History  # noqa: PLC0415 - compiled loops, which reading the settings must not load

        seeds = {family: int(rng.integers(0, 2**63)) for family in Family}
        history = History.of(window, self.windows_days, self.history_days)
        if history is None:
            return []
        findings: list[Finding] = []
        for family in Family:
            limit = self.limit(family, window.look_days)
            look = self.look(window, history, family) if limit > 0 else None
            if look is not None:
                findings += _findings(self, window, look, limit, seeds[family])
        return sorted(findings, key=lambda finding: (finding.p, -finding.score))

    def limit(self, family: Family, look_days: int) -> float:
        """The largest p that the family's part of the budget allows, when somebody looks every ``look_days``."""
        budget = self.false_alerts_per_year * self.share * self.family_shares.get(family, 0.0)
        return min(1.0, self.counted_days(look_days) * budget / _DAYS_A_YEAR)

    def counted_days(self, look_days: int) -> int:
        """For how many days one look stands: what chance brings up is seen on so many days on end, and is told once."""
        return max(look_days, self.lasting_days)

    def look(self, window: Window, history: "History", family: Family) -> "FamilyLook | None":
        """The cells that one family compares, or None where there is nothing to compare."""
        from detector.scan.families import family_look  # noqa: PLC0415 - as above
        from detector.scan.nightly import LLR, PREDICTIVE  # noqa: PLC0415 - as above

        return family_look(
            window,
            history,
            family,
            zones=self.zones,
            streams=self.streams,
            max_radius_m=self.max_radius_m,
            max_share=self.max_share,
            min_reports=self.min_reports,
            alpha=self.alpha,
            statistic=PREDICTIVE if self.score is Score.PREDICTIVE else LLR,
        )


def _findings(settings: Scan, window: Window, family_look: "FamilyLook", limit: float, seed: int) -> list[Finding]:
    """Best cell first: those that pass, until one does not; mostly the same reports give one finding."""
    from detector.scan.nightly import expected_count, replicates_beating, scores  # noqa: PLC0415 - as above

    look = family_look.look
    best, at, counts = scores(look)
    replicates = max(settings.replicates, math.ceil(_FINEST / limit) - 1)
    enough = math.floor(limit * (replicates + 1) + 1e-9)  # with this many at or above it, p = (1 + enough) / (1 + R) is too large
    findings: list[Finding] = []
    told: list[tuple[int, set[int]]] = []
    for cell in np.lexsort((np.arange(best.size), -best)).tolist():
        if best[cell] <= 0:
            break
        days = int(family_look.windows_days[at[cell]])
        rows = family_look.rows_in(cell, int(at[cell]))
        if _already_told(int(look.cells.stream[cell]), rows, told):
            continue
        beaten = replicates_beating(look, float(best[cell]), seed, replicates, enough, settings.threads)
        if beaten is None:
            break
        p = (1 + beaten) / (1 + replicates)
        told.append((int(look.cells.stream[cell]), set(rows.tolist())))
        stream = family_look.streams[look.cells.stream[cell]]
        findings.append(
            Finding(
                method=settings.name,
                family=family_look.family,
                stream_kind=stream.kind,
                stream_code=stream.code,
                region=family_look.regions[look.cells.zone[cell]],
                window_from=date.fromordinal(window.last_day - days + 1),
                window_to=window.as_of,
                observed=int(counts[cell]),
                expected=expected_count(look, cell, int(at[cell])),
                score_name=settings.score.value,
                score=float(best[cell]),
                p=p,
                recurrence_interval_days=settings.counted_days(window.look_days) / p,
                members=frozenset(window.report_keys[row] for row in rows.tolist()),
                detail=f"{days} days, {replicates} permutations",
            )
        )
    return findings


def _already_told(stream: int, rows: IntArray, told: list[tuple[int, set[int]]]) -> bool:
    """Whether a better finding has one of these reports in the same stream, or most of them in another."""
    for other, members in told:
        shared = len(members.intersection(rows.tolist()))
        if shared and (other == stream or 2 * shared > rows.size):
            return True
    return False

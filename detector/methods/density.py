"""Density: concentrations of any shape, along a street or around a station, found by how close reports lie in metres and days."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Le

from detector.model import Family, Finding, StreamKind, Window

_DAYS_A_YEAR = 365.25
_FAMILIES = {Family.PLACE: (StreamKind.ALL,), Family.PLACE_COMMUNITY: (StreamKind.COMMUNITY,)}


class Algorithm(StrEnum):
    """How clusters are drawn: with one reach everywhere, or with a reach that follows how dense a place is."""

    DBSCAN = "dbscan"
    HDBSCAN = "hdbscan"


@dataclass(frozen=True, slots=True)
class Density:
    """Clusters among the reports of the last ``max_days``, over all reports and over each community.

    Two reports are near when (metres / ``eps_m``)² + (days / ``eps_days``)² is at most 1. A cluster of c reports scores the log
    likelihood ratio of c against G·n_w/N: the mean G of the reports of its stream that lie within ``eps_m`` of its members, on
    any date, times the part of all N reports that is recent. Its p is that of the family's best score under permuted dates.
    A report that names only a neighbourhood stands at that neighbourhood's inner point.
    Misleads where most reports name only an area: then a cluster is an area, and the scan says it better. HDBSCAN draws every
    replicate through scikit-learn and is meant for a single look, not for years of nights.

    Ester, Kriegel, Sander & Xu (1996), A density-based algorithm for discovering clusters, KDD-96; Campello, Moulavi & Sander
    (2013), Density-based clustering based on hierarchical density estimates, PAKDD.
    """

    name: ClassVar[str] = "density"
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    algorithm: Algorithm = Algorithm.DBSCAN
    false_alerts_per_year: Annotated[float, Gt(0)] = 2.0
    share: Annotated[float, Ge(0), Le(1)] = 0.1
    eps_m: Annotated[float, Gt(0)] = 500.0
    eps_days: Annotated[float, Gt(0)] = 30.0
    min_reports: Annotated[int, Ge(2)] = 3
    max_days: Annotated[int, Ge(1)] = 91
    recent_days: Annotated[int, Ge(1)] = 14
    history_days: Annotated[int, Ge(1)] = 1096
    replicates: Annotated[int, Ge(99)] = 999

    def expected_false_alerts_per_year(self, window: Window, rng: np.random.Generator) -> float:  # noqa: ARG002 (the interface's)
        """The part of the budget that this method may spend; what is really spent is at most this."""
        return self.false_alerts_per_year * self.share

    def detect(self, window: Window, rng: np.random.Generator) -> list[Finding]:
        """Clusters within the budget that a report of the last ``recent_days`` belongs to, rarest first."""
        from detector.concentrations import Look  # noqa: PLC0415 - compiled loops, which reading the settings must not load

        limit = min(1.0, window.look_days * self.false_alerts_per_year * self.share / len(_FAMILIES) / _DAYS_A_YEAR)
        seeds = {family: int(rng.integers(0, 2**63)) for family in _FAMILIES}
        found: list[Finding] = []
        for family, kinds in _FAMILIES.items():
            look = Look.of(self, window, family, kinds) if limit > 0 else None
            if look is not None:
                found += look.findings(limit, seeds[family])
        return sorted(found, key=lambda finding: (finding.p, -finding.score, finding.stream))

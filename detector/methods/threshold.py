"""Threshold: the operator's own rules, readable aloud, each with what it costs in false alerts; one that cries wolf is silent."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt

from detector.model import Finding, IntArray, Region, StreamKind, Window
from detector.rules import LEAST_USUAL_DAYS, USUAL_DAYS, Limit, Rule, RuleCell, RuleCells, RuleLevel, cells_of, read_aloud

__all__ = ["Rule", "RuleCost", "RuleLevel", "Threshold", "read_aloud", "rule_cost"]

_YEAR_DAYS = 365
_COST_DAYS = 2 * _YEAR_DAYS
_DEALS = 2_000_000
"""Reports dealt out for one cost: so many replicates as that allows, between the two below."""
_LEAST_REPLICATES, _MOST_REPLICATES = 20, 400


@dataclass(frozen=True, slots=True)
class RuleCost:
    """What a rule costs on a municipality's own history, and whether that keeps it silent."""

    rule: Rule
    false_alerts_per_year: float
    silent: bool


_DEFAULT_RULES = (
    Rule("neighbourhood", min_reports=4, within_days=90, level=RuleLevel.NEIGHBOURHOOD),
    Rule("community", min_reports=5, within_days=60, level=RuleLevel.MUNICIPALITY, stream=StreamKind.COMMUNITY),
    Rule("wave", 15, 30, RuleLevel.MUNICIPALITY, StreamKind.COMMUNITY, min_ratio=2.5),
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Counts against fixed rules.

    A cell's finding has ``score`` = count, ``p`` = the chance that, with dates dealt out anew, the busiest cell of the rule has
    as many tonight, and the recurrence interval of an episode of the rule with that count. ``expected`` is what was usual for a
    rule with ``min_ratio``, else G·n_w/N: the cell's G of all N reports, n_w of them in the window.
    Misleads where places differ much in size: a fixed number is rare in one neighbourhood and normal in another. So a rule that
    would cost more than ``max_false_alerts_per_year`` here stays silent; :meth:`costs` says which and why.
    """

    name: ClassVar[str] = "threshold"
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    rules: tuple[Rule, ...] = _DEFAULT_RULES
    max_false_alerts_per_year: Annotated[float, Gt(0)] = 1.0
    replicates: Annotated[int, Ge(99)] = 999

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.rules]
        if len(set(names)) < len(names):
            raise ValueError("two rules have the same name: give each its own, alerts and costs are told by it")

    def costs(self, window: Window) -> tuple[RuleCost, ...]:
        """Every rule's false alerts a year here, and whether it stays silent for it.

        The history before the present quarter decides, or all of it while that is under a year: so a rule does not begin or
        cease to speak from one night to the next, and many nights share one computation.
        """
        settled = _settled(window)
        costs = [(rule, _settled_cost(rule, settled)) for rule in self.rules]
        return tuple(RuleCost(rule, cost, cost > self.max_false_alerts_per_year) for rule, cost in costs)

    def expected_false_alerts_per_year(self, window: Window, rng: np.random.Generator) -> float:  # noqa: ARG002 (the interface's)
        """Sum over the rules that may speak."""
        return sum(cost.false_alerts_per_year for cost in self.costs(window) if not cost.silent)

    def detect(self, window: Window, rng: np.random.Generator) -> list[Finding]:
        """Every cell that a rule names, unless the rule is too costly here; rarest first."""
        findings: list[Finding] = []
        for number, rule in enumerate(self.rules):
            seed = int(rng.integers(0, 2**63))
            fired = _Fired.of(rule, window)
            if fired is not None and not self.costs(window)[number].silent:
                findings += fired.findings(self.name, seed, self.replicates)
        return sorted(findings, key=lambda finding: (finding.p, -finding.observed, finding.stream, finding.region.area_codes))


def rule_cost(rule: Rule, window: Window, rng: np.random.Generator) -> float:
    """False alerts a year that the rule gives on the window's reports with their dates permuted, over its last two years."""
    return _cost(cells_of(rule, window)[0], rule.limit, window.first_day, window.last_day, int(rng.integers(0, 2**63)))


@dataclass(frozen=True, eq=False)
class _Settled:
    """A window, compared by what decides a cost, so that nights with the same past share it."""

    window: Window
    rows: int
    last_day: int
    digest: bytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Settled) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def _settled(window: Window) -> _Settled:
    quarter = window.as_of.replace(month=window.as_of.month - (window.as_of.month - 1) % 3, day=1).toordinal()
    last_day = quarter - 1 if quarter - window.first_day >= _YEAR_DAYS else window.last_day
    rows = int(np.searchsorted(window.day, last_day, side="right"))
    digest = hashlib.blake2b(f"{window.municipality} {window.first_day} {last_day}".encode())
    digest.update(window.day[:rows].tobytes())
    digest.update(window.area[:rows].tobytes())
    digest.update(str([area.code for area in window.areas.areas]).encode())
    for stream in window.streams:
        digest.update(stream.name.encode())
        digest.update(stream.members[: np.searchsorted(stream.members, rows)].tobytes())
    return _Settled(window, rows, last_day, digest.digest())


@lru_cache(maxsize=64)
def _settled_cost(rule: Rule, settled: _Settled) -> float:
    """The past alone gives the seed, so a cost that is worked out again is the same cost."""
    cells, _ = cells_of(rule, settled.window, settled.rows)
    seed = int.from_bytes(settled.digest[:8], "big") >> 1
    return _cost(cells, rule.limit, settled.window.first_day, settled.last_day, seed)


def _cost(cells: RuleCells, limit: Limit, first_day: int, last_day: int, seed: int) -> float:
    if cells.day.size == 0:
        return 0.0
    from detector.permute import episodes_per_year  # noqa: PLC0415 - compiled loops, which reading the settings must not load

    replicates = min(_MOST_REPLICATES, max(_LEAST_REPLICATES, _DEALS // cells.day.size))
    return episodes_per_year(cells, limit, max(first_day, last_day - _COST_DAYS + 1), last_day, seed=seed, replicates=replicates)


@dataclass(frozen=True, eq=False)
class _Fired:
    """The cells of a rule that reach its number tonight."""

    rule: Rule
    window: Window
    cells: RuleCells
    names: list[RuleCell]
    counts: IntArray
    expected: dict[int, float]
    in_window: int

    @classmethod
    def of(cls, rule: Rule, window: Window) -> "_Fired | None":
        """None where no cell does."""
        cells, names = cells_of(rule, window)
        first = int(np.searchsorted(window.day, window.last_day - rule.within_days, side="right"))
        counts = np.bincount(cells.cell_of[cells.start_of[first] :], minlength=len(names)).astype(np.int64)
        expected = {}
        for cell in np.flatnonzero(counts >= rule.min_reports).tolist():
            usual = cells.size[cell] * (window.size - first) / window.size
            if rule.min_ratio > 0:
                before = _usual(cells, cell, window, rule.within_days)
                if before is None or counts[cell] < rule.min_ratio * before:
                    continue
                usual = before
            expected[cell] = float(usual)
        return cls(rule, window, cells, names, counts, expected, window.size - first) if expected else None

    def findings(self, method: str, seed: int, replicates: int) -> list[Finding]:
        """One finding a cell."""
        return [self._finding(cell, method, seed, replicates) for cell in self.expected]

    def _finding(self, cell: int, method: str, seed: int, replicates: int) -> Finding:
        from detector.permute import chance_of_busiest  # noqa: PLC0415 - as for costs

        rule, window = self.rule, self.window
        count = int(self.counts[cell])
        limit = Limit(count, rule.within_days, rule.min_ratio)
        per_year = _cost(self.cells, limit, window.first_day, window.last_day, seed)
        return Finding(
            method=method,
            family=rule.family,
            stream_kind=self.names[cell].stream.kind,
            stream_code=self.names[cell].stream.code,
            region=Region((window.areas.areas[self.names[cell].area_row].code,)),
            window_from=date.fromordinal(window.last_day - rule.within_days + 1),
            window_to=window.as_of,
            observed=count,
            expected=self.expected[cell],
            score_name="count",
            score=float(count),
            p=chance_of_busiest(self.cells, self.in_window, count, seed=seed, replicates=replicates),
            recurrence_interval_days=365.25 / max(per_year, 0.01),
            members=frozenset(window.report_keys[row] for row in self._rows(cell)),
            detail=rule.name,
        )

    def _rows(self, cell: int) -> list[int]:
        start, held = self.cells.start_of, self.cells.cell_of
        first = self.window.size - self.in_window
        return [row for row in range(first, self.window.size) if cell in held[start[row] : start[row + 1]]]


def _usual(cells: RuleCells, cell: int, window: Window, within_days: int) -> float | None:
    """The cell's number in the year before the window, brought back to its length; None while history is too short."""
    first = window.last_day - within_days + 1
    days = min(USUAL_DAYS, first - window.first_day)
    if days < LEAST_USUAL_DAYS:
        return None
    start, stop = np.searchsorted(cells.day, [first - days, first])
    held = cells.cell_of[cells.start_of[start] : cells.start_of[stop]]
    return float(np.count_nonzero(held == cell)) * within_days / days

"""What every method comes down to: on each day somebody looks, the patterns it would tell first, each with one score."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from detector.model import Family, Finding, Region, StreamKind
from detector.window import History
from judging.cities import Case


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pattern that a method would tell if its score passes the bar; ``channel`` says which of the method's bars."""

    channel: str
    score: float
    family: Family
    stream_kind: StreamKind
    stream_code: str
    area_codes: tuple[str, ...]
    members: frozenset[str]
    window_from: date

    def finding(self, as_of: date, strength: float) -> Finding:
        """As the product's own words have it, so that its own rules decide what is one pattern."""
        return Finding(
            method="method",
            family=self.family,
            stream_kind=self.stream_kind,
            stream_code=self.stream_code,
            region=Region(self.area_codes),
            window_from=self.window_from,
            window_to=as_of,
            observed=len(self.members),
            expected=0.0,
            score_name="score",
            score=self.score,
            p=1.0,
            recurrence_interval_days=strength,
            members=self.members,
        )


Looks = list[tuple[date, list[Candidate]]]
"""The days with anything to tell, ascending, and what, best first."""

Contestant = Callable[[Case, History, int], Looks]
"""A method: a case, its history and the days between two looks give its candidates."""

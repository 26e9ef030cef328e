"""What intake says about rows and files: refused rows, and the counts that must add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypedDict

from detector.model import Report
from detector.problems.problem import Problem
from detector.problems.stored import to_text


@dataclass(frozen=True, slots=True)
class Refused:
    """One refused row: its number (the first row after the header is 1), what is wrong, and the column it is about."""

    row: int
    problem: Problem
    column: str | None = None

    @classmethod
    def because(cls, row: int, problem: Problem, label: str | None = None) -> "Refused":
        """A refusal for a problem of the column with this label, or of the whole row."""
        return cls(row, problem.of_column(label), label and label.strip("'"))

    @property
    def reason(self) -> str:
        """Code and English sentence."""
        return self.problem.reason

    @property
    def told(self) -> str:
        """The problem as text, to be told in other languages later."""
        return to_text(self.problem)


class RefusedJson(TypedDict):
    """A refused row as commands print it."""

    row: int
    reason: str


class ResultJson(TypedDict):
    """The counts as commands print them; the shape is a promise."""

    read: int
    accepted: int
    updated: int
    unchanged: int
    refused: list[RefusedJson]


@dataclass(frozen=True)
class IntakeResult:
    """What became of a file: ``read`` is always ``accepted + updated + unchanged + len(refused)``."""

    read: int
    accepted: int
    updated: int
    unchanged: int
    refused: tuple[Refused, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def as_json(self) -> ResultJson:
        """The promised shape; warnings are for people and not in it."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": [{"row": one.row, "reason": one.reason} for one in self.refused],
        }


@dataclass(frozen=True)
class Batch:
    """Some rows of a file: reports with the row each came from, and the rows that were refused."""

    reports: list[Report]
    rows: list[int]
    refused: list[Refused]
    warnings: tuple[Problem, ...] = ()

    @property
    def read(self) -> int:
        """How many rows it accounts for."""
        return len(self.reports) + len(self.refused)


@dataclass(frozen=True)
class UpsertCounts:
    """What a store did with a batch; ``refused`` are positions in the batch and what is wrong there."""

    accepted: int
    updated: int
    unchanged: int
    refused: list[tuple[int, Problem]]


class Counts(Protocol):
    """Anything that tells what a store did with a batch."""

    @property
    def accepted(self) -> int:
        """New reports."""
        ...

    @property
    def updated(self) -> int:
        """Reports that were there and are different now."""
        ...

    @property
    def unchanged(self) -> int:
        """Reports that were there already, equal."""
        ...

    @property
    def refused(self) -> Sequence[tuple[int, Problem]]:
        """Position in the batch and what is wrong there."""
        ...


class ReportSink(Protocol):
    """Where reports go: the store of reports, as intake sees it."""

    def upsert(self, reports: Sequence[Report]) -> Counts:
        """Insert or update in one transaction; a row that changes its id's municipality is refused."""
        ...

    def quarantine(self, source: str, file: str, refused: Sequence[Refused], at: datetime) -> None:
        """Remember refused rows: place and reason, never a value."""
        ...

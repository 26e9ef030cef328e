"""From a reader's columns of text to reports: guard, fields and places, with the first thing found wrong with each row."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar, cast

import numpy as np

from detector.ingest.fields import number
from detector.ingest.outcome import Batch, Refused
from detector.ingest.places import AreaLookup, Locator, Places, Said
from detector.ingest.plan import Plan, Words
from detector.ingest.profile import SEVERAL, ReportField, SourceProfile
from detector.ingest.table import RawBatch
from detector.model import FloatArray, Report
from detector.problems.problem import Problem
from detector.problems.reason import Reason
from detector.problems.rows import RowReason

NO_ID = Problem(RowReason.NO_REPORT_ID)
NO_DAY = Problem(RowReason.NO_RECEIVED_ON)
ORDER = Problem(RowReason.DATES_OUT_OF_ORDER)

_ABOUT: Mapping[Reason, ReportField] = {
    RowReason.UNKNOWN_AREA: ReportField.AREA,
    RowReason.UNKNOWN_MUNICIPALITY: ReportField.MUNICIPALITY,
    RowReason.BAD_POSTCODE: ReportField.POSTCODE,
}
"""What is wrong with where a row says it was, that is wrong with one field of it."""
_RARELY_TWICE = frozenset({ReportField.REPORT_ID, ReportField.X, ReportField.Y, ReportField.LONGITUDE, ReportField.LATITUDE})
_PLANS = 100
_SEVERAL = tuple(sorted(SEVERAL))

Codes = tuple[str, ...]
Value = TypeVar("Value")


@dataclass
class _Rows:
    """A batch on its way."""

    raw: RawBatch
    plan: Plan
    wrong: dict[int, tuple[Problem, str | None]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many rows."""
        return len(self.raw.rows)

    def refuse(self, row: int, problem: Problem, column: str | None = None) -> None:
        """Remember what is wrong with a row; the first thing found stays."""
        self.wrong.setdefault(row, (problem, column))

    def sift(self, answers: list[Value | Problem], instead: Value, column: str | None) -> list[Value]:
        """The answers; rows whose answer is a problem are refused and get ``instead``."""
        found: list[Value] = []
        if Problem not in set(map(type, answers)):
            # The common case, without a look at each.
            return cast("list[Value]", answers)
        for row, answer in enumerate(answers):
            if isinstance(answer, Problem):
                self.refuse(row, answer, column)
                found.append(instead)
            else:
                found.append(answer)
        return found

    def label(self, name: ReportField) -> str | None:
        """What messages call the column behind a field."""
        places = self.plan.sources.get(name, [])
        return self.plan.labels[places[0]] if len(places) == 1 else None

    def refusals(self) -> list[Refused]:
        """The refused rows, and what is wrong with them."""
        return [Refused.because(self.raw.rows[row], problem, column) for row, (problem, column) in self.wrong.items()]


class Translator:
    """Turns the raw batches of one source into reports; keeps what it learned from one batch to the next."""

    def __init__(self, profile: SourceProfile, areas: AreaLookup, now: datetime | None) -> None:
        """``now`` decides what lies in the future; without it no day does."""
        self._profile = profile
        local = now if now is None or now.tzinfo is None else now.astimezone(profile.zone)
        self._words = Words(profile, None if local is None else local.date())
        self._locator = Locator(areas, profile.crs, profile.municipality, profile.area_code.normalise)
        self._plans: dict[Codes, Plan] = {}
        self._warned: set[Problem] = set()
        self._begun = False

    def batch(self, raw: RawBatch) -> Batch:
        """The reports and refusals of a raw batch."""
        refused = [Refused.because(row, problem) for row, problem in raw.refused]
        if not raw.columns and not raw.rows:
            return Batch([], [], refused, self._news(raw.warnings))
        rows = _Rows(raw, self._plan(raw.columns))
        self._guard(rows)
        reports, numbers, warnings = self._reports(rows)
        refused = sorted(refused + rows.refusals(), key=lambda one: one.row)
        return Batch(reports, numbers, refused, self._news((*raw.warnings, *rows.plan.warnings, *warnings)))

    def _news(self, warnings: Iterable[Problem]) -> tuple[Problem, ...]:
        new = tuple(dict.fromkeys(warning for warning in warnings if warning not in self._warned))
        self._warned.update(new)
        return new

    def _plan(self, columns: Codes) -> Plan:
        plan = self._plans.get(columns)
        if plan is None:
            plan = Plan(columns, self._profile, first=not self._begun)
            self._begun = True
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            self._plans[columns] = plan
        return plan

    def _guard(self, rows: _Rows) -> None:
        for place, look in enumerate(rows.plan.guards):
            problems = look(rows.raw.cells[place])
            if any(problems):
                for row, problem in enumerate(problems):
                    if problem is not None:
                        rows.refuse(row, problem, rows.plan.labels[place])

    def _text(self, rows: _Rows, name: ReportField) -> list[str]:
        """The cells of a field: the first of its columns that is filled, else its constant."""
        clean = self._words.clean_rare if name in _RARELY_TWICE else self._words.clean.of
        columns = [clean(rows.raw.cells[place]) for place in rows.plan.sources.get(name, ())]
        constant = next(iter(self._profile.constants.get(name, ())), "")
        if not columns:
            return [constant] * rows.size
        if len(columns) == 1 and not constant:
            return columns[0]
        return [next(filter(None, cells), constant) for cells in zip(*columns, strict=True)]

    def _numbers(self, rows: _Rows, name: ReportField) -> FloatArray:
        if not rows.plan.sources.get(name):
            return np.full(rows.size, math.nan)
        answers = [number(text) for text in self._text(rows, name)]
        return np.array(rows.sift(answers, math.nan, rows.label(name)), dtype=np.float64)

    def _days(self, rows: _Rows, name: ReportField) -> list[date | None]:
        return rows.sift(self._words.day.of(self._text(rows, name)), None, rows.label(name))

    def _codes(self, rows: _Rows, name: ReportField) -> list[Codes]:
        memo = self._words.codes[name]
        parts: list[list[Codes]] = [
            rows.sift(memo.of(rows.raw.cells[place]), (), rows.plan.labels[place]) for place in rows.plan.sources.get(name, ())
        ]
        parts += [
            [codes if text else () for text in self._words.clean.of(rows.raw.cells[place])]
            for place, codes in rows.plan.present.get(name, ())
        ]
        constant = self._profile.constants.get(name, ())
        if not parts:
            return [constant] * rows.size
        if len(parts) == 1 and not constant:
            return parts[0]
        return [tuple(dict.fromkeys(code for codes in cells for code in codes)) or constant for cells in zip(*parts, strict=True)]

    def _places(self, rows: _Rows) -> Places:
        said = Said(
            x=self._numbers(rows, ReportField.X),
            y=self._numbers(rows, ReportField.Y),
            longitude=self._numbers(rows, ReportField.LONGITUDE),
            latitude=self._numbers(rows, ReportField.LATITUDE),
            area=self._words.area.of(self._text(rows, ReportField.AREA)),
            postcode=self._text(rows, ReportField.POSTCODE),
            municipality=self._words.municipality.of(self._text(rows, ReportField.MUNICIPALITY)),
        )
        places = self._locator.places(said)
        for row, problem in places.problems.items():
            about = _ABOUT.get(problem.why)
            rows.refuse(row, problem, None if about is None else rows.label(about))
        return places

    def _reports(self, rows: _Rows) -> tuple[list[Report], list[int], Iterable[Problem]]:
        words = self._words
        columns = (
            self._text(rows, ReportField.REPORT_ID),
            self._days(rows, ReportField.RECEIVED_ON),
            self._days(rows, ReportField.OCCURRED_ON),
            self._text(rows, ReportField.PLACE_KEY),
            rows.sift(words.place_kind.of(self._text(rows, ReportField.PLACE_KIND)), None, rows.label(ReportField.PLACE_KIND)),
            rows.sift(words.nature.of(self._text(rows, ReportField.NATURE)), None, rows.label(ReportField.NATURE)),
            rows.sift(words.kind.of(self._text(rows, ReportField.KIND)), words.no_kind, rows.label(ReportField.KIND)),
            rows.sift(
                words.withdrawn.of(self._text(rows, ReportField.WITHDRAWN)),
                words.not_withdrawn,
                rows.label(ReportField.WITHDRAWN),
            ),
            *(self._codes(rows, name) for name in _SEVERAL),
        )
        places = self._places(rows)
        source = self._profile.source
        reports: list[Report] = []
        numbers: list[int] = []
        for row, cells in enumerate(zip(*columns, strict=True)):
            report_id, received, occurred, place_key, place_kind, nature, kind, withdrawn, communities, domains, grounds = cells
            if row in rows.wrong:
                continue
            problem = _incomplete(report_id, received, occurred)
            if problem is not None or received is None:
                rows.refuse(row, problem or NO_DAY)
                continue
            numbers.append(rows.raw.rows[row])
            reports.append(
                Report(
                    source=source,
                    report_id=report_id,
                    municipality=places.municipality[row],
                    received_on=received,
                    occurred_on=occurred,
                    x_m=places.x_m[row],
                    y_m=places.y_m[row],
                    area_code=places.area[row],
                    place_key=place_key or None,
                    place_kind=place_kind,
                    grounds=grounds,
                    communities=communities,
                    domains=domains,
                    nature=nature,
                    kind=kind,
                    withdrawn=withdrawn,
                )
            )
        return reports, numbers, places.warnings


def _incomplete(report_id: str, received: date | None, occurred: date | None) -> Problem | None:
    if not report_id:
        return NO_ID
    if received is None:
        return NO_DAY
    return ORDER if occurred is not None and occurred > received else None

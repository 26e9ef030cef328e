"""A study: where and when the cases were, what is asked about them, and the columns that the kernels need to answer."""

from dataclasses import dataclass

import numpy as np

from detector.model import FloatArray, IntArray
from detector.scan.bars import rows_of
from detector.scan.geometry import Reaches, circles, ellipses, within, zones
from detector.scan.kernel import BOTH, HIGH, LOW
from detector.scan.packed import lanes_for
from detector.scan.problem import Problem
from detector.scan.question import Data, Model, Question, Rates, ScanError, Ties, Time, check, period
from detector.scan.replicate import BERNOULLI, PERMUTED, POISSON, Deal, alias_table
from detector.scan.stretches import stretches_for
from detector.scan.walk import walk_of

__all__ = ["Data", "Model", "Question", "Rates", "ScanError", "Study", "Ties", "Time", "check", "period", "prepare"]

_NO_DECK = np.zeros(0, dtype=np.int32)
_NO_INTS = np.zeros(0, dtype=np.int64)
_NO_BOUNDS = np.zeros((0, 3), dtype=np.int64)
_NO_FLOATS = np.zeros(0)
_WEEK = 7
_BLOCK_GROWTH = 1.4


_RATES = {Rates.HIGH: HIGH, Rates.LOW: LOW, Rates.BOTH: BOTH}


@dataclass(frozen=True, eq=False)
class Study:
    """A question about data, ready to be answered.

    ``set_end[i]`` is the position in ``reaches`` at which set i ends; ``counts`` are the observed cases by place and column.
    """

    data: Data
    question: Question
    reaches: Reaches
    set_end: IntArray
    problem: Problem
    counts: IntArray
    units: int


def prepare(data: Data, question: Question) -> Study:
    """Check that data and question fit, and work out the columns.

    Raises:
        ScanError: they do not fit; the message says what would.
    """
    check(data, question)
    used = _within(data, question) if data.case_day is not None else data
    if used.case_place.size < max(2, question.min_cases):
        raise ScanError(
            f"too few cases to scan: {used.case_place.size} in the period, at least {max(2, question.min_cases)} are needed;"
            " give more cases or a longer period"
        )
    axis = _Axis.of(used, question)
    strata, strata_rate = _rates(used, question, axis)
    weight = _weights(used, question, strata, strata_rate.shape[0])
    reaches, ends = _limited(_reaches(used, question), weight.sum(axis=1), question.max_share)
    if ends.size == 0:
        raise ScanError("every place alone holds more than the largest share: raise it, or scan finer places")
    base = _summed(reaches, weight, ends)
    rows = rows_of(base, intervals=axis.blocks is not None)
    set_of, row_at = np.full((2, reaches.place.size), -1, dtype=np.int32)
    set_of[ends] = np.arange(ends.size)
    row_at[ends] = rows.row_of
    total = used.case_place.size + int(used.controls.sum()) if used.controls is not None else 0
    lanes = None
    if question.rates is Rates.HIGH and axis.blocks is None and axis.longest > 1:
        lanes = lanes_for(axis.longest, axis.shortest - 1, float((base @ strata_rate[:, -1]).max()))
    stretches = None
    if question.rates is Rates.HIGH and axis.blocks is not None and strata_rate.shape[0] == 1:
        stretches = stretches_for(
            reaches.start, reaches.place.astype(np.int32), set_of, base[:, 0], weight[:, 0], strata_rate[0], axis.shortest,
            axis.longest,
        )  # fmt: skip
    problem = Problem(
        start=reaches.start,
        place=reaches.place.astype(np.int32),
        set_of=set_of,
        row_at=row_at,
        base=base,
        rows=rows,
        rate=strata_rate,
        places=used.places,
        cases=used.case_place.size,
        total=total if question.model is Model.BERNOULLI else 0,
        rates=_RATES[question.rates],
        least=question.min_cases,
        shortest=axis.shortest - 1,
        blocks=axis.blocks,
        most=_most(used, question, axis),
        deal=_deal(used, question, axis, strata),
        lanes=lanes,
        walk=walk_of(reaches.start, reaches.place, used.places, ends, rows.row_of) if lanes else None,
        stretches=stretches,
    )
    counts = np.zeros((used.places, strata_rate.shape[1]), dtype=np.int64)
    np.add.at(counts, (used.case_place[axis.column >= 0], axis.column[axis.column >= 0]), 1)
    return Study(used, question, reaches, ends, problem, counts, axis.units)


def _most(data: Data, question: Question, axis: "_Axis") -> int:
    """The largest count that a set can have, in the data or in a replicate.

    Permuted dates leave as many cases in the longest window as there are; thrown ones (Poisson) can bring all of them into it.
    """
    if question.model is Model.PERMUTATION and axis.blocks is None:
        return int((axis.column >= 0).sum())
    return data.case_place.size


def _within(data: Data, question: Question) -> Data:
    days = data.case_day if data.case_day is not None else _NO_INTS
    if days.size == 0:
        raise ScanError("there are no cases to scan: give a file with at least two")
    first, last = period(data, question)
    inside = (days >= first) & (days <= last)
    return Data(
        data.places, data.case_place[inside], days[inside], data.x, data.y, data.degrees, data.weight, data.controls, data.zones
    )


@dataclass(frozen=True, eq=False)
class _Axis:
    """Time in units: the column of every case (-1 outside the longest window), the lengths to try, the days of every unit."""

    column: IntArray
    units: int
    shortest: int
    longest: int
    blocks: IntArray | None
    days_of: IntArray

    @classmethod
    def of(cls, data: Data, question: Question) -> "_Axis":
        if question.time is Time.SPATIAL or data.case_day is None:
            one = np.ones(1, dtype=np.int64)
            return cls(np.zeros(data.case_place.size, dtype=np.int64), 1, 1, 1, None, one)
        first, last = period(data, question)
        days, step = last - first + 1, question.step_days
        units = -(-days // step)
        longest = min(units, (question.max_days if question.max_days is not None else days // 2) // step)
        shortest = -(-question.min_days // step)
        if longest < shortest:
            raise ScanError("the longest window is shorter than the shortest, or than one unit of time: raise the longest")
        age = (last - data.case_day) // step
        lengths = np.full(units, step, dtype=np.int64)
        lengths[-1] = days - step * (units - 1)
        if question.time is Time.PROSPECTIVE:
            return cls(np.where(age < longest, age, -1), units, shortest, longest, None, lengths)
        return cls(units - age, units, shortest, longest, _blocks(shortest, longest), lengths[::-1].copy())


def _blocks(shortest: int, longest: int) -> IntArray:
    ends = [shortest - 1, shortest]
    while ends[-1] < longest:
        ends.append(min(longest, max(ends[-1] + 1, int(ends[-1] * _BLOCK_GROWTH))))
    return np.array(ends, dtype=np.int64)


def _rates(data: Data, question: Question, axis: _Axis) -> tuple[IntArray, FloatArray]:
    """Stratum of every case, and per stratum the part of it in each window (or up to each column, for intervals)."""
    strata = np.zeros(data.case_place.size, dtype=np.int64)
    if question.model is not Model.PERMUTATION or data.case_day is None:
        part = axis.days_of / axis.days_of.sum()
        added = np.cumsum(part)
        if axis.blocks is not None:
            return strata, np.concatenate([[0.0], added])[None, :]
        return strata, added[None, : axis.longest]
    if question.day_of_week:
        strata = np.unique(data.case_day % _WEEK, return_inverse=True)[1].astype(np.int64)
    wide = axis.units + 1 if axis.blocks is not None else axis.longest
    rate = np.zeros((int(strata.max()) + 1, wide))
    seen = axis.column >= 0
    np.add.at(rate, (strata[seen], axis.column[seen]), 1.0)
    return strata, np.cumsum(rate, axis=1) / np.bincount(strata)[:, None]


def _weights(data: Data, question: Question, strata: IntArray, number: int) -> FloatArray:
    """Places × strata: what each place brings to the expected number (summing to the number of cases)."""
    cases = data.case_place.size
    if question.model is Model.PERMUTATION:
        weight = np.zeros((data.places, number))
        np.add.at(weight, (data.case_place, strata), 1.0)
        return weight
    if question.model is Model.BERNOULLI and data.controls is not None:
        people = np.bincount(data.case_place, minlength=data.places) + data.controls
        return (people * (cases / int(people.sum()))).astype(np.float64)[:, None]
    if data.weight is None:
        return np.full((data.places, 1), cases / data.places)
    return (data.weight * (cases / float(data.weight.sum()))).astype(np.float64)[:, None]


def _reaches(data: Data, question: Question) -> Reaches:
    if question.time is Time.TEMPORAL:
        return zones([np.arange(data.places)])
    if data.zones is not None:
        return zones(data.zones)
    if data.x is None or data.y is None:
        raise ScanError("give the places' coordinates, or a list of zones")
    apart = question.ties is Ties.APART
    if question.ellipses:
        return ellipses(data.x, data.y, radius_m=question.max_radius_m, apart=apart)
    return circles(data.x, data.y, degrees=data.degrees, radius_m=question.max_radius_m, apart=apart)


def _limited(reaches: Reaches, weight: FloatArray, max_share: float) -> tuple[Reaches, IntArray]:
    """Reaches cut where a set would hold more than ``max_share``, and the positions where the remaining sets end."""
    if (reaches.centre < 0).all():
        return reaches, np.flatnonzero(reaches.ends)
    cut = within(reaches, weight, max_share * float(weight.sum()) * (1 + 1e-9))
    return cut, np.flatnonzero(cut.ends)


def _summed(reaches: Reaches, weight: FloatArray, ends: IntArray) -> FloatArray:
    """Sets × strata: the sum of ``weight`` over each set's places."""
    reach = np.searchsorted(reaches.start, ends, side="right") - 1
    base = np.empty((ends.size, weight.shape[1]))
    for s in range(weight.shape[1]):
        added = np.concatenate([[0.0], np.cumsum(weight[reaches.place, s])])
        base[:, s] = added[ends + 1] - added[reaches.start[reach]]
    return base


def _deal(data: Data, question: Question, axis: _Axis, strata: IntArray) -> Deal:
    empty = Deal(
        null=PERMUTED,
        cases=int(data.case_place.size),
        first_column=0 if axis.blocks is None else 1,
        deck=_NO_DECK,
        bounds=_NO_BOUNDS,
        slot_unit=_NO_INTS,
        alias=_NO_INTS,
        odds=_NO_FLOATS,
        until=_NO_FLOATS,
    )
    if question.model is Model.PERMUTATION:
        order = np.lexsort((np.where(axis.column < 0, 2**62, axis.column), strata))
        column, stratum = axis.column[order], strata[order]
        sizes = np.bincount(stratum)
        slots = np.bincount(stratum[column >= 0], minlength=sizes.size)
        begin = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        bounds = np.column_stack([begin, slots, begin + sizes]).astype(np.int64)
        deck = data.case_place[order].astype(np.int32)
        return empty._replace(deck=deck, bounds=np.ascontiguousarray(bounds), slot_unit=column[column >= 0])
    if question.model is Model.BERNOULLI and data.controls is not None:
        people = np.bincount(data.case_place, minlength=data.places) + data.controls
        return empty._replace(null=BERNOULLI, deck=np.repeat(np.arange(data.places), people).astype(np.int32))
    weight = data.weight if data.weight is not None else np.ones(data.places)
    until = np.cumsum(axis.days_of / axis.days_of.sum())
    until = (until if axis.blocks is not None else until[: axis.longest]).copy()
    alias, odds = alias_table(weight.astype(np.float64))
    if until.size >= axis.units:
        until[-1] = 1.0
    return empty._replace(null=POISSON, alias=alias, odds=odds, until=until)

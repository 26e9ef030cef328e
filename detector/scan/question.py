"""What the scan is asked, about which data, and whether the two fit together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from detector.model import FloatArray, IntArray

_NO_INTS = np.zeros(0, dtype=np.int64)


class ScanError(ValueError):
    """The data or the settings do not fit together; the message says what would."""


class Model(StrEnum):
    """What is as likely as what when nothing is going on."""

    PERMUTATION = "permutation"
    POISSON = "poisson"
    BERNOULLI = "bernoulli"


class Time(StrEnum):
    """Which windows of time are tried."""

    PROSPECTIVE = "prospective"
    RETROSPECTIVE = "retrospective"
    SPATIAL = "spatial"
    TEMPORAL = "temporal"


class Rates(StrEnum):
    """Whether clusters have more cases than expected, fewer, or either."""

    HIGH = "high"
    LOW = "low"
    BOTH = "both"


class Ties(StrEnum):
    """How places at the same distance from a centre enter its circle: at once, or one by one as in SaTScan."""

    TOGETHER = "together"
    APART = "apart"


@dataclass(frozen=True, eq=False)
class Data:
    """Cases and places.

    ``case_place`` and ``case_day`` (ordinals) have one entry per case. ``x``/``y`` are metres, or longitude/latitude where
    ``degrees``. ``weight`` is each place's population or expected number (Poisson), ``controls`` its number of controls
    (Bernoulli). ``zones`` lists places of each zone, in the place of circles.
    """

    places: int
    case_place: IntArray
    case_day: IntArray | None = None
    x: FloatArray | None = None
    y: FloatArray | None = None
    degrees: bool = False
    weight: FloatArray | None = None
    controls: IntArray | None = None
    zones: Sequence[IntArray] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; lengths in days, both ends of the study included."""

    model: Model
    time: Time
    first_day: int | None = None
    last_day: int | None = None
    max_radius_m: float = math.inf
    max_share: float = 0.5
    max_days: int | None = None
    min_days: int = 1
    step_days: int = 1
    min_cases: int = 2
    rates: Rates = Rates.HIGH
    day_of_week: bool = False
    ellipses: bool = False
    ties: Ties = Ties.TOGETHER


def check(data: Data, question: Question) -> None:
    """Refuse what cannot be answered.

    Raises:
        ScanError: with what would be right.
    """
    model, time = question.model, question.time
    if model is Model.PERMUTATION and time in {Time.SPATIAL, Time.TEMPORAL}:
        raise ScanError(f"the permutation model compares places over time: choose prospective or retrospective, not {time}")
    if model is Model.BERNOULLI and time is not Time.SPATIAL:
        raise ScanError("the Bernoulli model compares cases and controls by place: choose the spatial scan")
    if model is Model.BERNOULLI and data.controls is None:
        raise ScanError("the Bernoulli model needs controls: give a file of controls")
    if model is Model.POISSON and data.weight is None and time is not Time.TEMPORAL:
        raise ScanError("the Poisson model needs a population or expected number for every place")
    if time is not Time.SPATIAL and data.case_day is None:
        raise ScanError(f"a {time} scan needs a column 'date' with a day for every case; without dates choose the spatial scan")
    if question.rates is not Rates.HIGH and time in {Time.PROSPECTIVE, Time.RETROSPECTIVE} and model is Model.PERMUTATION:
        raise ScanError("the permutation model looks for high rates only: choose rates high, or another model")
    if question.day_of_week and (model is not Model.PERMUTATION or question.step_days != 1):
        raise ScanError("day of week is adjusted for in the permutation model with steps of one day")
    if question.ellipses and (data.degrees or data.zones is not None):
        raise ScanError("ellipses need places in metres (x_m and y_m), and no list of zones")
    if not 0 < question.max_share <= 1:
        raise ScanError("the largest share of a cluster lies above 0 and at most at 1")
    if min(question.min_days, question.step_days, question.min_cases) < 1:
        raise ScanError("lengths and numbers of cases are at least 1")
    if data.zones is None and data.x is None and time is not Time.TEMPORAL:
        raise ScanError("give the places' coordinates (x_m and y_m, or latitude and longitude), or a list of zones")
    if question.first_day is not None and question.last_day is not None and question.first_day > question.last_day:
        raise ScanError("the first day of the study lies after its last day")
    if question.max_days is not None and question.min_days > question.max_days:
        raise ScanError(f"the shortest window ({question.min_days} days) is longer than the longest ({question.max_days} days)")


def period(data: Data, question: Question) -> tuple[int, int]:
    """First and last day of the study."""
    days = data.case_day if data.case_day is not None else _NO_INTS
    first = question.first_day if question.first_day is not None else int(days.min())
    last = question.last_day if question.last_day is not None else int(days.max())
    return first, last

"""The reference analyses beside the checkout: their files as data, and SaTScan's settings as a question."""

import csv
import math
import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from detector.scan.study import Data, Model, Question, Rates, Time

MODELS = {0: Model.POISSON, 1: Model.BERNOULLI, 2: Model.PERMUTATION}
TIMES = {1: Time.SPATIAL, 3: Time.RETROSPECTIVE, 4: Time.PROSPECTIVE}


def columns(path: Path) -> dict[str, list[str]]:
    """A CSV file by column."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def day_of(text: str) -> int:
    """The ordinal of a day written as 2026-03-01 or 2026/3/1."""
    year, month, day = (int(part) for part in re.split("[-/]", text))
    return date(year, month, day).toordinal()


def _floats(values: list[str]) -> Any:
    return np.array(values, dtype=np.float64)


def load(reference: Path, cities: Path, folder: str, name: str) -> tuple[list[str], Data]:
    """The place ids, and all data of a folder: what an analysis does not need does no harm."""
    weight: list[str] | None = None
    controls: dict[str, list[str]] | None = None
    if folder == "city":
        city = cities / name.split("_", maxsplit=1)[0]
        places = columns(Path(f"{city}_geo.csv"))
        cases, controls = columns(Path(f"{city}_cases.csv")), columns(Path(f"{city}_controls.csv"))
        ids, x, y, weight, day = places["loc"], places["x_m"], places["y_m"], places["population"], cases["date"]
        where, number = cases["loc"], cases["cases"]
    elif folder == "nyc_fever":
        places, cases = columns(reference / folder / "geo.csv"), columns(reference / folder / "cases.csv")
        ids, x, y, day = places["zip"], places["longitude"], places["latitude"], cases["date"]
        where, number = cases["zip"], cases["cases"]
    elif folder == "ny_leukemia":
        places = columns(reference / folder / "tracts.csv")
        x, y = (places["longitude"], places["latitude"]) if "latlong" in name else (places["x_wg"], places["y_wg"])
        ids, weight, where, number, day = places["tract"], places["population"], places["tract"], places["cases_floor"], []
    else:
        places, cases = columns(reference / folder / "geo.csv"), columns(reference / folder / "cases.csv")
        controls = columns(reference / folder / "controls.csv")
        ids, x, y, where, number, day = places["id"], places["x"], places["y"], cases["id"], cases["cases"], []
    row = {name: i for i, name in enumerate(ids)}
    times = np.array(number, dtype=np.int64)
    counted = None
    if controls is not None:
        key = next(column for column in controls if column != "controls")
        counted = np.zeros(len(ids), dtype=np.int64)
        np.add.at(counted, [row[name] for name in controls[key]], np.array(controls["controls"], dtype=np.int64))
    return ids, Data(
        places=len(ids),
        case_place=np.repeat([row[name] for name in where], times),
        case_day=np.repeat([day_of(text) for text in day], times) if day else None,
        x=_floats(x),
        y=_floats(y),
        degrees=folder == "nyc_fever" or "latlong" in name,
        weight=_floats(weight) if weight is not None else None,
        controls=counted,
    )


def question_of(settings: dict[str, Any], name: str, *, degrees: bool) -> Question:
    """What SaTScan was asked."""
    time = TIMES[settings["AnalysisType"]]
    radius = settings.get("MaxSpatialSizeInDistanceFromCenter", math.inf) * (1000 if degrees else 1)
    return Question(
        model=MODELS[settings["ModelType"]],
        time=time,
        first_day=day_of(settings["StartDate"]) if time is not Time.SPATIAL else None,
        last_day=day_of(settings["EndDate"]) if time is not Time.SPATIAL else None,
        max_radius_m=radius if settings.get("UseDistanceFromCenterOption") == "y" else math.inf,
        max_share=settings.get("MaxSpatialSizeInPopulationAtRisk", 50) / 100,
        max_days=settings.get("MaxTemporalSize") if settings.get("MaxTemporalSizeInterpretation") == 1 else None,
        day_of_week=settings.get("AdjustForWeeklyTrends") == "y",
        ellipses="elliptic" in name,
        rates=Rates.BOTH if name.endswith("_both") else Rates.HIGH,
    )

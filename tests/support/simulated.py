"""Made-up municipalities as the detector sees them: the simulator's rows as reports."""

from datetime import date

import numpy as np

from detector.areas import AreaSet
from detector.model import Report, ReportKind
from detector.simulate import SimulationPlan, simulate_reports
from detector.simulate.plan import ReportRow
from detector.window import History


def history_of(areas: AreaSet, municipality: str, plan: SimulationPlan) -> History:
    """All reports of a simulation, ready for its nights."""
    made = simulate_reports(areas, municipality, plan)
    return History([_report(row, areas, municipality) for row in made.reports], areas.table(municipality))


def _report(row: ReportRow, areas: AreaSet, municipality: str) -> Report:
    x, y = (float(row[axis]) if row[axis] else None for axis in ("x", "y"))
    area = row["area"]
    if x is not None and y is not None:
        area = str(areas.locate(np.array([x]), np.array([y]), areas.crs_of(municipality))[0])
    return Report(
        source="made",
        report_id=row["report_id"],
        municipality=municipality,
        received_on=date.fromisoformat(row["received_on"]),
        occurred_on=date.fromisoformat(row["occurred_on"]),
        x_m=x,
        y_m=y,
        area_code=area or None,
        place_key=row["place_key"] or None,
        communities=tuple(filter(None, row["communities"].split("|"))),
        kind=ReportKind(row["kind"]),
    )

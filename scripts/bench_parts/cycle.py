"""The nightly cycle: seconds for one municipality in a warm process, what each part takes, and the peak of memory."""

import argparse
import contextlib
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from real_postgres import running_server

from detector.areas import read_areas
from detector.configuration import load
from detector.ingest.intake import ingest_file
from detector.methods import METHODS
from detector.service import cycle
from detector.service.cycle import UnitOrder, UnitOutcome, run_unit
from detector.service.engine import LocalEngine
from detector.service.installation import Installation
from detector.settings import Settings
from detector.simulate import SimulationPlan, simulate
from detector.simulate.plan import Plant, PlantKind
from detector.store.patterns import PatternStore
from detector.store.reports import ReportStore

END = date(2026, 3, 1)
YEARS = 5.0
AIM_S = 2.0
SMALL, LARGE = 300, 100_000
PLANTED = (
    Plant(PlantKind.NEIGHBOURHOOD, 12, END - timedelta(days=41), 6),
    Plant(PlantKind.PLACE_COMMUNITY, 9, END - timedelta(days=41), 6),
)
"""In the last weeks, so that there is something to follow and to tell."""
PART_OF_LAST_YEAR = 0.86
"""With growth, the mean year has this part of the last one's reports."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Measured:
    """One unit of work, as the worker saw it."""

    outcome: UnitOutcome
    seconds: float
    parts: dict[str, float]
    peak_mb: float


_spent: dict[str, float] = defaultdict(float)


def _timed(owner: object, name: str, part: str) -> None:
    """Count the time in a function or method as a part; only in the worker of this measurement."""
    plain: Callable[..., Any] = getattr(owner, name)
    if hasattr(plain, "__wrapped__"):
        return

    @wraps(plain)
    def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any function
        began = time.perf_counter()
        try:
            return plain(*arguments, **named)
        finally:
            _spent[part] += time.perf_counter() - began

    setattr(owner, name, timed)


def measure(order: UnitOrder) -> Measured:
    """Run one unit in this process and say what its parts took."""
    _timed(ReportStore, "load_columns", "load")
    for name, method in METHODS.items():
        _timed(method, "detect", f"detect: {name}")
        _timed(method, "expected_false_alerts_per_year", f"cost: {name}")
    _timed(cycle, "disclose", "disclose")
    _timed(PatternStore, "save", "save")
    _spent.clear()
    began = time.perf_counter()
    outcome = run_unit(order)
    seconds = time.perf_counter() - began
    return Measured(outcome, seconds, dict(_spent), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


@contextlib.contextmanager
def _city(folder: Path, reports: int, urls: dict[str, str]) -> Iterator[tuple[Settings, str]]:
    """An installation with one made-up municipality."""
    plan = SimulationPlan(end=END, years=YEARS, reports_per_year=reports / YEARS / PART_OF_LAST_YEAR, planted=PLANTED)
    paths = simulate(folder / "made", plan)
    settings = load({"PATROONWACHT_DATA_DIR": str(folder / "var"), **urls}).settings
    installation = Installation(settings)
    try:
        installation.area_store.replace(read_areas(paths.areas).to_rows())
        ingest_file(paths.reports, installation.profile(None), installation.areas(), installation.reports, datetime.now(UTC))
        yield settings, paths.municipality
    finally:
        installation.close()


def _nights(settings: Settings, municipality: str, nights: int) -> list[Measured]:
    """Nights one after the other in one process; the first compiles what is not compiled yet."""
    engine = LocalEngine(1, 1)
    measured = []
    try:
        for night in range(nights):
            as_of = END + timedelta(days=night)
            order = UnitOrder(settings, municipality, as_of, "bench", "bench", datetime.now(UTC))
            for _, outcome in engine.run(measure, [order]):
                if isinstance(outcome, Exception):
                    raise outcome
                measured.append(outcome)
    finally:
        engine.close()
    return measured


def _tell(label: str, first: Measured, later: list[Measured]) -> None:
    best = min(later, key=lambda one: one.seconds)
    print(f"{label}: {best.outcome.reports_in:,} reports that count, {best.outcome.findings} findings")
    print(f"  first night in a new process {first.seconds:7.2f} s (compiling, and what rules cost this quarter)")
    print(f"  a night in a warm process    {best.seconds:7.2f} s, peak memory {best.peak_mb:.0f} MB")
    rest = best.seconds - sum(best.parts.values())
    for part, seconds in [*sorted(best.parts.items(), key=lambda item: -item[1]), ("everything else", rest)]:
        print(f"    {part:<22} {seconds:7.3f} s {seconds / best.seconds:6.1%}    first night {first.parts.get(part, 0.0):7.3f} s")


def main(argv: list[str]) -> int:
    """Measure and print; the aim is under 2 seconds for a city with 300 reports a year."""
    parser = argparse.ArgumentParser(prog="bench cycle", description=main.__doc__)
    parser.add_argument("--reports", type=int, nargs="*", default=[round(SMALL * YEARS), LARGE], help="reports in five years")
    parser.add_argument("--nights", type=int, default=3, help="nights in the warm process, the first apart")
    parser.add_argument("--postgres", action="store_true", help="also on PostgreSQL")
    options = parser.parse_args(argv)
    slow = False
    for reports in options.reports:
        for database in ("SQLite", "PostgreSQL") if options.postgres else ("SQLite",):
            with contextlib.ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                urls = {}
                if database == "PostgreSQL":
                    server = stack.enter_context(running_server())
                    urls = {
                        f"PATROONWACHT_STORE__{side}_URL": stack.enter_context(server.fresh_database())
                        for side in ("REPORTS", "ALERTS")
                    }
                settings, municipality = stack.enter_context(_city(folder, reports, urls))
                first, *later = _nights(settings, municipality, max(2, options.nights))
                _tell(f"{database}, {reports:,} reports in {YEARS:g} years", first, later)
                slow |= reports <= SMALL * YEARS and min(one.seconds for one in later) > AIM_S
    if slow:
        print(f"A night of the small city took longer than {AIM_S:g} s.")
    return int(slow)

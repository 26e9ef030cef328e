"""Intake: rows per second of a made-up CSV, with the guard, the look-up of areas and the store, and the peak of memory."""

import argparse
import csv
import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import shapely

from detector.areas import AreaSet
from detector.areas.shapes import RD, AreaShape
from detector.ingest.intake import IntakeResult, NoAreas, ReportSink, ingest_file
from detector.ingest.places import AreaLookup
from detector.ingest.profile import profile_from
from detector.model import Area, Level
from detector.store.engine import open_engine
from detector.store.migrate import migrate
from detector.store.reports import ReportStore

SIDE = 12
CELL_M = 500.0
CORNER_M = (150_000.0, 460_000.0)
FIELDS = (
    "report_id", "received_on", "occurred_on", "x", "y", "place_key", "place_kind", "grounds", "communities", "domains", "nature",
    "kind", "withdrawn", "status",
)  # fmt: skip
PROFILE = profile_from(
    {
        "name": "bench",
        "source": "bench",
        "columns": {name: name for name in FIELDS if name != "status"},
        "ignore": ["status"],
        "municipality": "GM9901",
    },
    "bench",
)


def made_up_areas() -> AreaSet:
    """One municipality of SIDE × SIDE square neighbourhoods."""
    left, bottom = CORNER_M
    whole = shapely.box(left, bottom, left + SIDE * CELL_M, bottom + SIDE * CELL_M)
    shapes = [AreaShape(Area("GM9901", "Benchdorp", Level.MUNICIPALITY, None, "GM9901", left, bottom, 100_000), whole, RD)]
    for number in range(SIDE * SIDE):
        x, y = left + number % SIDE * CELL_M, bottom + number // SIDE * CELL_M
        area = Area(f"BU9901{number:04d}", f"Buurt {number}", Level.NEIGHBOURHOOD, "GM9901", "GM9901", x + 250, y + 250, 700)
        shapes.append(AreaShape(area, shapely.box(x, y, x + CELL_M, y + CELL_M), RD))
    return AreaSet.of(shapes, [])


def write_reports(path: Path, rows: int, seed: int) -> None:
    """A CSV in our own format, each row with its own id and point."""
    rng = random.Random(seed)  # noqa: S311 - made-up data
    start = date(2018, 1, 1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for number in range(rows):
            received = start + timedelta(days=rng.randrange(2_500))
            x, y = (round(corner + rng.random() * SIDE * CELL_M, 1) for corner in CORNER_M)
            happened = received - timedelta(days=rng.randrange(40))
            place = (f"V{rng.randrange(2_000)}", rng.choice(("public", "private", "")))
            grounds = rng.choice(("herkomst_huidskleur|godsdienst", "handicap"))
            community, domain = rng.choice(("moslims", "joden", "lhbti", "")), rng.choice(("horeca_amusement", "buurt_wijk"))
            rest = ("vijandige_bejegening", rng.choice(("single", "single", "single", "mass")), "false", "afgehandeld")
            writer.writerow((f"B{number:08d}", received, happened, x, y, *place, grounds, community, domain, *rest))


def _measure(label: str, ingest: Callable[[], IntakeResult]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    result = ingest()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    per_second = f"{result.read / wall:>9,.0f} rows/s  ({result.read / cpu:,.0f} per second of processor)"
    counts = f"accepted {result.accepted:,} unchanged {result.unchanged:,} refused {len(result.refused):,}"
    print(f"{label:<34}{per_second}  {counts}")


def main(argv: list[str]) -> int:
    """Measure and print; the aim is over 20,000 rows a second on two cores, everything included."""
    parser = argparse.ArgumentParser(prog="bench intake", description=main.__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    now = datetime.now(UTC)
    areas: AreaLookup = made_up_areas()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.csv"
        write_reports(path, options.rows, options.seed)
        engine = open_engine(f"sqlite:///{folder}/reports.sqlite")
        migrate(engine)
        store: ReportSink = ReportStore(engine)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        nowhere = NoAreas()
        _measure("read, guard", lambda: ingest_file(path, PROFILE, nowhere, None, now))
        _measure("read, guard, areas", lambda: ingest_file(path, PROFILE, areas, None, now))
        _measure("read, guard, areas, store: new", lambda: ingest_file(path, PROFILE, areas, store, now))
        _measure("read, guard, areas, store: again", lambda: ingest_file(path, PROFILE, areas, store, now))
        engine.dispose()
        size = path.stat().st_size
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_mb, grown_mb = after / 1024, (after - before) / 1024
    print(f"file {size / 1e6:.1f} MB; peak memory {peak_mb:.0f} MB, of which {grown_mb:.0f} MB since intake began")
    return 0

"""A replay in a process of its own: the past nights with the settings in force and with those that are tried."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from detector.backtest import BacktestResult, backtest, nights_between
from detector.service.engine import begin_worker
from detector.service.installation import Installation
from detector.service.pages.comparison import compare, to_json
from detector.settings import Settings
from detector.window import History

RESULT: Final = "result.json"
PROGRESS: Final = "progress.json"
FAILED: Final = "failed.json"
_NICENESS: Final = 10


@dataclass(frozen=True)
class ReplayOrder:
    """What to replay: one municipality, from ``first`` to ``last``, every so many days; answers go to ``folder``."""

    settings: Settings
    candidate: Settings
    municipality: str
    first: date
    last: date
    every_days: int
    now: datetime
    folder: Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, readable for this account only."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def run_replay(order: ReplayOrder, parent: int) -> None:
    """The process: ends with its parent, leaves the machine to the night, and says by files how far it is."""
    begin_worker(parent)
    os.nice(_NICENESS)
    try:
        replay(order)
    except Exception as error:  # noqa: BLE001 - whatever it was, the page must say that it failed
        # A message can quote what stands in a report; the kind of error cannot.
        write_whole(order.folder / FAILED, json.dumps({"error": type(error).__name__}).encode())
        sys.exit(1)


def replay(order: ReplayOrder) -> None:
    """Replay both, compare, and leave the result in the folder."""
    installation = Installation(order.settings)
    try:
        reports = installation.reports.load(order.municipality)
        areas = installation.areas().table_or_alone(order.municipality)
    finally:
        installation.close()
    nights = nights_between(order.first, order.last, order.every_days)

    def one(settings: Settings, done_before: int) -> BacktestResult:
        detection = settings.detection
        history = History(reports, areas, detection.time_axis, detection.history_days)
        return backtest(
            history,
            detection.built(settings.municipality(order.municipality).false_alerts_per_year),
            settings.patterns,
            order.first,
            order.last,
            every_days=order.every_days,
            seed=detection.seed,
            progress=_progress(order.folder, done_before, 2 * len(nights)),
        )

    before = one(order.settings, 0)
    after = before if order.candidate == order.settings else one(order.candidate, len(nights))
    comparison = compare(before, after, reports, areas, order.candidate, nights=nights, now=order.now)
    write_whole(order.folder / RESULT, to_json(comparison))


def _progress(folder: Path, before: int, of: int) -> Callable[[int, int], None]:
    return lambda done, _: write_whole(folder / PROGRESS, json.dumps({"done": before + done, "of": of}).encode())

"""Every run of the cycle on one municipality: what it went by, what it saw, and how it ended."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Engine, select, update

from detector.store import tables
from detector.store.engine import reading, writing
from detector.store.errors import StoreError
from detector.store.leases import Lease, check_lease
from detector.store.news import set_read


class RunState(StrEnum):
    """How a run stands; ``lost`` is one whose process died."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"


PROCESS_ENDED: Final = "its process ended before the run did"
"""The reason of a run that is lost."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """What a run goes by. ``holder`` names the process; ``trigger`` says what set it off (night, intake, command...)."""

    municipality: str
    as_of: date
    trigger: str
    holder: str
    settings_hash: str
    code_version: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did. ``read_up_to`` is the number of the newest change that it read, from ``unread_news``."""

    reports_in: int
    findings: int
    patterns: int
    duration_s: float
    read_up_to: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A recorded run; what only its end knows is None before."""

    id: int
    municipality: str
    as_of: date
    trigger: str
    holder: str
    settings_hash: str
    code_version: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    reports_in: int | None
    findings: int | None
    patterns: int | None
    duration_s: float | None
    reason: str | None


class RunStore:
    """Records runs; each call is one transaction and raises StoreError where it cannot be done."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self, start: RunStart, at: datetime) -> int:
        """Record that a run begins; gives its number."""
        values = {
            "municipality": start.municipality,
            "as_of": start.as_of,
            "trigger": start.trigger,
            "holder": start.holder,
            "settings_hash": start.settings_hash,
            "code_version": start.code_version,
            "state": RunState.RUNNING.value,
            "started_at": at,
        }
        with writing(self._engine) as connection:
            return int(connection.execute(tables.runs.insert().returning(tables.runs.c.id), values).scalar_one())

    def finish(self, run: int, result: RunResult, at: datetime, *, lease: Lease | None = None) -> None:
        """Record the end of a run that had nothing to write; one with patterns ends in ``PatternStore.save``.

        Raises:
            LeaseLostError: another process has taken over.
            StoreError: the run is over already.
        """
        with writing(self._engine) as connection:
            if lease is not None:
                check_lease(connection, lease)
            finish_run(connection, run, result, at)

    def fail(self, run: int, reason: str, at: datetime) -> None:
        """Record that a run failed; its municipality's news stays unread, so that another run follows."""
        with writing(self._engine) as connection:
            _end(connection, run, state=RunState.FAILED.value, finished_at=at, reason=reason)

    def mark_lost(self, alive: Collection[str], at: datetime) -> list[Run]:
        """Mark the unfinished runs of holders that are not alive; such a run can no longer write.

        Args:
            alive: the holders whose runs go on; call it after taking the lease, with one's own name.
            at: UTC.

        Returns:
            The runs so marked.
        """
        table = tables.runs.c
        dead = (table.state == RunState.RUNNING.value, table.holder.not_in(list(alive)))
        with writing(self._engine) as connection:
            lost = [_run(row) for row in connection.execute(select(tables.runs).where(*dead).order_by(table.id)).mappings()]
            reason = PROCESS_ENDED
            change = update(tables.runs).where(*dead)
            connection.execute(change.values(state=RunState.LOST.value, finished_at=at, reason=reason))
        return lost

    def list(self, municipality: str | None = None, *, state: RunState | None = None, limit: int = 50) -> list[Run]:
        """The latest runs first."""
        table = tables.runs.c
        query = select(tables.runs).order_by(table.id.desc()).limit(limit)
        if municipality is not None:
            query = query.where(table.municipality == municipality)
        if state is not None:
            query = query.where(table.state == state.value)
        with reading(self._engine) as connection:
            return [_run(row) for row in connection.execute(query).mappings()]


def _run(row: Mapping[Any, Any]) -> Run:
    return Run(**{**row, "state": RunState(row["state"])})


def _end(connection: Connection, run: int, **values: object) -> str:
    """End a run that is running, once; gives its municipality."""
    table = tables.runs.c
    change = update(tables.runs).where(table.id == run, table.state == RunState.RUNNING.value).values(**values)
    if connection.execute(change).rowcount != 1:
        raise StoreError(f"run {run} is not running any more: another process has ended it or given it up; nothing was written")
    municipality: str = connection.execute(select(table.municipality).where(table.id == run)).scalar_one()
    return municipality


def finish_run(connection: Connection, run: int, result: RunResult, at: datetime) -> str:
    """Record a run's end, and what it has read, within the transaction that writes what it found; gives its municipality.

    Raises:
        StoreError: the run is over already.
    """
    municipality = _end(
        connection,
        run,
        state=RunState.DONE.value,
        finished_at=at,
        reports_in=result.reports_in,
        findings=result.findings,
        patterns=result.patterns,
        duration_s=result.duration_s,
    )
    if result.read_up_to is not None:
        set_read(connection, municipality, result.read_up_to)
    return municipality

"""The patterns that are followed, and the outbox from which their revisions go to the alerting side."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select, update

from alerts.pattern import Pattern, from_json, to_json
from detector.store import tables
from detector.store.engine import insert_into, reading, writing
from detector.store.errors import StoreError
from detector.store.leases import Lease, check_lease
from detector.store.runs import RunResult, RunState, finish_run


@dataclass(frozen=True, slots=True)
class StoredPattern:
    """A followed pattern as its own module wrote it; ``payload`` is JSON that the store does not read."""

    key: str
    active: bool
    payload: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision to tell the alerting side, and the keys of the reports behind it, which stay on this side."""

    pattern: Pattern
    members: frozenset[str]


class PatternStore:
    """Reads and writes patterns; each call is one transaction and raises StoreError where it cannot be done."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, municipality: str, *, active_only: bool = False) -> list[StoredPattern]:
        """The patterns followed in a municipality, by key."""
        table = tables.followed.c
        query = select(table.key, table.active, table.payload).where(table.municipality == municipality).order_by(table.key)
        if active_only:
            query = query.where(table.active)
        with reading(self._engine) as connection:
            return [StoredPattern(*row) for row in connection.execute(query)]

    def basis(self, municipality: str) -> int:
        """The last run that ended well here, 0 for none: what a new run builds upon, see :meth:`save`."""
        with reading(self._engine) as connection:
            return _last_run(connection, municipality)

    def told(self, municipality: str) -> dict[str, list[Pattern]]:
        """Every revision that was ever written to the outbox for this municipality, by key, oldest first.

        Raises:
            StoreError: one of them was written by a newer version of this program.
        """
        table = tables.outbox.c
        query = select(table.payload).where(table.municipality == municipality).order_by(table.id)
        with reading(self._engine) as connection:
            payloads = list(connection.scalars(query))
        by_key: dict[str, list[Pattern]] = {}
        for pattern in _patterns(payloads):
            by_key.setdefault(pattern.key, []).append(pattern)
        return by_key

    def save(
        self,
        run: int,
        result: RunResult,
        followed: Sequence[StoredPattern],
        revisions: Sequence[Revision],
        at: datetime,
        *,
        basis: int | None = None,
        lease: Lease | None = None,
    ) -> None:
        """End a run with what it found, all of it or nothing: its record, the followed patterns, the outbox, the news read.

        Args:
            run: its number; it must still be running.
            result: for its record.
            followed: patterns whose state is new; those not named stay as they are.
            revisions: what the alerting side is to hear; each key and revision once, ever.
            at: UTC.
            basis: what :meth:`basis` said before the followed patterns were loaded. If another run ended since, this one went by
                what is no longer so, and nothing of it is kept.
            lease: checked in the same transaction, so that a process that slept through its lease writes nothing.

        Raises:
            LeaseLostError: another process has taken over.
            StoreError: the run is over already, or a revision was written before.
        """
        with writing(self._engine) as connection:
            if lease is not None:
                check_lease(connection, lease)
            earlier = _last_run(connection, _municipality_of(connection, run)) if basis is not None else None
            if earlier != basis:
                raise StoreError(f"run {run} was overtaken by run {earlier}; nothing of it was kept, run again")
            municipality = finish_run(connection, run, result, at)
            _write_followed(connection, run, municipality, followed)
            _write_outbox(connection, run, municipality, revisions, at)

    def outbox(self, limit: int = 100, skip: Collection[str] = ()) -> list[Pattern]:
        """Revisions that the alerting side has not taken over yet, oldest first, but for those of the keys to ``skip``.

        Raises:
            StoreError: one of them was written by a newer version of this program.
        """
        table = tables.outbox.c
        waiting = (table.handed_over_at.is_(None), table.key.not_in(sorted(skip)))
        query = select(table.payload).where(*waiting).order_by(table.id).limit(limit)
        with reading(self._engine) as connection:
            payloads = list(connection.scalars(query))
        return _patterns(payloads)

    def waiting(self) -> int:
        """How many revisions the alerting side has not taken over yet."""
        query = select(tables.outbox.c.id).where(tables.outbox.c.handed_over_at.is_(None))
        with reading(self._engine) as connection:
            return len(connection.execute(query).all())

    def mark_handed_over(self, key: str, revision: int, at: datetime) -> bool:
        """Say, after the alerting side has it, that a revision was handed over; False where that was said before."""
        table = tables.outbox.c
        change = update(tables.outbox).where(table.key == key, table.revision == revision, table.handed_over_at.is_(None))
        with writing(self._engine) as connection:
            return connection.execute(change.values(handed_over_at=at)).rowcount == 1

    def members(self, key: str, revision: int) -> frozenset[str]:
        """Keys of the reports behind a revision; those that retention has deleted are no longer among them."""
        table = tables.pattern_members.c
        query = select(table.report_key).where(table.key == key, table.revision == revision)
        with reading(self._engine) as connection:
            return frozenset(connection.scalars(query))


def _patterns(payloads: Sequence[str]) -> list[Pattern]:
    try:
        return [from_json(payload) for payload in payloads]
    except ValueError as error:
        raise StoreError(f"a pattern in the outbox cannot be read ({type(error).__name__}): upgrade this side first") from error


def _municipality_of(connection: Connection, run: int) -> str:
    return connection.scalar(select(tables.runs.c.municipality).where(tables.runs.c.id == run)) or ""


def _last_run(connection: Connection, municipality: str) -> int:
    table = tables.runs.c
    query = select(func.max(table.id)).where(table.municipality == municipality, table.state == RunState.DONE.value)
    return connection.scalar(query) or 0


def _write_followed(connection: Connection, run: int, municipality: str, followed: Sequence[StoredPattern]) -> None:
    if not followed:
        return
    insert = insert_into(connection, tables.followed)
    change = insert.on_conflict_do_update(
        index_elements=["key"],
        set_={name: insert.excluded[name] for name in ("active", "payload", "run")},
    )
    rows = [
        {"key": one.key, "municipality": municipality, "active": one.active, "payload": one.payload, "run": run}
        for one in followed
    ]
    connection.execute(change, rows)


def _write_outbox(connection: Connection, run: int, municipality: str, revisions: Sequence[Revision], at: datetime) -> None:
    table = tables.outbox.c
    for revision in revisions:
        pattern = revision.pattern
        before = select(table.id).where(table.key == pattern.key, table.revision == pattern.revision)
        if connection.execute(before).first() is not None:
            raise StoreError(
                f"pattern {pattern.key}, revision {pattern.revision}, was written before: another run was quicker; "
                "nothing of this one was kept, run again"
            )
        row = {"key": pattern.key, "revision": pattern.revision, "municipality": municipality, "run": run}
        connection.execute(tables.outbox.insert(), {**row, "payload": to_json(pattern), "written_at": at})
        members = [
            {"key": pattern.key, "revision": pattern.revision, "report_key": member} for member in sorted(revision.members)
        ]
        if members:
            connection.execute(tables.pattern_members.insert(), members)

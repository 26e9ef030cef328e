"""The audit log: who did, sent, saw or changed what, in a chain of hashes that shows when somebody tampered with it.

Every entry carries the hash of the one before, so an entry that is edited, taken out, put in or moved breaks the chain; the
number and hash of the last entry stand apart (``alerts_audit_head``), so that entries cut off at the end show as well. Who may
write the whole database can still make the chain anew from the point of the change, head included: that shows only
against a head that was noted elsewhere before. Note ``head()`` now and then outside the database and give it to ``verify``.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary, ref

from sqlalchemy import Connection, Engine, bindparam, insert, select, update

from alerts.store.engine import read, write
from alerts.store.tables import audit, audit_head
from alerts.together import Together

Value: TypeAlias = str | int | float | bool | None
Details: TypeAlias = Mapping[str, Value | Sequence[str]]

GENESIS = "0" * 64
"""The hash before the first entry."""


class AuditError(Exception):
    """The audit log cannot be extended; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's number and hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit log."""

    seq: int
    at: datetime
    actor: str
    event: str
    subject: str
    details: str
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What ``verify`` found: how many entries were read, the head, and each break with the number at which it shows."""

    entries: int
    head: Head
    problems: tuple[str, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Line:
    """What is to be written down; ``details`` as canonical JSON."""

    at: datetime
    actor: str
    event: str
    subject: str
    details: str


# Written once: a view of an alert takes longer to put into these words than to store.
_LOCKED_HEAD: Final = select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.id == 1).with_for_update()
_MOVE_HEAD: Final = (
    update(audit_head)
    .where(audit_head.c.id == 1, audit_head.c.seq == bindparam("was"))
    .values(seq=bindparam("now"), hash=bindparam("said"))
)

_RECORDERS: Final[WeakKeyDictionary[Engine, Together[_Line, Head]]] = WeakKeyDictionary()
_MAKING: Final = Lock()


def _digest(seq: int, at: datetime, *said: str) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    line = json.dumps([seq, moment, *said], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(line.encode()).hexdigest()


def append(connection: Connection, *, at: datetime, actor: str, event: str, subject: str, details: Details | None = None) -> Head:
    """Add an entry in the caller's transaction, so that it stands or falls with what it tells of.

    Call it inside ``alerts.store.engine.write``. ``details`` holds nothing sensitive: codes, counts, ids, no free text.

    Raises:
        AuditError: the head is missing or was moved by another writer in between.
    """
    return _append(connection, [_Line(at, actor, event, subject, _text(details))])[0]


def _append(connection: Connection, lines: Sequence[_Line]) -> list[Head]:
    head = connection.execute(_LOCKED_HEAD).one_or_none()
    if head is None:
        raise AuditError(
            "the head of the audit log is missing: run the migrations, and `audit verify` if the database is not new"
        )
    rows: list[dict[str, Any]] = []
    before = Head(head.seq, head.hash)
    heads: list[Head] = []
    for line in lines:
        seq = before.seq + 1
        said = _digest(seq, line.at, line.actor, line.event, line.subject, line.details, before.hash)
        rows.append({"seq": seq, **asdict(line), "prev_hash": before.hash, "hash": said})
        before = Head(seq, said)
        heads.append(before)
    moved = connection.execute(_MOVE_HEAD, {"was": head.seq, "now": before.seq, "said": before.hash})
    if moved.rowcount != 1:
        raise AuditError("another writer extended the audit log at the same moment: write through alerts.store.engine.write")
    connection.execute(insert(audit), rows)
    return heads


def record(engine: Engine, *, at: datetime, actor: str, event: str, subject: str, details: Details | None = None) -> Head:
    """Add an entry by itself, as of a view, which changes nothing else; it is stored when this returns. Raises as ``append``.

    Entries that come while another is written go in together: everybody who looks at something has to wait for this.
    """
    return _recorder(engine)(_Line(at, actor, event, subject, _text(details)))


def _recorder(engine: Engine) -> Together[_Line, Head]:
    with _MAKING:
        found = _RECORDERS.get(engine)
        if found is None:
            # The engine must not be kept alive by what is kept for it.
            known = ref(engine)

            def work(lines: Sequence[_Line]) -> Sequence[Head]:
                there = known()
                assert there is not None  # noqa: S101 - for the type checker: who records holds it
                with write(there, head_lock=False) as connection:
                    return _append(connection, lines)

            found = _RECORDERS[engine] = Together(work)
    return found


def _text(details: Details | None) -> str:
    return json.dumps(dict(details or {}), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def head(engine: Engine) -> Head:
    """The last entry's number and hash, to be noted outside the database."""
    with read(engine) as connection:
        row = connection.execute(select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.id == 1)).one_or_none()
    if row is None:
        raise AuditError("the head of the audit log is missing: somebody removed it, or the migrations never ran")
    return Head(row.seq, row.hash)


def entries(engine: Engine, *, subject: str | None = None, after: int = 0, limit: int = 100) -> tuple[Entry, ...]:
    """Entries in order, from the one after number ``after``; those about one ``subject`` if given."""
    query = select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    with read(engine) as connection:
        rows = connection.execute(query).all()
    return tuple(Entry(r.seq, r.at, r.actor, r.event, r.subject, r.details, r.prev_hash, r.hash) for r in rows)


def verify(engine: Engine, noted: Head | None = None) -> AuditReport:
    """Walk the whole chain and tell every break; ``noted`` is a head that was noted elsewhere before.

    Finds an entry edited, removed, inserted or moved, and entries cut off at the end. Does not find a chain that somebody with
    write access made anew from some point on, head included, unless ``noted`` lies after that point.
    """
    problems: list[str] = []
    before = Head(0, GENESIS)
    count = 0
    with read(engine) as connection:
        row = connection.execute(select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.id == 1)).one_or_none()
        kept = Head(row.seq, row.hash) if row is not None else None
        for entry in connection.execution_options(yield_per=1000).execute(select(audit).order_by(audit.c.seq)):
            count += 1
            problems += _check(entry.seq, before, entry.prev_hash)
            if (
                _digest(entry.seq, entry.at, entry.actor, entry.event, entry.subject, entry.details, entry.prev_hash)
                != entry.hash
            ):
                problems.append(f"entry {entry.seq} was changed after it was written")
            if noted is not None and entry.seq == noted.seq and entry.hash != noted.hash:
                problems.append(f"entry {entry.seq} is not the one that was noted: the chain was made anew")
            before = Head(entry.seq, entry.hash)
    if kept is None:
        problems.append("the head is missing")
    elif kept != before:
        problems.append(
            f"the log ends at entry {before.seq}, but entry {kept.seq} was the last: entries at the end are missing or changed"
        )
    if noted is not None and before.seq < noted.seq:
        problems.append(f"the log ends at entry {before.seq}, but entry {noted.seq} was noted: entries at the end are missing")
    return AuditReport(count, before, tuple(problems))


def _check(seq: int, before: Head, prev_hash: str) -> list[str]:
    if seq != before.seq + 1:
        return [f"entries {before.seq + 1} to {seq - 1} are missing"]
    if prev_hash != before.hash:
        return [f"entry {seq} does not follow entry {before.seq}: one of them was changed, moved or put in"]
    return []

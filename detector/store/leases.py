"""Who is at work: one row per lease, so that of several instances one works and the others wait to take over."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, select, update

from detector.store import tables
from detector.store.engine import insert_into, reading, writing
from detector.store.errors import LeaseLostError

NOBODY = ""
"""The holder of a lease that was given back."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lease:
    """Leave to work until ``expires_at`` (UTC). ``token`` grows with every change of holder: a later one outranks an earlier."""

    name: str
    holder: str
    token: int
    expires_at: datetime


class LeaseStore:
    """Gives out leases; each call is one transaction and raises StoreError where the database fails."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, name: str, holder: str, ttl: timedelta, now: datetime) -> Lease | None:
        """Take a lease that is free or has run out, or keep one that is the holder's own; None while another has it.

        Args:
            name: what the lease is for.
            holder: the name of this process, unlike that of any other.
            ttl: for how long.
            now: UTC.
        """
        table = tables.leases.c
        end = now + ttl
        with writing(self._engine) as connection:
            mine = update(tables.leases).where(table.name == name, table.holder == holder, table.expires_at > now)
            if connection.execute(mine.values(expires_at=end)).rowcount != 1:
                free = update(tables.leases).where(table.name == name, table.expires_at <= now)
                taken = connection.execute(free.values(holder=holder, token=table.token + 1, expires_at=end)).rowcount
                if taken != 1 and not _first(connection, Lease(name, holder, 1, end)):
                    return None
            token = connection.scalar(select(table.token).where(table.name == name)) or 0
        return Lease(name, holder, token, end)

    def acquire(self, name: str, holder: str, ttl: timedelta, now: datetime) -> bool:
        """Whether the lease is the holder's now; :meth:`take` for who needs no token."""
        return self.take(name, holder, ttl, now) is not None

    def renew(self, lease: Lease, ttl: timedelta, now: datetime) -> Lease | None:
        """Hold a lease for longer; None where another has taken it meanwhile, and the work must stop."""
        table = tables.leases.c
        here = (table.name == lease.name, table.holder == lease.holder, table.token == lease.token)
        with writing(self._engine) as connection:
            kept = connection.execute(update(tables.leases).where(*here).values(expires_at=now + ttl)).rowcount == 1
        return Lease(lease.name, lease.holder, lease.token, now + ttl) if kept else None

    def release(self, name: str, holder: str) -> None:
        """Give a lease back, if it is still the holder's, so that another need not wait for its end."""
        table = tables.leases.c
        mine = update(tables.leases).where(table.name == name, table.holder == holder)
        with writing(self._engine) as connection:
            connection.execute(mine.values(holder=NOBODY, expires_at=_LONG_AGO))

    def holder(self, name: str, now: datetime) -> Lease | None:
        """Who has a lease now, if anybody."""
        table = tables.leases.c
        query = select(table.name, table.holder, table.token, table.expires_at)
        with reading(self._engine) as connection:
            row = connection.execute(query.where(table.name == name, table.expires_at > now)).one_or_none()
        return None if row is None else Lease(*row)


def _first(connection: Connection, lease: Lease) -> bool:
    row = {"name": lease.name, "holder": lease.holder, "token": lease.token, "expires_at": lease.expires_at}
    insert = insert_into(connection, tables.leases).on_conflict_do_nothing(index_elements=["name"])
    # Not rowcount: PostgreSQL's driver does not count an insert that does nothing.
    return connection.scalar(insert.values(row).returning(tables.leases.c.name)) is not None


def check_lease(connection: Connection, lease: Lease) -> None:
    """Make sure, within a writing transaction, that nobody has taken over: a process that slept through its lease must not write.

    Raises:
        LeaseLostError: another has the lease, or had it since.
    """
    table = tables.leases.c
    token = connection.scalar(select(table.token).where(table.name == lease.name, table.holder == lease.holder))
    if token != lease.token:
        raise LeaseLostError(f"the lease {lease.name!r} is no longer held here: another process has taken over the work")

"""Filters of the list of alerts that somebody keeps under a name; what they hold stays in the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import Engine, delete, func, insert, select

from alerts.alert import AlertsError
from alerts.store import tables as t
from alerts.store.engine import read, write

SAVED_AT_MOST: Final = 20
LONGEST_NAME: Final = 80


class SavedFilterError(AlertsError):
    """A filter cannot be saved; the text says why."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter that somebody keeps. ``id`` is random, so that an address gives nothing away; ``body`` is what was chosen."""

    id: str
    name: str
    body: dict[str, str]


def saved_by(engine: Engine, account: str) -> tuple[SavedFilter, ...]:
    """The filters of this account, by name."""
    c = t.saved_filter.c
    with read(engine) as connection:
        found = connection.execute(select(c.id, c.name, c.body).where(c.account == account).order_by(c.name, c.id)).all()
    return tuple(SavedFilter(row.id, row.name, json.loads(row.body)) for row in found)


def save(engine: Engine, account: str, name: str, body: Mapping[str, str], now: datetime) -> SavedFilter:
    """Keep a filter under this name, in place of one that has it already.

    Raises:
        SavedFilterError: the name is empty or too long, or there are too many already.
    """
    if not name or len(name) > LONGEST_NAME:
        raise SavedFilterError(f"a filter has a name of at most {LONGEST_NAME} characters")
    c = t.saved_filter.c
    made = SavedFilter(uuid4().hex, name, dict(body))
    with write(engine) as connection:
        connection.execute(delete(t.saved_filter).where(c.account == account, c.name == name))
        count = connection.scalar(select(func.count()).select_from(t.saved_filter).where(c.account == account)) or 0
        if count >= SAVED_AT_MOST:
            raise SavedFilterError(f"there are {SAVED_AT_MOST} saved filters already: delete one first")
        values = {"id": made.id, "account": account, "name": name, "body": json.dumps(made.body), "created_at": now}
        connection.execute(insert(t.saved_filter).values(values))
    return made


def forget(engine: Engine, account: str, filter_id: str) -> bool:
    """Delete a filter of this account; False if it has none of that id."""
    c = t.saved_filter.c
    with write(engine) as connection:
        return connection.execute(delete(t.saved_filter).where(c.account == account, c.id == filter_id)).rowcount == 1

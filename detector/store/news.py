"""Which municipalities have reports that no finished run has read: set with the reports, cleared with the run."""

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from detector.store import tables
from detector.store.engine import insert_into


def add_news(connection: Connection, codes: Collection[str]) -> None:
    """Say, in the transaction that changes their reports, that these municipalities have news."""
    if not codes:
        return
    change = insert_into(connection, tables.municipalities).on_conflict_do_update(
        index_elements=["code"], set_={"news": tables.municipalities.c.news + 1}
    )
    connection.execute(change, [{"code": code, "news": 1, "read_up_to": 0} for code in sorted(codes)])


def unread_news(connection: Connection) -> dict[str, int]:
    """Municipality to the number of its newest change, for those that have news."""
    table = tables.municipalities.c
    query = select(table.code, table.news).where(table.news > table.read_up_to).order_by(table.code)
    return {row.code: row.news for row in connection.execute(query)}


def set_read(connection: Connection, code: str, read_up_to: int) -> None:
    """Say that a run has read a municipality's reports up to a change; news since then stays news."""
    table = tables.municipalities.c
    change = update(tables.municipalities).where(table.code == code, table.read_up_to < read_up_to)
    connection.execute(change.values(read_up_to=read_up_to))

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from alerting import NOW, Clock, make_pattern
from sqlalchemy import Connection, Engine, delete, insert, select, update

from alerts import audit
from alerts.lifecycle import Alerts
from alerts.store.engine import write
from alerts.store.tables import audit as log
from alerts.store.tables import audit_head

ENTRIES = 6


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """An audit log of six entries, one of them with letters beyond ASCII."""
    for number in range(ENTRIES):
        with write(engine) as connection:
            audit.append(connection, at=NOW, actor="Zoë", event="tested", subject=f"s{number}", details={"number": number})
    return engine


def edit(connection: Connection) -> None:
    connection.execute(update(log).where(log.c.seq == 3).values(actor="Eve"))


def edit_with_its_hash(connection: Connection) -> None:
    row = connection.execute(select(log).where(log.c.seq == 3)).one()
    forged = audit._digest(3, row.at, "Eve", row.event, row.subject, row.details, row.prev_hash)
    connection.execute(update(log).where(log.c.seq == 3).values(actor="Eve", hash=forged))


def take_out(connection: Connection) -> None:
    connection.execute(delete(log).where(log.c.seq == 3))


def take_out_and_close_the_gap(connection: Connection) -> None:
    take_out(connection)
    for seq in range(4, ENTRIES + 1):
        connection.execute(update(log).where(log.c.seq == seq).values(seq=seq - 1))


def swap(connection: Connection) -> None:
    for old, new in ((3, 100), (4, 3), (100, 4)):
        connection.execute(update(log).where(log.c.seq == old).values(seq=new))


def cut_off_the_end(connection: Connection) -> None:
    connection.execute(delete(log).where(log.c.seq >= ENTRIES - 1))


def cut_off_the_beginning(connection: Connection) -> None:
    connection.execute(delete(log).where(log.c.seq <= 2))


def empty(connection: Connection) -> None:
    connection.execute(delete(log))


def put_in(connection: Connection) -> None:
    row = connection.execute(select(log).where(log.c.seq == ENTRIES)).one()
    connection.execute(insert(log).values(**{**row._mapping, "seq": ENTRIES + 1}))


def move_in_time(connection: Connection) -> None:
    connection.execute(update(log).where(log.c.seq == ENTRIES).values(at=NOW.replace(year=2025)))


def lose_the_head(connection: Connection) -> None:
    connection.execute(delete(audit_head))


TAMPERINGS = [
    edit,
    edit_with_its_hash,
    take_out,
    take_out_and_close_the_gap,
    swap,
    cut_off_the_end,
    cut_off_the_beginning,
    empty,
    put_in,
    move_in_time,
    lose_the_head,
]


def test_an_untouched_log_is_intact(filled: Engine) -> None:
    report = audit.verify(filled, audit.head(filled))
    assert report.intact
    assert (report.entries, report.head) == (ENTRIES, audit.head(filled))
    assert [json.loads(entry.details)["number"] for entry in audit.entries(filled, after=2)] == [2, 3, 4, 5]
    assert [entry.seq for entry in audit.entries(filled, subject="s4")] == [5]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda each: each.__name__)
def test_tampering_shows(filled: Engine, tamper: Callable[[Connection], None]) -> None:
    with filled.begin() as connection:
        tamper(connection)
    assert not audit.verify(filled).intact


def test_a_chain_made_anew_shows_only_against_a_noted_head(filled: Engine) -> None:
    noted = audit.head(filled)
    with filled.begin() as connection:
        connection.execute(delete(log))
        connection.execute(update(audit_head).values(seq=0, hash=audit.GENESIS))
    for number in range(ENTRIES):
        with write(filled) as connection:
            audit.append(connection, at=NOW, actor="Eve", event="tested", subject=f"s{number}")
    assert audit.verify(filled).intact
    assert not audit.verify(filled, noted).intact


def test_a_shortened_chain_with_a_forged_head_shows_against_a_noted_one(filled: Engine) -> None:
    noted = audit.head(filled)
    with filled.begin() as connection:
        fifth = connection.execute(select(log).where(log.c.seq == 5)).one()
        connection.execute(delete(log).where(log.c.seq > 5))
        connection.execute(update(audit_head).values(seq=5, hash=fifth.hash))
    assert audit.verify(filled).intact
    assert not audit.verify(filled, noted).intact


def test_many_writers_make_one_chain(engine: Engine) -> None:
    def work(number: int) -> None:
        for _ in range(5):
            with write(engine) as connection:
                audit.append(connection, at=NOW, actor=f"writer {number}", event="tested", subject="s")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    report = audit.verify(engine)
    assert report.intact
    assert report.entries == 30


def test_many_views_at_once_are_each_in_the_chain(engine: Engine) -> None:
    def look(number: int) -> list[audit.Head]:
        return [audit.record(engine, at=NOW, actor=f"reader {number}", event="viewed", subject=f"{each}") for each in range(5)]

    with ThreadPoolExecutor(6) as pool:
        heads = [head for found in pool.map(look, range(6)) for head in found]
    assert audit.verify(engine).intact
    stored = audit.entries(engine)
    assert {(entry.actor, entry.subject) for entry in stored} == {
        (f"reader {r}", f"{each}") for r in range(6) for each in range(5)
    }
    # Each was told its own place in the chain.
    assert sorted((head.seq, head.hash) for head in heads) == [(entry.seq, entry.hash) for entry in stored]


def test_what_is_rolled_back_leaves_no_trace(engine: Engine) -> None:
    def fail() -> None:
        with write(engine) as connection:
            audit.append(connection, at=NOW, actor="a", event="tested", subject="s")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert audit.verify(engine) == audit.AuditReport(0, audit.Head(0, audit.GENESIS), ())


def test_every_step_of_an_alert_is_in_it(engine: Engine, alerts: Alerts, clock: Clock) -> None:
    alerts.receive(make_pattern(), clock())
    events = [entry.event for entry in audit.entries(engine)]
    assert events == ["alert_created", "alert_release", "told", "told"]
    assert audit.verify(engine).intact


def test_without_a_head_nothing_is_added(engine: Engine) -> None:
    with engine.begin() as connection:
        lose_the_head(connection)
    with pytest.raises(audit.AuditError, match="missing"):
        audit.head(engine)
    with write(engine) as connection, pytest.raises(audit.AuditError, match="missing"):
        audit.append(connection, at=NOW, actor="a", event="tested", subject="s")

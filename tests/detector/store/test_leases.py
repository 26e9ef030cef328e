import multiprocessing
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from threading import Barrier

import pytest
from sqlalchemy import Engine

from detector.store.engine import open_engine
from detector.store.leases import LeaseStore

TTL = timedelta(seconds=30)


@pytest.fixture
def leases(engine: Engine) -> LeaseStore:
    return LeaseStore(engine)


def test_one_holds_it_until_it_ends(leases: LeaseStore, noon: datetime) -> None:
    assert leases.holder("daemon", noon) is None
    assert leases.acquire("daemon", "one", TTL, noon)
    assert not leases.acquire("daemon", "two", TTL, noon + TTL - timedelta(microseconds=1))
    assert leases.acquire("another", "two", TTL, noon)
    held = leases.holder("daemon", noon)
    assert held is not None
    assert (held.holder, held.expires_at) == ("one", noon + TTL)
    assert leases.holder("daemon", noon + TTL) is None
    assert leases.acquire("daemon", "two", TTL, noon + TTL)


def test_the_token_grows_with_every_change_of_holder_only(leases: LeaseStore, noon: datetime) -> None:
    tokens = []
    for holder, after in (("one", 0), ("one", 10), ("two", 60), ("two", 70), ("one", 120)):
        lease = leases.take("daemon", holder, TTL, noon + timedelta(seconds=after))
        assert lease is not None
        tokens.append(lease.token)
    assert tokens == [1, 1, 2, 2, 3]


def test_renewing_works_until_another_has_it(leases: LeaseStore, noon: datetime) -> None:
    mine = leases.take("daemon", "one", TTL, noon)
    assert mine is not None
    mine = leases.renew(mine, TTL, noon + TTL)
    assert mine is not None
    assert mine.expires_at == noon + 2 * TTL
    assert not leases.acquire("daemon", "two", TTL, noon + TTL)
    assert leases.acquire("daemon", "two", TTL, noon + 2 * TTL)
    assert leases.renew(mine, TTL, noon + 2 * TTL) is None


def test_giving_back_lets_another_in_at_once_and_takes_from_nobody(leases: LeaseStore, noon: datetime) -> None:
    assert leases.acquire("daemon", "one", TTL, noon)
    leases.release("daemon", "two")
    assert not leases.acquire("daemon", "two", TTL, noon)
    leases.release("daemon", "one")
    assert leases.acquire("daemon", "two", TTL, noon)
    assert not leases.acquire("daemon", "one", TTL, noon)


RACES = 15
FORK = multiprocessing.get_context("fork")


def _race(url: str, me: str, start: Barrier, told: Connection) -> None:
    engine = open_engine(url)
    start.wait(60)
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    told.send([LeaseStore(engine).acquire(f"race-{i}", me, TTL, now) for i in range(RACES)])
    engine.dispose()


def test_of_two_processes_exactly_one_gets_each_lease(engine: Engine, database_url: str) -> None:
    # A connection must not be shared with a forked process.
    engine.dispose()
    start, pipes = FORK.Barrier(2), [FORK.Pipe(duplex=False) for _ in range(2)]
    racers = [
        FORK.Process(target=_race, args=(database_url, name, start, theirs))
        for name, (_, theirs) in zip(("one", "two"), pipes, strict=True)
    ]
    for racer in racers:
        racer.start()
    one, two = (mine.recv() for mine, _ in pipes)
    for racer in racers:
        racer.join(60)
    assert len(one) == len(two) == RACES
    assert all(mine != other for mine, other in zip(one, two, strict=True))

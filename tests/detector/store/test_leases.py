import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

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


RACE = """
import sys
from datetime import UTC, datetime, timedelta
from detector.store.engine import open_engine
from detector.store.leases import LeaseStore
url, me = sys.argv[1:]
leases = LeaseStore(open_engine(url))
print("ready", flush=True)
sys.stdin.readline()
noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
print("".join("x" if leases.acquire(f"race-{i}", me, timedelta(seconds=30), noon) else "." for i in range(15)))
"""


def test_of_two_processes_exactly_one_gets_each_lease(engine: Engine, database_url: str) -> None:
    del engine  # it has made the tables
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, database_url, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    one, two = (racer.communicate(timeout=60)[0].strip() for racer in racers)
    assert len(one) == 15
    assert all({mine, other} == {"x", "."} for mine, other in zip(one, two, strict=True))

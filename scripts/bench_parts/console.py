"""The console under load: 95th percentile of list, map, alert page and API, and the size of pages, with many alerts and users."""

import argparse
import http
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from crowd.asking import Answer, Pace, measure
from crowd.filling import fill
from crowd.serving import Serving, cpu_seconds, database_processes, serve, served
from crowd.users import PAGES, User, make_users
from real_postgres import PostgresServer, running_server

from alerts.store.engine import migrate, open_engine

AIM_MS: Final = 150.0
LARGEST_KB: Final = 500.0


def tell(title: str, answers: Sequence[Answer], seconds: float) -> bool:
    """Print what was measured; whether an aim was missed."""
    print(f"{title}: {len(answers):,} requests in {seconds:.1f} s, {len(answers) / seconds:.0f} a second")
    by_page: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_page[answer.page].append(answer)
    missed = False
    for page in PAGES:
        found = sorted(by_page[page.name], key=lambda answer: answer.seconds)
        if not found:
            continue
        good = [answer for answer in found if answer.status == http.HTTPStatus.OK]
        middle, late = (found[int(len(found) * part)].seconds * 1000 for part in (0.5, 0.95))
        largest = max(answer.kilobytes for answer in found)
        note = "" if len(good) == len(found) else f"  {len(found) - len(good)} not 200: {sorted({each.status for each in found})}"
        print(f"  {page.name:<14} median {middle:7.1f} ms   95th percentile {late:7.1f} ms   largest {largest:7.1f} kB{note}")
        missed |= late > AIM_MS or largest > LARGEST_KB or len(good) != len(found)
    return missed


def _measured(title: str, server: PostgresServer, serving: Serving, users: Sequence[User], pace: Pace) -> bool:
    """Measure and print, with what it cost to compute: that says more than the time does where a machine has other work too."""
    database = database_processes(server.socket_dir)
    began, own = time.perf_counter(), time.process_time()
    spent = cpu_seconds(serving.processes), cpu_seconds(database)
    answers = measure(serving.port, users, pace)
    seconds = time.perf_counter() - began
    costs = (
        ("console", cpu_seconds(serving.processes) - spent[0]),
        ("database", cpu_seconds(database) - spent[1]),
        ("users", time.process_time() - own),
    )
    missed = tell(title, answers, seconds)
    said = ", ".join(f"{who} {cost / len(answers) * 1000:.1f} ms" for who, cost in costs)
    print(f"  computed for one request: {said}; a loop of a million steps took {_loop_ms():.0f} ms meanwhile")
    return missed


def _loop_ms() -> float:
    """How fast the machine is now, so that two measurements can be compared."""
    began, total = time.process_time(), 0
    for step in range(1_000_000):
        total += step * step % 7
    return (time.process_time() - began) * 1000


def main(argv: list[str]) -> int:
    """Measure and print; the aim is a 95th percentile under 150 ms and no page over 500 kB, for people who read what they get."""
    parser = argparse.ArgumentParser(prog="bench console", description=main.__doc__)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--municipalities", type=int, default=50)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=8, help="how often each user asks for each page")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds that a user reads between two clicks, on average")
    parser.add_argument("--seconds", type=float, default=90.0, help="no measurement goes on for longer")
    parser.add_argument("--workers", type=int, default=1, help="processes that serve")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--descriptor", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.serve:
        serve(options.serve, options.descriptor)
        return 0
    with running_server() as server, server.fresh_database() as url:
        engine = open_engine(url)
        migrate(engine)
        began = time.perf_counter()
        fill(engine, options.alerts, options.municipalities, seed=1)
        users = make_users(engine, options.users, options.municipalities)
        engine.dispose()
        print(
            f"{options.alerts:,} alerts of {options.municipalities} municipalities in PostgreSQL (which waits for no disk here),"
            f" filled in {time.perf_counter() - began:.0f} s; {options.users} users, {options.workers} serving"
        )
        with served(url, options.workers) as serving:
            measure(serving.port, users, Pace(1, 0.0, options.seconds))
            reading = Pace(options.rounds, options.pause, options.seconds)
            missed = _measured(f"who read {options.pause:g} s between two clicks", server, serving, users, reading)
            # Far more than people do: as many requests as there can be. Told, but the aim is not for this.
            _measured("who never pause", server, serving, users, Pace(options.rounds, 0.0, options.seconds))
    if missed:
        print(f"The aim was missed: {AIM_MS:g} ms and {LARGEST_KB:g} kB, for people who read between clicks.")
    return int(missed)

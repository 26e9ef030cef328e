"""Sending what was written down: claim, send, record; at least once, under an id that never changes.

Claiming seals a message and is committed before anything is sent; the outcome is recorded after. A process that dies in
between leaves a lease that lapses, and the same message goes out again under the same id, by which the receiver knows it.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import numpy as np
from sqlalchemy import Engine

from alerts.message import Channel, DeliveryError, Receipt
from alerts.settings import DeliverySettings
from alerts.store import queue
from alerts.store.engine import read, write

LOOK_EVERY_SECONDS = 0.2
"""How soon a message that becomes due is seen while a slow destination is still at work."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What one call did. ``no_channel``: destinations with messages due that the settings do not name (any more)."""

    delivered: int = 0
    retried: int = 0
    dead: int = 0
    gone: tuple[str, ...] = ()
    no_channel: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    delivered: int = 0
    retried: int = 0
    dead: int = 0
    gone: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


def deliver_due(
    engine: Engine,
    channels: Mapping[str, Channel],
    now: Callable[[], datetime],
    rng: np.random.Generator,
    settings: DeliverySettings,
    *,
    limit: int = 1000,
    stop: Callable[[], bool] = lambda: False,
) -> DeliveryReport:
    """Send every message that is due, at most ``limit``; ``channels`` are by name of destination.

    One message at a time goes to a destination, over all threads and processes, and many destinations at once: a slow one
    holds up nobody else, not even for messages that become due meanwhile. Several calls may run at the same moment.
    ``stop`` is asked before each message: when it says so, what is under way is finished and nothing new begun.
    """
    holder = uuid4().hex
    tally = _Tally()
    begun = 0
    running: dict[Future[bool], str] = {}
    # Destinations with nothing to take after all: another process has them, or a retry that comes first is not due yet.
    idle: set[str] = set()
    with ThreadPoolExecutor(max_workers=settings.at_once, thread_name_prefix="deliver") as pool:
        while True:
            if begun < limit and not stop():
                skip = idle.union(running.values())
                with read(engine) as connection:
                    due = queue.due_destinations(connection, now())
                for name in due:
                    if name in channels and name not in skip and len(running) < settings.at_once and begun < limit:
                        jitter = float(rng.uniform(-settings.jitter, settings.jitter))
                        task = _Task(engine, name, channels[name], holder, now, jitter, settings)
                        running[pool.submit(_deliver_one, task, tally)] = name
                        begun += 1
            if not running:
                break
            done, _ = wait(running, timeout=LOOK_EVERY_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                name = running.pop(future)
                if not future.result():
                    idle.add(name)
    with read(engine) as connection:
        orphans = tuple(name for name in queue.due_destinations(connection, now()) if name not in channels)
    return DeliveryReport(tally.delivered, tally.retried, tally.dead, tuple(sorted(tally.gone)), orphans)


@dataclass(frozen=True, slots=True)
class _Task:
    engine: Engine
    destination: str
    channel: Channel
    holder: str
    now: Callable[[], datetime]
    jitter: float
    settings: DeliverySettings


def _deliver_one(task: _Task, tally: _Tally) -> bool:
    claimed_at = task.now()
    with write(task.engine) as connection:
        claim = queue.claim(connection, task.destination, task.holder, claimed_at, task.settings)
    if claim is None:
        return False
    outcome = _send(task, claim)
    with write(task.engine) as connection:
        if isinstance(outcome, Receipt):
            queue.record_success(connection, claim, outcome, task.now())
            state = "delivered"
        else:
            state = queue.record_failure(connection, claim, outcome, task.now(), task.settings, jitter=task.jitter)
    with tally.lock:
        match state:
            case "delivered":
                tally.delivered += 1
            case "retried":
                tally.retried += 1
            case "gone":
                tally.gone.add(task.destination)
                tally.dead += 1
            case _:
                tally.dead += 1
    return True


def _send(task: _Task, claim: queue.Claim) -> Receipt | DeliveryError:
    try:
        return task.channel.send(claim.message, task.now())
    except DeliveryError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a channel's bug must not stop the other destinations, nor lose the message
        # Its text may hold what must not be logged; its type may not.
        return DeliveryError(f"the channel failed in an unexpected way ({type(error).__name__})")

"""A process that takes patterns in and delivers, and kills itself at the step it is told: the real SIGKILL, nothing cleaned up.

Reads one line of JSON per run: where the store is, where the files go, what time it is, and the step to die at (0: none). Answers
with a line: how the run ended and how many steps it took. Runs are forked, so that each starts at once and dies alone.
"""

import json
import os
import signal
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import numpy as np
from alerting import COMMUNITY, WORKER, make_pattern, make_settings
from sqlalchemy import Engine, event
from statements import share_statements

from alerts.alert import Action, ReviewState
from alerts.channels.file import FileDrop
from alerts.delivery import deliver_due
from alerts.lifecycle import Alerts, alert_id_of
from alerts.message import Message, Receipt
from alerts.pattern import Band
from alerts.settings import DeliverySettings
from alerts.store.engine import open_engine

SETTINGS = make_settings(delivery={"jitter": 0, "at_once": 1})


@dataclass(slots=True)
class Steps:
    """Counts the steps of a run, and ends it at one of them."""

    die_at: int
    taken: int = 0

    def step(self, *_: object) -> None:
        self.taken += 1
        if self.taken == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Drop:
    """A file drop that can die before and after it writes, and keeps a line of everything that went out."""

    kind: ClassVar[str] = "drop"
    inner: FileDrop
    steps: Steps
    log: Path

    def send(self, message: Message, now: datetime) -> Receipt:
        self.steps.step()
        receipt = self.inner.send(message, now)
        items = [[item.alert_id, item.revision, item.reason, item.municipality] for item in message.items]
        with self.log.open("a") as file:
            file.write(json.dumps([message.id, message.destination, items]) + "\n")
        self.steps.step()
        return receipt


def work(engine: Engine, folder: Path, now: datetime, steps: Steps) -> None:
    """What the service does, told again from the beginning after every death: hand over, decide, look at the clock, deliver."""
    alerts = Alerts(engine, SETTINGS)
    drops = {name: Drop(FileDrop(folder=folder / name), steps, folder / "log") for name in SETTINGS.destinations}

    def deliver() -> None:
        deliver_due(engine, drops, lambda: now, np.random.default_rng(1), DeliverySettings(jitter=0, at_once=1))

    alerts.receive(make_pattern("place"), now)
    alerts.receive(make_pattern("community", **COMMUNITY), now)
    deliver()
    alerts.receive(make_pattern("place", 2, observed=Band(6, 10)), now)
    community = alert_id_of("community")
    for before, action in ((ReviewState.NEW, Action.REVIEW), (ReviewState.IN_REVIEW, Action.RELEASE)):
        if alerts.get(community).review is before:
            alerts.act(community, action, WORKER, now)
    alerts.tick(now)
    deliver()


def run(order: dict[str, str], die_at: int) -> int:
    """One run, in the forked process; how many steps it took."""
    steps = Steps(die_at)
    engine = open_engine(order["url"])
    event.listen(engine, "before_cursor_execute", steps.step)
    event.listen(engine, "commit", steps.step)
    work(engine, Path(order["folder"]), datetime.fromisoformat(order["now"]), steps)
    engine.dispose()
    return steps.taken


def main() -> None:
    """Fork one run per line."""
    share_statements()
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            taken = run(order, int(order["die_at"]))
            os.write(writing, str(taken).encode())
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reading) as pipe:
            taken_text = pipe.read()
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        answer = {"killed": killed, "failed": status != 0 and not killed, "steps": int(taken_text or 0)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

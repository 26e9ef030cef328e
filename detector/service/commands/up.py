"""``patroonwacht up``, ``daemon`` and ``console``: the service, in one process or in two."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated

import numpy as np
import structlog
import typer
import uvicorn

from detector.configuration import SettingsWatcher
from detector.ingest.errors import IntakeError
from detector.service.daemon import Daemon
from detector.service.engine import LocalEngine
from detector.service.installation import Installation
from detector.service.logs import configure_logs
from detector.service.made_up import made_up_municipality
from detector.service.pages.replays import Replays
from detector.service.terminal import CommandError, in_force
from detector.service.web import web_side
from detector.service.work import Work
from detector.settings import LogFormat
from detector.store.errors import StoreError

MadeUp = Annotated[bool, typer.Option("--made-up", help="Where there is nothing yet, make up a municipality first.")]

log = structlog.get_logger(__name__)


def up(*, made_up: MadeUp = False) -> None:
    """Run everything: intake, detection, delivery, retention, and the web side, until it is told to stop."""
    with _working() as (work, installation):
        if made_up:
            made_up_municipality(installation, _now())
        with _served(work, installation):
            _until_stopped(_daemon(work, installation))


def daemon() -> None:
    """Run intake, detection, delivery and retention, without the web side."""
    with _working() as (work, installation):
        _until_stopped(_daemon(work, installation))


def console() -> None:
    """Run the web side alone: the console, the door for reports, health and figures."""
    with _working() as (work, installation):
        stop = threading.Event()
        with _served(work, installation):
            _on_signals(stop.set)
            stop.wait()


@contextmanager
def _working() -> Iterator[tuple[Work, Installation]]:
    loaded = in_force()
    settings = loaded.settings
    text = settings.log.format is LogFormat.TEXT or (settings.log.format is LogFormat.AUTO and sys.stderr.isatty())
    configure_logs(settings.log.level, json_lines=not text, clean_errors=(StoreError, IntakeError, CommandError))
    installation = Installation(settings)
    engine = LocalEngine(settings.engine.processes, settings.engine.unit_tries)
    work = Work(SettingsWatcher(loaded), installation, engine, _now, np.random.default_rng())
    try:
        yield work, installation
    finally:
        engine.close()
        installation.close()


def _now() -> datetime:
    return datetime.now(UTC)


def _daemon(work: Work, installation: Installation) -> Daemon:
    return Daemon(work.steps(), lambda: work.settings, installation.leases, installation.holder, _now)


def _until_stopped(service: Daemon) -> None:
    _on_signals(service.stop)
    service.run()


def _on_signals(stop: Callable[[], None]) -> None:
    def act(number: int) -> None:
        log.info("service.stopping", reason=signal.Signals(number).name)
        stop()

    def told(number: int, _: object) -> None:
        # A handler interrupts the main thread anywhere, even where it holds the lock that logging or an event waits for.
        threading.Thread(target=act, args=(number,), name="stop").start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)


@contextmanager
def _served(work: Work, installation: Installation) -> Iterator[None]:
    """The web side, in a thread of its own, while the block runs."""
    settings, replays = installation.settings, Replays(installation.settings.data_dir / "tuning")
    app = web_side(work, installation, replays, _now)
    server = uvicorn.Server(
        uvicorn.Config(app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False)
    )

    def serve() -> None:
        # Leaving is uvicorn's way to say that the port is taken; it is told below.
        with suppress(SystemExit):
            server.run()

    thread = threading.Thread(target=serve, name="web")
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.05)
    if not server.started:
        raise CommandError(f"nothing can listen on {settings.host} port {settings.port}; is another instance running? Set port")
    log.info("web.listening", host=settings.host, port=settings.port, process=os.getpid())
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        replays.close()

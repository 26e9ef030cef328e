"""``patroonwacht up``, ``daemon`` and ``console``: the service, in one process or in two."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import numpy as np
import structlog
import typer
import uvicorn
from fastapi import FastAPI

from alerts.console.api import alerts_api
from alerts.console.app import create_console
from alerts.console.services import ConsoleServices
from detector.configuration import SettingsWatcher
from detector.ingest.errors import IntakeError
from detector.service.api import ApiServices, api_router
from detector.service.api_door import hash_token
from detector.service.daemon import Daemon
from detector.service.engine import LocalEngine
from detector.service.installation import Installation
from detector.service.logs import configure_logs
from detector.service.made_up import made_up_municipality
from detector.service.pages.groups import page_groups
from detector.service.pages.replays import Replays
from detector.service.pages.runs import SHOWN, run_pages
from detector.service.pages.services import PagesServices
from detector.service.pages.uploads import Uploads
from detector.service.terminal import CommandError, in_force
from detector.service.work import Work
from detector.settings import LogFormat
from detector.store.errors import StoreError

MadeUp = Annotated[bool, typer.Option("--made-up", help="Where there is nothing yet, make up a municipality first.")]

log = structlog.get_logger(__name__)


def up(*, made_up: MadeUp = False) -> None:
    """Run everything: intake, detection, delivery, retention, and the web side, until it is told to stop."""
    with _working() as (work, installation):
        if made_up:
            made_up_municipality(installation)
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


def _web(work: Work, installation: Installation, replays: Replays) -> FastAPI:
    """The one application: the door for programs, the console, and the pages that need reports."""
    door = ApiServices(
        token_hashes=lambda: [hash_token(token.get_secret_value()) for token in work.settings.intake.tokens],
        ingest=work.take_in,
        health=work.health,
        metrics=work.metrics,
        max_body_bytes=lambda: work.settings.intake.max_body_mb * 1024 * 1024,
        clock=_now,
        refresh_metrics=work.refresh_metrics,
    )
    console = ConsoleServices(
        engine=installation.alerts_engine,
        alerts=lambda: installation.alerts,
        settings=lambda: work.settings.console,
        clock=_now,
        zone=ZoneInfo(installation.settings.timezone),
        language=installation.settings.language,
    )
    pages = PagesServices(
        installation=installation,
        settings=lambda: work.settings,
        own_file=work.own_file,
        look_again=work.look_again,
        rows_read=work.rows_read,
        replays=replays,
        uploads=Uploads(installation.settings.data_dir / "uploads"),
        clock=_now,
    )
    operating = run_pages(lambda: installation.runs.list(limit=SHOWN), installation.settings_history.list)
    return create_console(console, [alerts_api(), api_router(door)], [*page_groups(pages), operating])


@contextmanager
def _served(work: Work, installation: Installation) -> Iterator[None]:
    """The web side, in a thread of its own, while the block runs."""
    settings, replays = installation.settings, Replays(installation.settings.data_dir / "tuning")
    app = _web(work, installation, replays)
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

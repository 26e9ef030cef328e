"""The web side of an installation, put together: for ``up`` and ``console``."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from alerts.console.api import alerts_api
from alerts.console.app import create_console
from alerts.console.groups import PageGroup
from alerts.console.services import ConsoleServices
from detector.configuration import shipped
from detector.service.api import ApiServices, api_router
from detector.service.api_door import hash_token
from detector.service.installation import Installation
from detector.service.pages.groups import page_groups
from detector.service.pages.replays import Replays
from detector.service.pages.runs import SHOWN, run_pages
from detector.service.pages.services import PagesServices
from detector.service.pages.settings.page import settings_page
from detector.service.pages.settings.view import InForce
from detector.service.pages.uploads import Uploads
from detector.service.work import Work


def web_side(work: Work, installation: Installation, replays: Replays, clock: Callable[[], datetime]) -> FastAPI:
    """The one application: the door for programs, the console, and the pages that need reports. ``clock`` gives UTC."""
    door = ApiServices(
        token_hashes=lambda: [hash_token(token.get_secret_value()) for token in work.settings.intake.tokens],
        ingest=work.take_in,
        health=work.health,
        metrics=work.metrics,
        max_body_bytes=lambda: work.settings.intake.max_body_mb * 1024 * 1024,
        clock=clock,
        refresh_metrics=work.refresh_metrics,
    )
    console = ConsoleServices(
        engine=installation.alerts_engine,
        alerts=lambda: installation.alerts,
        settings=lambda: work.settings.console,
        clock=clock,
        zone=ZoneInfo(installation.settings.timezone),
        language=installation.settings.language,
        names=lambda: work.settings.names,
    )
    uploads = Uploads(installation.settings.data_dir / "uploads")
    return create_console(console, [alerts_api(), api_router(door)], reports_pages(work, installation, replays, uploads, clock))


def reports_pages(
    work: Work, installation: Installation, replays: Replays, uploads: Uploads, clock: Callable[[], datetime]
) -> list[PageGroup]:
    """The pages of the console that need reports, and those that tell of runs and settings."""
    services = PagesServices(
        installation=installation,
        settings=lambda: work.settings,
        own_file=work.own_file,
        look_again=work.look_again,
        rows_read=work.rows_read,
        replays=replays,
        uploads=uploads,
        clock=clock,
    )
    default = shipped()
    settings = settings_page(lambda: InForce(work.loaded, default, work.waiting_for_restart), installation.settings_history.list)
    return [*page_groups(services), run_pages(lambda: installation.runs.list(limit=SHOWN)), settings]

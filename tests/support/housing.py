"""The real console with the pages that need reports, on an installation with a made-up town and one pattern in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from alerting import Clock
from consoling import Browser, Console, open_console
from small_town import small_town

from alerts import audit
from alerts.alert import Alert, Role
from detector.areas import read_areas
from detector.configuration import SettingsWatcher, load
from detector.ingest.intake import ingest_file
from detector.model import Report
from detector.service.engine import SerialEngine
from detector.service.installation import Installation
from detector.service.pages.replays import Replay, Replays
from detector.service.pages.uploads import Uploads
from detector.service.web import reports_pages
from detector.service.work import Work
from detector.simulate import simulate

TOWN, PLACE = "GM9999", "BU99990000"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SETTINGS = """
[detection]
methods = ["threshold"]
[detection.threshold]
replicates = 99
max_false_alerts_per_year = 1000.0
rules = [{ name = "neighbourhood", min_reports = 4, within_days = 90, level = "neighbourhood" }]
[intake]
max_body_mb = 1
"""
FEW_ABOUT = "roma"


def report(number: int) -> Report:
    """One of six reports at one place, in the last days."""
    received = NOW.date() - timedelta(days=number + 1)
    about = (FEW_ABOUT,) if number < 2 else ()
    return Report("patroonwacht", f"here-{number}", TOWN, received, area_code=PLACE, communities=about, grounds=("herkomst",))


@dataclass
class House:
    """The installation, its console and what works in it."""

    folder: Path
    installation: Installation
    work: Work
    console: Console
    replays: Replays
    uploads: Uploads
    clock: Clock

    @property
    def alert(self) -> Alert:
        """The alert on the six reports."""
        [alert] = self.installation.alerts.list().alerts
        return alert

    def sign_in(self, role: Role, municipality: str | None = None) -> Browser:
        """A browser of somebody in this role."""
        return self.console.sign_in(role, municipality)

    def replay(self, path: str) -> Replay:
        """How the replay stands whose page has this path."""
        found = self.replays.get(TOWN, path.rpartition("/")[2])
        assert found is not None
        return found

    def audited(self, event: str) -> list[str]:
        """Details of the audit log's lines of this event."""
        entries = audit.entries(self.installation.alerts_engine, limit=10_000)
        return [entry.details for entry in entries if entry.event == event]


def opened(folder: Path, clock: Clock) -> tuple[Installation, Work]:
    """The installation in a folder, and what works in it."""
    loaded = load({"PATROONWACHT_DATA_DIR": str(folder)}, own=folder / "settings.toml")
    installation = Installation(loaded.settings)
    return installation, Work(SettingsWatcher(loaded), installation, SerialEngine(), clock, np.random.default_rng(1))


def prepare(folder: Path) -> None:
    """Make the town in this folder, with a quiet history, the six reports, and a look at them."""
    folder.mkdir()
    (folder / "settings.toml").write_text(SETTINGS)
    paths = simulate(folder / "made-up", small_town(NOW.date() - timedelta(days=100)))
    installation, work = opened(folder, Clock(NOW))
    installation.area_store.replace(read_areas(paths.areas).to_rows())
    ingest_file(paths.reports, installation.profile(None), installation.areas(), installation.reports, NOW)
    installation.reports.upsert([report(number) for number in range(6)])
    assert work.look_again(TOWN)
    installation.close()


@contextmanager
def running_house(folder: Path) -> Iterator[House]:
    """What was prepared in this folder, running."""
    clock = Clock(NOW)
    installation, work = opened(folder, clock)
    replays, uploads = Replays(folder / "tuning"), Uploads(folder / "uploads")
    pages = reports_pages(work, installation, replays, uploads, clock)
    with open_console(installation.alerts_engine, clock, groups=pages) as console:
        yield House(folder, installation, work, console, replays, uploads, clock)
    replays.close()
    installation.close()

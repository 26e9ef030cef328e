"""One installation, wired together from its settings: databases, areas, profiles, channels."""

import os
import socket
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine

from alerts.channels import FileDrop
from alerts.lifecycle import Alerts
from alerts.message import Channel
from alerts.store.engine import migrate as migrate_alerts
from alerts.store.engine import open_engine as open_alerts
from detector.areas import AreaSet
from detector.configuration import config_dir
from detector.ingest.errors import IntakeError
from detector.ingest.profile import SourceProfile, available_profiles, load_profile
from detector.problems.files import FileReason
from detector.problems.problem import Problem
from detector.settings import Settings
from detector.store.areas import AreaStore
from detector.store.engine import open_engine as open_reports
from detector.store.history import SettingsHistory
from detector.store.leases import LeaseStore
from detector.store.migrate import migrate as migrate_reports
from detector.store.patterns import PatternStore
from detector.store.reports import ReportStore
from detector.store.runs import RunStore


class Installation:
    """Everything that the settings describe; databases are opened, and brought up to date, when first used."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.holder = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        self._areas: tuple[int, AreaSet] | None = None

    @cached_property
    def reports_engine(self) -> Engine:
        """The reports database."""
        engine = open_reports(self.settings.database_url("reports"))
        migrate_reports(engine)
        return engine

    @cached_property
    def alerts_engine(self) -> Engine:
        """The alerts database."""
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        engine = open_alerts(self.settings.database_url("alerts"))
        migrate_alerts(engine)
        return engine

    @property
    def has_reports_database(self) -> bool:
        """Whether there is a reports database already; looking does not make one."""
        url = self.settings.database_url("reports")
        return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).is_file()

    @property
    def reports(self) -> ReportStore:
        """Reports, and the quarantine."""
        return ReportStore(self.reports_engine)

    @property
    def area_store(self) -> AreaStore:
        """Areas as rows."""
        return AreaStore(self.reports_engine)

    @property
    def runs(self) -> RunStore:
        """The record of runs."""
        return RunStore(self.reports_engine)

    @property
    def patterns(self) -> PatternStore:
        """Followed patterns, and their revisions on the way to the alerting side."""
        return PatternStore(self.reports_engine)

    @property
    def leases(self) -> LeaseStore:
        """Who is at work."""
        return LeaseStore(self.reports_engine)

    @property
    def settings_history(self) -> SettingsHistory:
        """Which settings were in force since when."""
        return SettingsHistory(self.reports_engine)

    @property
    def alerts(self) -> Alerts:
        """The alerts."""
        settings = self.settings.alerts
        if not settings.console_url:
            settings = settings.model_copy(update={"console_url": _own_address(self.settings)})
        return Alerts(self.alerts_engine, settings)

    def areas(self) -> AreaSet:
        """The areas in the store, read again only when they changed."""
        version = self.area_store.version()
        if self._areas is None or self._areas[0] != version:
            self._areas = (version, AreaSet.from_rows(self.area_store.load()))
        return self._areas[1]

    def inbox_folders(self) -> None:
        """Make the drop folder, with one folder for each source profile, so that people see where to put what."""
        for name in available_profiles(self.profile_folders()):
            folder = self.settings.inbox() / name
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                why = Problem(FileReason.NO_FOLDER, folder=str(folder))
                raise IntakeError(why, error.strerror or "") from error

    def profile_folders(self) -> tuple[Path, ...]:
        """Where source profiles are looked for: the operator's own under ``data_dir``, then the shipped ones."""
        return (self.settings.data_dir / "sources", config_dir(os.environ) / "sources")

    def profile(self, name: str | None) -> SourceProfile:
        """A source profile by name or path; the default one if None."""
        return load_profile(name or self.settings.intake.default_profile, self.profile_folders())

    def channels(self) -> Mapping[str, Channel]:
        """Channels by destination; folders of file drops with a relative name lie under ``data_dir``."""
        channels: dict[str, Channel] = {}
        for name, destination in self.settings.alerts.destinations.items():
            channel = destination.channel
            if isinstance(channel, FileDrop):
                channels[name] = channel.model_copy(update={"folder": self.settings.data_dir.absolute() / channel.folder})
            elif channel is not None:
                channels[name] = channel
        return channels

    def close(self) -> None:
        """Let go of the databases."""
        for name in ("reports_engine", "alerts_engine"):
            if (engine := self.__dict__.pop(name, None)) is not None:
                engine.dispose()


def _own_address(settings: Settings) -> str:
    """Where a browser on this machine finds the service."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"

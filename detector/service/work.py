"""The daemon's steps: each complete in itself, harmless to repeat, and safe to be killed in."""

import json
import threading
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from alerts import audit, deliveries
from alerts.delivery import deliver_due
from alerts.retention import forget
from alerts.store.engine import write
from detector.configuration import Loaded, SettingsError, SettingsWatcher
from detector.ingest.inbox import DONE, REFUSED, Outcome, sweep
from detector.ingest.intake import ingest_file, ingest_records
from detector.ingest.outcome import IntakeResult
from detector.ingest.profile import SourceProfile, available_profiles, load_profile
from detector.service.api import Health
from detector.service.cycle import Cycle, CycleOutcome
from detector.service.daemon import LEASE, Steps
from detector.service.engine import Engine
from detector.service.installation import Installation
from detector.service.metrics import Metrics, Step
from detector.settings import Settings, flat, without_secrets
from detector.store.errors import StoreError
from detector.store.history import SettingsEntry
from detector.store.runs import RunState

DAYS_A_MONTH = 30.44
LOOK_WAIT_SECONDS = 30.0
"""So long somebody who marked reports waits for a look that is going on."""
NEEDS_RESTART = ("data_dir", "host", "port", "language", "timezone", "lease_seconds", "store", "engine")

log = structlog.get_logger(__name__)


class Work:
    """What the daemon does, in one installation.

    Args:
        watcher: the settings in force.
        installation: databases and areas.
        engine: what runs the units of work.
        clock: the time now, UTC.
        rng: for the jitter of retries.
    """

    def __init__(
        self,
        watcher: SettingsWatcher,
        installation: Installation,
        engine: Engine,
        clock: Callable[[], datetime],
        rng: np.random.Generator,
    ) -> None:
        self._watcher = watcher
        self._installation = installation
        self._clock = clock
        self._rng = rng
        self._cycle = Cycle(installation, engine, clock)
        # The daemon and somebody who marked a report may both want to look; the engine takes one at a time.
        self._looking = threading.Lock()
        self.metrics = Metrics()

    def steps(self) -> Steps:
        """The steps, as the daemon takes them."""
        return Steps(
            recover=self.recover,
            intake=self.intake,
            nightly=self.nightly,
            after_intake=self.after_intake,
            deliver=self.deliver,
            tick=self.tick,
            retention=self.retention,
            refresh_settings=self.refresh_settings,
        )

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._installation.settings

    @property
    def loaded(self) -> Loaded:
        """The settings in force, and where each came from."""
        return replace(self._watcher.loaded, settings=self.settings)

    @property
    def waiting_for_restart(self) -> tuple[str, ...]:
        """The settings that a file changed, and that come into force with the next start only."""
        wanted, now = self._watcher.settings, self.settings
        return tuple(name for name in NEEDS_RESTART if getattr(wanted, name) != getattr(now, name))

    def recover(self) -> None:
        """Take up what a former instance left: runs that died, revisions on the way, reports not looked at, a night missed."""
        self._installation.inbox_folders()
        self._remember_settings("start")
        lost = self._installation.runs.mark_lost([self._installation.holder], self._clock())
        for run in lost:
            self.metrics.run_failed()
            log.warning("daemon.run_lost", run=run.id, municipality=run.municipality)
        self._cycle.hand_over()
        self.after_intake()
        self._look(self._missed(), "catch_up")

    def intake(self) -> None:
        """Take in what lies in the inbox."""
        settings = self.settings
        swept = sweep(settings.inbox(), self._profile_for, self._ingest_file, self._clock(), settings.intake.settle_seconds)
        for file in swept:
            if file.result is not None:
                self.metrics.rows_read(file.result, len(file.result.refused))
            told = log.info if file.outcome is Outcome.DONE else log.warning
            told("intake.file", **file.as_log())
        self.metrics.succeeded(Step.INTAKE, self._clock())

    def _profile_for(self, relative: Path) -> SourceProfile:
        named = relative.parent.name
        return load_profile(named or self.settings.intake.default_profile, self._installation.profile_folders())

    def _ingest_file(self, path: Path, profile: SourceProfile) -> IntakeResult:
        return ingest_file(path, profile, self._installation.areas(), self._installation.reports, self._clock())

    def take_in(self, records: Sequence[Mapping[str, object]], profile: str | None) -> IntakeResult:
        """Take in posted records; the name of the profile comes from a stranger, so it must be one that there is.

        Raises:
            IntakeError: nothing can be read.
        """
        folders = self._installation.profile_folders()
        name = profile or self.settings.intake.default_profile
        source = load_profile(name if name in available_profiles(folders) or profile is None else "(unknown)", folders)
        result = ingest_records(records, source, self._installation.areas(), self._installation.reports, self._clock())
        self.metrics.rows_read(result, len(result.refused))
        return result

    def rows_read(self, result: IntakeResult) -> None:
        """Count rows that came in elsewhere."""
        self.metrics.rows_read(result, len(result.refused))

    def own_file(self) -> dict[str, Any]:
        """The operator's own settings file as tables, empty where there is none; it was readable when it came into force."""
        own = self._watcher.loaded.files[1:]
        return tomllib.loads(own[-1].read_text(encoding="utf-8")) if own and own[-1].is_file() else {}

    def nightly(self) -> None:
        """Look at every municipality."""
        self._look(self._installation.reports.municipalities(), "night")
        self.metrics.succeeded(Step.CYCLE, self._clock())

    def after_intake(self) -> None:
        """Look at the municipalities with reports that no run has read."""
        if self.settings.detection.after_intake:
            self._look(sorted(self._installation.reports.unread_news()), "intake")

    def _look(self, municipalities: Sequence[str], trigger: str) -> None:
        if not municipalities:
            return
        with self._looking:
            outcome = self._cycle.run(municipalities, trigger)
        self._tell_look(outcome, trigger)

    def look_again(self, municipality: str) -> bool:
        """Look at a municipality at once, as somebody marked its reports; False where that could not be done now.

        Then its news stays unread, and the next run looks.
        """
        if not self._looking.acquire(timeout=LOOK_WAIT_SECONDS):
            return False
        try:
            outcome = self._cycle.run([municipality], "mark")
        finally:
            self._looking.release()
        self._tell_look(outcome, "mark")
        return not outcome.failed

    def _tell_look(self, outcome: CycleOutcome, trigger: str) -> None:
        for unit in outcome.units:
            self.metrics.run_done(unit.duration_s, unit.findings)
            log.info(
                "cycle.unit_done",
                municipality=unit.municipality,
                run=unit.run,
                reports=unit.reports_in,
                findings=unit.findings,
                revisions=unit.revisions,
                duration_s=round(unit.duration_s, 3),
                trigger=trigger,
            )
        for municipality, error in outcome.failed.items():
            self.metrics.run_failed()
            log.error("cycle.unit_failed", municipality=municipality, error=error, trigger=trigger)

    def _missed(self) -> list[str]:
        """Municipalities that no run looked at since the last time that the nightly run was due."""
        now, settings = self._clock(), self.settings
        hour, minute = settings.detection.nightly_at.split(":")
        missed = []
        for code in self._installation.reports.municipalities():
            local = now.astimezone(settings.zone(code))
            due = datetime.combine(local.date(), time(int(hour), int(minute)), local.tzinfo)
            due = due if due <= local else due - timedelta(days=1)
            last = self._installation.runs.list(code, state=RunState.DONE, limit=1)
            if not last or last[0].started_at < due:
                missed.append(code)
        return missed

    def deliver(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Hand over what waits, and send every message that is due; no further one once ``stop`` says so."""
        self._cycle.hand_over()
        self.metrics.succeeded(Step.HAND_OVER, self._clock())
        report = deliver_due(
            self._installation.alerts_engine,
            self._installation.channels(),
            self._clock,
            self._rng,
            self.settings.alerts.delivery,
            stop=stop,
        )
        if report.delivered or report.retried or report.dead:
            log.info("delivery.done", delivered=report.delivered, retried=report.retried, dead=report.dead)
        for name in report.gone:
            log.error("delivery.destination_gone", destination=name)
        for name in report.no_channel:
            log.error("delivery.no_channel", destination=name)
        self.metrics.succeeded(Step.DELIVERY, self._clock())

    def tick(self) -> None:
        """Reminders, acknowledgements that lapse, news that a silence kept back."""
        ticked = self._installation.alerts.tick(self._clock())
        for failed in ticked.failed:
            log.error("alerts.tick_failed", alert=failed)

    def retention(self) -> None:
        """Delete what is past its time; the reports' monthly counts stay, and that it was done is recorded."""
        settings, now = self.settings, self._clock()
        before = (now - timedelta(days=settings.retention.reports_months * DAYS_A_MONTH)).date()
        for purged in self._installation.reports.purge(before, now):
            log.info("retention.purged", municipality=purged.municipality, deleted=purged.deleted)
        untouched_since = now - timedelta(days=settings.retention.alerts_months * DAYS_A_MONTH)
        if forgotten := forget(self._installation.alerts_engine, untouched_since, now):
            log.info("retention.alerts_deleted", deleted=forgotten)
        if settings.intake.keep_files_days:
            self._purge_files(now - timedelta(days=settings.intake.keep_files_days))
        self.metrics.succeeded(Step.RETENTION, now)

    def _purge_files(self, before: datetime) -> None:
        """Files that were taken in hold what the service has already; only their reports stay."""
        for folder in (DONE, REFUSED):
            for path in (self.settings.inbox() / folder).rglob("*"):
                if path.is_file() and not path.name.endswith(".report.json"):
                    beside = path.with_name(path.name + ".report.json")
                    taken = beside if beside.is_file() else path
                    if datetime.fromtimestamp(taken.stat().st_mtime, UTC) < before:
                        path.unlink()
                        log.info("retention.file_deleted", outcome=folder)

    def refresh_settings(self) -> bool:
        """Take a changed settings file into force; a broken one is told once and changes nothing."""
        try:
            if not self._watcher.refresh():
                return False
        except SettingsError as error:
            problems = error.problems
        else:
            problems = ()
        for problem in problems:
            log.error("settings.refused", problem=problem)
        if problems:
            return False
        wanted, now = self._watcher.settings, self.settings
        if fixed := list(self.waiting_for_restart):
            log.warning("settings.needs_restart", keys=fixed)
        self._installation.settings = wanted.model_copy(update={name: getattr(now, name) for name in NEEDS_RESTART})
        self._remember_settings("file")
        log.info("settings.changed", settings_hash=self.settings.rules_hash())
        return True

    def _remember_settings(self, actor: str) -> None:
        text = as_toml(self.settings)
        now, rules = self._clock(), self.settings.rules_hash()
        known = self._installation.settings_history.list()
        if known and (known[-1].settings_hash, known[-1].toml) == (rules, text):
            return
        # The audit log first: to die in between leaves a line twice there, and never none.
        with write(self._installation.alerts_engine) as connection:
            audit.append(connection, at=now, actor=f"settings:{actor}", event="settings_in_force", subject=rules)
        own = self._watcher.loaded.files[1:]
        by = ":".join([actor, *(file.name for file in own)])
        self._installation.settings_history.record(SettingsEntry(rules, text, now, by))

    def health(self) -> Health:
        """How the service is doing."""
        try:
            runs = self._installation.runs.list(state=RunState.DONE, limit=1)
            lease = self._installation.leases.holder(LEASE, self._clock())
        except StoreError:
            return Health(database_reachable=False, last_cycle_at=None, at_work=False)
        at_work = lease is not None and lease.holder == self._installation.holder
        return Health(database_reachable=True, last_cycle_at=runs[0].finished_at if runs else None, at_work=at_work)

    def refresh_metrics(self) -> None:
        """Bring the figures that are counted in the databases up to date."""
        self.metrics.patterns_waiting(self._installation.patterns.waiting())
        states: Counter[str] = Counter()
        for destination in deliveries.destinations(self._installation.alerts_engine):
            states.update({"waiting": destination.waiting, "delivered": destination.delivered, "dead": destination.dead})
        self.metrics.deliveries(states)


def as_toml(settings: Settings) -> str:
    """The settings as lines of TOML, without secrets: what the history keeps."""
    return as_toml_tables(without_secrets(settings))


def as_toml_tables(tables: Mapping[str, Any]) -> str:
    """Nested tables as lines of TOML, each with its whole key."""
    lines = []
    for key, value in flat(tables):
        if value not in (None, {}):
            quoted = ".".join(part if part.replace("_", "").isalnum() else json.dumps(part) for part in key.split("."))
            lines.append(f"{quoted} = {_literal(value)}")
    return "\n".join(lines) + "\n"


def _literal(value: Any) -> str:  # noqa: ANN401 - any value that TOML can hold
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(str(key))} = {_literal(item)}" for key, item in value.items() if item is not None) + "}"
        )
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False)

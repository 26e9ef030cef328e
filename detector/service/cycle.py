"""The cycle: read a municipality's reports, detect, write down what may be told, hand it over to the alerting side."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from alerts.alert import AlertsError
from alerts.pattern import Pattern, RuleVersion
from detector import __version__
from detector.disclosure import Surroundings, disclose
from detector.model import AreaTable, Window
from detector.night import Night, look
from detector.patterns import Followed, FollowState
from detector.patterns.followed import from_json, to_json
from detector.service.area_handover import try_to_hand_over
from detector.service.engine import Engine
from detector.service.follow_ups import follow_approaches
from detector.service.installation import Installation
from detector.settings import Settings
from detector.store.errors import StoreError
from detector.store.patterns import Revision, StoredPattern
from detector.store.runs import RunResult, RunStart, RunState
from detector.window import History

HAND_OVER_AT_ONCE = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class UnitOrder:
    """One municipality to look at; can be sent to another process or machine."""

    settings: Settings
    municipality: str
    as_of: date
    trigger: str
    holder: str
    now: datetime


@dataclass(frozen=True)
class UnitOutcome:
    """What one look at one municipality led to; ``patterns`` as ``detect --json`` prints them."""

    run: int
    municipality: str
    reports_in: int
    findings: int
    revisions: int
    duration_s: float
    patterns: tuple[dict[str, Any], ...]


class _Here:
    """The installation of this process, kept from unit to unit."""

    installation: Installation | None = None


def run_unit(order: UnitOrder) -> UnitOutcome:
    """Look at one municipality and keep what was seen, all of it or nothing.

    Raises:
        StoreError: the database failed, or another run was quicker; nothing was kept.
    """
    if _Here.installation is None or _Here.installation.settings != order.settings:
        if _Here.installation is not None:
            _Here.installation.close()
        _Here.installation = Installation(order.settings)
    return run_in(_Here.installation, order)


def run_in(installation: Installation, order: UnitOrder) -> UnitOutcome:
    """The same, in an installation that is open already."""
    settings = order.settings
    start = RunStart(
        municipality=order.municipality,
        as_of=order.as_of,
        trigger=order.trigger,
        holder=order.holder,
        settings_hash=settings.rules_hash(),
        code_version=__version__,
    )
    run = installation.runs.start(start, order.now)
    try:
        return _look_and_keep(installation, order, run)
    except Exception as error:
        # A message can quote what stands in a report; the kind of error cannot.
        installation.runs.fail(run, type(error).__name__, order.now)
        raise


def _look_and_keep(installation: Installation, order: UnitOrder, run: int) -> UnitOutcome:
    began = time.monotonic()
    settings, code = order.settings, order.municipality
    # What comes in while we read has a higher number, and stays unread.
    read_up_to = installation.reports.unread_news().get(code)
    basis = installation.patterns.basis(code)
    previous = {stored.key: from_json(stored.payload) for stored in installation.patterns.load(code)}
    window = window_of(installation, code, order.as_of)
    budget = settings.municipality(code).false_alerts_per_year
    night = look(window, settings.detection.built(budget), list(previous.values()), settings.patterns, settings.detection.seed)
    changed = [followed for followed in night.followed if followed != previous.get(followed.key)]
    revisions = _revisions(installation, order, window.areas, changed)
    result = RunResult(
        reports_in=window.size,
        findings=len(night.findings),
        patterns=_seen(night, order.as_of),
        duration_s=time.monotonic() - began,
        read_up_to=read_up_to,
    )
    stored = [StoredPattern(followed.key, followed.state is not FollowState.OVER, to_json(followed)) for followed in changed]
    installation.patterns.save(run, result, stored, revisions, order.now, basis=basis)
    return UnitOutcome(
        run=run,
        municipality=code,
        reports_in=result.reports_in,
        findings=result.findings,
        revisions=len(revisions),
        duration_s=result.duration_s,
        patterns=tuple(_entry(followed) for followed in night.followed if followed.state is FollowState.ACTIVE),
    )


def window_of(installation: Installation, municipality: str, as_of: date) -> Window:
    """What a nightly look at a municipality goes by."""
    detection = installation.settings.detection
    columns = installation.reports.load_columns(municipality, as_of)
    areas = installation.areas().table_or_alone(municipality)
    return History(columns, areas, detection.time_axis, detection.history_days).at(as_of, 1)


def _seen(night: Night, as_of: date) -> int:
    return sum(followed.last_seen == as_of for followed in night.followed)


def _revisions(installation: Installation, order: UnitOrder, areas: AreaTable, changed: Sequence[Followed]) -> list[Revision]:
    """What the alerting side is to hear of the patterns that changed: only what may be told, and only if that changed."""
    if not changed:
        return []
    settings, code = order.settings, order.municipality
    surroundings = Surroundings(
        areas=areas,
        settings=settings.disclosure,
        rule=RuleVersion(settings.rules_hash(), __version__),
        time_axis=settings.detection.time_axis,
        campaigns=settings.campaigns_in(code),
        outline=installation.areas().outline_lonlat,
    )
    told = installation.patterns.told(code)
    reports = installation.reports.by_key(code, {key for followed in changed for key in followed.gathered})
    revisions = []
    for followed in changed:
        before: Sequence[Pattern] = told.get(followed.key, ())
        pattern = disclose(followed, reports, before, surroundings, order.now)
        if not before or pattern.revision != before[-1].revision:
            revisions.append(Revision(pattern, followed.gathered))
    return revisions


def _entry(followed: Followed) -> dict[str, Any]:
    return {
        "pattern": followed.key,
        "municipality": followed.municipality,
        "kind": followed.family.value,
        "stream": followed.stream,
        "areas": list(followed.region.area_codes),
        "first_seen": followed.first_seen.isoformat(),
        "last_seen": followed.last_seen.isoformat(),
        "window_from": followed.seen_from.isoformat(),
        "window_to": followed.seen_to.isoformat(),
        "observed": followed.observed,
        "expected": followed.expected,
        "recurrence_interval_days": followed.recurrence_interval_days,
        "methods": [sighting.method for sighting in followed.sightings],
        "report_ids": sorted(key.partition(":")[2] for key in followed.members),
    }


@dataclass(frozen=True)
class CycleOutcome:
    """What one cycle led to; ``failed`` maps a municipality to the kind of error, and its news stay unread."""

    units: tuple[UnitOutcome, ...]
    failed: dict[str, str]


class Cycle:
    """Runs units of work in an engine, and hands over what they wrote down.

    Args:
        installation: databases and settings.
        engine: what runs the units.
        clock: the time now, UTC.
    """

    def __init__(self, installation: Installation, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._installation = installation
        self._engine = engine
        self._clock = clock
        self._areas_handed_over: int | None = None

    def run(self, municipalities: Sequence[str], trigger: str, as_of: date | None = None) -> CycleOutcome:
        """Look at these municipalities, each up to its own today, or to ``as_of``."""
        now, settings = self._clock(), self._installation.settings
        orders = [
            UnitOrder(
                settings=settings,
                municipality=code,
                as_of=as_of or now.astimezone(settings.zone(code)).date(),
                trigger=trigger,
                holder=self._installation.holder,
                now=now,
            )
            for code in municipalities
        ]
        units, failed = [], {}
        for order, outcome in self._engine.run(run_unit, orders):
            if isinstance(outcome, Exception):
                failed[order.municipality] = type(outcome).__name__
            else:
                units.append(outcome)
        self._end_lost_runs()
        self.hand_over()
        for order in orders:
            self._follow_approaches(order)
        return CycleOutcome(tuple(sorted(units, key=lambda unit: unit.municipality)), failed)

    def _end_lost_runs(self) -> None:
        """Close the record of runs whose process died: all units have ended, so none of ours can still be running."""
        for run in self._installation.runs.list(state=RunState.RUNNING, limit=1000):
            if run.holder == self._installation.holder:
                self._installation.runs.fail(run.id, "its process ended before the run did", self._clock())
                log.warning("cycle.run_lost", run=run.id, municipality=run.municipality)

    def hand_over(self) -> int:
        """Give every waiting revision to the alerting side; said to be handed over only once that side has it.

        The areas first, so that whoever opens an alert finds a map.
        """
        self._hand_over_areas()
        done = 0
        stuck: set[str] = set()
        for pattern in self._waiting(stuck):
            if pattern.key in stuck:
                continue
            now = self._clock()
            try:
                self._installation.alerts.receive(pattern, now)
            except (AlertsError, DataError, IntegrityError) as error:  # the last two: a database that cannot hold it
                # Its later revisions wait behind it; the other patterns do not.
                stuck.add(pattern.key)
                log.warning("cycle.hand_over_refused", pattern=pattern.key, revision=pattern.revision, error=type(error).__name__)
                continue
            self._installation.patterns.mark_handed_over(pattern.key, pattern.revision, now)
            done += 1
        return done

    def _follow_approaches(self, order: UnitOrder) -> None:
        try:
            follow_approaches(self._installation, order.municipality, order.as_of, self._clock())
        except (AlertsError, StoreError, SQLAlchemyError) as error:
            # It is due again at the next cycle, and has no part in what this one found.
            log.warning("cycle.approaches_not_followed", municipality=order.municipality, error=type(error).__name__)

    def _hand_over_areas(self) -> None:
        """Once when the service starts, and when they changed: to compare all outlines takes a while."""
        version = self._installation.area_store.version()
        if version == self._areas_handed_over:
            return
        # A map can wait for the next cycle; alerts must not wait for a map.
        if try_to_hand_over(self._installation, self._clock()):
            self._areas_handed_over = version
        else:
            log.warning("cycle.areas_not_handed_over")

    def _waiting(self, stuck: Collection[str]) -> Iterator[Pattern]:
        """All that waits, a batch at a time; what is stuck does not stand before the rest."""
        while batch := self._installation.patterns.outbox(HAND_OVER_AT_ONCE, stuck):
            yield from batch

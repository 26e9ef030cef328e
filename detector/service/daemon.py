"""The daemon: one instance at work at a time, its jobs on schedule, each step finished before it ends."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from detector.settings import Settings
from detector.store.errors import StoreError

LEASE = "daemon"
RENEW_PARTS = 3
"""A lease is renewed three times before it would lapse."""
DELIVERY_SECONDS = 2
SETTINGS_SECONDS = 5
TICK_SECONDS = 60

log = structlog.get_logger(__name__)


class Lease(Protocol):
    """The right to be the one daemon at work."""

    def acquire(self, name: str, holder: str, ttl: timedelta, now: datetime) -> bool:
        """Take or renew the right; False while another holds it."""
        ...

    def release(self, name: str, holder: str) -> None:
        """Give it back, if it is still ours."""
        ...


@dataclass(frozen=True)
class Steps:
    """What the daemon does, each step complete in itself and harmless to repeat.

    ``deliver`` is given a way to ask whether it should begin no further message.
    """

    recover: Callable[[], None]
    intake: Callable[[], None]
    nightly: Callable[[], None]
    after_intake: Callable[[], None]
    deliver: Callable[[Callable[[], bool]], None]
    tick: Callable[[], None]
    retention: Callable[[], None]
    refresh_settings: Callable[[], bool]


class Daemon:
    """Runs the steps on schedule while it holds the lease.

    Args:
        steps: what to do.
        settings: gives the settings in force; asked again whenever they changed.
        lease: the right to be at work.
        holder: this instance's name, unique among all that share the database.
        clock: the time now, UTC.
    """

    def __init__(
        self, steps: Steps, settings: Callable[[], Settings], lease: Lease, holder: str, clock: Callable[[], datetime]
    ) -> None:
        self._steps = steps
        self._settings = settings
        self._lease = lease
        self._holder = holder
        self._clock = clock
        self._stop = threading.Event()
        self._lost = threading.Event()
        self._wake = threading.Event()
        self._scheduler: BackgroundScheduler | None = None

    def stop(self) -> None:
        """Ask the daemon to finish the step at hand and end; not from a signal handler itself, but from a thread it starts."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Work until stopped: wait for the lease, keep it, hand it back."""
        waiting_told = False
        while not self._stop.is_set():
            if not self._holds():
                if not waiting_told:
                    log.info("daemon.waiting", reason="another instance is at work")
                    waiting_told = True
                self._stop.wait(self._pause())
                continue
            waiting_told = False
            with self._keeping():
                self._work()

    def _pause(self) -> float:
        return self._settings().lease_seconds / RENEW_PARTS

    def _holds(self) -> bool | None:
        """Whether the lease is ours now, taken or renewed; None where the database does not say."""
        ttl = timedelta(seconds=self._settings().lease_seconds)
        try:
            return self._lease.acquire(LEASE, self._holder, ttl, self._clock())
        except StoreError as error:
            log.warning("daemon.lease_unknown", error=type(error).__name__)
            return None

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        """Renew the lease from a thread of its own, also while one long step is finished, and give it back at the end."""
        over = threading.Event()
        self._lost.clear()
        self._wake.clear()
        if self._stop.is_set():
            self._wake.set()
        keeper = threading.Thread(target=self._keep, args=(over,), name="lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()
            with suppress(StoreError):  # it lapses by itself
                self._lease.release(LEASE, self._holder)

    def _keep(self, over: threading.Event) -> None:
        lasts_until = self._clock() + timedelta(seconds=self._settings().lease_seconds)
        while not over.wait(self._pause()):
            asked_at = self._clock()
            held = self._holds()
            if held:
                lasts_until = asked_at + timedelta(seconds=self._settings().lease_seconds)
            # A database that is away for a moment is no reason to stop, while nobody else can have the lease.
            elif held is not None or asked_at + timedelta(seconds=self._pause()) >= lasts_until:
                self._lost.set()
                self._wake.set()
                return

    def _work(self) -> None:
        log.info("daemon.at_work", holder=self._holder)
        try:
            self._steps.recover()
            if not self._wake.is_set():
                self._work_on_schedule()
        finally:
            log.info("daemon.ended")

    def _work_on_schedule(self) -> None:
        scheduler = self._begin()
        try:
            self._wake.wait()
            if self._lost.is_set():
                log.warning("daemon.lease_lost", reason="another instance took over")
        finally:
            # Waits for the step at hand; no new one begins.
            scheduler.shutdown(wait=True)
            self._scheduler = None

    def _begin(self) -> BackgroundScheduler:
        # Reports and detection share one thread, delivery has its own: a slow night must not hold up the post.
        executors = {"default": ThreadPoolExecutor(1), "delivery": ThreadPoolExecutor(1), "watch": ThreadPoolExecutor(1)}
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = BackgroundScheduler(executors=executors, job_defaults=defaults, timezone=self._settings().timezone)
        scheduler.add_listener(_log_failure, EVENT_JOB_ERROR)
        self._scheduler = scheduler
        self._schedule(scheduler)
        scheduler.start()
        return scheduler

    def _schedule(self, scheduler: BackgroundScheduler) -> None:
        """Put every job on its times; done again when settings change."""
        settings, now = self._settings(), self._clock()
        seconds = settings.intake.every_seconds
        scheduler.add_job(self._intake, IntervalTrigger(seconds=seconds), id="intake", replace_existing=True, next_run_time=now)
        for name, job, at in (
            ("nightly", self._steps.nightly, settings.detection.nightly_at),
            ("retention", self._steps.retention, settings.retention.daily_at),
        ):
            hour, minute = at.split(":")
            trigger = CronTrigger(hour=int(hour), minute=int(minute), timezone=settings.timezone)
            scheduler.add_job(job, trigger, id=name, replace_existing=True)
        for name, job, every, executor in (
            ("delivery", self._deliver, DELIVERY_SECONDS, "delivery"),
            ("tick", self._steps.tick, TICK_SECONDS, "delivery"),
            ("settings", self._refresh, SETTINGS_SECONDS, "watch"),
        ):
            trigger = IntervalTrigger(seconds=every)
            scheduler.add_job(job, trigger, id=name, executor=executor, replace_existing=True, next_run_time=now)

    def _intake(self) -> None:
        self._steps.intake()
        if not self._stop.is_set():
            self._steps.after_intake()

    def _deliver(self) -> None:
        self._steps.deliver(self._stop.is_set)

    def _refresh(self) -> None:
        if self._steps.refresh_settings() and self._scheduler is not None:
            self._schedule(self._scheduler)


def _log_failure(event: JobExecutionEvent) -> None:
    """A failed step is logged by the kind of its error (a message could quote a report) and tried again at its next time."""
    log.error("daemon.step_failed", step=event.job_id, error=type(event.exception).__name__)

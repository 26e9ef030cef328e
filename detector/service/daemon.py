"""The daemon: one instance at work at a time, its jobs on schedule, each step finished before it ends."""

import threading
from collections.abc import Callable
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
        self._scheduler: BackgroundScheduler | None = None

    def stop(self) -> None:
        """Ask the daemon to finish the step at hand and end; may be called from a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped: wait for the lease, keep it, hand it back."""
        waiting_told = False
        while not self._stop.is_set():
            if not self._hold():
                if not waiting_told:
                    log.info("daemon.waiting", reason="another instance is at work")
                    waiting_told = True
                self._rest()
                continue
            waiting_told = False
            try:
                self._work()
            finally:
                self._lease.release(LEASE, self._holder)

    def _hold(self) -> bool:
        ttl = timedelta(seconds=self._settings().lease_seconds)
        return self._lease.acquire(LEASE, self._holder, ttl, self._clock())

    def _rest(self) -> None:
        self._stop.wait(self._settings().lease_seconds / RENEW_PARTS)

    def _work(self) -> None:
        log.info("daemon.at_work", holder=self._holder)
        self._steps.recover()
        scheduler = self._begin()
        try:
            while not self._stop.is_set():
                self._rest()
                if not self._hold():
                    log.warning("daemon.lease_lost", reason="another instance took over")
                    return
        finally:
            # Waits for the step at hand; no new one begins.
            scheduler.shutdown(wait=True)
            self._scheduler = None
            log.info("daemon.ended")

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

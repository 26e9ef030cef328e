"""What the service tells Prometheus about itself; figures of work done, never of municipalities and communities together."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_RUN_SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800)


class Step(StrEnum):
    """Parts of the service whose last success is worth watching."""

    INTAKE = "intake"
    CYCLE = "cycle"
    HAND_OVER = "hand_over"
    DELIVERY = "delivery"
    RETENTION = "retention"


class RowCounts(Protocol):
    """What became of rows that were read."""

    @property
    def accepted(self) -> int:
        """New reports."""
        ...

    @property
    def updated(self) -> int:
        """Reports that changed."""
        ...

    @property
    def unchanged(self) -> int:
        """Reports that were there already."""
        ...


class Metrics:
    """The service's figures, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._rows = Counter("patroonwacht_rows", "Rows read, by what became of them.", ["outcome"], registry=self.registry)
        self._runs = Counter(
            "patroonwacht_runs", "Runs on one municipality, by how they ended.", ["outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "patroonwacht_run_seconds", "How long a run took.", buckets=_RUN_SECONDS, registry=self.registry
        )
        self._findings = Counter("patroonwacht_findings", "What the methods saw, in all runs.", registry=self.registry)
        self._outbox = Gauge(
            "patroonwacht_patterns_waiting",
            "Pattern revisions that the alerting side has yet to take over.",
            registry=self.registry,
        )
        self._deliveries = Gauge("patroonwacht_deliveries", "Messages, by state.", ["state"], registry=self.registry)
        self._success = Gauge(
            "patroonwacht_last_success_timestamp_seconds",
            "When a step last succeeded (Unix time).",
            ["step"],
            registry=self.registry,
        )
        for outcome in ("accepted", "updated", "unchanged", "refused"):
            self._rows.labels(outcome)
        for outcome in ("done", "failed"):
            self._runs.labels(outcome)

    def rows_read(self, counts: RowCounts, refused: int) -> None:
        """Count the rows of a file or a request."""
        for outcome in ("accepted", "updated", "unchanged"):
            self._rows.labels(outcome).inc(getattr(counts, outcome))
        self._rows.labels("refused").inc(refused)

    def run_done(self, duration_s: float, findings: int) -> None:
        """Count a run that ended well."""
        self._runs.labels("done").inc()
        self._seconds.observe(duration_s)
        self._findings.inc(findings)

    def run_failed(self) -> None:
        """Count a run that failed or whose process died."""
        self._runs.labels("failed").inc()

    def patterns_waiting(self, number: int) -> None:
        """Say how many revisions wait in the outbox."""
        self._outbox.set(number)

    def deliveries(self, by_state: Mapping[str, int]) -> None:
        """Say how many messages are in each state."""
        for state, number in by_state.items():
            self._deliveries.labels(state).set(number)

    def succeeded(self, step: Step, at: datetime) -> None:
        """Say that a step succeeded."""
        self._success.labels(step.value).set(at.timestamp())

    def render(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)

from datetime import UTC, datetime

from detector.ingest.outcome import IntakeResult
from detector.service.metrics import Metrics, Step


def test_what_happened_is_told() -> None:
    metrics = Metrics()
    metrics.rows_read(IntakeResult(7, 3, 2, 1), refused=1)
    metrics.run_done(0.3, findings=4)
    metrics.run_failed()
    metrics.patterns_waiting(2)
    metrics.deliveries({"waiting": 1, "dead": 2})
    metrics.succeeded(Step.CYCLE, datetime(2026, 3, 2, tzinfo=UTC))
    lines = metrics.render().decode().splitlines()
    for line in (
        'patroonwacht_rows_total{outcome="accepted"} 3.0',
        'patroonwacht_rows_total{outcome="refused"} 1.0',
        'patroonwacht_runs_total{outcome="done"} 1.0',
        'patroonwacht_runs_total{outcome="failed"} 1.0',
        'patroonwacht_run_seconds_bucket{le="0.5"} 1.0',
        "patroonwacht_findings_total 4.0",
        "patroonwacht_patterns_waiting 2.0",
        'patroonwacht_deliveries{state="dead"} 2.0',
        'patroonwacht_last_success_timestamp_seconds{step="cycle"} 1.7724096e+09',
    ):
        assert line in lines


def test_two_services_in_one_process_do_not_share_figures() -> None:
    one, other = Metrics(), Metrics()
    one.run_failed()
    assert 'patroonwacht_runs_total{outcome="failed"} 0.0' in other.render().decode()

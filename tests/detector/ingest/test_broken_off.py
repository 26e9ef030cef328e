"""Files that break off: what came before is taken in, to the last row."""

import json
from collections.abc import Callable

import pytest

from detector.ingest import table
from detector.ingest.errors import IntakeError
from detector.ingest.intake import IntakeResult
from detector.store.reports import ReportStore

Ingest = Callable[..., IntakeResult]
HEAD = "report_id,received_on,municipality\n"


def reasons(result: IntakeResult) -> list[tuple[int, str]]:
    return [(one.row, one.reason.partition(":")[0]) for one in result.refused]


def _records(count: int) -> list[dict[str, str]]:
    return [{"report_id": str(i), "received_on": "2025-01-01", "municipality": "GM9901"} for i in range(count)]


@pytest.mark.parametrize("count", [3, table.BATCH_ROWS - 1, table.BATCH_ROWS, table.BATCH_ROWS + 2_000])
def test_a_file_that_breaks_off_keeps_all_that_came_before(count: int, ingest_text: Ingest, store: ReportStore) -> None:
    """Handed on is also the part of a batch that was gathered when the file broke off."""
    records = _records(count)
    long = "x" * 2_000_000
    files = {
        "long.csv": HEAD + "".join(f"{','.join(record.values())}\n" for record in records) + long,
        "long.jsonl": "".join(f"{json.dumps(record)}\n" for record in records) + long,
        "cut.json": json.dumps([*records, records[0]])[:-20],
        "cut.geojson": json.dumps({"features": [{"type": "Feature", "properties": record} for record in records]})[:-1],
    }
    for name, content in files.items():
        result = ingest_text(content, name=name, sink=store)
        assert reasons(result) == [(count + 1, "unreadable_rest")], name
        assert result.accepted + result.unchanged == count, name
    assert len(store.load("GM9901")) == count


def test_json_lines_cut_short_keep_the_lines_before(ingest_text: Ingest) -> None:
    content = "".join(f"{json.dumps(record)}\n" for record in _records(4))
    result = ingest_text(content[:-20], name="cut.jsonl")
    assert (result.accepted, reasons(result)) == (3, [(4, "no_record")])


def test_of_points_in_the_wrong_system_none_is_kept(ingest_text: Ingest) -> None:
    features = [{"type": "Feature", "properties": record} for record in _records(3)]
    content = json.dumps({"features": features, "crs": {"properties": {"name": "EPSG:28992"}}})
    with pytest.raises(IntakeError, match="not in degrees"):
        ingest_text(content, name="metres.geojson")

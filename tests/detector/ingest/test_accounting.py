"""Every row is accounted for: of any text, of a file twice, and where nothing is written."""

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_files import write

from detector.areas import AreaSet
from detector.ingest import table
from detector.ingest.intake import ingest_file, ingest_records
from detector.ingest.places import NoAreas
from detector.ingest.profile import SourceProfile
from detector.store.reports import ReportStore

CELL = st.one_of(
    st.sampled_from(
        (
            "",
            "1",
            "2",
            "3",
            "2025-01-02",
            "2024-12-31",
            "2030-01-01",
            "GM9901",
            "BU99010001",
            "ja",
            "mass",
            "150500",
            "a b",
            "x" * 90,
        )
    ),
    st.text(max_size=8),
)
RECORD = st.dictionaries(
    st.sampled_from(
        ("report_id", "received_on", "occurred_on", "municipality", "area", "x", "y", "nature", "kind", "grounds", "extra")
    ),
    CELL,
)


@given(
    records=st.lists(
        st.builds(
            lambda base, more: base | more,
            st.just({"report_id": "1", "received_on": "2025-01-02", "municipality": "GM9901"}),
            RECORD,
        ),
        max_size=12,
    )
)
def test_every_row_is_accounted_for(records: list[dict[str, object]], own: SourceProfile, areas: AreaSet, now: datetime) -> None:
    for known in (areas, NoAreas()):
        result = ingest_records(records, own, known, None, now)
        assert result.read == len(records)
        assert result.read == result.accepted + result.updated + result.unchanged + len(result.refused)
        assert [one.row for one in result.refused] == sorted({one.row for one in result.refused})
        assert set(result.as_json()) == {"read", "accepted", "updated", "unchanged", "refused"}


@given(text=st.text(st.sampled_from('12a,;"\n\r\t |\x00é-'), max_size=200))
def test_every_row_of_any_text_is_accounted_for(
    text: str, own: SourceProfile, now: datetime, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(b"report_id,received_on,municipality\n1,2025-01-01,GM9901\n" + text.encode())
    result = ingest_file(path, own, NoAreas(), None, now)
    assert result.read == result.accepted + result.updated + result.unchanged + len(result.refused)
    assert result.accepted >= 1


def _many(folder: Path, rows: int, name: str = "many.csv") -> Path:
    days = [date(2024, 1, 1 + i % 28).isoformat() for i in range(rows)]
    return write(
        folder, "report_id,received_on,x,y", *(f"{i},{days[i]},{150_000 + i % 1_999}.5,460500" for i in range(rows)), name=name
    )


def test_the_same_file_twice_changes_nothing(
    own: SourceProfile, areas: AreaSet, store: ReportStore, now: datetime, tmp_path: Path
) -> None:
    path = _many(tmp_path, table.BATCH_ROWS + 50)
    seen: list[int] = []
    first = ingest_file(path, own, areas, store, now, progress=seen.append)
    assert (first.read, first.accepted) == (table.BATCH_ROWS + 50,) * 2
    assert seen == [table.BATCH_ROWS, table.BATCH_ROWS + 50]
    before = store.load("GM9901")
    again = ingest_file(path, own, areas, store, now)
    assert (again.read, again.unchanged, again.refused) == (table.BATCH_ROWS + 50, table.BATCH_ROWS + 50, ())
    assert store.load("GM9901") == before


def test_an_id_twice_in_a_file_is_an_update_or_nothing(own: SourceProfile, store: ReportStore, now: datetime) -> None:
    base = {"report_id": "1", "received_on": "2025-01-01", "municipality": "GM9901"}
    records = [base, base, base | {"withdrawn": "ja"}]
    for sink in (None, store):
        result = ingest_records(records, own, NoAreas(), sink, now)
        assert (result.accepted, result.updated, result.unchanged, result.refused) == (1, 1, 1, ())
    assert [report.withdrawn for report in store.load("GM9901")] == [True]


def test_a_dry_run_writes_nothing_and_a_real_one_quarantines_without_values(
    own: SourceProfile, store: ReportStore, now: datetime
) -> None:
    records = [{"report_id": "1", "received_on": "2025-01-01", "nature": "jan@voorbeeld.nl"}]
    ingest_records(records, own, NoAreas(), None, now)
    assert store.quarantined() == []
    ingest_records(records, own, NoAreas(), store, now)
    (kept,) = store.quarantined()
    assert (kept.row, kept.column, kept.reason.partition(":")[0]) == (1, "nature", "email")
    assert "jan" not in repr(kept)


def test_records_behind_the_first_batch_may_lack_fields(own: SourceProfile, now: datetime) -> None:
    good = [{"report_id": str(i), "received_on": "2025-01-01", "municipality": "T"} for i in range(table.BATCH_ROWS)]
    result = ingest_records([*good, {"nature": "x"}], own, NoAreas(), None, now)
    assert (result.accepted, [one.row for one in result.refused]) == (table.BATCH_ROWS, [table.BATCH_ROWS + 1])
    assert ingest_records([], own, NoAreas(), None, now).read == 0

"""Posted reports: what is said of them speaks of no file, as there is none."""

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest

from detector.ingest.errors import IntakeError
from detector.ingest.intake import ingest_records
from detector.ingest.places import NoAreas
from detector.ingest.profile import SourceProfile
from detector.ingest.table import BATCH_ROWS

GOOD: dict[str, object] = {"report_id": "1", "received_on": "2025-01-01", "municipality": "GM9901"}


def test_a_record_without_fields_is_told_to_have_none(own: SourceProfile, now: datetime) -> None:
    with pytest.raises(IntakeError, match=r"received_on from 'received_on'\. There are no fields at all\. Choose"):
        ingest_records([{}], own, NoAreas(), None, now)


@pytest.mark.parametrize("records", [[{}], [{"name": "x"}], [{"report_id": 1, "REPORT_ID": 2}]])
def test_an_error_about_posted_reports_speaks_of_no_file(
    records: list[Mapping[str, object]], own: SourceProfile, now: datetime
) -> None:
    with pytest.raises(IntakeError) as caught:
        ingest_records(records, own, NoAreas(), None, now)
    assert "file" not in str(caught.value).replace("profile", "")


def test_a_reason_about_a_posted_report_speaks_of_no_file(make_profile: Callable[..., SourceProfile], now: datetime) -> None:
    profile = make_profile(
        optional_columns=False, columns={name: name for name in ("report_id", "received_on", "x", "y", "nature")}
    )
    point = {"longitude": 5.3, "latitude": 52.1}
    records = [GOOD | {"nature": "a\x00b"}, GOOD | {"x": 1}, GOOD | point, *([GOOD] * (BATCH_ROWS - 3))]
    records += [GOOD | {f"field {row} {i}": "a" for i in range(900)} for row in range(2)]
    result = ingest_records(records, profile, NoAreas(), None, now)
    found = [one.reason.partition(":")[0] for one in result.refused]
    assert {"control_characters", "half_point", "unreadable_rest"} <= set(found)
    said = [*map(str, result.warnings), *(one.reason for one in result.refused)]
    assert any("are not there: y" in text for text in said)
    assert [text for text in said if "file" in text.replace("profile", "")] == []


def test_the_advice_where_no_areas_are_loaded_speaks_of_no_file(own: SourceProfile, now: datetime) -> None:
    warnings = ingest_records([GOOD | {"longitude": 5.3, "latitude": 52.1}], own, NoAreas(), None, now).warnings
    (told,) = (text for text in map(str, warnings) if "no areas are loaded" in text)
    assert told.endswith("load areas and take the reports in again")

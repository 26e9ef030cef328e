"""What words and columns come to."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from intake_files import reports_of, write

from detector.ingest.intake import IntakeResult, ingest_records
from detector.ingest.places import NoAreas
from detector.ingest.profile import SourceProfile
from detector.model import ReportKind

Ingest = Callable[..., IntakeResult]


def test_value_maps_merge_split_and_mean_several(make_profile: Callable[..., SourceProfile], tmp_path: Path) -> None:
    profile = make_profile(
        municipality="T",
        columns={"report_id": "id", "received_on": ["day", "dag"], "communities": ["race", "faith"], "nature": "nature"},
        values={"communities": {"Chinese": ["asian", "chinese"], "Junk": []}},
        present={"grounds": {"race": "race", "faith": ["faith", "belief"]}},
        constants={"domains": ["street"], "kind": "massamelding"},
        null_tokens=["None"],
        separators=[","],
        date_formats=["%d.%m.%Y"],
        timezone="America/Toronto",
    )
    rows = ['1;2025-03-01T02:00:00Z;;"CHINESE, Korean";Jewish;', "2;;1.3.2025;none;Junk;Threat"]
    first, second = reports_of(write(tmp_path, "id;day;dag;race;faith;nature", *rows), profile, NoAreas())
    assert first.received_on == date(2025, 2, 28)
    assert (first.communities, first.grounds) == (("asian", "chinese", "korean", "jewish"), ("race", "faith", "belief"))
    assert (second.received_on, second.communities, second.grounds) == (date(2025, 3, 1), (), ("faith", "belief"))
    assert (first.domains, first.kind, second.nature) == (("street",), ReportKind.MASS, "threat")


def test_a_strict_profile_refuses_words_it_does_not_know(make_profile: Callable[..., SourceProfile], now: datetime) -> None:
    profile = make_profile(strict=True, municipality="T", values={"nature": {"Threat": "threat"}})
    records = [{"report_id": str(i), "received_on": "2025-01-01", "nature": word} for i, word in enumerate(("THREAT", "Insult"))]
    result = ingest_records(records, profile, NoAreas(), None, now)
    assert [(one.row, one.column) for one in result.refused] == [(2, "nature")]
    assert "it knows: threat" in result.refused[0].reason
    assert "Insult" not in result.refused[0].reason


def test_columns_that_are_left_out_or_missing_are_told(ingest_text: Ingest, make_profile: Callable[..., SourceProfile]) -> None:
    profile = make_profile(municipality="T", optional_columns=False)
    told = ingest_text("report_id,received_on,area,status\n1,2025-01-01,a,open\n", profile=profile).warnings
    warnings = [str(warning) for warning in told]
    assert any("are not there: communities, grounds" in warning for warning in warnings)
    assert any("left out: 'status'" in warning for warning in warnings)
    assert [str(one) for one in ingest_text("report_id,received_on\n").warnings] == ["the file has column names and no rows"]

"""Small files for intake, and the reports in them."""

from pathlib import Path

from detector.areas import AreaSet
from detector.ingest.intake import read_reports
from detector.ingest.places import NoAreas
from detector.ingest.profile import SourceProfile
from detector.model import Report


def reports_of(path: Path, profile: SourceProfile, areas: AreaSet | NoAreas) -> list[Report]:
    """All reports of a file."""
    return [report for batch in read_reports(path, profile, areas) for report in batch.reports]


def write(folder: Path, *lines: str, name: str = "reports.csv") -> Path:
    """Lines as a file."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path

"""A migrated database of either kind, and reports and patterns to put into it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from alerts.pattern import Audience, Band, Pattern, PatternKind, PatternState, RuleVersion
from detector.model import Report
from detector.store.engine import open_engine
from detector.store.migrate import migrate

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables in it, to be copied: that is quicker than making them for every test."""
    path = tmp_path_factory.mktemp("migrated") / "reports.sqlite"
    made = open_engine(f"sqlite:///{path}")
    migrate(made)
    made.dispose()
    return path


@pytest.fixture
def engine(database_url: str, migrated_file: Path) -> Iterator[Engine]:
    made = open_engine(database_url)
    if made.url.database is not None and made.dialect.name == "sqlite":
        shutil.copyfile(migrated_file, made.url.database)
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path, migrated_file: Path) -> Iterator[Engine]:
    path = tmp_path / "one.sqlite"
    shutil.copyfile(migrated_file, path)
    made = open_engine(f"sqlite:///{path}")
    yield made
    made.dispose()


@pytest.fixture
def report() -> Callable[..., Report]:
    """Make a report with what the test does not care for filled in."""

    def make(report_id: str, **said: Any) -> Report:
        filled = {"source": "export", "municipality": "GM0001", "received_on": date(2026, 3, 1), **said}
        return Report(report_id=report_id, **filled)

    return make


@pytest.fixture
def pattern() -> Callable[..., Pattern]:
    """Make a pattern with what the test does not care for filled in."""

    def make(key: str = "p1", revision: int = 1) -> Pattern:
        return Pattern(
            key=key,
            revision=revision,
            kind=PatternKind.PLACE,
            state=PatternState.ACTIVE,
            audience=Audience.MUNICIPALITY,
            municipality="GM0001",
            municipality_name="Voorbeeldstad",
            level="district",
            area_codes=("WK000101",),
            area_names=("Noord",),
            geometry=None,
            community=None,
            ground="ras",
            domain=None,
            window_from=date(2026, 2, 2),
            window_to=date(2026, 3, 1),
            observed=Band(3, 5),
            expected=0.7,
            relative_risk=5.0,
            recurrence_interval_days=900.0,
            weekly=(),
            breakdowns=(),
            why=(),
            methods=(),
            campaigns=(),
            rule=RuleVersion("abc", "0.1.0"),
            first_seen=date(2026, 2, 20),
            last_seen=date(2026, 3, 2),
            recorded_at=NOON,
        )

    return make

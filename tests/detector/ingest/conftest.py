"""What the tests of intake share: a made-up municipality of four squares, profiles, and a way to write and ingest a file."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely

import detector.areas.shapes as area_shapes
from detector.areas import AreaSet
from detector.ingest.intake import IntakeResult, ingest_file
from detector.ingest.places import NoAreas
from detector.ingest.profile import SourceProfile, load_profile, profile_from
from detector.model import Area, Level
from detector.store.engine import open_engine
from detector.store.migrate import migrate
from detector.store.reports import ReportStore

NOW = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)
PROFILES = Path(__file__).resolve().parents[3] / "config" / "sources"


def _shape(code: str, level: Level, parent: str | None, box: tuple[float, float, float, float]) -> area_shapes.AreaShape:
    outline = shapely.box(*box)
    middle = outline.centroid
    area = Area(
        code,
        f"Area {code}",
        level,
        parent,
        code if parent is None else code.replace(code, f"GM{code[2:6]}"),
        middle.x,
        middle.y,
        1_000,
    )
    return area_shapes.AreaShape(area, outline, "EPSG:28992")


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def areas() -> AreaSet:
    """GM9901 with two neighbourhoods side by side, GM9902 east of it with one; metres around (150 000, 460 000)."""
    x, y = 150_000.0, 460_000.0
    return AreaSet.of(
        [
            _shape("GM9901", Level.MUNICIPALITY, None, (x, y, x + 2_000, y + 1_000)),
            _shape("BU99010001", Level.NEIGHBOURHOOD, "GM9901", (x, y, x + 1_000, y + 1_000)),
            _shape("BU99010002", Level.NEIGHBOURHOOD, "GM9901", (x + 1_000, y, x + 2_000, y + 1_000)),
            _shape("GM9902", Level.MUNICIPALITY, None, (x + 2_000, y, x + 3_000, y + 1_000)),
            _shape("BU99020001", Level.NEIGHBOURHOOD, "GM9902", (x + 2_000, y, x + 3_000, y + 1_000)),
            _shape("PC9901", Level.POSTCODE, "BU99010002", (x + 1_000, y, x + 2_000, y + 1_000)),
        ],
        [],
    )


@pytest.fixture(scope="session")
def own() -> SourceProfile:
    """The shipped profile of our own format."""
    return load_profile("patroonwacht", [PROFILES])


@pytest.fixture(scope="session")
def adv() -> SourceProfile:
    return load_profile("adv", [PROFILES])


@pytest.fixture(scope="session")
def toronto() -> SourceProfile:
    return load_profile("toronto", [PROFILES])


@pytest.fixture(scope="session")
def profiles() -> Path:
    return PROFILES


@pytest.fixture
def store(sqlite_url: str) -> Iterator[ReportStore]:
    """A real, empty store."""
    engine = open_engine(sqlite_url)
    migrate(engine)
    yield ReportStore(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def make_profile() -> Callable[..., SourceProfile]:
    """A profile of our own field names with some keys changed."""

    def make(**keys: object) -> SourceProfile:
        names = ("report_id", "received_on", "occurred_on", "area", "municipality", "communities", "grounds", "nature", "kind")
        base: dict[str, object] = {
            "name": "made",
            "source": "made",
            "columns": {name: name for name in names},
            "optional_columns": True,
        }
        return profile_from(base | keys, "made")

    return make


@pytest.fixture
def ingest_text(tmp_path: Path, own: SourceProfile) -> Callable[..., IntakeResult]:
    """Write text (or bytes) to a file and take it in, dry, with no areas unless told otherwise."""

    def ingest(content: str | bytes, name: str = "reports.csv", profile: SourceProfile = own, **more: object) -> IntakeResult:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        given: dict[str, object] = {"areas": NoAreas(), "sink": None, "now": NOW} | more
        return ingest_file(path, profile, **given)  # type: ignore[arg-type]  # the test names what it changes

    return ingest

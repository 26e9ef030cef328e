"""The real console with the pages that need reports, on a fresh copy of an installation for each test."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from alerting import Clock
from consoling import open_console
from housing import NOW, PLACE, SETTINGS, TOWN, House, opened, report

from detector.areas import read_areas
from detector.ingest.intake import ingest_file
from detector.model import Family, Region, StreamKind
from detector.patterns import Followed, FollowState
from detector.service.pages.groups import page_groups
from detector.service.pages.replays import Replays
from detector.service.pages.services import PagesServices
from detector.service.pages.uploads import Uploads
from detector.simulate import SimulationPlan, simulate


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the town, a quiet history, the six reports, and a look at them; to be copied."""
    folder = tmp_path_factory.mktemp("prepared") / "var"
    folder.mkdir()
    (folder / "settings.toml").write_text(SETTINGS)
    plan = SimulationPlan(
        end=NOW.date() - timedelta(days=100),
        years=1,
        reports_per_year=40,
        seed=3,
        mass_waves_per_year=0,
        campaigns=0,
        districts=3,
        neighbourhoods=9,
    )
    paths = simulate(folder / "made-up", plan)
    installation, work = opened(folder, Clock(NOW))
    installation.area_store.replace(read_areas(paths.areas).to_rows())
    ingest_file(paths.reports, installation.profile(None), installation.areas(), installation.reports, NOW)
    installation.reports.upsert([report(number) for number in range(6)])
    assert work.look_again(TOWN)
    installation.close()
    return folder


@pytest.fixture
def house(prepared: Path, tmp_path: Path) -> Iterator[House]:
    """A fresh one, running."""
    folder = tmp_path / "var"
    shutil.copytree(prepared, folder)
    clock = Clock(NOW)
    installation, work = opened(folder, clock)
    replays, uploads = Replays(folder / "tuning"), Uploads(folder / "uploads")
    services = PagesServices(
        installation=installation,
        settings=lambda: work.settings,
        own_file=work.own_file,
        look_again=work.look_again,
        rows_read=work.rows_read,
        replays=replays,
        uploads=uploads,
        clock=clock,
    )
    with open_console(installation.alerts_engine, clock, groups=page_groups(services)) as console:
        yield House(folder, installation, work, console, replays, uploads, clock)
    replays.close()
    installation.close()


@pytest.fixture
def followed() -> Callable[..., Followed]:
    """Makes a followed pattern with these reports, one a letter."""

    def make(key: str, members: str) -> Followed:
        day = date(2026, 1, 1)
        return Followed(
            key=key,
            municipality=TOWN,
            revision=1,
            state=FollowState.ACTIVE,
            family=Family.PLACE,
            stream_kind=StreamKind.ALL,
            stream_code="",
            region=Region((PLACE,)),
            seen_from=day,
            seen_to=day,
            observed=len(members),
            expected=1.0,
            recurrence_interval_days=100.0,
            members=frozenset(members),
            sightings=(),
            first_seen=day,
            last_seen=day,
            episode_from=day,
            window_from=day,
            window_to=day,
            gathered=frozenset(members),
        )

    return make

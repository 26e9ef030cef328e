"""The real console with the pages that need reports, on a fresh copy of an installation for each test."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from housing import PLACE, TOWN, House, prepare, running_house

from detector.model import Family, Region, StreamKind
from detector.patterns import Followed, FollowState


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the town, a quiet history, the six reports, and a look at them; to be copied."""
    folder = tmp_path_factory.mktemp("prepared") / "var"
    prepare(folder)
    return folder


@pytest.fixture
def house(prepared: Path, tmp_path: Path) -> Iterator[House]:
    """A fresh one, running."""
    shutil.copytree(prepared, tmp_path / "var")
    with running_house(tmp_path / "var") as running:
        yield running


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

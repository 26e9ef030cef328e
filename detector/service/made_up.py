"""A first look without real data: a made-up municipality, taken in and looked at week by week."""

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from alerts import queries
from alerts.accounts import accounts
from alerts.alert import SYSTEM
from alerts.render import why_sentence
from detector.areas import read_areas
from detector.ingest.intake import ingest_file
from detector.model import Level
from detector.service.cycle import Cycle
from detector.service.demo import Demo, agree_early, handle, make_accounts
from detector.service.engine import SerialEngine
from detector.service.installation import Installation
from detector.service.terminal import OUT, progress
from detector.simulate import Plant, PlantKind, SimulationPaths, SimulationPlan, simulate

WEEKS_BACK = 36
EFFECT_WEEKS = 14
"""So many weeks ago an approach was agreed, of which the effect can be seen."""
SEED = 12
_TO_HANDLE = timedelta(hours=1)
"""What people are then said to have done about the last look's alerts fits into so long."""
SHOWN = 4
"""Patterns that are told of in the first ten lines."""


def made_up_municipality(installation: Installation, now: datetime) -> None:
    """Make up a municipality where nothing is yet; in any case say in ten lines what there is and where to look."""
    demos: tuple[Demo, ...] = ()
    if not installation.reports.municipalities() and not installation.areas().known:
        paths = _make(installation, now)
        if not accounts(installation.alerts_engine):
            demos = make_accounts(installation, paths.municipality, now)
    _tell(installation)
    for demo in demos:
        OUT.print(f"  {demo.account.name:<18}{demo.password}", markup=False)
    if demos:
        OUT.print("These are names and passwords to sign in with, one for each role, shown only now.", markup=False)


def _plan(end: date) -> SimulationPlan:
    def weeks_ago(weeks: int) -> date:
        return end - timedelta(weeks=weeks)

    return SimulationPlan(
        end=end,
        seed=SEED,
        planted=(
            Plant(PlantKind.NEIGHBOURHOOD, 8, weeks_ago(34), 4),
            Plant(PlantKind.NEIGHBOURHOOD, 8, weeks_ago(33), 4),
            Plant(PlantKind.PLACE_COMMUNITY, 7, weeks_ago(31), 4),
            Plant(PlantKind.NEIGHBOURHOOD, 7, weeks_ago(29), 4),
            Plant(PlantKind.COMMUNITY, 11, weeks_ago(27), 6),
            Plant(PlantKind.PLACE_COMMUNITY, 7, weeks_ago(24), 4),
            Plant(PlantKind.NEIGHBOURHOOD, 7, weeks_ago(21), 4),
            Plant(PlantKind.COMMUNITY, 10, weeks_ago(16), 7),
            Plant(PlantKind.NEIGHBOURHOOD, 7, weeks_ago(14), 4),
            Plant(PlantKind.PLACE_COMMUNITY, 7, weeks_ago(11), 6),
            Plant(PlantKind.ADJACENT, 9, weeks_ago(7), 5),
            Plant(PlantKind.PLACE_COMMUNITY, 7, weeks_ago(6), 4),
            Plant(PlantKind.NEIGHBOURHOOD, 7, weeks_ago(5), 4),
            Plant(PlantKind.VENUE, 7, weeks_ago(4), 3),
            Plant(PlantKind.VENUE, 6, weeks_ago(3), 3),
        ),
    )


def _make(installation: Installation, now: datetime) -> SimulationPaths:
    end = now.date()
    paths = simulate(installation.settings.data_dir / "made-up", _plan(end))
    installation.area_store.replace(read_areas(paths.areas).to_rows())
    profile = installation.profile(None)
    with progress("Taking in made-up reports", paths.report_count) as told:
        ingest_file(paths.reports, profile, installation.areas(), installation.reports, now, told)
    # Week by week, each with what had come in by then, so that there is a history to look at.
    nights = [end - timedelta(weeks=weeks) for weeks in range(WEEKS_BACK, -1, -1)]
    with progress("Looking back, week by week", len(nights)) as told:
        for done, night in enumerate(nights, start=1):
            then = moment_of_look(night, now)
            Cycle(installation, SerialEngine(), partial(_same, then)).run([paths.municipality], "made_up", night)
            if done == len(nights) - EFFECT_WEEKS:
                agree_early(installation, paths.municipality, then)
            told(done)
    handle(installation, paths.municipality, now)
    return paths


def moment_of_look(night: date, now: datetime) -> datetime:
    """When that night's look took place: at a quarter past three, but an hour before ``now`` at the latest.

    Somebody who tries the service soon after midnight must not meet alerts from later that night.
    """
    return min(datetime.combine(night, time(3, 15), UTC), now - _TO_HANDLE)


def _same(moment: datetime) -> datetime:
    return moment


def _tell(installation: Installation) -> None:
    settings, areas = installation.settings, installation.areas()
    for count in installation.reports.counts():
        name = next((area.name for area in areas.areas if area.code == count.municipality), count.municipality)
        inside = [area for area in areas.areas if area.municipality == count.municipality]
        levels = [sum(area.level is level for area in inside) for level in (Level.DISTRICT, Level.NEIGHBOURHOOD)]
        OUT.print(
            f"{name} ({count.municipality}): {levels[0]} districts, {levels[1]} neighbourhoods; {count.reports:,} reports "
            f"received from {count.first_received_on} to {count.last_received_on}.",
            markup=False,
        )
    alerts = installation.alerts.list(limit=1000).alerts
    active = [alert for alert in alerts if alert.detection == "active"]
    more = ". Among them:" if active else "."
    OUT.print(f"{len(alerts)} alerts, of which {len(active)} on patterns that are still seen{more}", markup=False)
    for alert in active[:SHOWN]:
        pattern = queries.current_pattern(installation.alerts_engine, alert.id, SYSTEM)
        OUT.print(f"  - {why_sentence(pattern, settings.language, settings.names)}", markup=False)
    OUT.print(
        f"Drop files of reports into {settings.inbox()}{'/'}; messages go to {settings.data_dir / 'outbox'}{'/'}", markup=False
    )
    program = command_name(sys.argv[0], shutil.which)
    OUT.print(f"All alerts: {program} alerts list; one of them: {program} alerts show ID", markup=False)
    OUT.print(f"Console: http://{settings.host}:{settings.port}/", markup=False)
    OUT.print(f"Health and figures: http://{settings.host}:{settings.port}/health and /metrics. Stop with Ctrl-C.", markup=False)


def command_name(started_as: str, which: Callable[[str], str | None]) -> str:
    """What to type for this program: its name where the shell finds it, else the path it was started by."""
    return "patroonwacht" if which("patroonwacht") or Path(started_as).name != "patroonwacht" else started_as

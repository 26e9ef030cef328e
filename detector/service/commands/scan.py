"""``patroonwacht scan``: the bare scan statistic over an analyst's own files, also for comparison with SaTScan."""

import json
import math
import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyproj
import typer
from shapely.geometry import Point, mapping

from detector.scan.geometry import EARTH_RADIUS_M
from detector.scan.inference import Answer, Cluster, PMethod, Trials, answer
from detector.scan.study import Model, Question, Rates, ScanError, Ties, Time, period
from detector.service.scan_tables import Tables, read_tables, usual_time
from detector.service.terminal import ERR, OUT, CommandError, JsonFlag, day, print_json, progress

_FILE = {"exists": True, "dir_okay": False, "readable": True}
CasesFile = Annotated[Path, typer.Argument(help="CSV: place's id, date, cases (1 if absent).", **_FILE)]
PlacesFile = Annotated[
    Path | None, typer.Option(help="CSV: id, x_m and y_m or latitude and longitude; population or expected.", **_FILE)
]
ControlsFile = Annotated[Path | None, typer.Option(help="CSV: place's id, controls (1 if absent).", **_FILE)]
ZonesFile = Annotated[Path | None, typer.Option(help="CSV: place's id, zone: scan these zones in place of circles.", **_FILE)]
Day = Annotated[str | None, typer.Option(help="2026-03-01; the first (last) case's day if not given.")]


def scan(
    cases: CasesFile,
    *,
    places: PlacesFile = None,
    controls: ControlsFile = None,
    zones: ZonesFile = None,
    model: Annotated[Model, typer.Option(help="What is compared with what.")] = Model.PERMUTATION,
    prospective: Annotated[bool, typer.Option("--prospective", help="Windows that end on the last day.")] = False,
    retrospective: Annotated[bool, typer.Option("--retrospective", help="Windows anywhere in the period.")] = False,
    spatial: Annotated[bool, typer.Option("--spatial", help="By place, whatever the date.")] = False,
    temporal: Annotated[bool, typer.Option("--temporal", help="By date, whatever the place.")] = False,
    from_: Annotated[str | None, typer.Option("--from", help="First day of the study: 2026-03-01.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last day of the study: 2026-03-01.")] = None,
    max_radius_m: Annotated[float, typer.Option(min=0, help="Largest radius in metres.")] = math.inf,
    max_share: Annotated[float, typer.Option(help="Largest part of the cases, or of the population at risk.")] = 0.5,
    max_days: Annotated[int | None, typer.Option(min=1, help="Longest window; half the study if not given.")] = None,
    min_days: Annotated[int, typer.Option(min=1, help="Shortest window.")] = 1,
    step_days: Annotated[int, typer.Option(min=1, help="Length of a unit of time.")] = 1,
    min_cases: Annotated[int, typer.Option(min=1, help="Least number of cases of a high cluster.")] = 2,
    rates: Annotated[Rates, typer.Option(help="More cases than expected, fewer, or both.")] = Rates.HIGH,
    day_of_week: Annotated[bool, typer.Option("--day-of-week", help="Permute within days of the week.")] = False,
    ellipses: Annotated[bool, typer.Option("--ellipses", help="Ellipses beside circles.")] = False,
    ties: Annotated[
        Ties, typer.Option(help="Places at the same distance enter a circle together, or one by one as in SaTScan.")
    ] = Ties.TOGETHER,
    replicates: Annotated[int, typer.Option(min=0, help="Monte Carlo replicates.")] = 999,
    sequential: Annotated[bool, typer.Option("--sequential/--no-sequential", help="Stop once p is surely above 0.05.")] = False,
    gumbel: Annotated[bool, typer.Option("--gumbel/--no-gumbel", help="Approximate a p that no replicate reached.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same answer.")] = 1,
    threads: Annotated[int, typer.Option(min=0, help="0: as many as there are processors.")] = 0,
    clusters: Annotated[int, typer.Option(min=1, help="At most so many clusters.")] = 10,
    overlap: Annotated[bool, typer.Option("--overlap", help="Also clusters that overlap a better one.")] = False,
    case_column: Annotated[str | None, typer.Option(help="Column with the number of cases.")] = None,
    geojson: Annotated[Path | None, typer.Option(help="Write the clusters to this file.")] = None,
    crs: Annotated[str | None, typer.Option(help="What x_m and y_m are, for --geojson: EPSG:28992.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Find places and times with more (or fewer) cases than chance explains."""
    chosen = [
        time
        for time, named in (
            (Time.PROSPECTIVE, prospective),
            (Time.RETROSPECTIVE, retrospective),
            (Time.SPATIAL, spatial),
            (Time.TEMPORAL, temporal),
        )
        if named
    ]
    if len(chosen) > 1:
        raise typer.BadParameter(f"choose one of {', '.join('--' + time for time in chosen)}")
    first, last = day(from_, "--from"), day(to, "--to")
    tables = read_tables(cases, places, controls, zones, model, case_column=case_column)
    if geojson is not None and not tables.data.degrees and crs is None:
        raise CommandError("--geojson needs latitude and longitude; say what x_m and y_m are with --crs, such as EPSG:28992")
    question = Question(
        model=model,
        time=chosen[0] if chosen else usual_time(tables.data, model),
        first_day=first.toordinal() if first else None,
        last_day=last.toordinal() if last else None,
        max_radius_m=max_radius_m,
        max_share=max_share,
        max_days=max_days,
        min_days=min_days,
        step_days=step_days,
        min_cases=min_cases,
        rates=rates,
        day_of_week=day_of_week,
        ellipses=ellipses,
        ties=ties,
    )
    trials = Trials(replicates, seed, threads or os.cpu_count() or 1, sequential, gumbel=gumbel)
    for note in (*tables.notes, *outside(tables, question)):
        ERR.print(note, markup=False)
    try:
        with progress("replicates", replicates) as tell:
            found = answer(tables.data, question, trials, clusters=clusters, overlap=overlap, progress=tell)
    except ScanError as error:
        raise CommandError(str(error)) from error
    if geojson is not None:
        _write_geojson(geojson, tables, found, crs)
    _print(tables, found, as_json=as_json)


def outside(tables: Tables, question: Question) -> tuple[str, ...]:
    """Says how many cases lie outside the period that was named, if any do."""
    days = tables.data.case_day
    if days is None or days.size == 0:
        return ()
    first, last = period(tables.data, question)
    left_out = int(((days < first) | (days > last)).sum())
    return (f"{left_out} of {days.size} cases lie outside the period and are left out",) if left_out else ()


def as_dict(cluster: Cluster, tables: Tables) -> dict[str, Any]:
    """A cluster in the promised shape."""
    return {
        "locations": [tables.place_ids[row] for row in cluster.places],
        "radius_m": cluster.radius_m,
        "from": date.fromordinal(cluster.first_day) if cluster.first_day else None,
        "to": date.fromordinal(cluster.last_day) if cluster.last_day else None,
        "observed": cluster.observed,
        "expected": cluster.expected,
        "relative_risk": cluster.relative_risk if math.isfinite(cluster.relative_risk) else None,
        "llr": cluster.llr,
        "p": cluster.p,
        "p_method": cluster.p_method,
        "recurrence_interval_days": cluster.recurrence_interval_days,
    }


def _print(tables: Tables, found: Answer, *, as_json: bool) -> None:
    if as_json:
        print_json({"clusters": [as_dict(cluster, tables) for cluster in found.clusters], "replicates": int(found.maxima.size)})
        return
    for rank, cluster in enumerate(found.clusters, start=1):
        shown = as_dict(cluster, tables)
        when = f"{shown['from']} to {shown['to']}" if cluster.first_day else "whole period"
        around = f", {cluster.radius_m:.0f} m" if cluster.radius_m is not None else ""
        chance = "" if cluster.p is None else f", p {cluster.p:.5f}"
        if cluster.p_method not in {None, PMethod.MONTE_CARLO}:
            chance += f" ({cluster.p_method})"
        if cluster.recurrence_interval_days is not None:
            chance += f", once in {cluster.recurrence_interval_days:.0f} days by chance"
        OUT.print(
            f"{rank}. {when}{around}: {cluster.observed} cases, {cluster.expected:.2f} expected, llr {cluster.llr:.6f}{chance}\n"
            f"   {', '.join(shown['locations'])}",
            markup=False,
        )
    OUT.print(f"{len(found.clusters)} clusters, {found.maxima.size} replicates.")


def _write_geojson(path: Path, tables: Tables, found: Answer, crs: str | None) -> None:
    """One polygon per cluster around its centre (around its places, for ellipses and zones), longitude and latitude."""
    data = tables.data
    if data.x is None or data.y is None:
        raise CommandError("--geojson needs the coordinates of the places")
    try:
        lift = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True) if crs and not data.degrees else None
    except pyproj.exceptions.CRSError as error:
        raise CommandError(f"--crs {crs} is not known; write it as EPSG:28992") from error
    features = []
    for cluster in found.clusters:
        rows = np.array(cluster.places)
        x, y = data.x[rows], data.y[rows]
        scale = (1.0, 1.0)
        if data.degrees:
            metre = math.degrees(1 / EARTH_RADIUS_M)
            scale = (metre / max(1e-6, math.cos(math.radians(float(y[0])))), metre)
        ring = [
            (float(x[0]) + scale[0] * dx, float(y[0]) + scale[1] * dy)
            for dx, dy in Point(0, 0).buffer(max(cluster.radius_m or 0.0, 1.0)).exterior.coords
        ]
        geometry: dict[str, Any] = {
            "type": "Polygon",
            "coordinates": [[lift.transform(*spot) if lift else spot for spot in ring]],
        }
        if cluster.radius_m is None or cluster.shape > 1:
            spots = [lift.transform(a, b) if lift else (a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
            geometry = {"type": "MultiPoint", "coordinates": [mapping(Point(spot))["coordinates"] for spot in spots]}
        features.append({"type": "Feature", "geometry": geometry, "properties": as_dict(cluster, tables)})
    text = json.dumps({"type": "FeatureCollection", "features": features}, default=str, ensure_ascii=False)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error}") from error

"""Made-up reports: their shares, their rhythm, and the patterns planted among them."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.areas import AreaColumns, AreaSet, read_areas
from detector.model import PlaceKind, ReportKind
from detector.simulate import (
    Plant,
    PlantKind,
    Simulation,
    SimulationError,
    SimulationPlan,
    made_up_areas,
    simulate_reports,
)
from detector.simulate.plan import ReportRow
from detector.simulate.shares import shares
from detector.simulate.town import build_town
from detector.simulate.writer import HEADER

END = date(2025, 12, 31)


def day(row: ReportRow, name: str = "received_on") -> date:
    return date.fromisoformat(row[name])


def share(rows: list[ReportRow], name: str, code: str) -> float:
    return sum(code in row[name].split("|") for row in rows) / len(rows)


@pytest.fixture(scope="module")
def land() -> AreaSet:
    return made_up_areas(1)


@pytest.fixture(scope="module")
def many(land: AreaSet) -> Simulation:
    """Enough reports for shares to show."""
    plan = SimulationPlan(end=END, years=4, reports_per_year=4_000, mass_waves_per_year=2, campaigns=2)
    return simulate_reports(land, "GM9999", plan)


@pytest.fixture(scope="module")
def background(many: Simulation) -> list[ReportRow]:
    return [row for row in many.reports if row["kind"] != "mass"]


def test_rows_are_in_our_own_format(many: Simulation, land: AreaSet) -> None:
    known = {area.code for area in land.areas}
    for row in many.reports:
        assert tuple(row) == HEADER
        assert row["municipality"] == "GM9999"
        assert row["grounds"]
        assert row["domains"]
        assert ReportKind(row["kind"])
        assert row["withdrawn"] in {"true", "false"}
        assert not row["place_kind"] or PlaceKind(row["place_kind"])
        assert bool(row["x"]) == bool(row["y"])
        assert not (row["x"] and row["area"])
        assert not row["area"] or row["area"] in known
        assert date(2022, 1, 1) <= day(row) <= END
        assert day(row, "occurred_on") <= day(row)
    assert len({row["report_id"] for row in many.reports}) == len(many.reports)
    order = [(row["received_on"], row["report_id"]) for row in many.reports]
    assert order == sorted(order)


def test_ids_cannot_pass_for_numbers_of_people(many: Simulation) -> None:
    assert all(row["report_id"].isalpha() for row in many.reports)


def test_shares_are_those_of_the_rubrics(background: list[ReportRow]) -> None:
    assert share(background, "grounds", "herkomst_huidskleur") == pytest.approx(0.45 + 0.55 * 0.08 * 0.45, abs=0.03)
    assert share(background, "domains", "arbeidsmarkt") == pytest.approx(0.27, abs=0.03)
    assert share(background, "nature", "vijandige_bejegening") == pytest.approx(0.45, abs=0.02)


@pytest.mark.parametrize(("domain", "located"), [("arbeidsmarkt", 0.15), ("buurt_wijk", 0.95), ("media_reclame", 0.0)])
def test_places_are_known_as_often_as_the_domain_has_it(background: list[ReportRow], domain: str, located: float) -> None:
    # Outreach in areas places every report that it brings, so it may lift the share a little.
    rows = [row for row in background if row["domains"].split("|", 1)[0] == domain]
    assert sum(bool(row["x"] or row["area"]) for row in rows) / len(rows) == pytest.approx(located, abs=0.06)


def test_every_point_lies_in_the_town_and_the_centre_is_busy(background: list[ReportRow], land: AreaSet) -> None:
    points = np.array([(float(row["x"]), float(row["y"])) for row in background if row["x"]])
    found = Counter(land.locate(points[:, 0], points[:, 1]).tolist())
    assert "" not in found
    assert set(found) <= {area.code for area in land.areas if area.code.startswith("BU")}
    counts = sorted(found.values())
    assert counts[-1] > 3 * counts[len(counts) // 2]


@pytest.mark.parametrize("seed", range(5))
def test_the_centre_gets_far_more_than_its_people_would(seed: int) -> None:
    areas = made_up_areas(seed)
    town = build_town(areas, "GM9999", np.random.default_rng(seed))
    people = np.array([town.area(int(row)).inhabitants for row in town.rows])
    middle = min(town.rows, key=lambda row: np.hypot(town.area(int(row)).x_m - 147_000, town.area(int(row)).y_m - 533_000))
    assert town.weights.sum() == pytest.approx(1)
    beside = {int(middle), *town.table.neighbours[middle].tolist()}
    busiest = int(town.rows[np.argmax(town.weights / (people + 200) ** 0.8)])
    assert busiest in beside
    assert town.weights.max() > 3 * np.median(town.weights)


def test_venues_have_one_place_each(background: list[ReportRow]) -> None:
    places: dict[str, set[tuple[str, str]]] = {}
    for row in background:
        if row["place_key"]:
            places.setdefault(row["place_key"], set()).add((row["x"], row["y"]))
    assert len(places) > 20
    assert all(len(points) == 1 for points in places.values())


def test_reports_come_late_as_they_do(background: list[ReportRow]) -> None:
    delays = np.array([(day(row) - day(row, "occurred_on")).days for row in background])
    assert 6 <= np.median(delays) <= 8
    assert (delays > 60).mean() == pytest.approx(0.10, abs=0.015)


def test_years_grow_and_weekends_are_quiet(background: list[ReportRow]) -> None:
    years = Counter(day(row).year for row in background)
    assert years[2025] == pytest.approx(4_000, rel=0.1)
    assert years[2022] < years[2025] * 0.9
    weekdays = Counter(day(row).weekday() for row in background)
    assert weekdays[6] < 0.6 * weekdays[0]


def test_communities_fit_their_grounds(background: list[ReportRow]) -> None:
    known = shares()
    for row in background:
        for community in filter(None, row["communities"].split("|")):
            if community == "joods" and "antisemitisme" in row["grounds"]:
                break
            assert any(community in known.communities[g].codes for g in row["grounds"].split("|") if g in known.communities)
    assert 0.3 < sum(bool(row["communities"]) for row in background) / len(background) < 0.7


def test_mass_reports_come_in_waves_without_place(many: Simulation) -> None:
    mass = [row for row in many.reports if row["kind"] == "mass"]
    assert len(mass) >= 15
    assert not any(row["x"] or row["area"] or row["place_key"] for row in mass)
    weeks = Counter(day(row).isocalendar()[:2] for row in mass)
    assert max(weeks.values()) >= 8


def test_campaigns_raise_reporting_where_and_while_they_are(many: Simulation, land: AreaSet) -> None:
    campaign = next(campaign for campaign in many.campaigns if campaign.area_codes)
    days = (campaign.ends_on - campaign.starts_on).days + 1
    points = land.locate(*np.array([(float(row["x"] or "nan"), float(row["y"] or "nan")) for row in many.reports]).T)
    there = [row for row, point in zip(many.reports, points, strict=True) if (row["area"] or point) in campaign.area_codes]
    during = sum(campaign.starts_on <= day(row) <= campaign.ends_on for row in there)
    assert during / days > 1.5 * (len(there) - during) / (4 * 365 - days)


@settings(max_examples=20)
@given(seed=st.integers(0, 500), kind=st.sampled_from(PlantKind), size=st.integers(3, 10), weeks=st.integers(2, 10))
def test_planted_patterns_are_as_the_truth_says(land: AreaSet, seed: int, kind: PlantKind, size: int, weeks: int) -> None:
    wanted = Plant(kind, size, date(2025, 8, 1), weeks)
    plan = SimulationPlan(end=END, years=1, reports_per_year=50, seed=seed, planted=(wanted,))
    made = simulate_reports(land, "GM9999", plan)
    (truth,) = made.truth
    rows = {row["report_id"]: row for row in made.reports}
    members = [rows[report_id] for report_id in truth.report_ids]
    assert (truth.kind, truth.first, truth.last) == (kind, wanted.first, wanted.first + timedelta(days=7 * weeks - 1))
    assert len(set(truth.report_ids)) == size
    assert all(truth.first <= day(row) <= truth.last for row in members)
    assert all(row["kind"] == "single" and row["withdrawn"] == "false" for row in members)
    if kind in {PlantKind.COMMUNITY, PlantKind.PLACE_COMMUNITY}:
        assert truth.community
        assert all(row["communities"] == truth.community for row in members)
    if kind is PlantKind.COMMUNITY:
        assert truth.area_codes == ()
    else:
        points = [(float(row["x"]), float(row["y"])) for row in members if row["x"]]
        found = {row["area"] for row in members if row["area"]}
        found |= set(land.locate(*np.array(points).T).tolist()) if points else set()
        assert found <= set(truth.area_codes)
    if kind is PlantKind.PLACE_COMMUNITY:
        assert len(truth.area_codes) > 3
        assert len({code[:8] for code in truth.area_codes}) == 1, "a whole district, not a few streets of it"
    if kind is PlantKind.VENUE:
        assert {row["place_key"] for row in members} == {truth.place_key}
    if kind is PlantKind.ADJACENT:
        table = land.table("GM9999")
        first, *others = (table.index[code] for code in truth.area_codes)
        reached = {first}
        for _ in others:
            reached |= {int(row) for at in reached for row in table.neighbours[at] if row in others}
        assert reached == {first, *others}


def test_a_part_of_town_is_never_one_small_district() -> None:
    land = made_up_areas(5, districts=4, neighbourhoods=5)
    plan = SimulationPlan(end=END, planted=(Plant(PlantKind.PLACE_COMMUNITY, 5, date(2025, 8, 1), 4),))
    (truth,) = simulate_reports(land, "GM9999", plan).truth
    assert len(set(truth.area_codes)) == 3


def test_plants_leave_the_background_as_it_is(land: AreaSet) -> None:
    plan = SimulationPlan(end=END, reports_per_year=100)
    quiet = simulate_reports(land, "GM9999", plan)
    planted = simulate_reports(land, "GM9999", SimulationPlan(end=END, reports_per_year=100, planted=5))
    members = {report_id for truth in planted.truth for report_id in truth.report_ids}
    assert [row for row in planted.reports if row["report_id"] not in members] == quiet.reports
    assert {truth.kind for truth in planted.truth} == set(PlantKind)


def test_drawn_plants_have_history_and_fit(land: AreaSet) -> None:
    plan = SimulationPlan(end=END, planted=20)
    made = simulate_reports(land, "GM9999", plan)
    assert len(made.truth) == 20
    for truth in made.truth:
        assert truth.first >= plan.start + timedelta(days=0.3 * plan.days)
        assert truth.last <= END
        assert 3 <= len(truth.report_ids) <= 10


def test_a_place_and_a_community_can_be_named(land: AreaSet) -> None:
    wanted = Plant(PlantKind.PLACE_COMMUNITY, 5, date(2025, 5, 1), 4, ("BU99990001",), "lhbtiq")
    (truth,) = simulate_reports(land, "GM9999", SimulationPlan(end=END, planted=(wanted,))).truth
    assert (truth.area_codes, truth.community) == (("BU99990001",), "lhbtiq")
    elsewhere = Plant(PlantKind.NEIGHBOURHOOD, 5, date(2025, 5, 1), 4, ("BU03070100",))
    with pytest.raises(SimulationError, match="BU03070100"):
        simulate_reports(land, "GM9999", SimulationPlan(end=END, planted=(elsewhere,)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"years": 0},
        {"reports_per_year": 0},
        {"districts": 0},
        {"districts": 8, "neighbourhoods": 4},
        {"planted": (Plant(PlantKind.VENUE, 3, date(2026, 1, 1), 4),)},
    ],
)
def test_plans_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SimulationError):
        SimulationPlan(end=END, **wrong)  # type: ignore[arg-type] # wrong on purpose


def test_works_on_loaded_areas(shared_data: Path) -> None:
    amersfoort = read_areas(shared_data / "amersfoort" / "amersfoort_buurten_2024.geojson")
    made = simulate_reports(amersfoort, "GM0307", SimulationPlan(end=END, planted=5))
    points = np.array([(float(row["x"]), float(row["y"])) for row in made.reports if row["x"]])
    assert (amersfoort.locate(points[:, 0], points[:, 1]) != "").all()
    toronto = read_areas(shared_data / "toronto" / "neighbourhoods_158.geojson", AreaColumns(municipality_code="toronto"))
    assert len(simulate_reports(toronto, "toronto", SimulationPlan(end=END, planted=5)).truth) == 5


def test_works_without_outlines(shared_data: Path) -> None:
    table = read_areas(shared_data / "amersfoort" / "buurten_inwoners.csv")
    made = simulate_reports(table, "GM0307", SimulationPlan(end=END, planted=5))
    assert not any(row["x"] for row in made.reports)
    assert sum(bool(row["area"]) for row in made.reports) > 200


def test_a_municipality_without_areas_is_refused(shared_data: Path) -> None:
    areas = read_areas(shared_data / "amersfoort" / "gemeenten_regio.geojson")
    with pytest.raises(SimulationError, match="no districts or neighbourhoods"):
        simulate_reports(areas, "GM0307", SimulationPlan(end=END))


def test_our_shares_are_those_of_the_code_lists(shared_data: Path) -> None:
    lists = json.loads((shared_data / "codelists.json").read_text(encoding="utf-8"))
    known = shares()
    for name, choice in (("grond", known.grounds), ("terrein", known.domains), ("aard", known.natures)):
        total = sum(entry["share"] for entry in lists[name])
        assert dict(zip(choice.codes, choice.probabilities.tolist(), strict=True)) == pytest.approx(
            {entry["code"]: entry["share"] / total for entry in lists[name]}
        )
    assert known.located == {entry["code"]: entry["located"] for entry in lists["terrein"]}

"""Random sequences of batches leave the store as they leave a plain dict."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from detector.model import PlaceKind, Report, ReportKind
from detector.store import tables
from detector.store.engine import writing
from detector.store.reports import ReportStore

TODAY = date(2026, 3, 2)
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)
CODES = st.lists(st.sampled_from(["ras", "godsdienst", "geslacht", 'a"b\\']), max_size=2, unique=True).map(tuple)
NUMBERS = st.floats(-1e6, 1e6)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    point = draw(st.booleans())
    return Report(
        source=draw(st.sampled_from(["export", "post"])),
        report_id=draw(st.sampled_from(["1", "2", "2 ", "é", "3:4"])),
        municipality=draw(st.sampled_from(["GM0001", "GM0001", "GM0001", "GM0002"])),
        received_on=TODAY - timedelta(days=draw(st.integers(0, 3))),
        occurred_on=draw(st.none() | st.dates()),
        x_m=draw(NUMBERS) if point else None,
        y_m=draw(NUMBERS) if point else None,
        area_code=draw(st.none() | WORDS),
        place_key=draw(st.none() | WORDS),
        place_kind=draw(st.none() | st.sampled_from(PlaceKind)),
        grounds=draw(CODES),
        communities=draw(CODES),
        domains=draw(CODES),
        nature=draw(st.none() | WORDS),
        kind=draw(st.sampled_from(ReportKind)),
        withdrawn=draw(st.booleans()),
    )


class Model:
    """What the store promises, as a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, Report] = {}

    def upsert(self, batch: list[Report]) -> tuple[int, int, int, list[int]]:
        counts = [0, 0, 0]
        refused = []
        for place, report in enumerate(batch):
            old = self.kept.get(report.key)
            if old is not None and old.municipality != report.municipality:
                refused.append(place)
                continue
            counts[0 if old is None else 2 if old == report else 1] += 1
            self.kept[report.key] = report
        return counts[0], counts[1], counts[2], refused


def _check(store: ReportStore, batches: list[list[Report]]) -> None:
    model = Model()
    for batch in batches:
        counts = store.upsert(batch)
        told = (counts.accepted, counts.updated, counts.unchanged, [place for place, _ in counts.refused])
        assert told == model.upsert(batch)
        assert sum(told[:3]) + len(told[3]) == len(batch)
    kept = [report for code in ("GM0001", "GM0002") for report in store.load(code)]
    assert sorted(kept, key=lambda one: one.key) == sorted(model.kept.values(), key=lambda one: one.key)
    counting = {one.key for one in model.kept.values() if one.kind is ReportKind.SINGLE and not one.withdrawn}
    columns = {key for code in ("GM0001", "GM0002") for key in store.load_columns(code).keys}
    assert columns == counting


BATCHES = st.lists(st.lists(reports(), max_size=6), max_size=4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES)
def test_the_store_is_a_dict_with_manners(engine: Engine, batches: list[list[Report]]) -> None:
    with writing(engine) as connection:
        connection.execute(delete(tables.reports))
    _check(ReportStore(engine), batches)

"""No hidden cell can be worked out: every vector of counts tried, by somebody who knows the rules by heart."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.pattern import Band
from detector.disclosure.bands import band_of, bands, higher
from detector.disclosure.cells import tell_cells

EDGES = (3, 6, 11)
CODES = "abcd"
Vector = tuple[int, ...]
Told = tuple[Band, tuple[tuple[str, Band], ...]]


def tell(counts: Vector, floor: int, before: Sequence[Told] = ()) -> Told:
    """What a revision tells of counts that add up to the total: its band, and the cells."""
    among = bands(floor, EDGES)
    total = band_of(sum(counts), among)
    for earlier, _ in before:
        total = higher(total, earlier)
    if total is None:
        raise ValueError("below the floor nothing is told")
    cells = tell_cells(dict(zip(CODES, counts, strict=False)), total, among, [dict(cells) for _, cells in before])
    return total, tuple(cells.items())


def vectors(cells: int, floor: int, most: int) -> list[Vector]:
    return [counts for counts in product(range(most + 1), repeat=cells) if floor <= sum(counts) <= most]


def check_hidden(told: Sequence[Told], worlds: Sequence[Sequence[Vector]]) -> None:
    """Each cell that a revision hides may have at least two values in the worlds that would have told the same."""
    for revision, (_, cells) in enumerate(told):
        shown = dict(cells)
        for place, code in enumerate(CODES[: len(worlds[0][0])]):
            if code not in shown:
                values = {world[revision][place] for world in worlds}
                assert len(values) > 1, (told, code, values)


def closed(told: Sequence[Told]) -> bool:
    """An open band has worlds beyond any table: those up to its end would only be a part of them."""
    return all(total.high is not None for total, _ in told)


@pytest.mark.parametrize(("cells", "floor", "most"), [(2, 3, 10), (3, 3, 10), (2, 5, 10), (3, 5, 10), (4, 3, 10)])
def test_one_revision_gives_no_hidden_cell_away(cells: int, floor: int, most: int) -> None:
    worlds: dict[Told, list[list[Vector]]] = defaultdict(list)
    for counts in vectors(cells, floor, most):
        worlds[tell(counts, floor)].append([counts])
    assert len(worlds) > 2
    for told, held in worlds.items():
        if closed([told]):
            check_hidden([told], held)


@pytest.mark.parametrize(("cells", "floor", "most"), [(2, 3, 20), (3, 3, 10), (2, 5, 20), (3, 5, 10)])
def test_two_revisions_give_no_hidden_cell_away(cells: int, floor: int, most: int) -> None:
    """Somebody also knows that a pattern's reports are gathered, so that no count went down."""
    worlds: dict[tuple[Told, Told], list[list[Vector]]] = defaultdict(list)
    held = vectors(cells, floor, most)
    for counts in held:
        first = tell(counts, floor)
        for later in held:
            if all(now >= then for now, then in zip(later, counts, strict=True)):
                worlds[first, tell(later, floor, [first])].append([counts, later])
    assert len(worlds) > 3
    for told, pairs in worlds.items():
        if closed(told):
            check_hidden(told, pairs)


def test_three_revisions_give_no_hidden_cell_away() -> None:
    worlds: dict[tuple[Told, ...], list[list[Vector]]] = defaultdict(list)
    held = vectors(2, 3, 10)

    def go(path: list[Vector], told: tuple[Told, ...]) -> None:
        if len(path) == 3:
            worlds[told].append(path)
            return
        for later in held:
            if all(now >= then for now, then in zip(later, path[-1], strict=True)):
                go([*path, later], (*told, tell(later, 3, told)))

    for counts in held:
        go([counts], (tell(counts, 3),))
    for told, paths in worlds.items():
        check_hidden(told, paths)


@pytest.mark.parametrize("floor", [3, 5])
def test_the_bands_alone_leave_every_small_value_open(floor: int) -> None:
    """For somebody who knows only what is told, a hidden cell may be nothing, and anything else below the floor."""
    for counts in vectors(3, floor, 14):
        total, cells = tell(counts, floor)
        if not cells:
            continue
        low = total.low - sum(band.high or 10**6 for _, band in cells)
        high = (total.high or 10**6) - sum(band.low for _, band in cells)
        assert low <= 0
        assert high >= floor - 1


@given(
    st.lists(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 5), max_size=5), min_size=1, max_size=5),
    st.sampled_from([3, 5]),
)
def test_what_came_into_sight_was_not_small_before(steps: list[dict[str, int]], floor: int) -> None:
    """One report at a time: a cell that was hidden comes into sight where one report fewer was not below the floor either."""
    among = bands(floor, EDGES)
    counts: dict[str, int] = {}
    told: list[Mapping[str, Band]] = []
    for more in steps:
        for code, number in more.items():
            for _ in range(number):
                counts[code] = counts.get(code, 0) + 1
                total = band_of(sum(counts.values()), among)
                if total is None:
                    continue
                cells = tell_cells(counts, total, among, told)
                assert all(band.low >= floor and counts[code] >= band.low for code, band in cells.items())
                for shown in cells:
                    if told and shown not in told[-1]:
                        assert counts[shown] - 1 >= floor
                told.append(cells)


def test_the_design_s_own_examples() -> None:
    among = bands(3, EDGES)
    assert tell_cells({"a": 4, "b": 1}, Band(3, 5), among) == {"a": Band(3, 5)}
    assert tell_cells({"a": 4, "b": 2}, Band(6, 10), among) == {}
    assert tell_cells({"a": 4, "b": 4}, Band(6, 10), among) == {"a": Band(3, 5), "b": Band(3, 5)}
    assert tell_cells({"a": 4}, Band(6, 10), among, [{}]) == {}
    assert tell_cells({"a": 7}, Band(6, 10), among, [{}]) == {"a": Band(6, 10)}
    assert tell_cells({}, Band(6, 10), among) == {}

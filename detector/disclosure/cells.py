"""Breakdowns: which cells may be told beside the total, so that no hidden one can be worked out, not even from two revisions."""

from collections.abc import Mapping, Sequence

from alerts.pattern import Band


def tell_cells(
    counts: Mapping[str, int],
    total: Band,
    among: Sequence[Band],
    told_before: Sequence[Mapping[str, Band]] = (),
) -> dict[str, Band]:
    """The cells that may be told, with their bands; a code that is not in the answer has none, or too few to tell.

    Primary: a cell below the floor is hidden. It is not even named, so that it cannot be told from an empty one.
    Secondary: what remains of the total must be free to be nothing, and free to be all that a hidden cell can hold. With the
    total between ``T⁻`` and ``T⁺`` and the told cells between ``l`` and ``h``: ``T⁻ ≤ Σh`` and ``T⁺ - Σl ≥ floor - 1``. Until
    that holds, the lowest cell is hidden too.
    Over revisions: a cell that an earlier revision hid is told only from the second band up. Then the step by which it comes into
    sight is a step between counts that were not below the floor, and differencing the two gives nothing away that was.
    A told cell's band never goes down while the total's does not, as every revision speaks of all that was gathered so far.

    Args:
        counts: reports per code; a report may have several codes.
        total: the told band of all reports.
        among: the bands in use, the lowest beginning at the floor.
        told_before: the cells of the earlier revisions about the same reports, oldest first.
    """
    floor = among[0].low
    shown: dict[str, Band] = {}
    for code, count in counts.items():
        hidden_before = any(code not in told for told in told_before)
        band = next((band for band in reversed(among) if count >= band.low), None)
        if band is None or (hidden_before and band is among[0] and not _seen_last(code, told_before)):
            continue
        shown[code] = band
    for code in sorted(shown, key=lambda code: (shown[code].low, code)):
        if _free(total, list(shown.values()), floor):
            break
        del shown[code]
    return dict(sorted(shown.items()))


def _seen_last(code: str, told_before: Sequence[Mapping[str, Band]]) -> bool:
    """Whether the latest revision tells the cell, so that telling it again adds nothing."""
    return bool(told_before) and code in told_before[-1]


def _free(total: Band, shown: Sequence[Band], floor: int) -> bool:
    """Whether the remainder may be nothing, and may be as much as any cell below the floor can hold."""
    most_shown = None if any(band.high is None for band in shown) else sum(band.high or 0 for band in shown)
    may_be_nothing = not shown or most_shown is None or total.low <= most_shown
    may_be_all = total.high is None or total.high - sum(band.low for band in shown) >= floor - 1
    return may_be_nothing and may_be_all

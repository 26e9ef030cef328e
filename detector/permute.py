"""What counting rules cost when nothing is going on: the dates dealt out anew over the real reports, again and again."""

import numpy as np

from detector.model import IntArray
from detector.rules import LEAST_USUAL_DAYS, USUAL_DAYS, Limit, RuleCells
from detector.scan.jit import compiled
from detector.scan.random import advanced, below, stream_of


def episodes_per_year(cells: RuleCells, limit: Limit, from_day: int, last_day: int, *, seed: int, replicates: int) -> float:
    """How often a year some cell begins to fire when dates have nothing to do with where and whom.

    Each replicate deals the real dates out anew over the reports, so the city's own busy and quiet weeks stay what they were.
    A cell that fires again within ``within_days`` is still in the same episode.
    Misleads when history holds a real, large pattern: its reports stay in their cell's total, and make the cost too high rather
    than too low.

    Args:
        cells: the reports.
        limit: the rule.
        from_day: episodes that begin before this day (ordinal) are not counted.
        last_day: end of the history (ordinal).
        seed: of the replicates.
        replicates: how often to deal.
    """
    if replicates < 1 or cells.size.size == 0 or int(cells.size.max()) < limit.min_reports:
        return 0.0
    offsets = np.concatenate([[0], np.cumsum(cells.size)]).astype(np.int64)
    episodes = _episodes(
        cells.day,
        cells.first_day,
        cells.start_of,
        cells.cell_of,
        offsets,
        limit.min_reports,
        limit.within_days,
        limit.min_ratio,
        from_day,
        np.uint64(seed),
        replicates,
    )
    years = (last_day - from_day + 1) / 365.25
    return float(episodes) / (replicates * years)


def chance_of_busiest(cells: RuleCells, in_window: int, count: int, *, seed: int, replicates: int) -> float:
    """Monte Carlo p-value: with dates dealt out anew, does the busiest cell have at least ``count`` of the window's reports?

    (1 + replicates that reach it) / (1 + replicates). Of all reports ``in_window`` stand in the window, without replacement.
    """
    reached = _reached(cells.start_of, cells.cell_of, cells.size.size, in_window, count, np.uint64(seed), replicates)
    return (1 + int(reached)) / (1 + replicates)


@compiled
def _episodes(
    day: IntArray,
    first_day: int,
    start_of: IntArray,
    cell_of: IntArray,
    offsets: IntArray,
    least: int,
    within: int,
    ratio: float,
    from_day: int,
    seed: np.uint64,
    replicates: int,
) -> int:
    reports = day.shape[0]
    cells = offsets.shape[0] - 1
    order = np.arange(reports)
    held = np.zeros(offsets[cells], np.int64)
    episodes = 0
    for replicate in range(replicates):
        state = stream_of(seed, replicate)
        number = np.zeros(cells, np.int64)
        recent = np.zeros(cells, np.int64)  # the first report of the cell that is still in the window
        usual = np.zeros(cells, np.int64)  # the first that is still in the year before it
        fired = np.full(cells, np.iinfo(np.int64).min // 2)
        for i in range(reports):
            state = advanced(state)
            j = i + below(state, reports - i)
            order[i], order[j] = order[j], order[i]
            today = day[i]
            for k in range(start_of[order[i]], start_of[order[i] + 1]):
                cell = cell_of[k]
                base = offsets[cell]
                held[base + number[cell]] = today
                number[cell] += 1
                while held[base + recent[cell]] <= today - within:
                    recent[cell] += 1
                count = number[cell] - recent[cell]
                if count < least:
                    continue
                if ratio > 0.0:
                    before = min(USUAL_DAYS, today - within + 1 - first_day)
                    if before < LEAST_USUAL_DAYS:
                        continue
                    while usual[cell] < recent[cell] and held[base + usual[cell]] <= today - within - USUAL_DAYS:
                        usual[cell] += 1
                    if count * before < ratio * (recent[cell] - usual[cell]) * within:
                        continue
                if today - fired[cell] > within and today >= from_day:
                    episodes += 1
                fired[cell] = today
    return episodes


@compiled
def _reached(
    start_of: IntArray, cell_of: IntArray, cells: int, in_window: int, count: int, seed: np.uint64, replicates: int
) -> int:
    reports = start_of.shape[0] - 1
    order = np.arange(reports)
    counts = np.zeros(cells, np.int64)
    reached = 0
    for replicate in range(replicates):
        state = stream_of(seed, replicate)
        most = 0
        for i in range(in_window):
            state = advanced(state)
            j = i + below(state, reports - i)
            order[i], order[j] = order[j], order[i]
            for k in range(start_of[order[i]], start_of[order[i] + 1]):
                counts[cell_of[k]] += 1
                most = max(most, counts[cell_of[k]])
        if most >= count:
            reached += 1
        for i in range(in_window):
            for k in range(start_of[order[i]], start_of[order[i] + 1]):
                counts[cell_of[k]] = 0
    return reached

"""p of every reference analysis for which SaTScan's is known from many replicates, with as many of our own."""

import json
import math
from dataclasses import replace
from pathlib import Path

from reference_analyses import load, question_of

from detector.scan.inference import Trials, answer
from detector.scan.study import Ties, Time

_KNOWN = {"P-value_99999": 99_999, "P-value_9999": 9_999}
_ERRORS = 4.0


def compare(reference: Path, replicates: int, threads: int) -> bool:
    """Print one line an analysis; False where a p lies more than four Monte Carlo standard errors from SaTScan's."""
    right = True
    for path in sorted(reference.glob("*/expected_satscan__*.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        best = expected["clusters"][0]
        key = next((key for key in _KNOWN if best.get(key)), None)
        if key is None or path.parent.name == "city":
            continue
        name = path.stem.removeprefix("expected_satscan__")
        _, data = load(reference, Path(), path.parent.name, name)
        question = replace(question_of(expected["settings"], name, degrees=data.degrees), ties=Ties.APART)
        if question.time is Time.SPATIAL:
            data = replace(data, case_day=None)
        p = answer(data, question, Trials(replicates, seed=1, threads=threads), clusters=1).clusters[0].p or 0.0
        known = float(best[key])
        error = math.sqrt(max(known * (1 - known), 1 / _KNOWN[key]) * (1 / replicates + 1 / _KNOWN[key]))
        off = (p - known) / error
        right = right and abs(off) <= _ERRORS
        print(f"{path.parent.name + '/' + name:60} ours {p:.5f}  SaTScan {known:.5f}  {off:+.1f} standard errors", flush=True)
    return right

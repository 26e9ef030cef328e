"""Which places lie in a reach, against distances worked out by another formula."""

import numpy as np
import pytest

from detector.model import FloatArray
from detector.scan.geometry import circles


@pytest.mark.parametrize("degrees", [False, True])
def test_a_reach_holds_what_lies_within_the_radius_nearest_first(*, degrees: bool) -> None:
    rng = np.random.default_rng(5)
    x, y = rng.random((2, 80)) + np.array([[4.0], [52.0]])
    if not degrees:  # whole numbers, so that many lie at the same distance
        x, y = np.floor(x * 12), np.floor(y * 12)
    radius = 30_000.0 if degrees else 3.0
    found = circles(x, y, degrees=degrees, radius_m=radius)
    for centre in range(80):
        distance = _distances(x, y, centre, degrees=degrees)
        near = np.flatnonzero(distance <= radius * (1 + 1e-9))
        expected = near[np.argsort(distance[near], kind="stable")]
        part = slice(found.start[centre], found.start[centre + 1])
        assert found.place[part].tolist() == expected.tolist()
        assert found.radius_m[part] == pytest.approx(distance[expected], rel=1e-9, abs=0.2)


def _distances(x: FloatArray, y: FloatArray, centre: int, *, degrees: bool) -> FloatArray:
    if not degrees:
        planar: FloatArray = np.hypot(x - x[centre], y - y[centre])
        return planar
    a, b = np.radians(y), np.radians(x - x[centre])
    cosine = np.sin(a) * np.sin(a[centre]) + np.cos(a) * np.cos(a[centre]) * np.cos(b)
    angle: FloatArray = 6_367_000.0 * np.arccos(np.clip(cosine, -1.0, 1.0))
    return angle

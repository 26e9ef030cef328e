"""p of data without pattern, in small: the analyses of `scripts/bench honesty uniform`, fewer of each."""

import pytest
from uniform_p import kinds, verdict

ANALYSES = 60


@pytest.mark.parametrize(
    "kind",
    [
        "place, predictive",
        "community, predictive",
        "place_community, predictive",
        "place_community, llr",
        "permutation, day of week",
        "permutation, zones",
        "Poisson, temporal",
        "Bernoulli, high or low",
    ],
)
def test_p_is_uniform_where_nothing_is_going_on(kind: str) -> None:
    found = verdict(kind, kinds()[kind], ANALYSES)
    assert found.passes, f"distance {found.distance:.3f}, excess {found.excess:.3f}"

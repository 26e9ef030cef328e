"""The predictive score: how surprising a count is, given what the same zone and stream had before."""

import math

from detector.scan.jit import compiled

_ENOUGH = 1e-16


@compiled
def predictive_surprise(count: int, of: int, hits: float, misses: float) -> float:
    """Minus the natural logarithm of P(X >= count) for X ~ Binomial(of, share), share ~ Beta(hits, misses).

    X is then beta-binomial: P(X = k) = C(of, k) · B(hits + k, misses + of - k) / B(hits, misses). Where the share is small this
    is the negative binomial of a Gamma share; where one stream makes up a third of all reports the difference matters.
    The tail is summed upwards from ``count``, so that it keeps its precision where 1 - P(X < count) has lost it.

    Args:
        count: the observed number, at least 0.
        of: the number of reports in the window, at least ``count``.
        hits: α plus the number that the cell had in the past.
        misses: what α expects outside the cell, plus the number that the others had in the past.
    """
    if count <= 0:
        return 0.0
    log_first = (
        math.lgamma(of + 1.0)
        - math.lgamma(count + 1.0)
        - math.lgamma(of - count + 1.0)
        + math.lgamma(hits + count)
        + math.lgamma(misses + of - count)
        - math.lgamma(hits + misses + of)
        - math.lgamma(hits)
        - math.lgamma(misses)
        + math.lgamma(hits + misses)
    )
    term, total, k = 1.0, 1.0, float(count)
    while k < of and term > _ENOUGH * total:
        term *= (of - k) / (k + 1.0) * (hits + k) / (misses + of - k - 1.0)
        total += term
        k += 1.0
    return max(0.0, -(log_first + math.log(total)))


@compiled
def permutation_llr(count: float, expected: float, total: float) -> float:
    """The log likelihood ratio c·ln(c/μ) + (N-c)·ln((N-c)/(N-μ)) of a count above its expectation; 0 below it.

    The statistic of the space-time permutation and Poisson scans (Kulldorff 1997; Kulldorff et al. 2005).
    """
    if count <= expected or expected <= 0.0:
        return 0.0
    inside = count * math.log(count / expected)
    if count >= total:
        return inside
    return inside + (total - count) * math.log((total - count) / (total - expected))

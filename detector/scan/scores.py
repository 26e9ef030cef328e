"""What the counts are scored by: the predictive score of the nightly scan, and the likelihood ratios of Kulldorff's scans."""

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


@compiled
def low_llr(count: float, expected: float, total: float) -> float:
    """As :func:`permutation_llr` for a count below its expectation; 0 above it."""
    if count >= expected:
        return 0.0
    inside = count * math.log(count / expected) if count > 0 else 0.0
    if expected >= total:
        return inside
    return inside + (total - count) * math.log((total - count) / (total - expected))


@compiled
def bernoulli_llr(count: float, people: float, cases: float, total: float) -> float:
    """The log likelihood ratio of ``count`` cases among ``people``, of ``cases`` among ``total`` in all; 0 where rates are equal.

    c·ln(c/n) + (n-c)·ln(1-c/n) + (C-c)·ln((C-c)/(N-n)) + (N-n-C+c)·ln(1-(C-c)/(N-n)) - C·ln(C/N) - (N-C)·ln(1-C/N),
    for rates that are higher inside as well as lower (Kulldorff 1997).
    """
    outside, rest = total - people, cases - count
    inside = _times_log(count, people) + _times_log(people - count, people)
    beyond = _times_log(rest, outside) + _times_log(outside - rest, outside)
    return max(0.0, inside + beyond - _times_log(cases, total) - _times_log(total - cases, total))


@compiled
def _times_log(part: float, whole: float) -> float:
    return part * math.log(part / whole) if part > 0 else 0.0


@compiled
def largest_expectation(count: float, total: float, bar: float, start: float) -> float:
    """The largest expectation at which ``count`` scores ``bar`` in :func:`permutation_llr`.

    Newton's method from below, beginning at ``start`` or higher; 0 will do, what a lower count gave is quicker.
    """
    if count >= total:
        return total * math.exp(-bar / total)
    expected = max(start, count * math.exp(-1.0 - bar / count))
    for _ in range(100):
        excess = count * math.log(count / expected) + (total - count) * math.log((total - count) / (total - expected)) - bar
        step = excess / (count / expected - (total - count) / (total - expected))
        expected += step
        if step <= 1e-13 * expected:
            break
    return expected * (1.0 + 1e-9)

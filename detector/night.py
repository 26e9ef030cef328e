"""One look at one municipality: findings of every method, made into patterns; pure, and the same again after a crash."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detector.methods.base import Method
from detector.model import Finding, Window
from detector.patterns import Followed, PatternSettings, follow, merge


@dataclass(frozen=True, slots=True)
class Night:
    """What one look saw: all findings, all patterns that still matter, and what chance alone would cost a year."""

    findings: tuple[Finding, ...]
    followed: tuple[Followed, ...]
    expected_false_alerts_per_year: float


def generator(seed: int, window: Window, purpose: str) -> np.random.Generator:
    """Random numbers for one purpose of one night of one municipality.

    They depend on nothing else, so a night that is run again gives the same answer, and a method that draws more numbers than
    before changes no other method's answer.
    """
    digest = hashlib.blake2b(f"{window.municipality}\n{purpose}".encode(), digest_size=16).digest()
    return np.random.default_rng(
        np.random.SeedSequence([seed, window.last_day, *np.frombuffer(digest, dtype=np.uint32).tolist()])
    )


def look(window: Window, methods: Sequence[Method], previous: Sequence[Followed], settings: PatternSettings, seed: int) -> Night:
    """Look at a window with every method and follow what they see.

    Args:
        window: the municipality's reports as known that night.
        methods: in any order; their expected false alerts add up, as none knows of the others.
        previous: the patterns that the last look left.
        settings: when findings are one pattern.
        seed: of the installation, not negative; the same seed, window and previous patterns give the same night.
    """
    findings: list[Finding] = []
    expected = 0.0
    for method in methods:
        findings += method.detect(window, generator(seed, window, f"detect {method.name}"))
        expected += method.expected_false_alerts_per_year(window, generator(seed, window, f"cost {method.name}"))
    followed = follow(
        previous,
        merge(findings, settings),
        window.as_of,
        settings,
        generator(seed, window, "keys"),
        municipality=window.municipality,
    )
    return Night(tuple(findings), tuple(followed), expected)

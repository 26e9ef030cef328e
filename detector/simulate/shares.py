"""How reports divide over grounds, domains, natures and communities in made-up data."""

import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

import numpy as np

from detector.model import FloatArray


@dataclass(frozen=True, eq=False)
class Choice:
    """Codes with their probabilities, which sum to one."""

    codes: tuple[str, ...]
    probabilities: FloatArray
    _steps: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_steps", tuple(np.cumsum(self.probabilities).tolist()))

    @classmethod
    def of(cls, shares: Mapping[str, float]) -> "Choice":
        """Shares of any total, normalised."""
        weights = np.array(list(shares.values()), dtype=np.float64)
        return cls(tuple(shares), weights / weights.sum())

    def draw(self, rng: np.random.Generator) -> str:
        """One code."""
        # Bisection beats the library's choice by far for one draw; the last step may fall short of one by rounding.
        return self.codes[min(bisect_right(self._steps, rng.random()), len(self.codes) - 1)]


@dataclass(frozen=True, eq=False)
class Shares:
    """All the shares; ``located`` is, for each domain, how many of its reports say where."""

    grounds: Choice
    natures: Choice
    domains: Choice
    located: Mapping[str, float]
    communities: Mapping[str, Choice]

    def grounds_of(self, community: str) -> Choice:
        """Grounds on which a community reports, likelier ones first by how often they concern it."""
        weights = {}
        for ground, choice in self.communities.items():
            if community in choice.codes:
                of_ground = self.grounds.probabilities[self.grounds.codes.index(ground)]
                weights[ground] = float(of_ground * choice.probabilities[choice.codes.index(community)])
        return Choice.of(weights or {"onbekend": 1.0})

    @property
    def community_codes(self) -> tuple[str, ...]:
        """All communities, ascending."""
        return tuple(sorted({code for choice in self.communities.values() for code in choice.codes}))


@lru_cache(maxsize=1)
def shares() -> Shares:
    """The shares of ``shares.toml``, where their sources stand."""
    table = tomllib.loads(files("detector.simulate").joinpath("shares.toml").read_text(encoding="utf-8"))
    return Shares(
        grounds=Choice.of(table["grounds"]),
        natures=Choice.of(table["natures"]),
        domains=Choice.of({code: figures["share"] for code, figures in table["domains"].items()}),
        located={code: figures["located"] for code, figures in table["domains"].items()},
        communities={ground: Choice.of(members) for ground, members in table["communities"].items()},
    )

"""Random numbers inside compiled loops: every replicate has its own stream, so that threads cannot change an answer."""

import numpy as np

from detector.scan.jit import compiled

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0  # 2^-53


@compiled
def mixed(state: np.uint64) -> np.uint64:
    """Output function of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014)."""
    state = (state ^ (state >> _S30)) * _MIX_1
    state = (state ^ (state >> _S27)) * _MIX_2
    return state ^ (state >> _S31)


@compiled
def stream_of(seed: np.uint64, replicate: int) -> np.uint64:
    """First state of the stream of one replicate: far from every other, whatever thread runs it."""
    return mixed(seed + _GAMMA * np.uint64(2 * replicate + 1)) ^ seed


@compiled
def advanced(state: np.uint64) -> np.uint64:
    """The next state; the random number is :func:`uniform` or :func:`below` of it."""
    return state + _GAMMA


@compiled
def uniform(state: np.uint64) -> float:
    """A number in [0, 1) from a state."""
    return float(mixed(state) >> _S11) * _UNIT


@compiled
def below(state: np.uint64, bound: int) -> int:
    """A whole number in 0 .. bound-1 from a state; the bias, bound / 2^53, is far below what any replicate count can show."""
    return int(uniform(state) * bound)

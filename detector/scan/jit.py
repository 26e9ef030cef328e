"""How the scan's inner loops are compiled: once, kept on disk, and free of the interpreter's lock so that threads help."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Machine code for ``function``: cached between starts, without the interpreter's lock, and x / 0 is inf."""
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """As :func:`compiled`, for small functions that are only called from other compiled ones."""
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function))

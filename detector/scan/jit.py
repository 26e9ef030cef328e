"""How the scan's inner loops are compiled: once, kept on disk, and free of the interpreter's lock so that threads help."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Machine code for ``function``: cached between starts, without the interpreter's lock, and x / 0 is inf."""
    try:
        return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        # Neither the package's folder nor the user's can be written; then every process compiles for itself.
        return cast("Callable[P, R]", numba.njit(nogil=True, error_model="numpy")(function))

"""Pattern methods: one a file, none knows another; this is the register of all of them."""

from typing import Final

from detector.methods.base import Method
from detector.methods.density import Density
from detector.methods.scan import Scan
from detector.methods.threshold import Threshold

METHODS: Final[dict[str, type[Method]]] = {"threshold": Threshold, "density": Density, "scan": Scan}
"""Every method by its name; a test holds it equal to the folder."""

__all__ = ["METHODS", "Method"]

"""What every pattern method promises."""

from typing import ClassVar, Protocol

import numpy as np

from detector.model import Finding, Window


class Method(Protocol):
    """A frozen dataclass of its settings that looks at a window of reports.

    ``detect`` changes nothing, gives the same answer for the same generator state, and returns only what passes the method's own
    limit, best first: an empty window, or one with nothing odd, gives an empty list.
    """

    name: ClassVar[str]

    def detect(self, window: Window, rng: np.random.Generator) -> list[Finding]:
        """Findings that pass the method's limit, best first."""
        ...

    def expected_false_alerts_per_year(self, window: Window, rng: np.random.Generator) -> float:
        """How many alerts a year this method would give on reports like these if nothing were going on."""
        ...

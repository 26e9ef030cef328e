"""What the drawings of the pages have in common: axes, and marks on them, in the units of the drawing. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what it says."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """From where to where an axis runs; one that goes up ends at a smaller number than it begins."""

    start: float
    end: float

    def at(self, share: float) -> float:
        """Where this share of the way along lies, to a tenth."""
        return round(self.start + (self.end - self.start) * share, 1)

"""What of a pattern may be told: small cells, coarse places, and nothing that two tellings would give away together."""

from detector.disclosure.disclose import Outline, Surroundings, disclose
from detector.disclosure.settings import DisclosureSettings

__all__ = ["DisclosureSettings", "Outline", "Surroundings", "disclose"]

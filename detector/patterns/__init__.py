"""From findings to patterns, followed from run to run."""

from detector.patterns.follow import follow, new_key
from detector.patterns.followed import Followed, FollowState, Sighting, from_json, to_json
from detector.patterns.merge import Merged, merge
from detector.patterns.settings import PatternSettings

__all__ = [
    "FollowState",
    "Followed",
    "Merged",
    "PatternSettings",
    "Sighting",
    "follow",
    "from_json",
    "merge",
    "new_key",
    "to_json",
]

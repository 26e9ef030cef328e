"""A part of the settings page: settings that belong together, and what each means."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """Settings under one heading. ``lines``: what each means, in one sentence, by its key or the key of the table around it."""

    id: str
    title: str
    lines: Mapping[str, str]

"""Draws docs/first-look.png: the made-up municipality and the patterns that are found in it.

Run with the project's own Python: ``.venv/bin/python scripts/picture.py [FILE.png]``.
"""

import sys
import tempfile
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
from matplotlib import pyplot as plt
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from alerts import queries
from alerts.alert import SYSTEM
from alerts.pattern import Pattern
from detector.configuration import load
from detector.model import Level
from detector.service.installation import Installation
from detector.service.made_up import made_up_municipality

COLOURS = {"place": "#c8511b", "community": "#2a6f97", "place_community": "#7b2d8b"}
WORDS = {"place": "place", "community": "community", "place_community": "community in one part of town"}


def main(file: Path) -> None:
    """Make up the municipality, look at it week by week, and draw what was told."""
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(load({"PATROONWACHT_DATA_DIR": folder}).settings)
        made_up_municipality(installation)
        alerts = installation.alerts.list(limit=100).alerts
        patterns = [queries.current_pattern(installation.alerts_engine, alert.id, SYSTEM) for alert in alerts]
        _draw(installation, patterns, file)
        installation.close()


def _draw(installation: Installation, patterns: list[Pattern], file: Path) -> None:
    areas = installation.areas()
    municipality = next(area for area in areas.areas if area.level is Level.MUNICIPALITY)
    figure, axes = plt.subplots(figsize=(9, 6.2), layout="constrained")
    for area in areas.areas:
        if area.level in {Level.NEIGHBOURHOOD, Level.DISTRICT}:
            wide = area.level is Level.DISTRICT
            _outline(axes, shape(areas.outline_lonlat([area.code])), "#8a8a8a" if wide else "#d5d5d5", 1.2 if wide else 0.6)
    told = {pattern.key: shape(areas.outline_lonlat(list(pattern.area_codes))) for pattern in patterns}
    for pattern in patterns:
        colour = COLOURS[pattern.kind.value]
        if pattern.level == Level.MUNICIPALITY.value:
            _outline(axes, shape(areas.outline_lonlat([municipality.code])), colour, 3.0)
            continue
        geometry = told[pattern.key]
        for part in getattr(geometry, "geoms", [geometry]):
            axes.fill(*part.exterior.xy, color=colour, alpha=0.35, zorder=3)
        # A label stands where its pattern lies alone, if it does anywhere.
        places = [told[other.key] for other in patterns if other.key != pattern.key and other.kind.value == "place"]
        alone = geometry.difference(unary_union(places))
        biggest = max(getattr(alone, "geoms", [alone]), key=lambda part: part.area)
        point = (geometry if biggest.is_empty else biggest).representative_point()
        axes.annotate(
            f"{_names(pattern)}\n{pattern.observed} reports,\nabout {pattern.expected:g} expected",
            (point.x, point.y),
            ha="center",
            va="center",
            fontsize=8,
            zorder=5,
        )
    for kind, colour in COLOURS.items():
        axes.plot([], [], color=colour, linewidth=6, alpha=0.6, label=WORDS[kind])
    axes.legend(title="pattern of one", loc="lower left", bbox_to_anchor=(0.98, 0.0), frameon=False, fontsize=8)
    axes.set_title(f"{municipality.name}, a made-up municipality: what may be told of the patterns found", fontsize=10)
    axes.set_aspect(1.6)
    axes.axis("off")
    figure.savefig(file, dpi=110)


def _names(pattern: Pattern) -> str:
    names = pattern.area_names
    return ",\n".join(", ".join(names[start : start + 2]) for start in range(0, len(names), 2))


def _outline(axes: plt.Axes, geometry: BaseGeometry, colour: str, width: float) -> None:
    for part in getattr(geometry, "geoms", [geometry]):
        axes.plot(*part.exterior.xy, color=colour, linewidth=width, zorder=2)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/first-look.png"))

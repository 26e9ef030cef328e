"""A made-up municipality and years of made-up reports, with planted patterns whose truth is known."""

from detector.simulate.land import made_up_areas
from detector.simulate.output import SimulationPaths, campaigns_toml, simulate, write_simulation
from detector.simulate.plan import Plant, PlantedPattern, PlantKind, Simulation, SimulationError, SimulationPlan
from detector.simulate.reports import simulate_reports

__all__ = [
    "Plant",
    "PlantKind",
    "PlantedPattern",
    "Simulation",
    "SimulationError",
    "SimulationPaths",
    "SimulationPlan",
    "campaigns_toml",
    "made_up_areas",
    "simulate",
    "simulate_reports",
    "write_simulation",
]

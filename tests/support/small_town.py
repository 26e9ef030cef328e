"""A made-up town small enough to be read at once, in which nothing stands out."""

from datetime import date

from detector.simulate import SimulationPlan


def small_town(end: date) -> SimulationPlan:
    """A year of some forty reports up to this day: nine neighbourhoods, no waves, no campaigns."""
    return SimulationPlan(
        end=end,
        years=1,
        reports_per_year=40,
        seed=3,
        mass_waves_per_year=0,
        campaigns=0,
        districts=3,
        neighbourhoods=9,
    )

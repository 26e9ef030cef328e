"""All page groups that need reports, for the composition root to hand to the console."""

from alerts.console.groups import PageGroup
from detector.service.pages.intake import intake_group
from detector.service.pages.members import members_group
from detector.service.pages.quarantine import quarantine_group
from detector.service.pages.services import PagesServices
from detector.service.pages.tuning import tuning_group


def page_groups(services: PagesServices) -> tuple[PageGroup, ...]:
    """The pages that the console gets beside its own where the two run together."""
    return (members_group(services), intake_group(services), quarantine_group(services), tuning_group(services))

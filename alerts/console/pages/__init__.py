"""The pages of the console, one group in each file; ``alerts.console.groups`` tells how to add one."""

from typing import Final

from alerts.console.groups import PageGroup
from alerts.console.pages import alert, home, sign_in

PAGES: Final[tuple[PageGroup, ...]] = (alert.GROUP, home.GROUP, sign_in.GROUP)
"""Every group; a test compares it with the folder."""

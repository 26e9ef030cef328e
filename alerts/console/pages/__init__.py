"""The pages of the console, one group in each file; ``alerts.console.groups`` tells how to add one."""

from typing import Final

from alerts.console.groups import PageGroup
from alerts.console.pages import account, accounts, alert, alerts, home, public, sign_in

PAGES: Final[tuple[PageGroup, ...]] = (
    account.GROUP,
    accounts.GROUP,
    alert.GROUP,
    alerts.GROUP,
    home.GROUP,
    public.GROUP,
    sign_in.GROUP,
)
"""Every group; a test compares it with the folder."""

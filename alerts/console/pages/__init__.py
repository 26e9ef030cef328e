"""The pages of the console, one group in each file; ``alerts.console.groups`` tells how to add one."""

from typing import Final

from alerts.console.groups import PageGroup
from alerts.console.pages import (
    account,
    accounts,
    alert,
    alerts,
    audit_log,
    deliveries,
    home,
    provider,
    public,
    sign_in,
    silences,
)

PAGES: Final[tuple[PageGroup, ...]] = (
    account.GROUP,
    accounts.GROUP,
    alert.GROUP,
    alerts.GROUP,
    audit_log.GROUP,
    deliveries.GROUP,
    home.GROUP,
    provider.GROUP,
    public.GROUP,
    sign_in.GROUP,
    silences.GROUP,
)
"""Every group; a test compares it with the folder."""

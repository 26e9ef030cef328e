"""A page group: a router, and its entries in the navigation. This is the seam by which pages are added.

To add a page:

1. ``alerts/console/pages/NAME.py`` (``detector/service/pages/NAME.py`` where it needs reports): an ``APIRouter`` whose functions
   ask for ``SignedIn`` (or ``Depends(only(Role.OPERATOR))``) and ``Services``, make a view model and return ``page(...)``.
   Pages that read the database are plain ``def`` functions: they run in a thread.
2. A view model: a frozen dataclass, made by a pure function of what was read and the clock; the template has no logic.
3. ``templates/NAME.html``, which extends ``base.html`` and takes its buttons and fields from ``ui.html``. Forms are POSTed, hold
   ``{{ ui.csrf(csrf_token) }}`` (without it the request is refused before any page sees it) and end in ``back_to(...)``.
4. ``GROUP = PageGroup(router, nav=(...))``, listed in ``alerts/console/pages/__init__.py``, or passed by the composition root.
5. ``tests/alerts/console/pages/test_NAME.py``, with the fixture ``console`` (``tests/alerts/console/conftest.py``), and
   ``scripts/translations update`` for the words.
"""

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter

from alerts.alert import Role


@dataclass(frozen=True, slots=True)
class NavEntry:
    """A line in the navigation, for these roles. ``label`` is a message of the catalogue, marked with ``marked``."""

    href: str
    label: str
    roles: frozenset[Role]
    order: int = 50
    """Lower stands first."""


@dataclass(frozen=True, slots=True)
class AlertLink:
    """A link that the page of every alert shows to these roles; ``href`` has ``{alert}`` where the alert's id belongs."""

    href: str
    label: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class PageGroup:
    """Pages that belong together. ``templates``: the folder of their templates, where it is not the console's own."""

    router: APIRouter
    nav: tuple[NavEntry, ...] = ()
    alert_links: tuple[AlertLink, ...] = ()
    templates: Path | None = None

"""The API of alerts under ``/v1``: what a program asks for with a token, after the NL API Design Rules.

``alerts_api()`` gives the router that ``create_console`` takes; ``description`` describes all that is there, whoever added it.
"""

from fastapi import APIRouter

from alerts.console.api import actions, alerts, areas, collections, deliveries, description, listing


def alerts_api() -> APIRouter:
    """Everything under ``/v1`` that needs the alerts database alone."""
    router = APIRouter()
    for part in (description, listing, alerts, actions, areas, collections, deliveries):
        router.include_router(part.router)
    return router

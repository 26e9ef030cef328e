"""The pages for everybody: how it works, how far everybody can use it, and a municipality's own look."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts.console.groups import PageGroup
from alerts.console.look import theme_of
from alerts.console.people import Services
from alerts.console.rendering import page

router = APIRouter()


@router.get("/uitleg")
def explanation(request: Request, services: Services) -> Response:
    """How Patroonwacht works, what it does not do, and how to object; with the entry for the algorithm register."""
    settings = services.settings()
    return page(request, "explanation.html", organisation=settings.organisation, contact=settings.contact)


@router.get("/toegankelijkheid")
def accessibility(request: Request, services: Services) -> Response:
    """The accessibility statement."""
    settings = services.settings()
    return page(request, "accessibility.html", organisation=settings.organisation, contact=settings.contact)


@router.get("/theme.css")
def theme(services: Services) -> Response:
    """The municipality's own design tokens."""
    found = theme_of(services.settings())
    if found is None:
        raise HTTPException(404)
    return Response(found.css, media_type="text/css", headers={"Cache-Control": "public, max-age=86400"})


GROUP = PageGroup(router)

"""The settings under ``[console.oidc]``."""

from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, model_validator

from alerts.alert import Role
from alerts.rules import Frozen, Name

__all__ = ["OidcSettings", "is_protected", "origin_of"]

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_URL: Final = r"^(https?://[^/?#\s;,'\"]+(/[^?#\s;,'\"]*)?)?$"
_ORIGIN: Final = r"^https?://[^/?#\s;,'\"]+$"


def is_protected(url: str) -> bool:
    """Whether what is sent there cannot be read on the way: over TLS, or on this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class OidcSettings(Frozen):
    """Where people sign in with the account of their organisation, and how its claims become role, municipality and rights.

    Without ``issuer`` there is no such sign-in. A claim is named as it stands in the id token, with dots for what lies deeper
    (``realm_access.roles``). ``roles`` leads from its values to roles here. ``municipality_claim``: without, everybody is of
    ``municipality`` (empty: of the service); ``municipalities`` leads from values to codes, an empty code being the service.
    ``areas_claim``: without, area managers see their whole municipality. ``rights_claim``: without, both rights are given.
    """

    issuer: Annotated[str, Field(pattern=_URL)] = ""
    client_id: Annotated[str, Field(max_length=400)] = ""
    client_secret: SecretStr = SecretStr("")
    name: Annotated[str, Field(max_length=100)] = ""
    origins: tuple[Annotated[str, StringConstraints(pattern=_ORIGIN)], ...] = ()
    scopes: tuple[Name, ...] = ("openid", "profile")
    name_claim: Name = "preferred_username"
    role_claim: Name = "roles"
    roles: dict[str, Role] = Field(default_factory=dict)
    municipality: str = ""
    municipality_claim: str = ""
    municipalities: dict[str, str] = Field(default_factory=dict)
    areas_claim: str = ""
    areas: dict[str, Name] = Field(default_factory=dict)
    rights_claim: str = ""
    sees_place: tuple[Name, ...] = ()
    sees_community: tuple[Name, ...] = ()
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if Role.SYSTEM in self.roles.values():
            raise ValueError("roles: the role system is the service itself; choose another")
        if not self.issuer:
            return self
        if not is_protected(self.issuer):
            raise ValueError("issuer: begin it with https://, so that nobody reads along")
        if not self.client_id or not self.roles:
            raise ValueError("with an issuer, give client_id and roles as well")
        if "openid" not in self.scopes:
            raise ValueError('scopes: "openid" must be one of them')
        return self

    @property
    def enabled(self) -> bool:
        """Whether people can sign in there."""
        return bool(self.issuer)

    @property
    def form_origins(self) -> str:
        """Where the form on the sign-in page may lead, for the Content-Security-Policy; empty where there is no provider."""
        return " ".join(dict.fromkeys((origin_of(self.issuer), *self.origins))) if self.enabled else ""

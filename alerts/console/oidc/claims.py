"""From claims to an account: pure, by the settings. What is not said clearly gives nothing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from alerts.account_changes import Wanted
from alerts.alert import ALL_RIGHTS, MUNICIPALITY_ROLES, SYSTEM, Rights, Role
from alerts.console.oidc.settings import OidcSettings

_NAME_AT_MOST: Final = 200


class Refusal(StrEnum):
    """Why somebody is not let in."""

    FAILED = "failed"
    UNREACHABLE = "unreachable"
    NO_ROLE = "no_role"
    NO_MUNICIPALITY = "no_municipality"
    NAME = "name"
    SHUT = "shut"


class RefusedError(Exception):
    """Somebody is known to the provider, and is not let in here. ``account``: their account here, if there is one."""

    def __init__(self, reason: Refusal, account: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.account = account


def values_of(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The texts under a claim, which may be one or a list; none where it is missing or something else."""
    found: Any = claims.get(name)
    if found is None and "." in name:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    several = found if isinstance(found, list) else [found]
    return tuple(one for one in several if isinstance(one, str) and one)


def name_of(claims: Mapping[str, Any], settings: OidcSettings) -> str:
    """The name for a new account.

    Raises:
        RefusedError: there is none that can be one.
    """
    names = values_of(claims, settings.name_claim)
    name = names[0].strip() if len(names) == 1 else ""
    # The audit log writes (nobody) and the service's own name where nobody acts.
    if not name or len(name) > _NAME_AT_MOST or not name.isprintable() or name.startswith("(") or name == SYSTEM.name:
        raise RefusedError(Refusal.NAME)
    return name


def wanted_of(claims: Mapping[str, Any], settings: OidcSettings) -> Wanted:
    """Role, municipality and rights that the claims give.

    Raises:
        RefusedError: no role or more than one; or a municipality or districts are needed, and none are known.
    """
    roles = {settings.roles[value] for value in values_of(claims, settings.role_claim) if value in settings.roles}
    if len(roles) != 1:
        raise RefusedError(Refusal.NO_ROLE)
    role = roles.pop()
    municipality = _municipality(claims, settings)
    if municipality is None and role in MUNICIPALITY_ROLES:
        raise RefusedError(Refusal.NO_MUNICIPALITY)
    return Wanted(role, municipality, _rights(claims, settings, role))


def _mapped(values: tuple[str, ...], known: Mapping[str, str]) -> tuple[str, ...]:
    """What the values lead to; themselves where the settings lead nowhere at all."""
    return tuple(dict.fromkeys(known[value] for value in values if value in known)) if known else values


def _municipality(claims: Mapping[str, Any], settings: OidcSettings) -> str | None:
    if not settings.municipality_claim:
        return settings.municipality or None
    found = _mapped(values_of(claims, settings.municipality_claim), settings.municipalities)
    # A claim that is left out must not make somebody one of the service, who sees every municipality.
    if len(found) != 1:
        raise RefusedError(Refusal.NO_MUNICIPALITY)
    return found[0] or None


def _rights(claims: Mapping[str, Any], settings: OidcSettings, role: Role) -> Rights:
    areas: tuple[str, ...] = ()
    if settings.areas_claim and role is Role.AREA_MANAGER:
        areas = tuple(sorted(_mapped(values_of(claims, settings.areas_claim), settings.areas)))
        # No districts would mean all of them.
        if not areas:
            raise RefusedError(Refusal.NO_MUNICIPALITY)
    if not settings.rights_claim:
        return Rights(areas, ALL_RIGHTS.sees_place, ALL_RIGHTS.sees_community)
    given = set(values_of(claims, settings.rights_claim))
    return Rights(areas, bool(given & set(settings.sees_place)), bool(given & set(settings.sees_community)))

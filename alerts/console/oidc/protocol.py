"""What is asked of the identity provider, and what must hold of its answers.

OpenID Connect Core 1.0 (3.1, code flow; 3.1.3.7, the id token), Discovery 1.0, RFC 7636 (PKCE). Nothing is kept between two
sign-ins: keys that the provider has changed hold at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from alerts.console.oidc.attempts import Attempt
from alerts.console.oidc.settings import OidcSettings, is_protected

LEEWAY_S: Final = 60
"""Seconds by which the provider's clock may be off."""

_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with a public key only: no shared secret, and never none."""

_SUBJECT_AT_MOST: Final = 255


class UnreachableError(Exception):
    """The provider does not answer, or not as one; the text names what was asked, without what was said."""


class UntrustedError(Exception):
    """What came back does not hold; the text names the check, never a value."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider as it describes itself: its addresses, and whether the client's secret belongs in the form."""

    authorization: str
    token: str
    keys: str
    secret_in_form: bool


def discover(http: httpx.Client, settings: OidcSettings) -> Provider:
    """Ask the provider for its addresses.

    Raises:
        UnreachableError: it does not say, says it for another issuer, or names an address that is not protected.
    """
    said = _json(http, get_well_known_url(settings.issuer, external=True))
    if said.get("issuer") != settings.issuer:
        raise UnreachableError("discovery: the issuer is another than in the settings")
    addresses = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    authorization, token, keys = (one if isinstance(one, str) and is_protected(one) else "" for one in addresses)
    if not (authorization and token and keys):
        raise UnreachableError("discovery: an address is missing or is not protected")
    methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Provider(authorization, token, keys, secret_in_form="client_secret_basic" not in methods)


def _json(http: httpx.Client, url: str) -> dict[str, Any]:
    try:
        answer = http.get(url).raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise UnreachableError(f"discovery or keys: {type(error).__name__}") from None
    if not isinstance(answer, dict):
        raise UnreachableError("discovery or keys: no JSON object")
    return answer


def _client(http: httpx.Client, settings: OidcSettings, redirect_uri: str) -> Any:  # noqa: ANN401 - the library has no types
    scope = " ".join(settings.scopes)
    return OAuth2Client(http, client_id=settings.client_id, scope=scope, redirect_uri=redirect_uri, code_challenge_method="S256")


def authorization_url(http: httpx.Client, provider: Provider, settings: OidcSettings, attempt: Attempt, redirect_uri: str) -> str:
    """Where the browser goes to sign in."""
    client = _client(http, settings, redirect_uri)
    url, _ = client.create_authorization_url(
        provider.authorization, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
    )
    return str(url)


def redeem(
    http: httpx.Client,
    provider: Provider,
    settings: OidcSettings,
    attempt: Attempt,
    *,
    code: str,
    redirect_uri: str,
    now: datetime,
) -> Mapping[str, Any]:
    """The claims about who signed in, from the id token that the code is worth; every check has been made.

    Raises:
        UnreachableError: the provider does not answer.
        UntrustedError: it refuses the code, or the id token does not hold.
    """
    tokens = _tokens(http, provider, settings, attempt, code=code, redirect_uri=redirect_uri)
    id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
    if not isinstance(id_token, str):
        raise UntrustedError("id token: missing")
    keys = _json(http, provider.keys)
    try:
        token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]  # a plain dict is a set of keys
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": settings.issuer},
                "aud": {"essential": True, "value": settings.client_id},
            },
            params={"nonce": attempt.nonce, "client_id": settings.client_id, "access_token": access_token},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
    except JoseError as error:
        raise UntrustedError(f"id token: {type(error).__name__} {getattr(error, 'claim', '') or ''}".rstrip()) from None
    except (ValueError, TypeError, KeyError) as error:
        raise UntrustedError(f"id token: {type(error).__name__}") from None
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_AT_MOST:
        raise UntrustedError("id token: sub")
    return dict(claims)


def _tokens(
    http: httpx.Client, provider: Provider, settings: OidcSettings, attempt: Attempt, *, code: str, redirect_uri: str
) -> Mapping[str, Any]:
    secret = settings.client_secret.get_secret_value()
    fields = {"code": code, "code_verifier": attempt.verifier}
    # In the header both are encoded as in a form: RFC 6749, 2.3.1.
    auth: Any = httpx.BasicAuth(quote(settings.client_id, safe=""), quote(secret, safe=""))
    if not secret or provider.secret_in_form:
        auth = _unchanged
        fields |= {"client_id": settings.client_id} | ({"client_secret": secret} if secret else {})
    client = _client(http, settings, redirect_uri)
    try:
        tokens = client.fetch_token(provider.token, grant_type="authorization_code", auth=auth, **fields)
    except AuthlibBaseError:
        raise UntrustedError("code: refused by the provider") from None
    except (httpx.HTTPError, ValueError) as error:
        raise UnreachableError(f"token: {type(error).__name__}") from None
    return dict(tokens)


def _unchanged(request: httpx.Request) -> httpx.Request:
    return request

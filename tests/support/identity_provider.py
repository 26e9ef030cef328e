"""An identity provider on a free loopback port: discovery, keys, code flow with PKCE, signed id tokens, and ways to be wrong."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import unquote, urlencode
from uuid import uuid4

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from serving import running
from starlette.responses import Response

CLIENT, SECRET = "patroonwacht-test", "client secret, with % and :"


@cache
def key_pair(number: int) -> RSAKey:
    """One of a few keys, made once."""
    return RSAKey.generate_key(2048, {"kid": f"key-{number}", "use": "sig"}, private=True)


@dataclass
class IdentityProvider:
    """Who is signed in there (``person``), and what is to be wrong with the next id token.

    ``over``: claims put over the right ones, None takes one out. ``given``: everything secret that was handed out.
    """

    clock: Callable[[], datetime]
    url: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "sub-7f3a", "preferred_username": "Noor", "roles": ["pw-worker"]}
    )
    over: dict[str, Any] = field(default_factory=dict)
    key: RSAKey | OctKey = field(default_factory=lambda: key_pair(1))
    algorithm: str = "RS256"
    called: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def secret(self) -> str:
        """A new secret."""
        self.given.append(uuid4().hex)
        return self.given[-1]

    def describe(self) -> dict[str, Any]:
        """Its discovery document."""
        return {
            "issuer": self.called or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize(self, asked: dict[str, str]) -> Response:
        """Send the browser back with a code; the person is signed in here already."""
        right = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        wrong = [name for name, value in right.items() if asked.get(name) != value]
        wrong += [name for name in ("state", "nonce", "code_challenge", "redirect_uri") if not asked.get(name)]
        if wrong or "openid" not in asked.get("scope", "").split():
            return self.refuse(f"authorize {wrong}")
        code = self.secret()
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.url})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", status_code=302)

    def redeem(self, form: dict[str, str], authorization: str) -> Response:
        """Tokens for a code: once, for this client, and only with the verifier."""
        name, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        asked = self.codes.pop(form.get("code", ""), None)
        if (unquote(name), unquote(secret)) != (CLIENT, SECRET):
            return self.refuse("client")
        if asked is None or form.get("grant_type") != "authorization_code":
            return self.refuse("code")
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return self.refuse("redirect_uri")
        if create_s256_code_challenge(form.get("code_verifier", "")) != asked["code_challenge"]:
            return self.refuse("code_verifier")
        self.given.append(form["code_verifier"])
        access = self.secret()
        id_token = self.id_token(asked["nonce"])
        self.given.append(id_token)
        return JSONResponse({"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": id_token})

    def id_token(self, nonce: str) -> str:
        """The person's claims, signed."""
        now = int(self.clock().timestamp())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": nonce, **self.person, **self.over}
        told = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid or "key-1"}
        return jwt.encode(header, told, self.key, algorithms=[self.algorithm])

    def refuse(self, why: str) -> Response:
        """An error as RFC 6749 has it."""
        self.refusals.append(why)
        return JSONResponse({"error": "invalid_grant", "error_description": "no"}, status_code=400)


@contextmanager
def open_provider(clock: Callable[[], datetime]) -> Iterator[IdentityProvider]:
    """A running provider."""
    provider, app = IdentityProvider(clock), FastAPI()

    @app.get("/.well-known/openid-configuration")
    def describe() -> dict[str, Any]:
        return provider.describe()

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return dict(KeySet([key_pair(1)]).as_dict(private=False))

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        return provider.authorize(dict(request.query_params))

    @app.post("/token")
    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return provider.redeem(form, request.headers.get("authorization", ""))

    with running(app) as url:
        provider.url = url
        yield provider

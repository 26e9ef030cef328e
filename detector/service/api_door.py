"""Who may post: one of the tokens in the settings."""

import hashlib
import hmac
from collections.abc import Sequence

from alerts.console.problems import ProblemError


def hash_token(token: str) -> str:
    """The hash by which a token is known. A token is long and random, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_token(authorization: str | None, hashes: Sequence[str]) -> None:
    """Let in who brings one of the tokens.

    Raises:
        ProblemError: 401.
    """
    scheme, _, token = (authorization or "").partition(" ")
    given = hash_token(token.strip())
    # Every hash is compared, and in constant time, so that the answer's time tells nothing.
    matches = [hmac.compare_digest(given, known) for known in hashes]
    if scheme.lower() != "bearer" or not any(matches):
        detail = "Send 'Authorization: Bearer TOKEN' with a token that stands in the service's settings (intake.tokens)."
        raise ProblemError(401, "A token is needed", detail, headers={"WWW-Authenticate": "Bearer"})

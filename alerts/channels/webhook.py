"""Webhook: an alert's announcement as a signed CloudEvent over HTTPS POST."""

import re
import ssl
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Annotated, ClassVar, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, field_validator, model_validator

from alerts.channels._base import CaFile, ChannelModel, trusting
from alerts.channels._event import CONTENT_TYPE, Source, cloud_event
from alerts.channels._network import AddressRefusedError, Deadline, DeadlinePassedError, Resolver, system_resolver
from alerts.channels._signing import SIGNERS, check_secret
from alerts.message import DeliveryError, Message, Receipt

PERMANENT: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.NOT_ACCEPTABLE,
        HTTPStatus.LENGTH_REQUIRED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.REQUEST_URI_TOO_LONG,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.EXPECTATION_FAILED,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
    }
)
"""Answers that speak of the message itself: the same message gets the same answer. Every other refusal (a key not yet
renewed: 401, 403; a receiver half deployed: 404; busy: 408, 409, 425, 429; 5xx; a redirect) can pass when people at either
side have mended something, so it is tried again."""

MAX_RETRY_AFTER: Final = timedelta(hours=24)
"""A receiver may ask for rest, not park an alert for a year; this is the longest pause of the suggested schedule."""

_ADVICE: Final = {
    HTTPStatus.UNAUTHORIZED: "check the token and the secrets at both sides",
    HTTPStatus.FORBIDDEN: "check the token and the secrets at both sides",
    HTTPStatus.NOT_FOUND: "check the path of the url",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the receiver must take 64 KB; let the route group fewer alerts",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "the receiver must take application/cloudevents+json",
}


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write the whole address: https://host/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("no user name or password in the url: addresses end up in logs; use token")
    if parts.fragment:
        raise ValueError("a url to post to has no fragment (#...)")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("write the url in ASCII: the host in punycode (xn--...), the path in percent-encoding")
    return url


def _checked_port(url: str) -> str:
    try:
        port = urlsplit(url).port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("the port in the url must be 1 to 65535")
    return url


def _split_secrets(value: object) -> object:
    """An environment variable or a file holds several secrets separated by white space."""
    return value.split() if isinstance(value, str) else value


class Webhook(ChannelModel):
    """A receiver of events.

    ``secrets`` are Standard Webhooks secrets, newest first; while keys rotate there are two, and every event is signed with
    both. ``token`` is sent as a bearer token. ``timeout_seconds`` bounds the whole exchange. ``ca_file`` names the only
    authorities to trust (PEM) instead of the system's.
    """

    secret_keys: ClassVar[frozenset[str]] = frozenset({"secrets", "token"})

    kind: Literal["webhook"] = "webhook"
    url: Annotated[str, AfterValidator(_checked_url), AfterValidator(_checked_port)]
    secrets: Annotated[tuple[SecretStr, ...], BeforeValidator(_split_secrets), Field(min_length=1, max_length=4)]
    source: Source
    token: SecretStr | None = None
    signature: Literal["standard-webhooks"] = "standard-webhooks"
    timeout_seconds: float = Field(default=20.0, gt=0, le=60)
    allow_plain_http: bool = False
    allow_private: bool = False
    ca_file: CaFile | None = None

    @field_validator("secrets")
    @classmethod
    def _secrets(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for secret in secrets:
            check_secret(secret.get_secret_value())
        return secrets

    @field_validator("token")
    @classmethod
    def _token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", token.get_secret_value()):
            raise ValueError("a bearer token has letters, digits and -._~+/ only; has a line end slipped in?")
        return token

    @model_validator(mode="after")
    def _plain_only_if_meant(self) -> Self:
        if self.url.startswith("http:") and not self.allow_plain_http:
            raise ValueError("url must start with https; set allow_plain_http = true if nothing may listen in on this network")
        return self

    def send(self, message: Message, now: datetime, *, resolve: Resolver = system_resolver) -> Receipt:
        """Post the message; only the status and ``Retry-After`` of the answer are looked at, its body is not read.

        Raises:
            DeliveryError: not accepted; names the host only, since the rest of a url can hold secrets.
        """
        body = cloud_event(message, self.source)
        signer = SIGNERS[self.signature]([secret.get_secret_value() for secret in self.secrets])
        headers = {"content-type": CONTENT_TYPE, "user-agent": "Patroonwacht", **signer.headers(message.id, now, body)}
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token.get_secret_value()}"
        status, retry_after = self._post(headers, body, resolve)
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Receipt(f"HTTP {status}")
        raise self._refusal(status, retry_after, now)

    @property
    def _host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def _post(self, headers: dict[str, str], body: bytes, resolve: Resolver) -> tuple[int, str | None]:
        """The answer's status and its ``Retry-After``."""
        import httpcore  # noqa: PLC0415 - slow to load, and settings are read far more often than a message goes out

        from alerts.channels._backend import CheckedBackend  # noqa: PLC0415 - as above

        backend = CheckedBackend(resolve, Deadline.within(self.timeout_seconds), allow_private=self.allow_private)
        context = trusting(self.ca_file)
        try:
            # No proxy from the environment, no redirects, no connection kept: httpcore by itself does none of these.
            with (
                httpcore.ConnectionPool(ssl_context=context, network_backend=backend, max_keepalive_connections=0) as pool,
                pool.stream("POST", self.url, headers=list(headers.items()), content=body) as response,
            ):
                retry_after = next((value for name, value in response.headers if name.lower() == b"retry-after"), None)
                return response.status, None if retry_after is None else retry_after.decode("latin-1")
        except AddressRefusedError:
            raise DeliveryError(
                f"{self._host} leads to a private or reserved address; if that is meant, set allow_private = true"
            ) from None
        except (DeadlinePassedError, httpcore.TimeoutException):
            raise DeliveryError(f"{self._host} did not answer within {self.timeout_seconds:g} s") from None
        except httpcore.ConnectError as error:
            raise self._no_connection(error) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise DeliveryError(f"{self._host} broke off the exchange ({type(error).__name__})") from None
        except OSError as error:
            raise self._no_connection(error) from None

    def _no_connection(self, error: Exception) -> DeliveryError:
        import httpcore  # noqa: PLC0415 - as above

        cause = error.__context__ if isinstance(error, httpcore.ConnectError) else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            return DeliveryError(
                f"the certificate of {self._host} is not trusted ({cause.verify_message}); "
                "have it renewed, or name its authority in ca_file"
            )
        if isinstance(cause, ssl.SSLError):
            return DeliveryError(f"no TLS with {self._host} ({cause.reason}); does the port of the url speak https?")
        return DeliveryError(f"no connection to {self._host} ({type(cause or error).__name__})")

    def _refusal(self, status: int, retry_after: str | None, now: datetime) -> DeliveryError:
        answer = f"{self._host} answered HTTP {status}"
        if status == HTTPStatus.GONE:
            return DeliveryError(f"{answer}: it wants no more messages; take the destination out of the routes", gone=True)
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return DeliveryError(f"{answer}: redirects are not followed; put the address where it leads in url")
        advice = next((text for code, text in _ADVICE.items() if code == status), None)
        permanent = status in PERMANENT
        return DeliveryError(
            answer if advice is None else f"{answer}: {advice}",
            permanent=permanent,
            retry_after=None if permanent else parse_retry_after(retry_after, now),
        )


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """``Retry-After`` (seconds or an HTTP date) as a pause from ``now``, between nothing and 24 hours; None if it is neither."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), MAX_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        return None
    return max(timedelta(0), min(until - now, MAX_RETRY_AFTER))

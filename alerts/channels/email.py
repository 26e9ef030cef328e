"""E-mail: an alert's announcement over SMTP, as text and HTML, with nothing sensitive in it."""

from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from alerts.channels._base import CaFile, ChannelModel
from alerts.channels._event import checked_id
from alerts.channels._smtp import Server, deliver
from alerts.message import Message, Receipt

PARTIAL_HOLD: Final = timedelta(hours=1)
"""How long a message waits for recipients whose server says "later" (greylisting takes minutes) before it goes to the others
without them. Sending it to the others at once would send it to them again at every retry."""

_PORTS: Final = {"none": 25, "starttls": 587, "tls": 465}


def _checked_address(value: str) -> str:
    try:
        domain = Address(addr_spec=value).domain
    except (HeaderParseError, ValueError, IndexError):
        domain = ""
    if not domain or not value.isascii() or not value.isprintable():
        raise ValueError("write an e-mail address in ASCII: name@domain, with the domain in punycode (xn--...)")
    return value


EmailAddress = Annotated[str, StringConstraints(max_length=254), AfterValidator(_checked_address)]
_OneLine = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=200)]
_HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]+$", max_length=253)]


class Email(ChannelModel):
    """A mail server and the people it should reach.

    ``port`` None is the usual one for ``security``: 587 for ``starttls``, 465 for ``tls``, 25 for ``none``. ``starttls`` is
    required of the server, never given up. ``ca_file`` names the only authorities to trust (PEM) instead of the system's.
    ``timeout_seconds`` bounds the whole exchange. The recipients see each other; who should not is a destination of their own.
    """

    secret_keys: ClassVar[frozenset[str]] = frozenset({"password"})

    kind: Literal["email"] = "email"
    host: _HostName
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    sender: EmailAddress
    sender_name: _OneLine = "Patroonwacht"
    recipients: Annotated[tuple[EmailAddress, ...], Field(min_length=1, max_length=100)]
    reply_to: EmailAddress | None = None
    list_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+$", max_length=200)] | None = None
    helo: _HostName | None = None
    timeout_seconds: float = Field(default=60.0, gt=0, le=600)
    ca_file: CaFile | None = None

    @model_validator(mode="after")
    def _login_is_whole_and_hidden(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("give username and password both, or neither")
        if self.username is not None and self.security == "none":
            raise ValueError("a password must not cross the network in the clear: set security to starttls or tls")
        for key, value in zip(("username", "password"), self._login() or (), strict=False):
            if not (value.isascii() and value.isprintable()):
                raise ValueError(f"{key} must be in ASCII and on one line; has a line end slipped in?")
        return self

    def send(self, message: Message, now: datetime) -> Receipt:
        """Hand the message to the server.

        Equal messages make equal mails, ``Message-ID`` included, so that a mail that arrived although the connection broke
        can be told from a new one. A server that refuses some recipients for good gets the mail for the others; one that
        asks some to wait gets it for nobody, until the message is an hour old.

        Raises:
            DeliveryError: nobody got it; permanent when the server refused the message for good (5xx), not when it refused
                the login, for that is mended by an operator and the message can go out then.
        """
        mail = self.compose(message)
        return deliver(
            self._server(), self.sender, self.recipients, mail, may_go_in_part=now - message.recorded_at >= PARTIAL_HOLD
        )

    def compose(self, message: Message) -> bytes:
        """The mail as it goes over the line; equal messages give equal bytes.

        Raises:
            DeliveryError: permanent; the message's id cannot stand in a header.
        """
        from alerts.render import html, language_of, subject, text  # noqa: PLC0415 - slow to load, and settings need no words

        mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
        mail["From"] = Address(self.sender_name, addr_spec=self.sender)
        mail["To"] = [Address(addr_spec=recipient) for recipient in self.recipients]
        if self.reply_to is not None:
            mail["Reply-To"] = Address(addr_spec=self.reply_to)
        mail["Subject"] = subject(message)
        mail["Message-ID"] = f"<{checked_id(message)}@{self.sender.rpartition('@')[2]}>"
        mail["Date"] = message.recorded_at.astimezone(UTC)
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        if self.list_id is not None:
            mail["List-Id"] = f"<{self.list_id}>"
        mail.set_content(text(message))
        mail.add_alternative(html(message), subtype="html")
        # Only now: what is set before the parts moves into the first of them.
        mail["Content-Language"] = language_of(message.language)
        # = and _ side by side occur in neither quoted-printable nor base64; 70 characters is what a boundary may have.
        mail.set_boundary(f"=_{message.id[:60]}")
        return mail.as_bytes()

    def _login(self) -> tuple[str, str] | None:
        return None if self.username is None or self.password is None else (self.username, self.password.get_secret_value())

    def _server(self) -> Server:
        return Server(
            host=self.host,
            port=self.port or _PORTS[self.security],
            security=self.security,
            login=self._login(),
            helo=self.helo,
            ca_file=self.ca_file,
            timeout_s=self.timeout_seconds,
        )

"""One conversation with a mail server: opened as the settings ask, ended by a deadline, its answers made into ours."""

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alerts.channels._base import trusting
from alerts.message import DeliveryError, Receipt

SETTINGS_AT_FAULT: Final = frozenset({530, 534, 535, 538})
"""5xx answers about logging in: the password or the way of logging in is wrong, the message is not. An operator who mends it
wants the waiting alerts to go out, so these are tried again like a 4xx."""

_ACCEPTED: Final = frozenset({250, 251})
_CLOSING: Final = 421
_FIRST_PERMANENT: Final = 500
_CUT_EVERY_S: Final = 0.5

_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})(?!\S)")
_QUEUE_ID = re.compile(rb"queued as ([A-Za-z0-9.-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class Server:
    """Which server, and how to come in. ``timeout_s`` is for the whole conversation. No ``repr``: it would show the password."""

    host: str
    port: int
    security: str
    login: tuple[str, str] | None
    helo: str | None
    ca_file: Path | None
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, without its text, which can repeat addresses: the code and the enhanced status code."""

    code: int
    enhanced: str

    @classmethod
    def of(cls, code: int, reply: bytes | str) -> "Answer":
        """From what smtplib returns."""
        found = _ENHANCED.match(reply if isinstance(reply, bytes) else reply.encode(errors="replace"))
        return cls(code, found[1].decode() if found else "")

    @property
    def permanent(self) -> bool:
        """Whether the same message would get the same answer again."""
        return self.code >= _FIRST_PERMANENT and self.code not in SETTINGS_AT_FAULT

    def __str__(self) -> str:
        return f"{self.code} {self.enhanced}".rstrip()


class _Watch:
    """Ends the connection when the time is up, and says so; a server that drips its answers cannot hold on for ever."""

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._seconds = seconds
        self._done = threading.Event()
        self._smtp: smtplib.SMTP | None = None

    def start(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        self._done.set()

    def _run(self) -> None:
        if self._done.wait(self._seconds):
            return
        self.expired = True
        # Again and again, for at the first time the socket may not be there yet.
        while not self._done.wait(_CUT_EVERY_S):
            connection = self._smtp.sock if self._smtp is not None else None
            if isinstance(connection, socket.socket):
                with contextlib.suppress(OSError):
                    # Not SSLSocket.shutdown: it drops the encryption first, and what is being sent would go out in the clear.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Plain(smtplib.SMTP):
    """smtplib connects and reads the greeting as it is made; the watch must be set before that."""

    def __init__(self, server: Server, watch: _Watch) -> None:
        watch.start(self)
        super().__init__(server.host, server.port, local_hostname=server.helo, timeout=server.timeout_s)


class _Encrypted(smtplib.SMTP_SSL):
    """As ``_Plain``, with TLS from the first byte."""

    def __init__(self, server: Server, watch: _Watch, context: ssl.SSLContext) -> None:
        watch.start(self)
        super().__init__(server.host, server.port, local_hostname=server.helo, timeout=server.timeout_s, context=context)


def deliver(server: Server, sender: str, recipients: Sequence[str], mail: bytes, *, may_go_in_part: bool) -> Receipt:
    """Hand ``mail`` to the server for ``recipients``.

    ``may_go_in_part``: do not wait for recipients whose server says "later" (4xx). Those refused for good (5xx) are never
    waited for, as long as somebody is left; the receipt counts them.

    Raises:
        DeliveryError: nobody got it, or nobody can know.
    """
    watch = _Watch(server.timeout_s)
    try:
        with _conversation(server, watch) as smtp:
            return _hand_over(smtp, server.host, sender, recipients, mail, may_go_in_part=may_go_in_part)
    except DeliveryError:
        raise
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise _translated(server, error, expired=watch.expired) from None


@contextlib.contextmanager
def _conversation(server: Server, watch: _Watch) -> Iterator[smtplib.SMTP]:
    """A connection, greeted, encrypted and logged in."""
    smtp: smtplib.SMTP | None = None
    try:
        context = trusting(server.ca_file)
        smtp = _Encrypted(server, watch, context) if server.security == "tls" else _Plain(server, watch)
        if server.security == "starttls":
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if server.login is not None:
            smtp.login(*server.login)
        try:
            yield smtp
        finally:
            # What they think of the mail is known by now; a server that does not say goodbye properly changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
    finally:
        watch.stop()
        if smtp is not None:
            smtp.close()


def _hand_over(
    smtp: smtplib.SMTP, host: str, sender: str, recipients: Sequence[str], mail: bytes, *, may_go_in_part: bool
) -> Receipt:
    size = [f"size={len(mail)}"] if smtp.has_extn("size") else []
    _accepted(host, *smtp.mail(sender, size))
    refused: list[Answer] = []
    for recipient in recipients:
        answer = Answer.of(*smtp.rcpt(recipient))
        if answer.code == _CLOSING:
            raise DeliveryError(f"{host} is closing down ({answer})")
        if answer.code not in _ACCEPTED:
            refused.append(answer)
    codes = ", ".join(sorted({str(answer) for answer in refused}))
    later = [answer for answer in refused if not answer.permanent]
    if len(refused) == len(recipients):
        raise DeliveryError(f"{host} refused every recipient ({codes}): check the recipients", permanent=not later)
    if later and not may_go_in_part:
        smtp.rset()
        raise DeliveryError(f"{host} asks {len(later)} of {len(recipients)} recipients to wait ({codes}); sent to nobody yet")
    code, reply = smtp.data(mail)
    _accepted(host, code, reply)
    return _receipt(
        Answer.of(code, reply), reply, f"not to {len(refused)} of {len(recipients)} recipients ({codes})" if refused else ""
    )


def _receipt(answer: Answer, reply: bytes, short: str) -> Receipt:
    queue_id = _QUEUE_ID.search(reply)
    parts = [str(answer), f"queued as {queue_id[1].decode()}" if queue_id else "", short]
    return Receipt("; ".join(part for part in parts if part))


def _accepted(host: str, code: int, reply: bytes) -> None:
    answer = Answer.of(code, reply)
    if answer.code not in _ACCEPTED:
        raise DeliveryError(f"{host} refused the message ({answer})", permanent=answer.permanent)


def _translated(server: Server, error: Exception, *, expired: bool) -> DeliveryError:
    """What went wrong, in words that say what to do; never permanent, but for an answer about the message itself."""
    permanent = False
    match error:
        case _ if expired or isinstance(error, TimeoutError):
            text = f"took longer than {server.timeout_s:g} s"
        case ssl.SSLCertVerificationError():
            text = f"shows a certificate that is not trusted ({error.verify_message}): renew it, or name its authority in ca_file"
        case ssl.SSLError():
            text = f"did not agree on TLS ({error.reason}): check security and port"
        case smtplib.SMTPNotSupportedError():
            text = (
                "does not offer the STARTTLS or login that the settings require; nothing was sent: check security, port, username"
            )
        case smtplib.SMTPAuthenticationError():
            text = f"refused the login ({error.smtp_code}): check username and password"
        case smtplib.SMTPDataError():
            answer = Answer.of(error.smtp_code, error.smtp_error)
            text, permanent = f"refused the message ({answer})", answer.permanent
        case smtplib.SMTPResponseException():
            # Before the sender was named it speaks of us or of the server, not of the message.
            text = f"does not want to talk ({Answer.of(error.smtp_code, error.smtp_error)}): check host, port, security and helo"
        case _:
            text = f"cannot be reached, or broke off ({type(error).__name__}): check host, port and the network"
    return DeliveryError(f"{server.host} {text}", permanent=permanent)

"""Real receivers for the channels: HTTP(S) and SMTP servers on 127.0.0.1, and an authority that signs their certificates."""

import asyncio
import base64
import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, create_server, socket
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from alerts.channels import Email, FileDrop, Webhook
from alerts.message import DeliveryError, Message, MessageItem, Reason

SECRET = "whsec_" + base64.b64encode(b"the new key, of 32 bytes, listen").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the old key, of 32 bytes, listen").decode()
BEARER = "abc.def"
SOURCE = "urn:nld:oin:00000001823288444000:systeem:patroonwacht"


@pytest.fixture
def now() -> datetime:
    """The moment of sending; the real one, since a receiver refuses signatures of another time."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def make_message(now: datetime) -> Callable[..., Message]:
    """A message with so many alerts, written down so long ago."""

    def make(alerts: int = 1, *, language: str = "nl", age: timedelta = timedelta(seconds=1), **changes: Any) -> Message:
        items = tuple(
            MessageItem(
                alert_id=f"alert_{number}",
                revision=number,
                reason=list(Reason)[number % len(Reason)],
                municipality="GM0307",
                municipality_name="Voorbeeldstad",
                link=f"https://console.example/alerts/alert_{number}",
            )
            for number in range(1, alerts + 1)
        )
        values: dict[str, Any] = {
            "id": "msg_01HZX5",
            "sequence": 42,
            "destination": "gemeente",
            "language": language,
            "recorded_at": now - age,
            "items": items,
        }
        return Message(**{**values, **changes})

    return make


@pytest.fixture
def message(make_message: Callable[..., Message]) -> Message:
    """A message with one alert in it."""
    return make_message()


@pytest.fixture
def settings() -> Callable[..., dict[str, Any]]:
    """The settings of a webhook, some of them changed."""
    return lambda **changes: {
        "kind": "webhook",
        "url": "https://ontvanger.example/in",
        "secrets": [SECRET],
        "source": SOURCE,
        **changes,
    }


@pytest.fixture
def plain(settings: Callable[..., dict[str, Any]]) -> Callable[..., Webhook]:
    """A channel to a receiver without TLS."""

    def make(receiver: "Receiver", **changes: Any) -> Webhook:
        values = {"url": f"http://127.0.0.1:{receiver.port}/in", "allow_plain_http": True, "allow_private": True, **changes}
        return Webhook.model_validate(settings(**values))

    return make


@pytest.fixture
def refusal(message: Message, now: datetime) -> Callable[..., DeliveryError]:
    """The error with which a channel ends that should send ``message``, or another."""
    usual = message

    def of(channel: Email | FileDrop | Webhook, *, message: Message = usual, **options: Any) -> DeliveryError:
        with pytest.raises(DeliveryError) as caught:
            channel.send(message, now, **options)
        return caught.value

    return of


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """The authority that a destination may name in ``ca_file``."""
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its certificate."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def server_tls(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """TLS settings of a server that is called by these names."""

    def make(*names: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*(names or ("localhost", "127.0.0.1"))).configure_cert(context)
        return context

    return make


@dataclass
class Request:
    """What a receiver was sent."""

    path: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Receiver:
    """A running receiver; ``answer`` may be changed between requests. ``names`` are those asked for in TLS."""

    host: str
    port: int
    answer: Answer
    requests: list[Request] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def answers(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in (headers or {}).items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.answer = answer


class _Server(ThreadingHTTPServer):
    """A client that hangs up is what these tests are about, no error worth a stack trace."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@pytest.fixture
def make_receiver(server_tls: Callable[..., ssl.SSLContext]) -> Iterator[Callable[..., Receiver]]:
    """Start an HTTP receiver; over TLS, if its certificate is to have ``names``."""
    with ExitStack() as stack:

        def make(names: str = "", host: str = "127.0.0.1", port: int = 0) -> Receiver:
            class Handler(BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"

                def do_POST(self) -> None:
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    receiver.requests.append(Request(self.path, headers, body))
                    receiver.answer(self)

                def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the library's
                    pass

            server = _Server((host, port), Handler)
            receiver = Receiver(host, server.server_address[1], lambda _: None)
            receiver.answers(202)
            if names:
                tls = server_tls(names)
                # The callback may return nothing, which lets the handshake go on.
                tls.sni_callback = lambda _socket, name, _context: receiver.names.append(name)
                server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            stack.callback(receiver.over.set)
            return receiver

        yield make


@dataclass
class Mailbox:
    """An SMTP server's settings and what it took in. ``answers`` maps a step (``mail``, ``data``, an address) to a reply."""

    host: str = "localhost"
    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    tried: list[bytes] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hang_up_after_data: bool = False
    accept_login: bool = True

    async def handle_MAIL(  # noqa: N802  # aiosmtpd calls it by this name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        self.encrypted.append(session.ssl is not None)
        return self.answers.get("mail", "250 OK")

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802  # aiosmtpd calls it by this name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        self.tried.append(content if isinstance(content, bytes) else content.encode())
        if self.hang_up_after_data:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        answer = self.answers.get("data", "250 2.0.0 Ok: queued as 4Xyz12")
        if answer.startswith("250"):
            self.envelopes.append(envelope)
        return answer

    def log_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=self.accept_login, handled=False)


@pytest.fixture
def make_mailbox() -> Iterator[Callable[..., Mailbox]]:
    """Start an SMTP server: plain, with STARTTLS (``starttls``), or encrypted from the start (``tls``)."""
    with ExitStack() as stack:

        def make(*, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None) -> Mailbox:
            mailbox = Mailbox()
            options: dict[str, Any] = {}
            if starttls is not None:
                options = {"tls_context": starttls, "require_starttls": True}
            if starttls is not None or tls is not None:
                # The server knows of STARTTLS only; to it a connection that was encrypted from the start looks plain.
                options |= {"authenticator": mailbox.log_in, "auth_require_tls": starttls is not None}
            while not mailbox.port:
                with create_server(("127.0.0.1", 0)) as probe:
                    port = probe.getsockname()[1]
                controller = Controller(mailbox, hostname="127.0.0.1", port=port, ssl_context=tls, **options)
                # Between the two somebody else may have taken the port.
                with contextlib.suppress(OSError):
                    controller.start()
                    mailbox.port = port
                    stack.callback(controller.stop, no_assert=True)
            return mailbox

        yield make


@pytest.fixture
def drip() -> Callable[[socket, threading.Event], None]:
    """Sends a byte now and then, far longer than any deadline here; not for ever, so that one that is not kept fails its test."""

    def send(connection: socket, over: threading.Event) -> None:
        for _ in range(1200):
            connection.sendall(b"x")
            if over.wait(0.05):
                return

    return send


@pytest.fixture
def raw_server() -> Iterator[Callable[[Callable[[socket, threading.Event], None]], int]]:
    """Start a server that does with its one connection whatever it is told, until the event is set; gives its port."""
    with ExitStack() as stack:

        def start(behave: Callable[[socket, threading.Event], None]) -> int:
            over = threading.Event()
            listener = create_server(("127.0.0.1", 0))

            def run() -> None:
                with listener:
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    with connection:
                        try:
                            behave(connection, over)
                        except OSError:
                            over.set()

            def stop() -> None:
                over.set()
                with contextlib.suppress(OSError):  # wakes a server that nobody came to, as a deadline was over before
                    listener.shutdown(SHUT_RDWR)

            thread = threading.Thread(target=run)
            port = int(listener.getsockname()[1])
            thread.start()
            stack.callback(thread.join)
            stack.callback(stop)
            return port

        yield start

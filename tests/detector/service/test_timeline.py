"""A timeline with the real daemon, a real mail server and real receivers: who hears what, when, and under which id."""

import base64
import contextlib
import json
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks import Webhook

FIRST, SECOND, THIRD = "BU99990000", "BU99990101", "BU99990200"
OLD_KEY = "whsec_" + base64.b64encode(b"the old key, of 32 bytes, listen").decode()
NEW_KEY = "whsec_" + base64.b64encode(b"the new key, of 32 bytes, listen").decode()
SOURCE = "urn:nld:oin:00000001823288444000:systeem:patroonwacht"


@dataclass(frozen=True)
class Received:
    """One request that a receiver answered, and how."""

    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def items(self) -> list[tuple[str, int]]:
        return [(item["reason"], item["revision"]) for item in json.loads(self.body)["data"]["items"]]

    def signed_with(self, key: str) -> bool:
        try:
            Webhook(key).verify(self.body.decode(), self.headers)
        except Exception:  # noqa: BLE001 - the package raises one of several
            return False
        return True


@dataclass
class Receiver:
    """A receiver of webhooks at one port, which can be down, and answers as told."""

    port: int = 0
    status: int = 202
    retry_after: str | None = None
    requests: list[Received] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    def up(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.requests.append(Received(headers, body, receiver.status))
                self.send_response(receiver.status)
                if receiver.retry_after is not None:
                    self.send_header("Retry-After", receiver.retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the library's
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def down(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = self._thread = None

    @property
    def accepted(self) -> list[Received]:
        return [request for request in self.requests if request.status == 202]

    @property
    def news(self) -> list[tuple[str, int]]:
        return [item for request in self.accepted for item in request.items]


@pytest.fixture
def make_receiver() -> Iterator[Callable[[], Receiver]]:
    """Starts a receiver."""
    with ExitStack() as stack:

        def make() -> Receiver:
            receiver = Receiver()
            receiver.up()
            stack.callback(receiver.down)
            return receiver

        yield make


@dataclass
class Mailbox:
    """What a mail server took in, and over what; ``ca_file`` holds who signed its certificate."""

    ca_file: Path
    port: int = 0
    contents: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802  # aiosmtpd calls it by this name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.encrypted.append(session.ssl is not None)
        assert isinstance(envelope.content, bytes)
        self.contents.append(envelope.content)
        return "250 2.0.0 Ok: queued"


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """A mail server that insists on STARTTLS."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    mailbox = Mailbox(tmp_path / "ca.pem")
    authority.cert_pem.write_to_path(str(mailbox.ca_file))
    with ExitStack() as stack:
        while not mailbox.port:
            with create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            controller = Controller(mailbox, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True)
            # Between the two somebody else may have taken the port.
            with contextlib.suppress(OSError):
                controller.start()
                mailbox.port = port
                stack.callback(controller.stop, no_assert=True)
        yield mailbox


def destinations(mailbox: Mailbox, **hooks: Receiver) -> str:
    hook = (
        '[alerts.destinations.{name}]\naudience = "adv"\n[alerts.destinations.{name}.channel]\nkind = "webhook"\n'
        'url = "http://127.0.0.1:{port}/in"\nsource = "{source}"\nallow_plain_http = true\nallow_private = true\n'
        "timeout_seconds = 5\n"
    )
    return (
        '[alerts.destinations.mail]\naudience = "municipality"\nmunicipality = "GM9999"\nlanguage = "nl"\n'
        '[alerts.destinations.mail.channel]\nkind = "email"\nhost = "localhost"\nsecurity = "starttls"\n'
        f'port = {mailbox.port}\nca_file = "{mailbox.ca_file}"\nsender = "patroonwacht@example.org"\n'
        'recipients = ["gebied@example.org"]\n'
    ) + "".join(hook.format(name=name, port=receiver.port, source=SOURCE) for name, receiver in hooks.items())


@dataclass
class Stage:
    """Everybody who takes part."""

    service: Any
    healthy: Receiver
    shaky: Receiver
    mailbox: Mailbox
    keys: Path
    command: Callable[..., Any]
    wait: Callable[..., Any]

    def tell(self, *words: str) -> Any:
        result = self.command(self.service, *words, "--json")
        assert result.code == 0, result.err
        return result.json

    def deliveries(self, state: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.tell("deliveries", "list", "--state", state)["deliveries"]
        return found

    def texts(self) -> list[str]:
        """Every readable word of every mail, headings included."""
        mails = [message_from_bytes(content, policy=default) for content in self.mailbox.contents]
        return [
            str(mail["subject"]) + "".join(part.get_content() for part in mail.walk() if not part.is_multipart())
            for mail in mails
        ]


@pytest.fixture
def stage(
    make_service: Callable[..., Any],
    make_receiver: Callable[[], Receiver],
    mailbox: Mailbox,
    command: Callable[..., Any],
    wait_for: Callable[..., Any],
) -> Stage:
    """The daemon is at work, and nobody has heard anything yet."""
    healthy, shaky = make_receiver(), make_receiver()
    keys = mailbox.ca_file.with_name("keys")
    keys.write_text(f"{OLD_KEY}\n")
    secrets = {f"PATROONWACHT_ALERTS__DESTINATIONS__{name}__CHANNEL__SECRETS_FILE": str(keys) for name in ("HEALTHY", "SHAKY")}
    service = make_service(destinations(mailbox, healthy=healthy, shaky=shaky), **secrets)
    service.start()
    wait_for(lambda: service.events("daemon.at_work"), "the daemon is at work")
    return Stage(service, healthy, shaky, mailbox, keys, command, wait_for)


def test_timeline(stage: Stage) -> None:
    first_alert_and_growth(stage)
    silence(stage)
    down_for_a_while(stage)
    gone(stage)
    keys_rotate(stage)
    nothing_sensitive(stage)


def first_alert_and_growth(stage: Stage) -> None:
    stage.service.drop("one", FIRST, 4)
    stage.wait(lambda: stage.healthy.news == stage.shaky.news == [("first", 1)], "both receivers hear of the first alert")
    stage.wait(lambda: len(stage.mailbox.contents) == 1, "the municipality gets a mail, as the rule releases it")
    stage.service.drop("two", FIRST, 4)
    stage.wait(lambda: stage.healthy.news == stage.shaky.news == [("first", 1), ("grown", 2)], "both hear that it grew")
    stage.wait(lambda: len(stage.mailbox.contents) == 2, "so does the municipality")
    for receiver in (stage.healthy, stage.shaky):
        assert [request.headers["content-type"] for request in receiver.requests] == [
            "application/cloudevents+json; charset=utf-8"
        ] * 2
        assert all(request.signed_with(OLD_KEY) and not request.signed_with(NEW_KEY) for request in receiver.requests)
        assert len({request.id for request in receiver.requests}) == 2


def silence(stage: Stage) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = stage.tell("silence", "add", "--area", SECOND, "--comment", "a test", "--end", until)
    stage.service.drop("three", SECOND, 4)
    stage.wait(lambda: len(stage.tell("alerts", "list")["alerts"]) == 2, "the silenced alert is recorded")
    # What comes after it is told, so what was silenced has had its turn.
    stage.service.drop("four", THIRD, 4)
    stage.wait(lambda: stage.healthy.news[2:] == stage.shaky.news[2:] == [("first", 1)], "only the other alert is told")
    told = {item["alert_id"] for request in stage.healthy.accepted for item in json.loads(request.body)["data"]["items"]}
    assert len(told) == 2
    stage.tell("silence", "end", made["id"])
    stage.wait(lambda: stage.healthy.news[3:] == stage.shaky.news[3:] == [("first", 1)], "afterwards it is still news")
    stage.wait(lambda: len(stage.mailbox.contents) == 4, "the municipality has heard of three alerts, one of them twice")


def down_for_a_while(stage: Stage) -> None:
    before = len(stage.shaky.requests)
    stage.shaky.down()
    stage.service.drop("five", SECOND, 4)
    stage.wait(lambda: stage.healthy.news[4:] == [("grown", 2)], "the healthy receiver hears at once")
    [waiting] = stage.wait(lambda: [each for each in stage.deliveries("waiting") if each["attempts"] >= 2], "it is tried again")
    assert [waiting["destination"], waiting["alerts"][0]["reason"]] == ["shaky", "grown"]
    assert "no connection" in waiting["last_error"]
    stage.shaky.status, stage.shaky.retry_after = 503, "2"
    stage.shaky.up()
    stage.wait(lambda: stage.shaky.requests[before:], "it answers that it is busy")
    stage.shaky.status, stage.shaky.retry_after = 202, None
    asked_at = datetime.fromtimestamp(int(stage.shaky.requests[before].headers["webhook-timestamp"]), UTC)
    stage.wait(lambda: stage.shaky.news[4:] == [("grown", 2)], "it gets the message")
    tries = stage.shaky.requests[before:]
    assert [each.status for each in tries] == [503, 202]
    assert {each.id for each in tries} == {waiting["id"]}
    assert int(tries[-1].headers["webhook-timestamp"]) - asked_at.timestamp() >= 1, (
        "it was not left alone for as long as it asked"
    )


def gone(stage: Stage) -> None:
    before = len(stage.shaky.requests)
    stage.shaky.status = 410
    stage.service.drop("six", THIRD, 4)
    stage.wait(lambda: stage.service.events("delivery.destination_gone"), "it says that it wants no more")
    stage.shaky.status = 202
    stage.service.drop("seven", "BU99990001", 4)
    stage.wait(lambda: stage.healthy.news[5:] == [("grown", 2), ("first", 1)], "the healthy receiver hears of both")
    dead = stage.wait(lambda: len(found := stage.deliveries("dead")) == 2 and found, "what could not be sent is kept")
    assert {each["destination"] for each in dead} == {"shaky"}
    assert list(stage.tell("deliveries", "list")["gone_destinations"]) == ["shaky"]
    assert [each.status for each in stage.shaky.requests[before:]] == [410]
    refused = stage.command(stage.service, "deliveries", "retry", "--destination", "shaky")
    assert refused.code == 1
    assert "enable" in refused.err
    stage.tell("deliveries", "enable", "shaky")
    assert stage.tell("deliveries", "retry", "--destination", "shaky") == {"waiting": 2}
    stage.wait(lambda: sorted(stage.shaky.news[5:]) == [("first", 1), ("grown", 2)], "it gets what it missed")
    assert {each.id for each in stage.shaky.accepted[5:]} == {each["id"] for each in dead}
    assert stage.shaky.requests[before].id in {each["id"] for each in dead}


def keys_rotate(stage: Stage) -> None:
    stage.keys.write_text(f"{NEW_KEY} {OLD_KEY}\n")
    stage.service.settle(lambda text: text.replace("# keys", "") + "\n# the keys were changed\n")
    stage.wait(lambda: stage.service.events("settings.changed"), "the new key is taken up")
    stage.service.drop("eight", "BU99990001", 4)
    stage.wait(lambda: stage.healthy.news[7:] == stage.shaky.news[7:] == [("grown", 2)], "the next news comes")
    for receiver in (stage.healthy, stage.shaky):
        assert receiver.accepted[-1].signed_with(NEW_KEY)
        assert receiver.accepted[-1].signed_with(OLD_KEY)
        assert not receiver.accepted[-2].signed_with(NEW_KEY)


def nothing_sensitive(stage: Stage) -> None:
    stage.wait(lambda: len(stage.mailbox.contents) == 8, "the municipality heard of everything once")
    assert all(stage.mailbox.encrypted)
    with stage.service.opened() as installation:
        names = {area.name for area in installation.areas().areas if area.code != "GM9999"}
        codes = {area.code for area in installation.areas().areas if area.code != "GM9999"}
    assert len(names) > 5
    for text in [*stage.texts(), *(request.body.decode() for request in [*stage.healthy.requests, *stage.shaky.requests])]:
        assert not [word for word in {*names, *codes, "herkomst", "huidskleur", "3-5", "6-10"} if word in text]
    bodies = [json.loads(request.body) for request in stage.healthy.requests]
    assert {key for body in bodies for item in body["data"]["items"] for key in item} == {
        "alert_id",
        "revision",
        "reason",
        "municipality",
        "link",
    }
    # Nobody heard the same thing twice, under one id or under two.
    for receiver in (stage.healthy, stage.shaky):
        heard = [
            (item["alert_id"], item["revision"], item["reason"])
            for request in receiver.accepted
            for item in json.loads(request.body)["data"]["items"]
        ]
        assert len(heard) == len(set(heard)) == 8
    [process] = stage.service.processes
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    said = stage.service.log.read_text()
    assert not [secret for secret in (OLD_KEY, NEW_KEY, "herkomst_huidskleur") if secret in said]
    assert stage.tell("audit", "verify")

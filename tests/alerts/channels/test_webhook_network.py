import base64
import ipaddress
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels import Webhook
from alerts.channels._network import is_public, system_resolver
from alerts.message import Message

SECRET = "whsec_" + base64.b64encode(b"the new key, of 32 bytes, listen").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the old key, of 32 bytes, listen").decode()
BEARER = "abc.def"
SOURCE = "urn:nld:oin:00000001823288444000:systeem:patroonwacht"

Make = Callable[..., Any]


def test_a_success_whose_body_drips_is_a_success(make_receiver: Make, message: Message, now: datetime, plain: Make) -> None:
    receiver = make_receiver()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not receiver.over.wait(0.02):
            handler.wfile.write(b".")

    receiver.answer = drip
    assert plain(receiver, timeout_seconds=60).send(message, now).text == "HTTP 200"


def test_headers_that_drip_are_cut_off_at_the_deadline(raw_server: Make, drip: Make, settings: Make, refusal: Make) -> None:
    def answer(connection: socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        drip(connection, over)

    port = raw_server(answer)
    channel = Webhook.model_validate(
        settings(url=f"http://127.0.0.1:{port}/", allow_plain_http=True, allow_private=True, timeout_seconds=0.3)
    )
    error = refusal(channel)
    assert "0.3 s" in str(error)
    assert not error.permanent


def test_a_receiver_that_says_nothing_is_cut_off(raw_server: Make, settings: Make, refusal: Make) -> None:
    port = raw_server(lambda _connection, over: over.wait())
    channel = Webhook.model_validate(settings(url=f"https://127.0.0.1:{port}/", allow_private=True, timeout_seconds=0.2))
    assert "0.2 s" in str(refusal(channel))


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 2", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 999999 Hm\r\n\r\n"])
def test_an_answer_that_is_no_http_is_tried_again(raw_server: Make, reply: bytes, settings: Make, refusal: Make) -> None:
    def answer(connection: socket, _over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(reply)

    channel = Webhook.model_validate(
        settings(url=f"http://127.0.0.1:{raw_server(answer)}/", allow_plain_http=True, allow_private=True)
    )
    error = refusal(channel)
    assert not error.permanent
    assert "broke off" in str(error)


def test_nobody_there_is_tried_again(settings: Make, refusal: Make) -> None:
    channel = Webhook.model_validate(settings(url="https://127.0.0.1:1/", allow_private=True))
    error = refusal(channel)
    assert not error.permanent
    assert "no connection to 127.0.0.1" in str(error)


def test_a_name_that_nobody_knows_is_tried_again(settings: Make, refusal: Make) -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("Name or service not known")

    error = refusal(Webhook.model_validate(settings()), resolve=unknown)
    assert not error.permanent
    assert "ontvanger.example" in str(error)


def test_a_look_up_that_does_not_end_is_left_behind(settings: Make, refusal: Make) -> None:
    over = threading.Event()

    def endless(_host: str, _port: int) -> list[str]:
        over.wait()
        return []

    error = refusal(Webhook.model_validate(settings(timeout_seconds=0.2)), resolve=endless)
    over.set()
    assert "0.2 s" in str(error)


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "a..example"])
def test_a_host_that_can_be_no_name_is_tried_again_and_said(settings: Make, refusal: Make, host: str) -> None:
    assert "no connection to a" in str(refusal(Webhook.model_validate(settings(url=f"https://{host}/"))))


def test_a_certificate_of_an_unknown_authority_is_refused(make_receiver: Make, settings: Make, refusal: Make) -> None:
    receiver = make_receiver(names="127.0.0.1")
    channel = Webhook.model_validate(settings(url=f"https://127.0.0.1:{receiver.port}/", allow_private=True))
    error = refusal(channel)
    assert "ca_file" in str(error)
    assert not error.permanent
    assert receiver.requests == []


def test_a_certificate_for_another_name_is_refused(make_receiver: Make, ca_file: Path, settings: Make, refusal: Make) -> None:
    receiver = make_receiver(names="other.example")
    channel = Webhook.model_validate(settings(url=f"https://127.0.0.1:{receiver.port}/", allow_private=True, ca_file=ca_file))
    assert "not trusted" in str(refusal(channel))
    assert receiver.requests == []


def test_https_to_a_plain_port_is_said(make_receiver: Make, settings: Make, refusal: Make) -> None:
    receiver = make_receiver()
    channel = Webhook.model_validate(settings(url=f"https://127.0.0.1:{receiver.port}/", allow_private=True))
    assert "TLS" in str(refusal(channel))


def test_a_name_is_looked_up_once_and_that_very_address_called(
    make_receiver: Make, ca_file: Path, message: Message, now: datetime, settings: Make
) -> None:
    receiver = make_receiver(names="ontvanger.example")
    trap = make_receiver(names="ontvanger.example", host="127.0.0.2", port=receiver.port)
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]])
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return next(answers)

    channel = Webhook.model_validate(
        settings(url=f"https://ontvanger.example:{receiver.port}/in", ca_file=ca_file, allow_private=True)
    )
    channel.send(message, now, resolve=rebinding)
    assert asked == [("ontvanger.example", receiver.port)]
    assert len(receiver.requests) == 1
    assert trap.requests == []
    # The address was checked, the name is what the certificate and the receiver see.
    assert receiver.names == ["ontvanger.example"]
    assert receiver.requests[0].headers["host"] == f"ontvanger.example:{receiver.port}"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["93.184.215.14", "127.0.0.1"],
        ["::ffff:127.0.0.1"],
        ["fe80::1%eth0"],
    ],
)
def test_a_name_that_leads_inside_is_refused(make_receiver: Make, addresses: list[str], plain: Make, refusal: Make) -> None:
    receiver = make_receiver()
    channel = plain(receiver, url=f"http://ontvanger.example:{receiver.port}/", allow_private=False)
    error = refusal(channel, resolve=lambda _host, _port: addresses)
    assert "allow_private" in str(error)
    assert not error.permanent
    assert receiver.requests == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0"])
def test_no_way_of_writing_this_machine_gets_through(make_receiver: Make, host: str, plain: Make, refusal: Make) -> None:
    receiver = make_receiver()
    channel = plain(receiver, url=f"http://{host}:{receiver.port}/", allow_private=False)
    assert "private or reserved" in str(refusal(channel))
    assert receiver.requests == []


def test_the_next_address_is_tried_when_the_first_does_not_answer(
    make_receiver: Make, message: Message, now: datetime, plain: Make
) -> None:
    receiver = make_receiver()
    channel = plain(receiver, url=f"http://ontvanger.example:{receiver.port}/")
    channel.send(message, now, resolve=lambda _host, _port: ["127.0.0.9", "127.0.0.1"])
    assert len(receiver.requests) == 1


def test_the_system_knows_this_machine() -> None:
    assert "127.0.0.1" in system_resolver("localhost", 443)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2a00:1450:400e:80f::200e", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d70e", True),
        ("2002:7f00:1::", False),
    ],
)
def test_tells_public_addresses_from_others(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_itself(address: Any) -> None:
    assert is_public(ipaddress.IPv6Address(f"::ffff:{address}")) is is_public(address)


def test_no_proxy_of_the_environment_is_used(
    make_receiver: Make, message: Message, now: datetime, monkeypatch: pytest.MonkeyPatch, plain: Make
) -> None:
    receiver = make_receiver()
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert plain(receiver).send(message, now).text == "HTTP 202"

import email
import email.policy
import ssl
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from mailing import BEARER, FIRST, SECOND, THIRD, channel

from alerts.message import Message

Make = Callable[..., Any]


def received(mailbox: Any, index: int = 0) -> EmailMessage:
    parsed = email.message_from_bytes(mailbox.tried[index], policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    return parsed


def test_sends_text_and_html_over_starttls_after_logging_in(
    make_mailbox: Make, server_tls: Make, ca_file: Path, message: Message, now: datetime
) -> None:
    mailbox = make_mailbox(starttls=server_tls())
    sender = channel(mailbox, security="starttls", username="adv", password=BEARER, ca_file=ca_file, reply_to=SECOND)

    receipt = sender.send(message, now)

    assert receipt.text == "250 2.0.0; queued as 4Xyz12"
    assert mailbox.encrypted == [True]
    assert mailbox.logins == [(b"adv", BEARER.encode())]
    assert mailbox.envelopes[0].mail_from == "noreply@adv.example"
    assert mailbox.envelopes[0].rcpt_tos == [FIRST]
    mail = received(mailbox)
    assert mail["Message-ID"] == f"<{message.id}@adv.example>"
    assert mail["Date"].datetime == message.recorded_at.replace(microsecond=0)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Patroonwacht <noreply@adv.example>"
    assert mail["To"] == FIRST
    assert mail["Reply-To"] == SECOND
    assert mail["Subject"] == "Patroonwacht: een signaal vraagt uw aandacht"
    assert mail["Content-Language"] == "nl"
    plain_part, html_part = mail.iter_parts()
    assert (plain_part.get_content_type(), html_part.get_content_type()) == ("text/plain", "text/html")
    for part in (plain_part, html_part):
        assert isinstance(part, EmailMessage)
        assert message.items[0].link in part.get_content()


def test_sends_over_tls_from_the_start(
    make_mailbox: Make, server_tls: Make, ca_file: Path, message: Message, now: datetime
) -> None:
    mailbox = make_mailbox(tls=server_tls())
    sender = channel(mailbox, security="tls", username="adv", password=BEARER, ca_file=ca_file)
    assert sender.send(message, now).text.startswith("250")
    assert mailbox.logins == [(b"adv", BEARER.encode())]


def test_plain_works_where_it_is_asked_for(make_mailbox: Make, message: Message, now: datetime) -> None:
    mailbox = make_mailbox()
    channel(mailbox).send(message, now)
    assert mailbox.encrypted == [False]


def test_the_same_message_makes_the_same_mail(make_mailbox: Make, message: Message, now: datetime) -> None:
    mailbox = make_mailbox()
    channel(mailbox).send(message, now)
    channel(mailbox).send(message, now + timedelta(hours=5))
    assert mailbox.tried[0] == mailbox.tried[1]


def test_a_mail_is_seven_bit_with_short_lines(make_mailbox: Make, make_message: Make, now: datetime) -> None:
    mailbox = make_mailbox()
    channel(mailbox, sender_name="Meldpunt ‘Één’, regio").send(make_message(12), now)
    assert mailbox.tried[0].isascii()
    assert max(map(len, mailbox.tried[0].split(b"\r\n"))) <= 998
    assert received(mailbox)["From"].addresses[0].display_name == "Meldpunt ‘Één’, regio"


def test_a_mail_in_english(make_mailbox: Make, make_message: Make, now: datetime) -> None:
    mailbox = make_mailbox()
    channel(mailbox, list_id="signalen.adv.example").send(make_message(2, language="en"), now)
    assert received(mailbox)["Subject"] == "Patroonwacht: 2 alerts ask for your attention"
    assert received(mailbox)["Content-Language"] == "en"
    assert received(mailbox)["List-Id"] == "<signalen.adv.example>"


def test_starttls_is_never_given_up(make_mailbox: Make, refusal: Make) -> None:
    mailbox = make_mailbox()
    error = refusal(channel(mailbox, security="starttls"))
    assert "nothing was sent" in str(error)
    assert not error.permanent
    assert mailbox.encrypted == []


def test_a_login_that_the_server_does_not_offer_is_said(
    make_mailbox: Make, server_tls: Make, ca_file: Path, refusal: Make
) -> None:
    mailbox = make_mailbox(tls=server_tls())
    mailbox.accept_login = False
    error = refusal(channel(mailbox, security="tls", username="adv", password=BEARER, ca_file=ca_file))
    # A wrong password is mended by an operator, who wants the alert to go out then.
    assert not error.permanent
    assert "535" in str(error)
    assert BEARER not in str(error)
    assert mailbox.tried == []


@pytest.mark.parametrize("case", [("starttls", "authority"), ("starttls", "name"), ("tls", "authority"), ("tls", "name")])
def test_a_certificate_that_is_not_trusted_stops_everything(
    make_mailbox: Make, server_tls: Make, ca_file: Path, refusal: Make, case: tuple[str, str]
) -> None:
    security, fault = case
    tls: ssl.SSLContext = server_tls("other.example" if fault == "name" else "localhost")
    mailbox = make_mailbox(**{security: tls})
    trusted = {"ca_file": ca_file} if fault == "name" else {}
    error = refusal(channel(mailbox, security=security, **trusted, username="adv", password=BEARER))
    assert "ca_file" in str(error)
    assert not error.permanent
    assert mailbox.logins == []
    assert mailbox.tried == []


def test_tls_to_a_plain_port_is_said(make_mailbox: Make, refusal: Make) -> None:
    assert "security and port" in str(refusal(channel(make_mailbox(), security="tls")))


@pytest.mark.parametrize("step", ["mail", FIRST, "data"])
@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        ("451 4.3.0 later", False),
        ("450 4.2.0 greylisted", False),
        ("421 4.3.2 closing", False),
        ("452 4.2.2 full", False),
        ("530 5.7.0 log in first", False),
        ("535 5.7.8 no", False),
        ("550 5.1.1 <eerste@gemeente.example> SENSITIVE unknown", True),
        ("552 5.3.4 too big", True),
        ("554 5.7.1 refused", True),
    ],
)
def test_an_answer_says_whether_to_try_again(
    make_mailbox: Make,
    refusal: Make,
    step: str,
    answer: str,
    permanent: bool,  # parametrised
) -> None:
    mailbox = make_mailbox()
    mailbox.answers[step] = answer
    error = refusal(channel(mailbox))
    assert error.permanent is permanent
    assert answer[:3] in str(error)
    # The server's own words can repeat addresses.
    assert "SENSITIVE" not in str(error)
    assert FIRST not in str(error)
    assert mailbox.envelopes == []


def test_who_is_refused_for_good_does_not_keep_it_from_the_others(make_mailbox: Make, message: Message, now: datetime) -> None:
    mailbox = make_mailbox()
    mailbox.answers[SECOND] = "550 5.1.1 unknown"
    receipt = channel(mailbox, recipients=[FIRST, SECOND, THIRD]).send(message, now)
    assert mailbox.envelopes[0].rcpt_tos == [FIRST, THIRD]
    assert receipt.text.endswith("not to 1 of 3 recipients (550 5.1.1)")
    assert SECOND not in receipt.text


def test_all_refused_is_permanent_only_if_all_are_refused_for_good(make_mailbox: Make, refusal: Make) -> None:
    mailbox = make_mailbox()
    mailbox.answers |= {FIRST: "550 5.1.1 unknown", SECOND: "450 4.2.0 later"}
    error = refusal(channel(mailbox, recipients=[FIRST, SECOND]))
    assert not error.permanent
    assert mailbox.tried == []


def test_who_must_wait_is_waited_for_an_hour_and_no_longer(
    make_mailbox: Make, make_message: Make, now: datetime, refusal: Make
) -> None:
    mailbox = make_mailbox()
    mailbox.answers[SECOND] = "450 4.2.0 greylisted"
    sender = channel(mailbox, recipients=[FIRST, SECOND])

    error = refusal(sender, message=make_message(age=timedelta(minutes=59)))
    assert not error.permanent
    assert "sent to nobody yet" in str(error)
    assert mailbox.tried == []

    receipt = sender.send(make_message(age=timedelta(minutes=60)), now)
    assert mailbox.envelopes[0].rcpt_tos == [FIRST]
    assert "not to 1 of 2" in receipt.text


def test_a_connection_that_breaks_after_the_data_is_tried_again_under_the_same_id(
    make_mailbox: Make, message: Message, now: datetime, refusal: Make
) -> None:
    mailbox = make_mailbox()
    mailbox.hang_up_after_data = True
    error = refusal(channel(mailbox))
    assert not error.permanent
    mailbox.hang_up_after_data = False
    channel(mailbox).send(message, now)
    assert received(mailbox, 0)["Message-ID"] == received(mailbox, 1)["Message-ID"]


def test_a_server_that_says_no_goodbye_has_the_mail(raw_server: Make, message: Message, now: datetime) -> None:
    def behave(connection: socket, _over: threading.Event) -> None:
        with connection.makefile("rwb") as lines:

            def say(text: bytes) -> None:
                lines.write(text + b"\r\n")
                lines.flush()

            say(b"220 mail.example")
            while line := lines.readline():
                if line.upper().startswith(b"DATA"):
                    say(b"354 go on")
                    while lines.readline() != b".\r\n":
                        pass
                elif line.upper().startswith(b"QUIT"):
                    say(b"500 what?")
                    return
                say(b"250 OK")

    class At:
        port = raw_server(behave)

    assert channel(At).send(message, now).text == "250"


def test_nobody_there_is_tried_again(refusal: Make) -> None:
    class Nowhere:
        port = 1

    error = refusal(channel(Nowhere, host="127.0.0.1"))
    assert not error.permanent
    assert "127.0.0.1" in str(error)


@pytest.mark.parametrize("greeting", [b"554 5.7.1 go away\r\n", b"421 busy\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_server_that_does_not_want_to_talk_is_tried_again(raw_server: Make, refusal: Make, greeting: bytes) -> None:
    class At:
        port = raw_server(lambda connection, _over: connection.sendall(greeting))

    assert not refusal(channel(At)).permanent


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_greeting_that_drips_is_cut_off_at_the_deadline(raw_server: Make, drip: Make, refusal: Make, security: str) -> None:
    def greet(connection: socket, over: threading.Event) -> None:
        connection.sendall(b"220-")
        drip(connection, over)

    class At:
        port = raw_server(greet)

    error = refusal(channel(At, security=security, timeout_seconds=0.3))
    assert not error.permanent
    assert "0.3 s" in str(error) or "TLS" in str(error)


def test_an_encrypted_answer_that_drips_is_cut_off_too(
    raw_server: Make, drip: Make, server_tls: Make, ca_file: Path, refusal: Make
) -> None:
    context: ssl.SSLContext = server_tls()

    def greet(connection: socket, over: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            encrypted.sendall(b"220-")
            drip(encrypted, over)

    class At:
        port = raw_server(greet)

    error = refusal(channel(At, security="tls", ca_file=ca_file, timeout_seconds=0.4))
    assert "0.4 s" in str(error)


def test_authorities_that_vanish_are_said_and_tried_again(
    make_mailbox: Make, ca_file: Path, tmp_path: Path, refusal: Make
) -> None:
    copy = tmp_path / "ca.pem"
    copy.write_bytes(ca_file.read_bytes())
    sender = channel(make_mailbox(), security="starttls", ca_file=copy)
    copy.unlink()
    error = refusal(sender)
    assert not error.permanent
    assert "ca_file" in str(error)

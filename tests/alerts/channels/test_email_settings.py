import email
import email.policy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from mailing import BEARER, channel, values

from alerts.channels import ChannelSettingsError, channel_from
from alerts.message import DeliveryError

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"security": "ssl"}, "starttls"),
        ({"security": "tls", "username": "adv", "password": "geheim\n"}, "line end"),
        ({"security": "tls", "username": "adv", "password": "gehéim"}, "ASCII"),
        ({"ca_file": __file__}, "PEM"),
        ({"username": "adv"}, "both"),
        ({"password": "x"}, "both"),
        ({"username": "adv", "password": "x"}, "in the clear"),
        ({"recipients": []}, "at least 1"),
        ({"recipients": ["geen adres"]}, "name@domain"),
        ({"recipients": ["a@b\r\nBcc: c@d"]}, "name@domain"),
        ({"recipients": ["iemand"]}, "name@domain"),
        ({"recipients": ["jos@gemeenté.example"]}, "punycode"),
        ({"sender": "Naam <a@b.example>"}, "name@domain"),
        ({"sender_name": "a\r\nBcc: c@d"}, "sender_name"),
        ({"reply_to": ""}, "name@domain"),
        ({"list_id": "a>\r\nX: y"}, "list_id"),
        ({"host": ""}, "host"),
        ({"host": "mail server"}, "host"),
        ({"port": 0}, "port"),
        ({"port": 70000}, "port"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"ca_file": "/nowhere/ca.pem"}, "ca_file"),
        ({"subject": "x"}, "subject"),
    ],
)
def test_wrong_settings_are_refused_with_the_key_and_what_would_be_right(changes: dict[str, Any], says: str) -> None:
    class Any25:
        port = 25

    with pytest.raises(ChannelSettingsError, match=says):
        channel_from(values(Any25, **changes))


def test_no_error_and_no_repr_shows_the_password() -> None:
    class Any25:
        port = 25

    with pytest.raises(ChannelSettingsError) as caught:
        channel_from(values(Any25, username="adv", password=BEARER))
    assert BEARER not in str(caught.value)
    good = channel(Any25, security="tls", username="adv", password=BEARER)
    assert BEARER not in repr(good)
    assert BEARER not in repr(good._server())


@pytest.mark.parametrize(("security", "port"), [("none", 25), ("starttls", 587), ("tls", 465)])
def test_the_usual_port_is_known(security: str, port: int) -> None:
    class Unsaid:
        port = None

    assert channel(Unsaid, security=security)._server().port == port


def test_an_id_that_would_break_a_header_is_refused(make_message: Make) -> None:
    class Any25:
        port = 25

    with pytest.raises(DeliveryError) as caught:
        channel(Any25).compose(make_message(id="a>\r\nBcc: <x"))
    assert caught.value.permanent


def test_the_date_is_that_of_writing_down(make_message: Make) -> None:
    class Any25:
        port = 25

    mail = email.message_from_bytes(
        channel(Any25).compose(make_message(recorded_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))), policy=email.policy.default
    )
    assert mail["Date"] == "Sun, 01 Mar 2026 23:30:00 +0000"

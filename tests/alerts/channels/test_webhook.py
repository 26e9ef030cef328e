import base64
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels import Webhook
from alerts.channels.webhook import MAX_RETRY_AFTER, parse_retry_after
from alerts.message import Message

SECRET = "whsec_" + base64.b64encode(b"the new key, of 32 bytes, listen").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the old key, of 32 bytes, listen").decode()
BEARER = "abc.def"
SOURCE = "urn:nld:oin:00000001823288444000:systeem:patroonwacht"

Make = Callable[..., Any]


def test_sends_a_signed_cloudevent_over_https(
    make_receiver: Make, ca_file: Path, message: Message, now: datetime, settings: Make
) -> None:
    receiver = make_receiver(names="localhost")
    channel = Webhook.model_validate(
        settings(url=f"https://localhost:{receiver.port}/in?x=1", token=BEARER, ca_file=ca_file, allow_private=True)
    )

    receipt = channel.send(message, now, resolve=lambda _host, _port: ["127.0.0.1"])

    assert receipt.text == "HTTP 202"
    (request,) = receiver.requests
    assert request.path == "/in?x=1"
    assert request.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert request.headers["authorization"] == f"Bearer {BEARER}"
    assert request.headers["webhook-id"] == message.id
    assert request.headers["webhook-timestamp"] == str(int(now.timestamp()))
    event = standardwebhooks.Webhook(SECRET).verify(request.body, request.headers)
    assert event == {
        "specversion": "1.0",
        "id": message.id,
        "source": SOURCE,
        "type": "nl.discriminatiemeldingen.patroon-gedetecteerd.v1",
        "time": message.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "sequence": "0000000042",
        "datacontenttype": "application/json",
        "dataref": "https://console.example/alerts/alert_1",
        "data": {
            "items": [
                {
                    "alert_id": "alert_1",
                    "revision": 1,
                    "reason": message.items[0].reason.value,
                    "municipality": "GM0307",
                    "link": "https://console.example/alerts/alert_1",
                }
            ]
        },
    }


def test_a_grouped_message_is_one_event_with_a_link_per_alert(
    make_receiver: Make, make_message: Make, now: datetime, plain: Make
) -> None:
    receiver = make_receiver()
    plain(receiver).send(make_message(3), now)
    event = json.loads(receiver.requests[0].body)
    assert "dataref" not in event
    assert [item["link"] for item in event["data"]["items"]] == [f"https://console.example/alerts/alert_{n}" for n in (1, 2, 3)]


def test_every_try_has_the_same_id_and_body_and_its_own_time(
    make_receiver: Make, message: Message, now: datetime, plain: Make
) -> None:
    receiver = make_receiver()
    plain(receiver).send(message, now)
    plain(receiver).send(message, now + timedelta(minutes=2))
    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 120


def test_the_time_of_sending_may_come_in_any_zone(make_receiver: Make, message: Message, now: datetime, plain: Make) -> None:
    receiver = make_receiver()
    plain(receiver).send(message, now.astimezone(ZoneInfo("Europe/Amsterdam")))
    standardwebhooks.Webhook(SECRET).verify(receiver.requests[0].body, receiver.requests[0].headers)


def test_while_keys_rotate_the_old_and_the_new_key_both_verify(
    make_receiver: Make, message: Message, now: datetime, plain: Make
) -> None:
    receiver = make_receiver()
    plain(receiver, secrets=[SECRET, OLD_SECRET]).send(message, now)
    plain(receiver, secrets=[SECRET]).send(message, now)
    both, after = receiver.requests
    assert len(both.headers["webhook-signature"].split(" ")) == 2
    for secret in (SECRET, OLD_SECRET):
        standardwebhooks.Webhook(secret).verify(both.body, both.headers)
    standardwebhooks.Webhook(SECRET).verify(after.body, after.headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(OLD_SECRET).verify(after.body, after.headers)


def test_a_changed_body_does_not_verify(make_receiver: Make, message: Message, now: datetime, plain: Make) -> None:
    receiver = make_receiver()
    plain(receiver).send(message, now)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRET).verify(receiver.requests[0].body + b" ", receiver.requests[0].headers)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_is_a_receipt(make_receiver: Make, message: Message, now: datetime, status: int, plain: Make) -> None:
    receiver = make_receiver()
    receiver.answers(status)
    assert plain(receiver).send(message, now).text == f"HTTP {status}"


@pytest.mark.parametrize("status", [400, 405, 406, 411, 413, 414, 415, 417, 422, 431, 451])
def test_an_answer_about_the_message_is_permanent(make_receiver: Make, status: int, plain: Make, refusal: Make) -> None:
    receiver = make_receiver()
    receiver.answers(status, {"Retry-After": "5"})
    error = refusal(plain(receiver))
    assert (error.permanent, error.gone, error.retry_after) == (True, False, None)
    assert f"HTTP {status}" in str(error)


@pytest.mark.parametrize(
    "status", [401, 402, 403, 404, 407, 408, 409, 418, 421, 423, 424, 425, 429, 500, 501, 502, 503, 504, 507]
)
def test_an_answer_that_people_can_mend_is_tried_again(make_receiver: Make, status: int, plain: Make, refusal: Make) -> None:
    receiver = make_receiver()
    receiver.answers(status)
    error = refusal(plain(receiver))
    assert (error.permanent, error.gone, error.retry_after) == (False, False, None)


def test_gone_means_gone(make_receiver: Make, plain: Make, refusal: Make) -> None:
    receiver = make_receiver()
    receiver.answers(410)
    error = refusal(plain(receiver))
    assert error.gone
    assert error.permanent


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_heard(make_receiver: Make, now: datetime, status: int, plain: Make, refusal: Make) -> None:
    receiver = make_receiver()
    receiver.answers(status, {"Retry-After": "120"})
    assert refusal(plain(receiver)).retry_after == timedelta(seconds=120)
    receiver.answers(status, {"Retry-After": format_datetime(now + timedelta(minutes=7), usegmt=True)})
    assert refusal(plain(receiver)).retry_after == timedelta(minutes=7)


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("0", timedelta(0)),
        (" 30 ", timedelta(seconds=30)),
        ("9" * 400, MAX_RETRY_AFTER),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1e3", None),
        ("٣", None),
        (None, None),
        ("Wed, 01 Jan 2020 00:00:00 GMT", timedelta(0)),
        ("Wed, 01 Jan 2020 00:00:00", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER),
    ],
)
def test_reads_retry_after(value: str | None, pause: timedelta | None) -> None:
    assert parse_retry_after(value, datetime(2026, 5, 1, tzinfo=UTC)) == pause


@given(st.text())
def test_no_retry_after_breaks_it(value: str) -> None:
    pause = parse_retry_after(value, datetime(2026, 5, 1, tzinfo=UTC))
    assert pause is None or timedelta(0) <= pause <= MAX_RETRY_AFTER


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_said(make_receiver: Make, status: int, plain: Make, refusal: Make) -> None:
    elsewhere = make_receiver()
    receiver = make_receiver()
    receiver.answers(status, {"Location": f"http://127.0.0.1:{elsewhere.port}/in"})
    error = refusal(plain(receiver))
    assert "redirects are not followed" in str(error)
    assert not error.permanent
    assert elsewhere.requests == []


def test_the_body_of_the_answer_is_neither_read_nor_told(make_receiver: Make, plain: Make, refusal: Make) -> None:
    receiver = make_receiver()
    written = []

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(500)
        handler.send_header("Content-Length", str(1 << 40))
        handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        block = gzip.compress(b"SENSITIVE" * 100_000)
        while True:
            handler.wfile.write(block)
            written.append(len(block))

    receiver.answer = flood
    error = refusal(plain(receiver))
    assert "500" in str(error)
    assert "SENSITIVE" not in str(error)
    assert sum(written) < 64 * 1024 * 1024


def test_an_event_over_64_kb_is_refused_before_it_is_sent(
    make_receiver: Make, make_message: Make, plain: Make, refusal: Make
) -> None:
    receiver = make_receiver()
    error = refusal(plain(receiver), message=make_message(1000))
    assert error.permanent
    assert "group fewer" in str(error)
    assert receiver.requests == []


@pytest.mark.parametrize("bad_id", ["a.b", "a b", "", "x" * 129, "a\r\nX: y", "../a"])
def test_an_id_that_would_break_the_signature_is_refused(
    make_receiver: Make, make_message: Make, bad_id: str, plain: Make, refusal: Make
) -> None:
    receiver = make_receiver()
    assert refusal(plain(receiver), message=make_message(id=bad_id)).permanent
    assert receiver.requests == []


def test_a_message_without_alerts_is_refused(make_receiver: Make, make_message: Make, plain: Make, refusal: Make) -> None:
    assert refusal(plain(make_receiver()), message=make_message(0)).permanent


def test_errors_name_the_host_only(make_receiver: Make, plain: Make, refusal: Make) -> None:
    receiver = make_receiver()
    receiver.answers(403)
    channel = plain(receiver, url=f"http://127.0.0.1:{receiver.port}/hook/S3CRET?key=S3CRET", token=BEARER)
    text = str(refusal(channel))
    assert "S3CRET" not in text
    assert BEARER not in text

import base64
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.channels import ChannelSettingsError, Webhook, channel_from
from alerts.channels._signing import SIGNERS

SECRET = "whsec_" + base64.b64encode(b"the new key, of 32 bytes, listen").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the old key, of 32 bytes, listen").decode()
BEARER = "abc.def"
SOURCE = "urn:nld:oin:00000001823288444000:systeem:patroonwacht"

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": "http://ontvanger.example/"}, "https"),
        ({"url": "ftp://ontvanger.example/"}, "https://host/path"),
        ({"url": "https:///x"}, "https://host/path"),
        ({"url": "https://a:b@ontvanger.example/"}, "no user name"),
        ({"url": "https://ontvanger.example/#x"}, "fragment"),
        ({"url": "https://ontvanger.example/a b"}, "percent-encoding"),
        ({"url": "https://ontvanger.example/\r\nX:"}, "percent-encoding"),
        ({"url": "https://ontvangér.example/"}, "punycode"),
        ({"url": "https://ontvanger.example:99999/"}, "port"),
        ({"secrets": []}, "at least 1"),
        ({"secrets": ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}, "starts with whsec_"),
        ({"secrets": ["whsec_" + base64.b64encode(b"x" * 23).decode()]}, "24 to 64"),
        ({"secrets": ["whsec_" + base64.b64encode(b"x" * 65).decode()]}, "24 to 64"),
        ({"secrets": ["whsec_!!!!"]}, "base64"),
        ({"token": "abc\r\nX: y"}, "bearer token"),
        ({"source": "https://ontvanger.example"}, "source"),
        ({"source": "urn:nld:oin:123:systeem:x"}, "source"),
        ({"signature": "none"}, "standard-webhooks"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"ca_file": "/nowhere/ca.pem"}, "ca_file"),
        ({"retries": 3}, "retries"),
    ],
)
def test_wrong_settings_are_refused_with_the_key_and_what_would_be_right(
    changes: dict[str, Any], says: str, settings: Make
) -> None:
    with pytest.raises(ChannelSettingsError, match=says):
        channel_from(settings(**changes))


def test_no_error_and_no_repr_shows_a_secret(settings: Make) -> None:
    wrong = "whsec_" + base64.b64encode(b"VERYSECRET").decode()
    with pytest.raises(ChannelSettingsError) as caught:
        channel_from(settings(secrets=[wrong], token=BEARER + " "))
    assert wrong not in str(caught.value)
    assert BEARER not in str(caught.value)
    assert caught.value.__suppress_context__
    with pytest.raises(ValidationError) as direct:
        Webhook.model_validate(settings(secrets=[wrong]))
    assert wrong not in str(direct.value)
    good = Webhook.model_validate(settings(token=BEARER))
    assert SECRET not in repr(good)
    assert SECRET not in repr(SIGNERS["standard-webhooks"]([SECRET]))


def test_several_secrets_may_come_as_one_text_from_the_environment(settings: Make) -> None:
    assert len(Webhook.model_validate(settings(secrets=f"{SECRET}\n{OLD_SECRET}\n")).secrets) == 2


def test_every_named_signature_has_a_signer() -> None:
    annotation = Webhook.model_fields["signature"].annotation
    assert set(getattr(annotation, "__args__", ())) == set(SIGNERS)


def test_settings_are_fixed(settings: Make) -> None:
    channel = Webhook.model_validate(settings())
    with pytest.raises(ValidationError):
        channel.url = "https://elsewhere.example/"

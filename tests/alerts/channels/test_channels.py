import inspect
import json
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

import alerts.channels
from alerts.channels import CHANNELS, ChannelSettings, ChannelSettingsError, Email, FileDrop, channel_from
from alerts.channels._event import MAX_EVENT_BYTES, cloud_event
from alerts.message import Channel, Message, MessageItem, Reason
from alerts.pattern import Pattern
from alerts.render import html, subject, text

FOLDER = Path(alerts.channels.__file__).parent
DOCS = Path(__file__).resolve().parents[3] / "docs" / "channels.md"


def test_the_registry_equals_the_folder() -> None:
    files = {path.stem for path in FOLDER.glob("*.py") if not path.name.startswith("_")}
    assert files == set(CHANNELS)
    for kind, channel in CHANNELS.items():
        assert channel.__module__ == f"alerts.channels.{kind}"
        assert channel.model_fields["kind"].default == kind


def test_the_union_of_settings_equals_the_registry() -> None:
    assert set(get_args(get_args(ChannelSettings)[0])) == set(CHANNELS.values())


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS.keys())
def test_every_channel_is_fixed_and_takes_no_unknown_key(channel: type[BaseModel]) -> None:
    assert channel.model_config["frozen"]
    assert channel.model_config["extra"] == "forbid"
    assert channel.model_config["hide_input_in_errors"]


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS.keys())
def test_every_channel_keeps_the_promise_of_send(channel: type[BaseModel]) -> None:
    promised = list(inspect.signature(Channel.send).parameters)
    own = inspect.signature(channel.send).parameters  # type: ignore[attr-defined]  # that it has one is the point
    assert list(own)[: len(promised)] == promised
    assert all(parameter.default is not inspect.Parameter.empty for name, parameter in own.items() if name not in promised)


@pytest.mark.parametrize("kind", CHANNELS)
def test_secret_keys_are_the_secret_fields(kind: str) -> None:
    channel = CHANNELS[kind]
    secret = {name for name, field in channel.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert channel.secret_keys == secret


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_setting_of_every_channel_is_documented(kind: str) -> None:
    chapter = DOCS.read_text(encoding="utf-8").split(f'kind = "{kind}"', 1)[1].split("\n## ", 1)[0]
    assert {name for name in CHANNELS[kind].model_fields if f"`{name}`" not in chapter} == set()


@pytest.mark.parametrize("table", [{}, {"kind": "fax"}, {"kind": 3}, {"kind": "file"}])
def test_a_table_without_a_channel_says_what_would_be_right(table: dict[str, Any]) -> None:
    with pytest.raises(ChannelSettingsError, match=r"kind|folder"):
        channel_from(table)


def test_channels_can_be_part_of_larger_settings() -> None:
    adapter: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, ChannelSettings])
    assert adapter.validate_python({"uit": {"kind": "file", "folder": "uit"}}) == {"uit": FileDrop(folder=Path("uit"))}


def test_a_message_has_no_field_that_could_hold_what_a_pattern_may_not_tell() -> None:
    sensitive = {field.name for field in fields(Pattern)} - {"municipality", "municipality_name", "revision", "recorded_at"}
    assert sensitive >= {"area_codes", "area_names", "community", "ground", "geometry", "observed", "key"}
    assert not sensitive & {field.name for kind in (Message, MessageItem) for field in fields(kind)}


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=60)
items = st.builds(
    MessageItem,
    alert_id=words,
    revision=st.integers(1, 10**6),
    reason=st.sampled_from(Reason),
    municipality=words,
    municipality_name=words,
    link=st.from_regex(r"https://console\.example/alerts/[a-z0-9]{1,20}", fullmatch=True),
)
messages = st.builds(
    Message,
    id=st.from_regex(r"[A-Za-z0-9_-]{1,128}", fullmatch=True),
    sequence=st.integers(0, 10**10 - 1),
    destination=words,
    language=st.sampled_from(["nl", "en", "nl-NL", "en_US", "fy", ""]),
    recorded_at=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
    items=st.lists(items, min_size=1, max_size=4).map(tuple),
)


@given(messages)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_message_makes_an_event_of_allowed_attributes_only(message: Message) -> None:
    body = cloud_event(message, "urn:nld:oin:00000001823288444000:systeem:x")
    event = json.loads(body)
    assert len(body) <= MAX_EVENT_BYTES
    assert set(event) <= {"specversion", "id", "source", "type", "time", "sequence", "datacontenttype", "dataref", "data"}
    assert set(event["data"]) == {"items"}
    for item in event["data"]["items"]:
        assert set(item) == {"alert_id", "revision", "reason", "municipality", "link"}
    assert datetime.fromisoformat(event["time"]) == message.recorded_at.replace(
        microsecond=message.recorded_at.microsecond // 1000 * 1000
    )


@given(messages)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_message_makes_a_mail_that_reads_back(message: Message) -> None:
    mail = Email(host="mail.example", sender="a@adv.example", recipients=("b@gemeente.example",)).compose(message)
    assert mail.isascii()
    assert mail.count(b"\r\nMessage-ID: ") == 1
    assert all(item.link in text(message) and item.link in html(message) for item in message.items)


@given(messages)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_the_subject_never_depends_on_more_than_number_and_language(message: Message) -> None:
    bare = Message("x", 1, "", message.language, datetime.combine(date(2026, 1, 1), datetime.min.time()), message.items)
    assert subject(message) == subject(bare)
    assert "\n" not in subject(message)


def test_sequences_sort_as_text(make_message: Callable[..., Message]) -> None:
    source = "urn:nld:oin:00000001823288444000:systeem:x"
    told = [json.loads(cloud_event(make_message(sequence=number), source))["sequence"] for number in (2, 10, 99, 100, 4 * 10**9)]
    assert told == sorted(told)

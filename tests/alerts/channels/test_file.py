import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import ChannelSettingsError, FileDrop, channel_from
from alerts.channels._event import cloud_event
from alerts.message import Message

Make = Callable[..., Any]


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_writes_the_event_under_the_messages_id(tmp_path: Path, message: Message, now: datetime) -> None:
    drop = FileDrop(folder=tmp_path / "uit")
    assert drop.send(message, now).text == "msg_01HZX5.json"
    assert names(tmp_path / "uit") == ["msg_01HZX5.json"]
    event = json.loads((tmp_path / "uit" / "msg_01HZX5.json").read_text(encoding="utf-8"))
    assert event["id"] == message.id
    assert event["dataref"] == message.items[0].link


def test_is_the_event_that_a_webhook_would_send(tmp_path: Path, message: Message, now: datetime) -> None:
    source = "urn:nld:oin:00000001823288444000:systeem:adv"
    FileDrop(folder=tmp_path, source=source).send(message, now)
    assert (tmp_path / "msg_01HZX5.json").read_bytes() == cloud_event(message, source)


def test_the_same_message_again_leaves_one_equal_file(tmp_path: Path, message: Message, now: datetime) -> None:
    drop = FileDrop(folder=tmp_path)
    drop.send(message, now)
    before = (tmp_path / "msg_01HZX5.json").read_bytes()
    drop.send(message, now)
    assert names(tmp_path) == ["msg_01HZX5.json"]
    assert (tmp_path / "msg_01HZX5.json").read_bytes() == before


def test_what_a_crash_left_half_written_is_cleared_and_others_left_alone(tmp_path: Path, message: Message, now: datetime) -> None:
    (tmp_path / ".msg_01HZX5.json.0123456789abcdef.part").write_bytes(b'{"half')
    (tmp_path / ".msg_01OTHER.json.0123456789abcdef.part").write_bytes(b'{"half')
    FileDrop(folder=tmp_path).send(message, now)
    assert names(tmp_path) == [".msg_01OTHER.json.0123456789abcdef.part", "msg_01HZX5.json"]


def test_a_folder_whose_parent_is_missing_is_not_made_up(tmp_path: Path, refusal: Make) -> None:
    error = refusal(FileDrop(folder=tmp_path / "not mounted" / "uit"))
    assert not error.permanent
    assert "see that the folder exists" in str(error)
    assert names(tmp_path) == []


def test_a_file_where_the_folder_should_be_is_tried_again(tmp_path: Path, refusal: Make) -> None:
    (tmp_path / "uit").write_text("")
    assert not refusal(FileDrop(folder=tmp_path / "uit")).permanent


def test_a_folder_that_may_not_be_written_is_tried_again_and_left_clean(tmp_path: Path, refusal: Make) -> None:
    folder = tmp_path / "uit"
    folder.mkdir()
    if os.geteuid() == 0:
        # Nothing is forbidden to root, so be somebody else for a moment; the way to the folder must be open to them.
        for parent in [folder, *folder.parents]:
            if parent.owner() == "root" and parent not in {Path("/"), Path("/tmp")}:  # noqa: S108  # no file is made by name
                parent.chmod(0o755)
        os.seteuid(65534)
        try:
            error = refusal(FileDrop(folder=folder))
        finally:
            os.seteuid(0)
    else:
        folder.chmod(0o500)
        error = refusal(FileDrop(folder=folder))
        folder.chmod(0o700)
    assert not error.permanent
    assert "Permission denied" in str(error)
    assert names(folder) == []


@pytest.mark.parametrize("bad_id", ["../outside", "a/b", "a.b", ".", ""])
def test_no_id_leads_out_of_the_folder(tmp_path: Path, make_message: Make, refusal: Make, bad_id: str) -> None:
    folder = tmp_path / "uit"
    error = refusal(FileDrop(folder=folder), message=make_message(id=bad_id))
    assert error.permanent
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"folder": ""}, "folder"), ({"source": "x"}, "source"), ({"detail": "pattern"}, "detail"), ({"folder": None}, "folder")],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ChannelSettingsError, match=says):
        channel_from({"kind": "file", "folder": "uit", **changes})

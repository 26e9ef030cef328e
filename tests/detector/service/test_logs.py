import ast
import io
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

import alerts
import detector
from detector.service.logs import HARMLESS, LEFT_OUT, configure_logs
from detector.store.errors import StoreError


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def _configured(level: str = "info", *, json_lines: bool = True) -> io.StringIO:
    stream = io.StringIO()
    configure_logs(level, json_lines=json_lines, clean_errors=(StoreError,), stream=stream)
    return stream


def test_an_event_is_one_line_of_json() -> None:
    before = structlog.get_logger("detector.made.before")
    stream = _configured()
    before.info("run.done", municipality="GM0001", findings=3)
    [line] = _lines(stream)
    assert line.pop("timestamp").endswith("Z")
    expected = {"event": "run.done", "level": "info", "logger": "detector.made.before", "municipality": "GM0001", "findings": 3}
    assert line == expected


def test_a_key_that_is_not_known_to_be_harmless_keeps_its_value_to_itself() -> None:
    stream = _configured()
    structlog.get_logger("x").warning("row", community="moslims", report_id="2024-17", authorization="Bearer t")
    [line] = _lines(stream)
    assert {line[key] for key in ("community", "report_id", "authorization")} == {LEFT_OUT}


def _fail() -> None:
    try:
        int("secret@example.org")
    except ValueError as error:
        raise StoreError("make room on the disk") from error


def test_an_error_tells_kind_and_place_but_its_text_only_where_that_is_clean() -> None:
    stream = _configured()
    log = structlog.get_logger("x")
    try:
        _fail()
    except StoreError:
        log.exception("step.failed")
        logging.getLogger("library").exception("it failed")
    for line in _lines(stream):
        assert line["exception"].startswith("StoreError: make room on the disk at test_logs.py:")
        assert "ValueError at test_logs.py:" in line["exception"]
    assert len(_lines(stream)) == 2
    assert "secret" not in stream.getvalue()


def test_libraries_and_warnings_come_the_same_way_without_their_chatter() -> None:
    stream = _configured()
    logging.getLogger("uvicorn.error").info("chatter")
    logging.getLogger("uvicorn.error").warning("started")
    logging.getLogger("uvicorn.access").info("GET /?x=secret")
    logging.getLogger("httpx").info("HTTP Request: POST https://hook.example/secret")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old habit", stacklevel=1)
    started, warned = _lines(stream)
    assert (started["event"], started["logger"]) == ("started", "uvicorn.error")
    assert "old habit" in warned["event"]


def test_the_level_holds_and_text_is_for_people() -> None:
    stream = _configured("warning", json_lines=False)
    structlog.get_logger("x").info("not told")
    structlog.get_logger("x").warning("told", community="moslims")
    assert "not told" not in stream.getvalue()
    assert "told" in stream.getvalue()
    assert LEFT_OUT in stream.getvalue()
    assert "moslims" not in stream.getvalue()


def _keys_logged() -> dict[str, str]:
    keys: dict[str, str] = {}
    for package in (detector, alerts):
        for path in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id in {"log", "logger"}:
                    keys.update({word.arg: path.name for word in node.keywords if word.arg is not None})
    return keys


def test_every_key_that_the_code_logs_is_known_to_be_harmless() -> None:
    keys = _keys_logged()
    assert "error" in keys
    # Whoever adds one thinks about what its values can be, and puts it on the list.
    assert {key: where for key, where in keys.items() if key not in HARMLESS} == {}

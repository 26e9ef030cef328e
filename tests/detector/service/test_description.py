"""The description of the whole interface, held against the real service in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from alerting import COMMUNITY, make_pattern

from alerts import tokens
from alerts.alert import Actor, Role
from alerts.tokens import Scope

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)
INTAKE = "for-intake-alone-and-nothing-else"


def test_the_service_does_what_its_description_says_whatever_is_sent(
    make_service: Callable[..., Any], wait_for: Callable[..., Any], tmp_path: Path
) -> None:
    service = make_service('[console]\napi_requests_per_minute = 1000000\n[log]\nlevel = "warning"\n')
    now = datetime.now(UTC)
    with service.opened() as installation:
        for number in range(4):
            changes = COMMUNITY if number % 2 else {}
            installation.alerts.receive(make_pattern(f"p{number}", recorded_at=now, **changes), now)
        _, secret = tokens.add(
            installation.alerts_engine,
            "everything",
            tuple(Scope),
            Actor("ada", Role.ADMINISTRATOR),
            now,
            expires_at=now + timedelta(days=1),
        )
    service.environ["PATROONWACHT_INTAKE__TOKENS"] = json.dumps([secret])
    process = service.start("console")
    url = f"http://127.0.0.1:{service.environ['PATROONWACHT_PORT']}"

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/v1/openapi.json", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    wait_for(answers, "the service answers")
    words = [f"{url}/v1/openapi.json", "--url", f"{url}/v1", "--header", f"Authorization: Bearer {secret}"]
    words += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "7"]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", *words, "--generation-database", "none", "--no-color"],
        cwd=tmp_path,
        env={**os.environ, "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert process.poll() is None
    assert "api.failed" not in service.log.read_text()

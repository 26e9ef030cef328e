from pathlib import Path

import pytest

from detector.configuration import load
from detector.ingest.errors import IntakeError
from detector.service.installation import Installation


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, "http://127.0.0.1:8199"),
        ({"PATROONWACHT_HOST": "0.0.0.0"}, "http://127.0.0.1:8199"),  # noqa: S104 - nothing listens
        ({"PATROONWACHT_HOST": "::1"}, "http://[::1]:8199"),
        ({"PATROONWACHT_ALERTS__CONSOLE_URL": "https://example.org"}, "https://example.org"),
    ],
)
def test_messages_link_to_where_the_service_listens_unless_told_otherwise(
    environ: dict[str, str], address: str, tmp_path: Path
) -> None:
    given = {"PATROONWACHT_DATA_DIR": str(tmp_path), "PATROONWACHT_PORT": "8199"}
    installation = Installation(load(environ=given | environ).settings)
    try:
        assert installation.alerts.settings.console_url == address
    finally:
        installation.close()


def test_a_drop_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    given = {"PATROONWACHT_DATA_DIR": str(tmp_path), "PATROONWACHT_INTAKE__INBOX": str(tmp_path / "taken")}
    installation = Installation(load(environ=given).settings)
    try:
        with pytest.raises(IntakeError, match=r"intake\.inbox"):
            installation.inbox_folders()
    finally:
        installation.close()

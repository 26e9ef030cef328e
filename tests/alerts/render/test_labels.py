import json
from pathlib import Path

import pytest

from alerts.render import labels


@pytest.mark.parametrize(("rubric", "words"), [("grond", labels.GROUNDS), ("terrein", labels.DOMAINS), ("aard", labels.NATURES)])
def test_every_statutory_code_has_words(shared_data: Path, rubric: str, words: dict[str, str]) -> None:
    codes = {entry["code"] for entry in json.loads((shared_data / "codelists.json").read_text(encoding="utf-8"))[rubric]}
    assert set(words) == codes

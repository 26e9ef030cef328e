import pytest

from alerts.console.api.bodies import JSON
from detector.service.api_body import JSON_LINES, BodyError, parse_records


def _told(text: str, media: str) -> list[str]:
    with pytest.raises(BodyError) as caught:
        parse_records(text.encode(), media)
    return caught.value.errors


def test_an_error_names_one_line_and_the_right_one() -> None:
    assert _told('{}\n{"a": x}\n', JSON_LINES) == ["line 2: not JSON: Expecting value (column 7)"]
    assert _told('[{},\n{"a": x}]', JSON) == ["not JSON: Expecting value (line 2, column 7)"]


def test_a_number_that_is_too_long_is_called_so() -> None:
    long = f'{{"x": {"7" * 5_000}}}'
    says = "not JSON: a number is too long; it can have 1,000 digits"
    assert _told(long, JSON) == [says]
    assert _told(f"{{}}\n{long}", JSON_LINES) == [f"line 2: {says}"]
    assert parse_records(b'[{"x": 12, "y": -3}]', JSON) == [{"x": 12, "y": -3}]

"""What stays together on one line."""

import pytest

from alerts.render.tied import tied


@pytest.mark.parametrize(
    ("lang", "text", "torn"),
    [
        ("nl", "meer dan 10", "meer~dan~10"),
        ("nl", "gewoonlijk minder dan 1", "gewoonlijk minder~dan~1"),
        ("nl", "sinds 2 maart 6 à 10 meldingen binnen", "sinds 2~maart 6~à~10 meldingen binnen"),
        ("nl", "2 maart 2026 tot en met 17 mei", "2~maart~2026 tot en met 17~mei"),
        ("nl", "3 mrt 2026, 14:05", "3~mrt~2026,~14:05"),
        ("nl", "hooguit eens in de 14 maanden", "hooguit eens in de 14 maanden"),
        ("nl", "Meer dan 10, in 3 maanden", "Meer~dan~10, in 3 maanden"),
        ("en", "Since 3 March, 6 to 10 reports; about 5", "Since 3~March, 6~to~10 reports; about~5"),
        ("en", "1,000 to 2,500 or more than 3,000", "1,000~to~2,500 or more~than~3,000"),
        ("en", "12 May 2026 to 3 Jun 2026 inclusive", "12~May~2026 to 3~Jun~2026 inclusive"),
        ("de", "meer dan 10", "meer~dan~10"),
    ],
)
def test_dates_counts_and_ranges_are_not_torn(lang: str, text: str, torn: str) -> None:
    assert tied(text, lang) == torn.replace("~", "\N{NO-BREAK SPACE}")


def test_nothing_else_changes() -> None:
    text = "In de wijk Koppel 2: 3 mensen, de 5e week, 10 van de 12, maart 2026"
    assert tied(text, "nl") == text

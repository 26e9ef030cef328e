"""A disclosed pattern, told in full as plain text: what a reader at a terminal sees of an alert."""

from collections.abc import Iterator

from babel.support import Translations

from alerts.names import NO_NAMES, Names
from alerts.pattern import Breakdown, Pattern, PatternKind, PatternState, WeekPoint
from alerts.render.catalogue import catalogue, marked
from alerts.render.labels import code_words, method_words, rubric_words
from alerts.render.sentence import why_sentence
from alerts.render.words import (
    areas_words,
    band_words,
    date_words,
    expected_words,
    list_words,
    number_words,
    period_words,
    recurrence_words,
)

_KINDS = {
    PatternKind.PLACE: marked("Several reports in one place"),
    PatternKind.COMMUNITY: marked("Several reports that concern one group or subject"),
    PatternKind.PLACE_COMMUNITY: marked("Several reports in one place that concern one group or subject"),
}

_STATES = {
    PatternState.ACTIVE: marked("goes on"),
    PatternState.QUIET: marked("quiet now"),
}


def alert_text(pattern: Pattern, lang: str, names: Names = NO_NAMES) -> str:
    """Everything that the pattern may tell, in paragraphs and lines of ``name: value``; ends without a line end."""
    sections = [
        _heading(pattern, lang),
        why_sentence(pattern, lang, names),
        "\n".join(_facts(pattern, lang, names)),
        *(_breakdown(breakdown, lang, names) for breakdown in pattern.breakdowns),
        _weeks(pattern.weekly, lang),
        _caution(pattern, lang),
    ]
    return "\n\n".join(section for section in sections if section)


def _heading(pattern: Pattern, lang: str) -> str:
    return catalogue(lang).gettext(_KINDS[pattern.kind])


def _facts(pattern: Pattern, lang: str, names: Names) -> Iterator[str]:
    translations = catalogue(lang)
    yield _line(translations.gettext("Municipality"), pattern.municipality_name)
    if pattern.area_names and pattern.level != "municipality":
        yield _line(translations.gettext("Where"), areas_words(pattern.area_names, pattern.level, lang))
    for rubric, code in (("community", pattern.community), ("ground", pattern.ground), ("domain", pattern.domain)):
        if code is not None:
            yield _line(rubric_words(rubric, lang), code_words(rubric, code, lang, names))
    yield _line(translations.gettext("Period"), period_words(pattern.window_from, pattern.window_to, lang))
    yield _line(translations.gettext("Reports"), band_words(pattern.observed, lang))
    yield _line(translations.gettext("Usually"), expected_words(pattern.expected, lang))
    if pattern.relative_risk is not None:
        times = translations.gettext("about %(count)s times as many") % {
            "count": number_words(pattern.relative_risk, lang, decimals=1)
        }
        yield _line(translations.gettext("Compared"), times)
    yield _line(translations.gettext("By chance"), recurrence_words(pattern.recurrence_interval_days, lang))
    yield from _methods(pattern, translations, lang)
    for campaign in pattern.campaigns:
        period = period_words(campaign.starts_on, campaign.ends_on, lang)
        yield _line(translations.gettext("Campaign"), f"{campaign.name} ({period})")
    yield _line(translations.gettext("State"), translations.gettext(_STATES[pattern.state]))
    yield _line(translations.gettext("First seen"), date_words(pattern.first_seen, lang))
    yield _line(translations.gettext("Last seen"), date_words(pattern.last_seen, lang))
    if pattern.predecessors:
        yield _line(translations.gettext("Came from"), list_words(pattern.predecessors, lang))
    yield _line(
        translations.gettext("Pattern"),
        translations.gettext("%(key)s, revision %(revision)s") % {"key": pattern.key, "revision": pattern.revision},
    )
    yield _line(translations.gettext("Rules"), f"{pattern.rule.settings_hash}, {pattern.rule.code_version}")


def _methods(pattern: Pattern, translations: Translations, lang: str) -> Iterator[str]:
    for says in pattern.methods:
        detail = f"; {says.detail}" if says.detail else ""
        words = f"{method_words(says.method, lang)} ({recurrence_words(says.recurrence_interval_days, lang)}{detail})"
        yield _line(translations.gettext("Seen by"), words)


def _breakdown(breakdown: Breakdown, lang: str, names: Names) -> str:
    lines = [
        f"  {code_words(breakdown.rubric, cell.code, lang, names)}: {band_words(cell.band, lang)}" for cell in breakdown.cells
    ]
    return "\n".join([f"{rubric_words(breakdown.rubric, lang)}:", *lines]) if lines else ""


def _weeks(weekly: tuple[WeekPoint, ...], lang: str) -> str:
    translations = catalogue(lang)
    line = translations.gettext("  week of %(day)s: %(observed)s (usually %(expected)s)")
    lines = [
        line
        % {
            "day": date_words(point.week_from, lang),
            "observed": band_words(point.observed, lang),
            "expected": expected_words(point.expected, lang),
        }
        for point in weekly
    ]
    return "\n".join([translations.gettext("Reports so far, at the end of each week:"), *lines]) if lines else ""


def _caution(pattern: Pattern, lang: str) -> str:
    """What the figures do not say."""
    translations = catalogue(lang)
    sentences = [
        translations.gettext(
            "This is no judgement on an area, a group or a person: it says that more reports came in than usual."
        ),
        translations.gettext("More reports can also mean that people find their way to the service more easily."),
    ]
    if any(cell.band is None for breakdown in pattern.breakdowns for cell in breakdown.cells) or pattern.observed is None:
        sentences.append(translations.gettext("What is ‘not shown’ is too small to tell, or would give another number away."))
    return " ".join(sentences)


def _line(name: str, value: str) -> str:
    return f"{name}: {value}"

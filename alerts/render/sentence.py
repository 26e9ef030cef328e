"""Why a pattern is one, in a sentence or two that can be read aloud."""

from datetime import date

from babel.support import Translations

from alerts.names import NO_NAMES, Names
from alerts.pattern import Pattern, WhyPart
from alerts.render import why
from alerts.render.catalogue import catalogue
from alerts.render.labels import code_words
from alerts.render.words import (
    areas_words,
    band_words,
    date_words,
    expected_words,
    parse_band,
    period_words,
    recurrence_words,
)


def why_sentence(pattern: Pattern, lang: str, names: Names = NO_NAMES) -> str:
    """The pattern's reasons as one text.

    For example ``In de wijk Kruiskamp kwamen sinds 3 maart 6 à 10 meldingen binnen; gewoonlijk zijn dat er 1 à 2.`` The year
    is left out where it is that of the pattern's record. A part that this version does not know is named, not dropped.

    Raises:
        ValueError: a part lacks a value, or one that is no date, band or number.
    """
    return " ".join(part_sentence(part, lang, this_year=pattern.recorded_at.year, names=names) for part in pattern.why)


def part_sentence(part: WhyPart, lang: str, *, this_year: int | None = None, names: Names = NO_NAMES) -> str:
    """One part of a why-sentence as a sentence.

    Raises:
        ValueError: the part lacks a value, or has one that is no date, band or number.
    """
    translations = catalogue(lang)
    missing = why.REQUIRED.get(part.message, frozenset()) - part.values.keys()
    if missing:
        raise ValueError(f"the part {part.message!r} of a why-sentence lacks {', '.join(sorted(missing))}")
    match part.message:
        case why.PLACE_COUNT | why.COMMUNITY_COUNT | why.PLACE_COMMUNITY_COUNT:
            return _count_sentence(part, lang, this_year, names)
        case why.CAMPAIGN_OVERLAP:
            first, last = _day(part, "starts_on"), _day(part, "ends_on")
            # Without its name for who may not see which community: the name could give that away.
            text = (
                translations.gettext("In these weeks the campaign ‘%(campaign)s’ ran (%(period)s); it may explain a rise.")
                if part.values["campaign"]
                else translations.gettext("In these weeks a campaign ran (%(period)s); it may explain a rise.")
            )
            period = period_words(first, last, lang, this_year=this_year)
            return text % {"campaign": part.values["campaign"], "period": period}
        case why.CHANCE:
            return translations.gettext("By chance alone this would happen %(recurrence)s.") % {
                "recurrence": recurrence_words(float(part.values["recurrence_interval_days"]), lang)
            }
        case _:
            return translations.gettext("There is a further explanation (%(name)s) that needs a newer version of this page.") % {
                "name": part.message
            }


def _count_sentence(part: WhyPart, lang: str, this_year: int | None, names: Names) -> str:
    """Where, when, how many, about what, and how many it usually is."""
    translations = catalogue(lang)
    band = parse_band(str(part.values["band"]))
    until = part.values.get("until")
    since = _day(part, "since")
    values = {
        "where": _where(part, lang),
        "since": date_words(since, lang, this_year=this_year),
        "period": period_words(since, _day(part, "until"), lang, this_year=this_year) if until else "",
        "count": band_words(band, lang),
        "about": _about(part, translations, lang, names),
        "expected": expected_words(float(part.values["expected"]), lang),
    }
    if band is None:
        text = (
            translations.gettext("From %(period)s, more reports%(about)s than usual came in from %(where)s.")
            if until
            else translations.gettext("Since %(since)s, more reports%(about)s than usual have come in from %(where)s.")
        )
    elif until:
        text = translations.gettext(
            "From %(period)s, %(count)s reports%(about)s came in from %(where)s; usually there are %(expected)s."
        )
    else:
        text = translations.gettext(
            "Since %(since)s, %(count)s reports%(about)s have come in from %(where)s; usually there are %(expected)s."
        )
    return text % values


def _where(part: WhyPart, lang: str) -> str:
    if part.message == why.COMMUNITY_COUNT:
        return areas_words([str(part.values["municipality"])], "municipality", lang)
    return areas_words(str(part.values["areas"]).split(why.AREA_SEPARATOR), str(part.values["level"]), lang)


def _about(part: WhyPart, translations: Translations, lang: str, names: Names) -> str:
    """What the reports concern, with the space that goes before; nothing for all reports."""
    if part.message == why.PLACE_COUNT:
        return ""
    rubric, code = str(part.values["rubric"]), str(part.values["code"])
    if rubric == "community" and not code:
        return " " + translations.gettext("that concern one and the same community")
    if rubric == "ground":
        text = translations.gettext("on the ground ‘%(name)s’")
    elif rubric == "domain":
        text = translations.gettext("in the domain ‘%(name)s’")
    else:
        text = translations.gettext("that concern the community ‘%(name)s’")
    return " " + text % {"name": code_words(rubric, code, lang, names)}


def _day(part: WhyPart, key: str) -> date:
    try:
        return date.fromisoformat(str(part.values[key]))
    except ValueError:
        raise ValueError(f"{key} in the part {part.message!r} of a why-sentence is not a date (YYYY-MM-DD)") from None

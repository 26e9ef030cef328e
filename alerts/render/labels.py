"""The words for the codes of the statutory rubrics; codes that an operator adds are shown as they are written."""

from typing import Final

from alerts.render.catalogue import catalogue, marked

GROUNDS: Final = {
    "herkomst_huidskleur": marked("Origin, skin colour, ethnicity"),
    "handicap": marked("Disability or chronic illness"),
    "geslacht": marked("Sex or gender (pregnancy included)"),
    "seksuele_gerichtheid": marked("Sexual orientation"),
    "leeftijd": marked("Age"),
    "niet_wettelijk": marked("Other, non-statutory grounds"),
    "nationaliteit": marked("Nationality"),
    "godsdienst": marked("Religion"),
    "antisemitisme": marked("Antisemitism"),
    "levensovertuiging": marked("Philosophy of life"),
    "politieke_gezindheid": marked("Political opinion"),
    "burgerlijke_staat": marked("Civil status"),
    "arbeidsduur": marked("Working hours"),
    "arbeidscontract": marked("Permanent or temporary contract"),
    "onbekend": marked("Unknown"),
}

DOMAINS: Final = {
    "arbeidsmarkt": marked("Labour market"),
    "collectieve_voorzieningen": marked("Public and collective services"),
    "buurt_wijk": marked("Neighbourhood life"),
    "openbare_ruimte": marked("Public space"),
    "commerciele_dienstverlening": marked("Commercial services"),
    "horeca_amusement": marked("Hospitality and nightlife"),
    "onderwijs": marked("Education"),
    "huisvesting": marked("Housing"),
    "media_reclame": marked("Media and advertising (online included)"),
    "sport_recreatie": marked("Sport and recreation"),
    "politie_om_vreemdelingendienst": marked("Police, prosecution, aliens department"),
    "publieke_politieke_opinie": marked("Public or political opinion"),
    "privesfeer": marked("Private sphere"),
}

NATURES: Final = {
    "omstreden_behandeling": marked("Contested treatment"),
    "vijandige_bejegening": marked("Hostile conduct (utterances and graffiti included)"),
    "bedreiging": marked("Threat"),
    "geweld": marked("Violence"),
    "overig": marked("Other or unknown"),
}

RUBRICS: Final = {
    "ground": marked("Ground"),
    "domain": marked("Domain"),
    "nature": marked("Nature"),
    "community": marked("Community"),
}

METHODS: Final = {
    "scan": marked("scan statistic"),
    "density": marked("density of places and days"),
    "threshold": marked("rule of the service"),
}

_BY_RUBRIC: Final = {"ground": GROUNDS, "domain": DOMAINS, "nature": NATURES}


def _told(words: dict[str, str], code: str, lang: str) -> str:
    text = words.get(code)
    return code.replace("_", " ") if text is None else catalogue(lang).gettext(text)


def code_words(rubric: str, code: str, lang: str) -> str:
    """What ``code`` of ``rubric`` (``ground``, ``domain``, ``nature``, ``community``) is called."""
    return _told(_BY_RUBRIC.get(rubric, {}), code, lang)


def rubric_words(rubric: str, lang: str) -> str:
    """What a rubric is called."""
    return _told(RUBRICS, rubric, lang)


def method_words(method: str, lang: str) -> str:
    """What a pattern method is called."""
    return _told(METHODS, method, lang)

"""The words for the codes of the rubrics. An operator's own names go first; a code that nothing names is made readable."""

from typing import Final

from alerts.names import NO_NAMES, Names
from alerts.render.catalogue import catalogue, language_of, marked

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

COMMUNITIES: Final = {
    "aziatisch": marked("People of Asian descent"),
    "christenen": marked("Christians"),
    "hindoes": marked("Hindus"),
    "jongeren": marked("Young people"),
    "joods": marked("Jewish people"),
    "lhbtiq": marked("LGBTIQ+ people"),
    "mannen": marked("Men"),
    "marokkaans": marked("People of Moroccan descent"),
    "mensen_met_beperking": marked("People with a disability"),
    "moslims": marked("Muslims"),
    "oekraiens": marked("People of Ukrainian descent"),
    "ouderen": marked("Older people"),
    "pools": marked("People of Polish descent"),
    "roemeens": marked("People of Romanian descent"),
    "roma_sinti": marked("Roma and Sinti"),
    "surinaams": marked("People of Surinamese descent"),
    "syrisch": marked("People of Syrian descent"),
    "turks": marked("People of Turkish descent"),
    "vrouwen": marked("Women"),
    "zwarte_nederlanders": marked("Black Dutch people"),
}
"""Codes that the made-up data uses and an office may use too; there is no national list of communities."""

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

_BY_RUBRIC: Final = {"ground": GROUNDS, "domain": DOMAINS, "nature": NATURES, "community": COMMUNITIES}


def _told(words: dict[str, str], code: str, lang: str) -> str:
    text = words.get(code)
    return code.replace("_", " ") if text is None else catalogue(lang).gettext(text)


def _readable(code: str) -> str:
    """``jonge_ouders`` as ``Jonge ouders``."""
    text = " ".join(code.replace("_", " ").split())
    return text[:1].upper() + text[1:]


def code_words(rubric: str, code: str, lang: str, names: Names = NO_NAMES) -> str:
    """What ``code`` of ``rubric`` (``ground``, ``domain``, ``nature``, ``community``) is called; ``names`` are the operator's."""
    if (name := names.told(rubric, code, language_of(lang))) is not None:
        return name
    known = _BY_RUBRIC.get(rubric, {})
    return _told(known, code, lang) if code in known else _readable(code)


def rubric_words(rubric: str, lang: str) -> str:
    """What a rubric is called."""
    return _told(RUBRICS, rubric, lang)


def method_words(method: str, lang: str) -> str:
    """What a pattern method is called."""
    return _told(METHODS, method, lang)

"""Names for places that do not exist."""

import numpy as np

MUNICIPALITY = "Nergenshuizen"

_FIRST = (
    "Wolken", "Nevel", "Fluister", "Schemer", "Donder", "Bliksem", "Regenboog", "Sneeuwvlok", "IJspegel", "Komeet",
    "Pinguïn", "Narwal", "Kameleon", "Flamingo", "Luipaard", "Pelikaan", "Zeepbel", "Vlieger", "Kompas", "Toverhoed",
    "Pannenkoek", "Drakenvleugel", "Meteoor", "Poolster", "Zeemeermin", "Reuzen",
)  # fmt: skip
_LAST = ("gaarde", "drift", "terp", "kwartier", "weide", "kade", "rand", "hof", "plantsoen", "landen")


def invented_names(count: int, rng: np.random.Generator) -> list[str]:
    """Different names, clearly invented; numbered where there are not enough."""
    names = [first + last for first in _FIRST for last in _LAST]
    order = rng.permutation(len(names))
    return [names[order[i % len(names)]] + (f" {i // len(names) + 1}" if i >= len(names) else "") for i in range(count)]

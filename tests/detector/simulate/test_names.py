"""What people read of made-up data is names, not codes."""

import tomllib
from importlib.resources import files

from alerts.render.labels import COMMUNITIES, DOMAINS, GROUNDS, NATURES


def test_every_code_of_the_made_up_data_has_a_name() -> None:
    shares = tomllib.loads((files("detector.simulate") / "shares.toml").read_text(encoding="utf-8"))
    assert {code for by_ground in shares["communities"].values() for code in by_ground} <= COMMUNITIES.keys()
    assert shares["grounds"].keys() <= GROUNDS.keys()
    assert shares["domains"].keys() <= DOMAINS.keys()
    assert shares["natures"].keys() <= NATURES.keys()

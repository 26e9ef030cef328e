"""What this installation calls the codes that its reports use: names that the operator sets, over those that the service has."""

from typing import Annotated, Final

from pydantic import Field

from alerts.rules import Frozen, Name

__all__ = ["NO_NAMES", "CodeName", "Names"]


class CodeName(Frozen):
    """The name of one code, as people read it; ``en`` left out: the Dutch one serves for both languages."""

    nl: Annotated[str, Field(min_length=1, max_length=100)]
    en: Annotated[str, Field(max_length=100)] = ""


class Names(Frozen):
    """Names by rubric and code. Only people read them: what programs read, and what is stored, stays the code."""

    communities: dict[Name, CodeName] = Field(default_factory=dict)
    grounds: dict[Name, CodeName] = Field(default_factory=dict)
    domains: dict[Name, CodeName] = Field(default_factory=dict)
    natures: dict[Name, CodeName] = Field(default_factory=dict)

    def told(self, rubric: str, code: str, lang: str) -> str | None:
        """What ``code`` of ``rubric`` (``community``, ``ground``, ``domain``, ``nature``) is called; None if nothing says so."""
        by_rubric = {"community": self.communities, "ground": self.grounds, "domain": self.domains, "nature": self.natures}
        name = by_rubric.get(rubric, {}).get(code)
        if name is None:
            return None
        return (name.en or name.nl) if lang == "en" else name.nl


NO_NAMES: Final = Names()

"""The one error of this seam."""

from detector.problems.problem import Problem


class IntakeError(Exception):
    """A file or profile that cannot be read at all; the message says what is wrong and what to do about it.

    ``problem`` is the same for other languages; ``detail`` is what a library or the system said, for who looks after the service.
    """

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail

    def __str__(self) -> str:
        """The sentence in English, with the detail."""
        return f"{self.problem} ({self.detail})" if self.detail else self.problem.sentence


class BrokenOffError(IntakeError):
    """A file that cannot be read any further; what was gathered of it before is good."""

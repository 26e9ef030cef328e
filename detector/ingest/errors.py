"""The one error of this seam."""


class IntakeError(Exception):
    """A file or profile that cannot be read at all; the message says what is wrong and what to do about it."""


class BrokenOffError(IntakeError):
    """A file that cannot be read any further; what was gathered of it before is good."""

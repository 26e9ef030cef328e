"""The one error of this room: areas that cannot be read or do not fit together."""


class AreaError(Exception):
    """Areas could not be read, fetched or found; the message says what to do about it."""

"""Reports in, patterns out: the side that runs at the anti-discrimination service."""

__version__ = "0.1.0"

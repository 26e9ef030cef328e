"""A full alerts database, the console that serves it, and many who use that at once."""

"""The one error of the reports database, and how the libraries' errors become it."""

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError


class StoreError(Exception):
    """The reports database could not do what was asked; the message says what to do about it and holds no row's values."""


class LeaseLostError(StoreError):
    """Another process has taken over; whoever sees this must stop and let it work."""


def first_line(error: SQLAlchemyError) -> str:
    """What the database said, without the statement, the parameters or PostgreSQL's DETAIL, which quotes whole rows."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__


def explain(error: SQLAlchemyError, database: str) -> StoreError:
    """Say what went wrong with the database named ``database`` (a URL without password), and what to do."""
    said = first_line(error)
    low = said.lower()
    if "no such table" in low or "does not exist" in low:
        advice = "the database has no tables of this version yet: start the service once, it brings the database up to date"
    elif "locked" in low or "busy" in low or "lock timeout" in low:
        advice = "another process kept the database busy for too long: see which one is at work and try again"
    elif "full" in low or "no space" in low:
        advice = "make room on the disk and try again: nothing of this step was kept"
    elif "readonly" in low or "permission" in low or "unable to open" in low:
        advice = "see that the folder exists and that this user may write there"
    elif "malformed" in low or "not a database" in low:
        advice = "the file is damaged or is something else: put back a backup, or name another file"
    elif isinstance(error, OperationalError):
        advice = "see that the server runs and that address, user and password in the settings are right"
    else:
        advice = "nothing of this step was kept; the words before this say what the database refused"
    return StoreError(f"reports database {database}: {said}; {advice}")

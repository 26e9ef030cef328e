"""What is worth knowing of files that were read, and the pieces that sentences are put together from."""

from detector.problems.reason import Reason, marked


class Notice(Reason):
    """What is worth knowing of a file that was read."""

    NO_ROWS = "no_rows", marked("the file has column names and no rows")
    FIRST_SHEET = "first_sheet", marked("the workbook has %(sheets)s sheets; only the first was read")
    MISSING_COLUMNS = "missing_columns", marked("the profile uses columns that are not there: %(columns)s")
    LEFT_OUT = "left_out", marked("columns that the profile neither maps nor ignores were left out: %(columns)s")
    OTHER_POSTCODES = (
        "other_postcodes",
        marked("some postcodes lie in no loaded area: those reports count for their municipality and community only"),
    )
    NO_AREAS = (
        "no_areas",
        marked("no areas are loaded: coordinates that need them were left out; load areas and take the reports in again"),
    )


class Phrase(Reason):
    """A piece of another sentence."""

    ROW = "row", marked("the row")
    COLUMN = "column", marked("column %(name)s")
    QUOTED = "quoted", marked("'%(name)s'")
    NUMBERED = "numbered", marked("no. %(number)s")
    LINE = "line", marked("line %(line)s")
    LINES = "lines", marked("lines %(first)s to %(last)s")
    LIST_WITH_MORE = "list_with_more", marked("%(names)s and %(more)s more")
    FIELD_FROM = "field_from", marked("%(field)s from %(columns)s")
    FIELD_UNMAPPED = "field_unmapped", marked("%(field)s (not mapped)")
    BOTH = "both", marked("%(one)s; %(other)s")
    EITHER = "either", marked("%(one)s or %(other)s")
    THERE_ARE = "there_are", marked("There are: %(columns)s.")
    NO_FIELDS = "no_fields", marked("There are no fields at all.")

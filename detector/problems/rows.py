"""Why rows are refused: every sentence, once."""

from detector.problems.reason import Reason, marked


class RowReason(Reason):
    """Why a row is refused."""

    # What is not anonymous.
    EMAIL = "email", marked("%(who)s holds an e-mail address; remove it at the source")
    BSN = "bsn", marked("%(who)s holds a number that passes the test of a citizen service number (BSN); remove it at the source")
    BSN_AS_ID = (
        "bsn.serial",
        marked(
            "%(who)s holds a number that passes the test of a citizen service number (BSN); if these are serial numbers, set "
            "serial_ids = true in the profile"
        ),
    )
    IBAN = "iban", marked("%(who)s holds a bank account number (IBAN); remove it at the source")
    PHONE = "phone", marked("%(who)s holds a telephone number; remove it at the source")
    ADDRESS = (
        "address",
        marked("%(who)s holds an address: a postcode or street with a house number; leave the postcode only"),
    )
    BIRTH_DATE = "birth_date", marked("%(who)s holds a date of birth; remove it at the source")
    PERSONAL_COLUMN = (
        "personal_column",
        marked("%(who)s is a column for personal data by its name; remove it at the source"),
    )
    FREE_TEXT = (
        "free_text",
        marked(
            "%(who)s holds free text in a column that the profile neither maps nor ignores; remove it at the source, or list the "
            "column under ignore in the profile if it holds codes only"
        ),
    )
    WORDS_AS_KEY = (
        "free_text.key",
        marked("%(who)s should hold an opaque key and holds words; replace them by a key at the source"),
    )
    LONG_KEY = "free_text.long_key", marked("%(who)s should hold an opaque key and is longer than %(most)s characters")
    TEXT_AS_CODE = (
        "free_text.code",
        marked("%(who)s should hold a code or label of at most %(most)s characters and holds more text"),
    )
    TEXT_AS_AREA = "free_text.area", marked("%(who)s holds more text than a code or name of an area")
    CONTROL_CHARACTERS = (
        "control_characters",
        marked("%(who)s holds NUL or other control characters; remove them at the source, or export again"),
    )

    # One cell.
    BAD_DATE = (
        "bad_date",
        marked("%(who)s holds no date that can be read (known: %(known)s); name the format under date_formats in the profile"),
    )
    SERIAL_DATE = (
        "bad_date.serial",
        marked(
            "%(who)s holds a number, as Excel writes a day in a cell that is not formatted as one; format the column as a date "
            "in Excel"
        ),
    )
    FUTURE_DATE = "future_date", marked("%(who)s holds a date in the future; correct it at the source")
    EARLY_DATE = "early_date", marked("%(who)s holds a date before %(year)s; correct it at the source")
    NO_CODE = (
        "bad_code",
        marked("%(who)s holds a value without letters or digits; map it under [values] in the profile"),
    )
    NUMBER_AS_CODE = (
        "bad_code.number",
        marked("%(who)s should hold a code or label and holds a long number or a date; map the right column"),
    )
    BAD_KIND = (
        "bad_kind",
        marked("%(who)s holds a word that is none of: %(words)s; map it under [values.kind] in the profile"),
    )
    BAD_PLACE_KIND = (
        "bad_place_kind",
        marked("%(who)s holds a word that is none of: %(words)s; map it under [values.place_kind] in the profile"),
    )
    BAD_WITHDRAWN = (
        "bad_withdrawn",
        marked("%(who)s holds a word that is none of: %(words)s; map it under [values.withdrawn] in the profile"),
    )
    UNKNOWN_VALUE = "unknown_value", marked("%(who)s holds a value that the profile does not know; it knows: %(words)s")
    TOO_MANY_CODES = (
        "too_many_codes",
        marked("%(who)s holds more than %(most)s values; name the right separators in the profile"),
    )

    # Where.
    NO_COORDINATE = "bad_coordinate.number", marked("%(who)s holds no number that can be a coordinate")
    NO_PLACE_ON_EARTH = (
        "bad_coordinate",
        marked("%(who)s gives coordinates that are no place on earth; are longitude and latitude swapped?"),
    )
    HALF_POINT = "half_point", marked("%(who)s gives one coordinate without the other; give both or neither")
    OUTSIDE_AREAS = (
        "outside_areas",
        marked(
            "%(who)s gives a point outside every loaded area; check the profile's crs, check that x and y are not swapped, or "
            "load the areas"
        ),
    )
    PLACE_CONFLICT = (
        "place_conflict",
        marked("%(who)s gives x, y and longitude, latitude that lie more than %(metres)s metres apart"),
    )
    UNKNOWN_AREA = (
        "unknown_area",
        marked("%(who)s names an area that is not loaded; load it (`areas load`), or list the word under null_tokens"),
    )
    UNKNOWN_MUNICIPALITY = (
        "unknown_area.municipality",
        marked("%(who)s names a municipality that is not loaded; load its areas (`areas load`), or correct it at the source"),
    )
    BAD_POSTCODE = "bad_postcode", marked("%(who)s holds no Dutch postcode (1234 or 1234 AB)")
    MUNICIPALITY_CONFLICT = (
        "municipality_conflict",
        marked("%(who)s names another municipality than the place lies in; correct it at the source"),
    )
    NO_MUNICIPALITY = (
        "no_municipality",
        marked(
            "%(who)s does not tell which municipality it is about; load areas, or set municipality in the profile or a column"
        ),
    )
    NO_POINT = "no_point", marked("the geometry is no point; give points, or areas by their code")

    # The row as a whole.
    NO_REPORT_ID = (
        "no_report_id",
        marked("%(who)s has no report_id; every report needs its own, to be updated and withdrawn by"),
    )
    NO_RECEIVED_ON = "no_received_on", marked("%(who)s has no day on which the report came in")
    DATES_OUT_OF_ORDER = (
        "dates_out_of_order",
        marked("%(who)s came in before it happened; correct one of the days at the source"),
    )
    MORE_CELLS = (
        "wrong_number_of_cells.more",
        marked(
            "the row has %(cells)s cells where the header has %(columns)s: a separator inside a value that is not quoted, or an "
            "extra one; export it again"
        ),
    )
    FEWER_CELLS = (
        "wrong_number_of_cells.fewer",
        marked("the row has %(cells)s cells where the header has %(columns)s: a row cut short; export it again"),
    )
    CELLS_BESIDE = (
        "wrong_number_of_cells.beside",
        marked("the row has values beside the last column that has a name; name the column or clear the cells"),
    )
    TOO_MANY_CELLS = (
        "too_many_cells",
        marked("the row has more than %(most)s cells; export it again with the columns it needs"),
    )
    LONG_CELL = (
        "long_cell",
        marked("a cell has more than %(most)s characters (%(where)s of the file); leave that column out"),
    )
    QUOTING = (
        "quoting",
        marked("a quotation mark is not closed where it should be (%(where)s of the file); export it again"),
    )
    NESTED = "nested", marked("a field holds an object or a list of lists; give plain values or a list of them")
    NO_RECORD = "no_record", marked("%(who)s is no object with fields")
    NO_RECORD_ON_LINE = "no_record.line", marked("the line is no JSON object; write one object a line")
    UNREADABLE_REST = "unreadable_rest", marked("from this row on nothing can be read: %(why)s")

    # What the store does not take.
    OTHER_MUNICIPALITY = (
        "other_municipality",
        marked("this report_id belongs to another municipality already; withdraw the old report and send a new id"),
    )
    PAST_RETENTION = (
        "past_retention",
        marked("received_on is before %(before)s: older reports are past the retention period and were counted"),
    )
    SOURCE_NAME = "source_name", marked("the source's name holds a colon; give the profile a name without one")
    UNSTORABLE = (
        "unstorable",
        marked("a value holds a NUL or half a surrogate pair, which no database keeps; export again as UTF-8"),
    )

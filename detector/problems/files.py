"""Why files cannot be read: every sentence, once."""

from detector.problems.reason import Reason, marked


class FileReason(Reason):
    """Why nothing of a file can be read, or nothing further."""

    EMPTY = "empty", marked("the file is empty; export it again")
    UNKNOWN_ENDING = "unknown_ending", marked("a file ending in '%(ending)s' cannot be read; save it as one of %(known)s")
    UNREADABLE = "unreadable", marked("the file cannot be opened; hand it in again, or ask whoever looks after the service")
    IS_EXCEL = "no_text.excel", marked("the file is no text but an Excel or zip file; give it the ending .xlsx")
    IS_OLD_OFFICE = "no_text.office", marked("the file is no text but an old Excel or Word file; save it as .xlsx or CSV")
    IS_PDF = "no_text.pdf", marked("the file is no text but a PDF; export a table instead")
    IS_PARQUET = "no_text.parquet", marked("the file is no text but a Parquet file; give it the ending .parquet")
    IS_GZIP = "no_text.gzip", marked("the file is no text but a gzip file; unpack it first")
    NO_ENCODING = (
        "encoding",
        marked("the file is not %(name)s (first seen at line %(line)s) and may be no text at all; export it again as UTF-8"),
    )
    OTHER_ENCODING = (
        "encoding.guess",
        marked(
            'the file is not %(name)s (first seen at line %(line)s); it looks like %(looks)s: set encoding = "%(guess)s" in the '
            "profile, or export it as UTF-8"
        ),
    )

    HEADER = "header", marked("the line with the column names cannot be read; export the file again")
    TOO_MANY_COLUMNS = (
        "too_many_columns",
        marked("the file has %(columns)s columns and can have %(most)s; export only those that are needed"),
    )
    WIDE_SHEET = (
        "too_many_columns.sheet",
        marked("the sheet has more than %(most)s columns; export only those that are needed"),
    )
    TOO_MANY_FIELDS = (
        "too_many_columns.records",
        marked("the records have more than %(most)s different fields; export only those that are needed"),
    )
    LONG_LINE = "long_line", marked("the file has a line of more than %(most)s characters; export it again with line ends")
    LONG_JSON_LINE = "long_line.json", marked("the file has a line of more than %(most)s characters; write one object a line")

    BROKEN_JSON = (
        "broken_json",
        marked("this is no complete JSON (first seen at character %(at)s); the file may be cut short: export it again"),
    )
    NO_LIST = "no_list", marked("the JSON object holds no list of records; put them under one of: %(names)s")
    NO_DEGREES = "no_degrees", marked("the GeoJSON file is not in degrees (WGS84); save it in WGS84, as the standard asks")

    OVERLOADS = (
        "overloads",
        marked(
            "the Excel file would unpack to far more than a table of reports holds (it may be damaged, or made to overload); "
            "export it again, or save it as CSV"
        ),
    )
    OLD_EXCEL = (
        "old_excel",
        marked("the file is an old Excel file or has a password; save it as .xlsx without a password"),
    )
    NO_EXCEL = "no_excel", marked("the file is no Excel workbook (.xlsx) or is damaged or cut short; export it again")
    XML_DEFINITIONS = (
        "xml_definitions",
        marked("the Excel file holds XML definitions that no spreadsheet needs; export it again, or save it as CSV"),
    )
    NO_SUCH_SHEET = "no_sheet.named", marked("the workbook has no sheet '%(sheet)s'; correct sheet in the profile")
    NO_SHEET = "no_sheet", marked("the workbook has no sheet with rows; export it again")
    EMPTY_SHEET = (
        "no_sheet.empty",
        marked("the sheet is empty; export it again, or name the right one as sheet in the profile"),
    )
    BROKEN_SHEET = (
        "broken_sheet",
        marked("the sheet cannot be read further; export it again, or save it as CSV"),
    )
    NO_PARQUET = "no_parquet", marked("the file is no Parquet file or is damaged; export it again")
    LARGE_ROW_GROUP = (
        "overloads.row_group",
        marked("a row group of the file unpacks to more than 1 GiB; write it with smaller row groups"),
    )

    TWO_COLUMNS = (
        "two_columns",
        marked("there are two columns called %(column)s and the profile uses it; rename one, or take it out"),
    )
    PROFILE_FITS_HALF = (
        "profile_fits.half",
        marked(
            "profile '%(profile)s' maps not all that is needed: missing %(missing)s. %(there)s Choose the right profile, or name "
            "these columns under [columns] in the profile."
        ),
    )
    PROFILE_FITS_NOTHING = (
        "profile_fits.nothing",
        marked(
            "profile '%(profile)s' maps nothing that is here: missing %(missing)s. %(there)s Choose the right profile, or name "
            "these columns under [columns] in the profile."
        ),
    )
    NO_CRS = "no_crs", marked("the points cannot be placed; set crs in the source profile")
    WRONG_PROFILE = (
        "profile",
        marked("source profile %(profile)s is not right; correct it, docs/intake.md explains the keys"),
    )
    BROKEN_PROFILE = "profile.toml", marked("source profile %(profile)s cannot be read as TOML; correct it")
    NO_PROFILE = (
        "profile.none",
        marked(
            "there is no source profile '%(profile)s'; there are: %(there)s. Name one of these, give a path that ends in .toml, "
            "or write your own as docs/intake.md shows"
        ),
    )
    NO_FOLDER = "folder", marked("the folder %(folder)s cannot be made; name another in intake.inbox")
    TOO_MANY_COPIES = "copies", marked("there are %(most)s files of one name in %(folder)s/; clear it out")

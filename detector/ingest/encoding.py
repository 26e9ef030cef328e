"""Which encoding a text file is in: checked over the whole file before its first row is taken, so that none is half taken in."""

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

from detector.ingest.errors import IntakeError
from detector.problems.files import FileReason
from detector.problems.problem import Problem

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = {
    b"PK\x03\x04": FileReason.IS_EXCEL,
    b"\xd0\xcf\x11\xe0": FileReason.IS_OLD_OFFICE,
    b"%PDF": FileReason.IS_PDF,
    b"PAR1": FileReason.IS_PARQUET,
    b"\x1f\x8b": FileReason.IS_GZIP,
}
_NAMES = {"cp1252": "Windows-1252", "cp1250": "Windows-1250", "latin_1": "ISO 8859-1"}


def text_encoding(path: Path, expected: str) -> str:
    """The encoding in which the whole file can be read: by its first bytes, else UTF-8, else ``expected``.

    Raises:
        IntakeError: it is not text, or in none of these; the message names what it looks like.
    """
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    if not start.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise IntakeError(Problem(FileReason.EMPTY))
    for magic, why in _NOT_TEXT.items():
        if start.startswith(magic):
            raise IntakeError(Problem(why))
    for bom, name in _BOMS:
        if start.startswith(bom):
            return _checked(path, name)
    if start[1::2].count(0) > len(start) // 4:
        return _checked(path, "utf-16-le")
    if start[0::2].count(0) > len(start) // 4:
        return _checked(path, "utf-16-be")
    if _first_bad(path, "utf-8") is None:
        return "utf-8"
    if codecs.lookup(expected).name == "utf-8":
        return _checked(path, "utf-8")
    return _checked(path, expected)


def _first_bad(path: Path, encoding: str) -> int | None:
    """The line with the first byte that is not of the encoding, None if there is none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            if not chunk:
                return None
            line += chunk.count(b"\n")


def _checked(path: Path, encoding: str) -> str:
    line = _first_bad(path, encoding)
    if line is None:
        return encoding
    name = encoding.removesuffix("-sig").upper()
    guess = _looks_like(path, line)
    if guess is None:
        raise IntakeError(Problem(FileReason.NO_ENCODING, name=name, line=line))
    looks = _NAMES.get(guess, guess)
    raise IntakeError(Problem(FileReason.OTHER_ENCODING, name=name, line=line, looks=looks, guess=guess))


def _looks_like(path: Path, line: int) -> str | None:
    """The likeliest encoding of the lines around the first bad one."""
    with path.open("rb") as file:
        for _ in range(max(0, line - 50)):
            file.readline(_SAMPLE)
        sample = file.read(_SAMPLE)
    for likely in ("cp1252",):
        # What Excel saves as CSV in these parts; a guess from letter frequencies errs on short files.
        letters = sum(byte >= 0xC0 for byte in sample)  # noqa: PLR2004 - from here on cp1252 holds letters
        if letters and letters * 5 < len(sample) and _decodes(sample, likely):
            return likely
    best = from_bytes(sample).best()
    return best.encoding if best is not None else None


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True

"""A file -> its rows as text, each cell with its place: CSV, or the first sheet of an XLSX.

CSV has any usual delimiter. An encoding is never guessed: UTF-8 (a BOM is allowed), unless the
sender says another. Raises Unreadable for a file that is not what it says; a formula is told from a
value, so that a layout can refuse it. openpyxl reads a row at a time and sees formulas; calamine,
which is faster, shows what they came to when the file was saved.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

ENCODINGS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}
DELIMITERS = ";\t,"
MAX_ROWS = 100_000
MAX_COLUMNS = 400
MAX_CELL = 2_000  # characters
MAX_UNPACKED = 256 * 1024 * 1024  # bytes of an XLSX when unpacked
MAX_RATIO = 200  # unpacked to packed: a spreadsheet of numbers packs about 10 to 1
_PACKED, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class Unreadable(Exception):
    """The file as a whole cannot be read; `reason` is a key of the catalogue of flaws."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the header: text by column name, stripped; `number` as a spreadsheet counts."""

    number: int
    cells: Mapping[str, str]
    formulas: frozenset[str]
    """The columns whose cell is a formula: its text is not a result."""
    overlong: bool
    """The row has more cells than the header: what is in which column is not known."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header as it is written, and the rows under it, read as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[Row]

    def place(self, column: str, row: int) -> str:
        """A cell as a spreadsheet names it, as in C7."""
        if column not in self.columns:
            return f"{row}"

        return f"{get_column_letter(self.columns.index(column) + 1)}{row}"


def read(file: IO[bytes], encoding: str = "utf-8") -> Sheet:
    """The sheet of a file that can be sought. Raises Unreadable now, or while the rows are read."""
    start = file.read(4)
    file.seek(0)

    if not start:
        raise Unreadable("empty-file")
    if start == _PACKED:
        return _sheet(_xlsx(file))
    if start == _OLD_EXCEL:
        raise Unreadable("old-excel")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable("not-in-encoding", encoding=encoding)

    return _sheet(_csv(file, encoding))


def _sheet(lines: Iterator[tuple[int, Sequence[Any]]]) -> Sheet:
    header: tuple[str, ...] = ()
    for _, cells in lines:
        header = tuple(_text(cell) for cell in cells)
        if any(header):
            break

    while header and not header[-1]:
        header = header[:-1]

    if not header:
        raise Unreadable("empty-file")
    if len(header) > MAX_COLUMNS:
        raise Unreadable("too-many-columns", limit=MAX_COLUMNS)
    for column in header:
        if not column:
            raise Unreadable("column-without-name")
        if header.count(column) > 1:
            raise Unreadable("column-twice", column=column)

    return Sheet(header, _rows(header, lines))


def _rows(header: tuple[str, ...], lines: Iterator[tuple[int, Sequence[Any]]]) -> Iterator[Row]:
    for count, (number, cells) in enumerate(lines):
        texts = [_text(cell) for cell in cells]
        if not any(texts):
            continue
        if count >= MAX_ROWS:
            raise Unreadable("too-many-rows", limit=MAX_ROWS)

        texts += [""] * (len(header) - len(texts))
        formulas = {
            column
            for column, cell in zip(header, cells, strict=False)
            if isinstance(cell, _Formula)
        }
        yield Row(
            number,
            dict(zip(header, texts, strict=False)),
            frozenset(formulas),
            overlong=any(texts[len(header) :]),
        )


# --- CSV ----------------------------------------------------------------------------------------


def _csv(file: IO[bytes], encoding: str) -> Iterator[tuple[int, Sequence[str]]]:
    text = io.TextIOWrapper(file, encoding=ENCODINGS[encoding], errors="strict", newline="")
    try:
        first = text.readline(100_000)
        if "\x00" in first:
            raise Unreadable("not-a-table")
        text.seek(0)
        delimiter = max(DELIMITERS, key=first.count)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        for cells in reader:
            yield reader.line_num, cells
    except UnicodeDecodeError:
        raise Unreadable("not-in-encoding", encoding=encoding) from None
    except csv.Error:
        raise Unreadable("broken-quotes") from None
    finally:
        if not file.closed:
            text.detach()  # or the wrapper would close the sender's file with itself


# --- XLSX ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Formula:
    text: str


def _xlsx(file: IO[bytes]) -> Iterator[tuple[int, Sequence[Any]]]:
    """The first sheet, a row at a time.

    What a formula came to when the file was saved is not taken for a value.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            unpacked = sum(part.file_size for part in parts)
            stored = sum(part.compress_size for part in parts) or 1
        if unpacked > MAX_UNPACKED or unpacked / stored > MAX_RATIO:
            raise Unreadable("unpacks-too-large")
        workbook = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        try:
            sheet = workbook.worksheets[0]
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), 1):
                yield number, [_value(cell) for cell in cells]
        finally:
            workbook.close()
    except Unreadable:
        raise
    except Exception as error:  # a damaged package breaks in as many ways as XML and ZIP can
        raise Unreadable("broken-excel") from error


def _value(cell: Any) -> Any:
    if cell.data_type == "f":
        return _Formula(str(cell.value))

    return cell.value


def _text(value: Any) -> str:
    if isinstance(value, str) and " " not in value and value.isprintable():
        return value[: MAX_CELL + 1]

    match value:
        case None:
            return ""
        case _Formula(text):
            return text
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date():
            return value.isoformat()
        case _:
            return " ".join(str(value).split())[: MAX_CELL + 1]

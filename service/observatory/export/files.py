"""A zip that is written as it is read: one page of rocks at a time.

It holds its data, its codebook, and what it loses.
"""

import io
import zipfile
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Protocol

import orjson
from typing_extensions import Buffer

from service.observatory.csv import csv_lines, fact_text
from service.observatory.export import fhir, samples, tedi
from service.observatory.export.rock import Circumstances, Rock, left_out


class Schema(StrEnum):
    SAMPLES = "samples"
    TEDI = "tedi"
    FHIR = "fhir"


class Writer(Protocol):
    """One member of the zip: its beginning, what each rock adds, its end."""

    name: str

    def begin(self) -> str: ...
    def rock(self, rock: Rock) -> str: ...
    def end(self) -> str: ...


@dataclass
class Counted:
    """What became of the rocks of this very file."""

    rocks: int = 0
    without_answer: int = 0
    too_many_substances: int = 0


@dataclass
class SamplesWriter:
    circumstances: Circumstances
    counted: Counted
    name: str = "data.csv"

    def begin(self) -> str:
        return csv_lines([samples.HEADER])

    def rock(self, rock: Rock) -> str:
        self.counted.without_answer += not rock.answering
        return csv_lines(samples.rows(rock, self.circumstances))

    def end(self) -> str:
        return ""


@dataclass
class TediWriter:
    circumstances: Circumstances
    counted: Counted
    name: str = "data.csv"

    def begin(self) -> str:
        return csv_lines([tedi.HEADER])

    def rock(self, rock: Rock) -> str:
        found = tedi.found(rock)
        row = tedi.row(rock, found, self.circumstances)
        self.counted.without_answer += row is None
        self.counted.too_many_substances += len(found) > tedi.PLACES
        if row is None:
            return ""

        cells = [fact_text(row[name], yes="true", no="false") for name in tedi.HEADER]
        return csv_lines([cells])

    def end(self) -> str:
        return ""


@dataclass
class FhirWriter:
    circumstances: Circumstances
    counted: Counted
    name: str = "bundle.json"
    _first: bool = field(default=True, init=False)

    def begin(self) -> str:
        head: fhir.Resource = {"resourceType": "Bundle", "type": "collection"}
        if self.circumstances.demo:
            head["meta"] = {"tag": [fhir.TEST_DATA]}
        return orjson.dumps(head).decode().removesuffix("}") + ',"entry":['

    def rock(self, rock: Rock) -> str:
        self.counted.without_answer += not rock.answering
        resources = fhir.resources(rock, self.circumstances)
        entries = ",\n".join(orjson.dumps(resource).decode() for resource in resources)
        if self._first:
            self._first = False
            return entries
        return ",\n" + entries

    def end(self) -> str:
        return "]}"


WRITERS: dict[Schema, Callable[[Circumstances, Counted], Writer]] = {
    Schema.SAMPLES: SamplesWriter,
    Schema.TEDI: TediWriter,
    Schema.FHIR: FhirWriter,
}
CODEBOOKS: dict[Schema, Callable[[], Iterable[Sequence[str]]]] = {
    Schema.SAMPLES: samples.codebook,
    Schema.TEDI: tedi.codebook,
}
LOSSES = {Schema.SAMPLES: samples.LOSSES, Schema.TEDI: tedi.LOSSES, Schema.FHIR: fhir.LOSSES}


async def zipped(
    schema: Schema, pages: AsyncIterable[Sequence[Rock]], circumstances: Circumstances
) -> AsyncIterator[bytes]:
    """The zip's bytes, as the pages come.

    Cut short, it has no directory and no program opens it.
    """
    out, counted = _Out(), Counted()
    writer = WRITERS[schema](circumstances, counted)

    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with _member(file, writer.name) as data:
            data.write(writer.begin().encode())
            async for page in pages:
                counted.rocks += len(page)
                data.write("".join(writer.rock(rock) for rock in page).encode())
                yield out.drained()
            data.write(writer.end().encode())

        if schema in CODEBOOKS:
            with _member(file, "codebook.csv") as book:
                book.write(csv_lines(CODEBOOKS[schema]()).encode())

        with _member(file, "losses.md") as losses:
            losses.write("\n".join(_losses(schema, circumstances, counted)).encode())
    yield out.drained()


def _member(file: zipfile.ZipFile, name: str) -> IO[bytes]:
    # Without a time of its own: the same data gives the same bytes.
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return file.open(entry, "w", force_zip64=True)


def _losses(schema: Schema, circumstances: Circumstances, counted: Counted) -> Iterator[str]:
    yield from (f"# What the export `{schema}` cannot hold, and what it leaves out on purpose", "")

    if circumstances.demo:
        yield from ("**Demo: nothing in it is about a real rock.**", "")
    yield from (
        f"{counted.rocks} rocks were read; {counted.without_answer} have no final answer.",
        "",
    )
    if schema is Schema.TEDI:
        too_many = counted.too_many_substances
        yield from (f"{too_many} have more substances than the schema has places.", "")
    yield from ("## What it cannot hold", "", *LOSSES[schema], "")
    yield from ("## What is left out on purpose", "", *left_out(), "")
    yield from (
        "These are exact data under the network's control. What is published goes through "
        "disclosure control (`/v1/open/…`), never straight from this file.",
        "",
    )


class _Out(io.RawIOBase):
    """What was written and not yet sent.

    It cannot be sought in, so the zip is written front to back.
    """

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer) -> int:
        part = bytes(data)
        self._parts.append(part)
        return len(part)

    def drained(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)

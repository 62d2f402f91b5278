"""A file of assays on its way in: read in a thread, stored a part at a time, with its progress."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import IO
from zoneinfo import ZoneInfo

from service.access.acts import Acting
from service.foundation.database import Database
from service.foundation.problems import Flaw, Unfit
from service.lab.acts import Reported
from service.lab.formats.layout import Layout
from service.lab.formats.sheet import Row, Unreadable, read
from service.lab.importing import acts
from service.lab.importing.acts import Entered, LabelAssays
from service.lab.importing.gathering import Complaint, Gathered, gather
from service.lab.importing.wire import AskedRow, ImportProgress, ImportReport, RefusedRow
from service.lab.questions import Question

LABELS_A_STEP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is read: its layout and encoding, whose it is, and the zone of its times."""

    layout: Layout
    encoding: str
    laboratory: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """One file, who brings it, and whether it is only tried."""

    reading: Reading
    by: Acting
    dry_run: bool
    database: Database
    describe: Callable[[Flaw], str]
    """A flaw's sentence in the reader's language."""

    async def run(self, file: IO[bytes]) -> AsyncIterator[ImportProgress | ImportReport]:
        """Progress after each step, then the report.

        Raises Unfit for a file that cannot be read, before anything is stored.
        """
        gathered, batch = await self._read(file)
        tally = _Tally(gathered)
        yield self._progress(gathered, batch, done=0)

        for start in range(0, len(batch), LABELS_A_STEP):
            part = batch[start : start + LABELS_A_STEP]
            for entered in await self._enter(part):
                tally.add(entered)
            yield self._progress(gathered, batch, done=start + len(part))

        yield self._report(tally)

    async def _read(self, file: IO[bytes]) -> tuple[Gathered, list[LabelAssays]]:
        """What the file says, and the assays of each label that can enter. Raises Unfit."""
        reading = self.reading

        def gather_file() -> tuple[Gathered, list[LabelAssays]]:
            gathered = gather(read(file, reading.encoding), reading.layout, reading.zone)
            ready = gathered.ready(reading.laboratory, self.by.now)
            return gathered, [LabelAssays(label, assays) for label, assays in ready]

        try:
            return await asyncio.to_thread(gather_file)
        except Unreadable as error:
            raise Unfit(Flaw("/file", error.reason, error.values)) from None
        finally:
            file.close()

    async def _enter(self, part: list[LabelAssays]) -> list[Entered]:
        return await self.database.write(
            lambda connection: acts.enter(connection, self.by, part, dry_run=self.dry_run)
        )

    def _progress(
        self, gathered: Gathered, batch: list[LabelAssays], *, done: int
    ) -> ImportProgress:
        return {"rows_read": gathered.count, "samples": len(batch), "done": done}

    def _report(self, tally: "_Tally") -> ImportReport:
        gathered = tally.gathered
        complaints = sorted(gathered.complaints, key=lambda complaint: complaint.row)
        return {
            "dry_run": self.dry_run,
            "layout": self.reading.layout.name,
            "rows_read": gathered.count,
            "accepted": tally.accepted,
            "outcomes": dict(tally.outcomes),
            "held": list(gathered.held),
            "rows": [self._refused_row(complaint) for complaint in complaints],
            "questions": [self._asked_row(asked) for asked in tally.asked],
            "unknown_names": sorted(tally.unknown),
        }

    def _refused_row(self, complaint: Complaint) -> RefusedRow:
        return {
            "row": complaint.row,
            "label": complaint.label,
            "cell": complaint.cell,
            "value": complaint.value,
            "detail": self.describe(complaint.flaw),
        }

    def _asked_row(self, asked: "_Asked") -> AskedRow:
        question, row = asked.question, asked.row
        return {
            "row": row.number,
            "label": asked.label,
            "cell": asked.cell,
            "value": row.cells.get(asked.column, ""),
            "detail": self.describe(question.as_flaw(self.reading.zone)),
            "code": question.code,
            "known": question.known,
            "sent": question.sent,
        }


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, and the cell that it is asked of."""

    question: Question
    label: str
    row: Row
    column: str
    cell: str


class _Tally:
    """What became of the labels so far."""

    def __init__(self, gathered: Gathered) -> None:
        self.gathered = gathered
        self.accepted: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self.unknown: set[str] = set()
        self.asked: list[_Asked] = []

    def add(self, entered: Entered) -> None:
        if entered.flaw:
            row, column = self._place(entered, entered.flaw)
            self.gathered.complain(row, entered.label, column, entered.flaw)
            return

        self.accepted.append(entered.label)
        for reported in entered.reported:
            self.outcomes[reported.outcome.value] += 1
            self.unknown.update(reported.version.assay.unknown)
            self.asked.extend(self._asked(reported))

    def _place(self, entered: Entered, flaw: Flaw) -> tuple[Row, str]:
        """The cell that holds a label back: the one that is wrong, else the label's own."""
        if entered.refused is not None and flaw.pointer:
            return self.gathered.place(entered.refused, flaw)

        return self.gathered.first_row(entered.label), self.gathered.layout.needed[0]

    def _asked(self, reported: Reported) -> Iterator[_Asked]:
        """What is asked of an assay of the file, with the cells that it is asked of."""
        assay = reported.version.assay

        for question in reported.questions:
            row, column = self.gathered.place(assay, Flaw(question.field, question.code))
            cell = self.gathered.sheet.place(column, row.number)
            yield _Asked(question, assay.lab_label, row, column, cell)

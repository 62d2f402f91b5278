"""Reading a laboratory's file of 20,000 rows beside plain `csv`: seconds and memory in one run.

Each is measured in a process of its own, so that neither pays for the other's memory. Storing is
not measured here: an assay in a file costs what an assay by itself does (run.py).
"""

import csv
import io
import json
import random
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROWS = 20_000
RESULTS_A_SAMPLE = 5
KINDS = ("plain csv", "csv", "xlsx")


def content() -> bytes:
    """A file in our long layout: 4,000 samples of five results, one row in 250 bad."""
    from service.intake.pickup import new_label
    from service.lab.formats.caillou_long import COLUMNS

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    chance = random.Random(1)
    for number in range(ROWS // RESULTS_A_SAMPLE):
        label = new_label(chance.randrange)
        for substance, told in (
            ("Cocaïne", "57,0"),
            ("PHENACETIN ", "traces"),
            ("Lidocaine", "< 0,5"),
            ("Levamisole", "detected"),
            ("Fentanyl", "57?" if number % 50 == 0 else "n.d."),
        ):
            writer.writerow(
                [
                    label,
                    1,
                    "final",
                    "gc_ms",
                    "2026-11-22 09:00",
                    "138,4",
                    substance,
                    "",
                    told,
                    "",
                    "",
                    "",
                    "",
                    "",
                ]
            )
    return out.getvalue().encode()


def excel(text: bytes) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in csv.reader(io.StringIO(text.decode())):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def measure(kind: str, path: Path) -> dict[str, float]:
    """Seconds and peak memory (MB) of this process reading that file."""
    from service.lab.formats import LAYOUTS
    from service.lab.formats.sheet import read
    from service.lab.importing.gathering import gather

    started = time.perf_counter()
    with path.open("rb") as file:
        if kind == "plain csv":
            rows = len(list(csv.reader(io.TextIOWrapper(file, "utf-8", newline="")))) - 1
            bad = 0
        else:
            gathered = gather(read(file), LAYOUTS["caillou-long"], ZoneInfo("Europe/Paris"))
            ready = sum(1 for _ in gathered.ready("bench", datetime.now(UTC)))
            rows, bad = gathered.count, len(gathered.complaints)
            if ready + len(gathered.held) != ROWS // RESULTS_A_SAMPLE:
                raise AssertionError(f"{ready} ready and {len(gathered.held)} held")
    seconds = time.perf_counter() - started
    return {
        "rows": rows,
        "bad": bad,
        "seconds": seconds,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    if len(sys.argv) == 3:
        sys.stdout.write(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
        return
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        text = content()
        paths = {
            "plain csv": Path(folder) / "a.csv",
            "csv": Path(folder) / "a.csv",
            "xlsx": Path(folder) / "a.xlsx",
        }
        paths["csv"].write_bytes(text)
        paths["xlsx"].write_bytes(excel(text))
        plain = None
        for kind in KINDS:
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.imports", kind, str(paths[kind])],
                capture_output=True,
                text=True,
                check=True,
            )
            got = json.loads(done.stdout)
            plain = plain or got
            sys.stdout.write(
                f"import {kind:10s} {got['rows'] / got['seconds']:9.0f} rows/s"
                f" {got['seconds'] / plain['seconds']:6.1f} x plain csv,"
                f" peak {got['megabytes']:.0f} MB"
                f" ({got['megabytes'] - plain['megabytes']:+.0f}), {got['bad']} bad cells\n"
            )


if __name__ == "__main__":
    main()

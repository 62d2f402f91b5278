"""Every state of a card in every language, drawn small: golden pictures, and a sheet of them all.

`make cards` writes the sheet; `python -m tests.cards.gallery golden` draws the golden pictures
anew: look at them before they are kept.
"""

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from PIL import Image

from service.cards import pdf
from service.cards.card import Card, compose
from service.evidence.classify import find
from service.evidence.finding import Finding
from service.foundation import paper
from service.foundation.settings import ROOT
from service.intake.sample import Beliefs, Sample, Use
from service.lab.assay import Assay, AssayVersion, Result
from service.vocabulary.codes import AlsoUses, Basis, BlamedEffect, Method, Outcome, Status, Weighed
from service.wording.catalogue import Catalogue
from service.wording.message import MessageComposer
from service.wording.rules import rules

GOLDEN = Path(__file__).parent / "golden"
SHEET = ROOT / "demo" / "cards.png"
PARIS = ZoneInfo("Europe/Paris")
COMPOSER = MessageComposer(Catalogue(ROOT / "messages"), rules(PARIS), only_approved=False)
LANGUAGES = tuple(COMPOSER.catalogue.locales)
DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
DOTS_PER_MM = 4
SMALL = (420, 594)

ROCK = Sample(
    id=UUID(int=1),
    revision=1,
    taken_at=DAY,
    pickup="x",
    weight_mg=138,
    weighed=Weighed.WHOLE_ROCK,
    beliefs=Beliefs(
        guess_percent=40,
        believed_cuts=("amphetamine",),
        effects_blamed_on_cuts=(BlamedEffect.TIGHT_JAW,),
    ),
    use=Use(also_uses=(AlsoUses.ALCOHOL,)),
)


def stated(
    *found: str,
    version: int = 1,
    status: Status = Status.FINAL,
    percent: float = 57,
    in_force: bool = True,
) -> AssayVersion:
    """A version that measured cocaine and found these; a withdrawn one says nothing."""
    cocaine = Result(
        substance="cocaine",
        outcome=Outcome.QUANTIFIED,
        content_percent=percent,
        expressed_as=Basis.BASE,
    )
    results = (cocaine, *(Result(substance=name, outcome=Outcome.DETECTED) for name in found))
    assay = Assay(
        id=UUID(int=2),
        lab_label="Q7K3-M9XK",
        version=version,
        status=status,
        laboratory="lab",
        method=Method.GC_MS,
        analysed_at=DAY,
        rock_weight_mg=138.4,
        results=() if status is Status.WITHDRAWN else results,
    )
    return AssayVersion(assay=assay, received_at=DAY + timedelta(days=version), in_force=in_force)


STATES: dict[str, Finding] = {
    "waiting": find(ROCK, []),
    "in-analysis": find(ROCK, [stated("fentanyl", status=Status.PRELIMINARY)]),
    "answered": find(ROCK, [stated("levamisole", "phenacetin")]),
    "low": find(ROCK, [stated("lidocaine", percent=4)]),
    "opioid": find(ROCK, [stated("fentanyl", "levamisole", percent=41)]),
    "corrected": find(
        ROCK,
        [
            stated("fentanyl", in_force=False),
            stated("levamisole", version=2, status=Status.CORRECTED, percent=71),
        ],
    ),
    "withdrawn": find(
        ROCK, [stated("fentanyl", in_force=False), stated(version=2, status=Status.WITHDRAWN)]
    ),
}


def card(state: str, language: str) -> Card:
    columns = tuple(dict.fromkeys((language, "fr")))
    url = "https://caillou.example"
    return compose(
        COMPOSER, STATES[state], columns, code="7K3M9QXT4HBW2", public_url=url, zone=PARIS
    )


def drawn(state: str, language: str) -> Image.Image:
    """Both sides of a card, in black and white, on half a sheet of A4."""
    inputs = {"cards": orjson.dumps([pdf.data(card(state, language))]).decode(), "sheet": "a4"}
    sheet = Image.open(io.BytesIO(paper.picture(pdf.LAYOUT, inputs, DOTS_PER_MM))).convert("L")
    half = sheet.crop((0, 0, sheet.width, sheet.height // 2))
    return half.point(lambda light: 255 if light > 150 else 0).convert(
        "1", dither=Image.Dither.NONE
    )


def contact_sheet() -> Image.Image:
    """Every picture beside the others: a column a language, a row a state, its backs below."""
    wide, high = SMALL
    rows: list[list[Image.Image]] = []
    for state in STATES:
        both = [drawn(state, language).convert("L") for language in LANGUAGES]
        half = both[0].width // 2
        rows.append([one.crop((0, 0, half, one.height)) for one in both])
        backs = [one.crop((half + 8, 8, one.width - 8, one.height - 8)) for one in both]
        if any(back.histogram()[0] for back in backs):
            rows.append(backs)
    sheet = Image.new("L", (wide * len(LANGUAGES), high * len(rows)), 255)
    for down, row in enumerate(rows):
        for across, side in enumerate(row):
            side.thumbnail(SMALL, Image.Resampling.LANCZOS)
            sheet.paste(side, (across * wide, down * high))
    return sheet


def main() -> None:
    if sys.argv[1:] == ["golden"]:
        GOLDEN.mkdir(exist_ok=True)
        for state in STATES:
            for language in LANGUAGES:
                drawn(state, language).save(GOLDEN / f"{state}-{language}.png", optimize=True)
        return
    SHEET.parent.mkdir(exist_ok=True)
    contact_sheet().save(SHEET, optimize=True)
    sys.stdout.write(f"{SHEET}\n")


if __name__ == "__main__":
    main()

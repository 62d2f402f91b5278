"""Every refusal the service can give: a stable type, a status and a sentence, in one catalogue.

The English here is the source text; French comes from messages/fr/LC_MESSAGES/page.po (contexts
"problem" and "flaw"). The shape on the wire is RFC 9457's.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NotRequired

from typing_extensions import TypedDict

PROBLEMS: dict[str, tuple[int, str]] = {
    "malformed": (400, "This could not be read as JSON."),
    "not-a-form": (400, "This could not be read as a form."),
    "not-signed-in": (401, "Please sign in, or send a valid token."),
    "wrong-password": (401, "This name and password do not belong together."),
    "not-allowed": (403, "You are not allowed to do this."),
    "foreign-origin": (403, "This came from another site's page and was not accepted."),
    "not-found": (404, "There is nothing here."),
    "unknown-label": (404, "No sample has this laboratory label."),
    "mistyped-label": (404, "This is no laboratory label: one of its letters or digits is wrong."),
    "unknown-code": (404, "We do not know this code."),
    "enrolment-over": (
        404,
        "This code lets no tablet in: it is mistyped, was used, or is older than ten minutes.",
    ),
    "wrong-method": (405, "This address does not take that method."),
    "no-such-medium": (406, "This cannot be handed over in the form you asked for."),
    "too-slow": (408, "This came too slowly. Please send it again."),
    "conflict": (409, "Something else is already held under this id and revision."),
    "stale": (409, "A newer revision is already held."),
    "withdrawn": (409, "This was taken back. Nothing of it is kept."),
    "does-not-fit": (
        409,
        "The warnings do not fit on this paper, so nothing was printed. Print French alone, or "
        "show the screen.",
    ),
    "too-large": (413, "This is larger than is accepted here."),
    "invalid": (422, "Some fields cannot be accepted."),
    "not-carried": (422, "This was not sealed for this service, or was damaged on the way."),
    "too-many-tries": (429, "Too many tries. Wait one minute and try again."),
    "too-long-head": (431, "The headers are longer than is accepted here."),
    "internal": (500, "Something broke on our side. Nothing was half-stored."),
    "not-stored": (503, "This could not be stored. Nothing was half-stored: please send it again."),
    "storage-full": (507, "The disk is full. Nothing was stored: keep it and send it again."),
}

FLAWS: dict[str, str] = {
    "missing": "This field is required.",
    "unknown-field": "There is no such field.",
    "unknown-code": "Unknown code. Known codes: {known}.",
    "unknown-substance": "Unknown substance code. See the vocabulary for the known ones.",
    "not-a-number": "This must be a number.",
    "not-a-whole-number": "This must be a whole number.",
    "not-text": "This must be text.",
    "not-yes-or-no": "This must be true or false.",
    "not-a-list": "This must be a list.",
    "not-an-object": "This must be an object.",
    "not-a-uuid": "This must be a UUID.",
    "not-a-date": "This must be a date, as in 2026-11-20.",
    "not-a-time": "This must be a date and time with its offset, as in 2026-11-20T23:10:00+01:00.",
    "too-small": "This must be at least {limit}.",
    "not-above": "This must be more than {limit}.",
    "too-big": "This must be at most {limit}.",
    "too-short": "This is too short: at least {limit}.",
    "too-long": "This is too long: at most {limit}.",
    "wrong-pattern": "This is not written as expected.",
    "control-character": "This holds a character that cannot be stored.",
    "malformed": "This cannot be read.",
    "in-the-future": "This lies more than a day ahead. Check the device's clock.",
    "too-long-ago": "This lies before the year 2000. Check the device's clock.",
    "after-taken": "This lies after the sample was taken in.",
    "price-and-no-price": "There is a price and a reason for having none. Keep one of the two.",
    "personal-data": (
        "This seems to hold a phone number, an e-mail or a street address. Take it out."
    ),
    "answered-already": "This sample has an answer: there is nothing to close.",
    "nothing-to-confirm": "No test was made of this sample: say why it cannot be made.",
    "not-a-first-test": "A site reports strips, thin-layer plates and spectra. No other method.",
    "first-test-is-preliminary": "A first test of a site is preliminary, whatever it shows.",
    "not-your-sample": "No sample of your site has this label.",
    "other-laboratory": "Another laboratory has reported this assay.",
    "name-of-nothing-else": "Only what was sold as something else has a name here.",
    "unknown-pickup-code": "This pickup code was not issued to this site, or is mistyped.",
    "pickup-code-used": "This pickup code already belongs to another sample.",
    "content-without-quantified": "A content needs the outcome 'quantified'.",
    "quantified-without-content": "The outcome 'quantified' needs a content.",
    "limits-crossed": "The limit of quantification lies below the limit of detection.",
    "twice": "This stands twice.",
    "over-a-hundred": "The contents add up to more than 100 % and their uncertainties.",
    "reason-missing": "A correction or a withdrawal needs a reason.",
    "nothing-to-correct": "There is no earlier version of this analysis to correct or withdraw.",
    "hides-a-correction": (
        "This would replace a final result: its status must be corrected or withdrawn."
    ),
    "nothing-typed": "There is no result in it.",
    "replaced-meanwhile": (
        "Somebody has corrected this analysis meanwhile. Look at what stands now, then go on."
    ),
    "analysis-there": (
        "This laboratory has reported this sample by this method already: correct that analysis."
    ),
    "unknown-panel": "No panel has this id.",
    "other-panel": "This panel is another laboratory's, or of another method.",
    "panel-there": "This laboratory has a panel of this method from this very time.",
    "lines-and-file": "There are lines and a file. Keep one of the two.",
    "not-the-mean": "The content is the mean of its replicates, {mean} %, or is left out.",
    "doubt-without-library": (
        "Only a spectrum's library leaves a hit in doubt: ftir or raman. Else it is detected, or "
        "its name stands with a question mark."
    ),
    "other-label": (
        "An analysis keeps its laboratory label. Withdraw this one and report a new one."
    ),
    "bad-cursor": "This is not a place in this list.",
    "ends-before-it-begins": "This lies before the first day.",
    "unknown-site": "There is no site of this name.",
    "name-in-doubt": "A name with a question mark is settled sample by sample, by a correction.",
    "name-known": "The vocabulary knows this name already.",
    "no-substance-named": "This kind of notice names a substance.",
    "names-no-substance": "This kind of notice names no substance.",
    "expected-anyway": "People expect cocaine in a rock: that it was found is no warning.",
    "strength-not-public": (
        "How much cocaine a rock held is for the team alone: it can never be public."
    ),
    "in-the-past": "This lies in the past.",
    "too-far-ahead": "This lies more than a year ahead.",
    "proposal-says-it": (
        "The proposal says this already. Leave it out, or publish without the proposal."
    ),
    "no-substance": "This names no substance.",
    "nothing-without-panel": (
        "This says that nothing was found, but no panel says what was looked for."
    ),
    "not-asked": "Nobody asked this of this version.",
    # Questions: what is sent is kept all the same, until somebody says that it is right.
    "weight-far-from-field": "The field scale said {known} mg, this says {sent} mg. Is it right?",
    "weight-tiny": "This is {sent} mg. Is it in milligrams?",
    "content-tiny": "This is {sent} %. Is it a percentage, and not a fraction of 1?",
    "analysed-before-taken": "The sample was taken in at {known}, this says {sent}. Is it right?",
    "changed-tenfold": "This was {known} and is {sent} now. Has the decimal point slipped?",
    "sum-over-hundred": "The contents add up to {sent} %. Is it right?",
    # Of a laboratory's file as a whole.
    "empty-file": "This file is empty.",
    "old-excel": "This is an old Excel file. Save it as .xlsx or .csv.",
    "broken-excel": "This Excel file is damaged or cut off.",
    "unpacks-too-large": "This file unpacks to far more than is accepted here.",
    "not-in-encoding": (
        "This file is not in {encoding}. Save it as UTF-8, or say which encoding it is in."
    ),
    "not-a-table": "This is not a table in text or Excel.",
    "broken-quotes": "A quotation mark in this file is not closed.",
    "too-many-columns": "This file has more than {limit} columns.",
    "too-many-rows": "This file has more than {limit} rows. Split it.",
    "column-without-name": "A column has no name in the first row.",
    "column-twice": "Two columns are named {column}.",
    "column-missing": "Missing columns: {columns}.",
    "column-unknown": "Columns that this layout does not know: {columns}.",
    # Of one of its rows.
    "formula": "This is a formula. Put its value in its place.",
    "not-a-day-or-time": "This must be a day or a time, as in 2026-11-24 or 24/11/2026 09:00.",
    "no-reading": "This is no result: a number, '< x', traces, detected, nd, or nothing.",
    "not-that-outcome": "This contradicts the outcome.",
    "not-percent": "The unit must be percent.",
    "more-cells-than-columns": "This row has more cells than there are columns.",
    "other-than-above": "This differs from row {row} of the same analysis.",
    "mistyped-label": "This is no laboratory label: one of its letters or digits is wrong.",
    "no-such-label": "No sample has this laboratory label.",
    "held-otherwise": (
        "This version is held with other results. A correction is a higher version with a reason."
    ),
    "newer-held": "A newer version is already held.",
    "was-withdrawn": "This analysis or its sample was taken back.",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one field: a JSON pointer, a key of FLAWS, its sentence's values."""

    pointer: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


def out_of(
    pointer: str, value: float | None, low: float, high: float, *, above: bool = False
) -> Iterator[Flaw]:
    """The flaw of a number outside [low, high], or (low, high] when `above`.

    NaN and infinity are outside.
    """
    if value is None:
        return

    if not math.isfinite(value):
        yield Flaw(pointer, "not-a-number")
    elif value < low or (above and value == low):
        yield Flaw(pointer, "not-above" if above else "too-small", {"limit": low})
    elif value > high:
        yield Flaw(pointer, "too-big", {"limit": high})


class Problem(Exception):
    """A refusal on its way to the client.

    `kind` is a key of PROBLEMS; `held` is what stands instead, where the asker may see it.
    """

    def __init__(self, kind: str, *flaws: Flaw, held: Mapping[str, object] | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.flaws = flaws
        self.held = held

    @property
    def status(self) -> int:
        return PROBLEMS[self.kind][0]


class RefusesToStart(Exception):
    """Something without which the service would do harm; the text says what."""


class Unfit(ValueError):
    """A thing that breaks a rule of its own: raised by the core, answered as 422."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__(", ".join(f"{flaw.pointer}: {flaw.reason}" for flaw in flaws))
        self.flaws = flaws


class FlawBody(TypedDict):
    """A flaw as it is answered."""

    pointer: str
    detail: str


class ProblemBody(TypedDict):
    """A problem as it is answered (RFC 9457)."""

    type: str
    title: str
    status: int
    errors: NotRequired[list[FlawBody]]
    held: NotRequired[Mapping[str, object]]

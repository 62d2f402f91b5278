"""One rock of the survey: what its finding comes to, as it is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from service.evidence.classify import find
from service.evidence.contents import MEASURING
from service.evidence.finding import Content, Finding
from service.intake.sample import Beliefs, Sample
from service.lab.assay import AssayVersion, Result
from service.vocabulary.codes import Basis


@dataclass(frozen=True, slots=True)
class SurveyedRock:
    """As in `SurveyedRow`.

    Codes stand in alphabetical order, a line each; empty is none, None is not asked.
    """

    sample: UUID
    taken: int
    """When it was taken in, in seconds since 1970."""
    site: str
    area: str | None
    hardly_any: bool
    percent: float | None
    reported: float | None
    basis: str | None
    weight_mg: float | None
    price_eur: float | None
    guess_percent: float | None
    quality: str | None
    place_type: str | None
    seller_type: str | None
    believed: str | None
    blamed: str | None
    found: str
    absent: str


class _Reported(NamedTuple):
    percent: float | None = None
    basis: str | None = None


def surveyed_rock(
    sample: Sample, site: str, versions: Sequence[AssayVersion]
) -> SurveyedRock | None:
    """What is surveyed of an answered rock; None of any other sample.

    What is only indicated is neither found nor absent.
    """
    finding = find(sample, versions)
    if not finding.answered or not finding.crack_rock:
        return None

    beliefs, bought = sample.beliefs, sample.transaction
    content = _surveyed_content(finding)
    reported = _reported(content, versions) if content else _Reported()
    believed, blamed = _believed(beliefs), beliefs.effects_blamed_on_cuts

    return SurveyedRock(
        sample=sample.id,
        taken=int(sample.taken_at.timestamp()),
        site=site,
        area=bought.area,
        hardly_any=finding.hardly_any_cocaine and content is finding.content,
        percent=content.percent if content else None,
        reported=reported.percent,
        basis=reported.basis,
        weight_mg=finding.weight_mg,
        price_eur=bought.price_eur,
        guess_percent=beliefs.guess_percent,
        quality=_text(beliefs.quality),
        place_type=_text(bought.place_type),
        seller_type=_text(bought.seller_type),
        believed=None if believed is None else _lines(believed),
        blamed=None if blamed is None else _lines(blamed),
        found=_lines(finding.found),
        absent=_lines(finding.not_found | finding.ruled_out),
    )


def _surveyed_content(finding: Finding) -> Content | None:
    """The content, where a method gave it that measures."""
    content = finding.content
    return content if content and content.method in MEASURING else None


def _reported(content: Content, versions: Sequence[AssayVersion]) -> _Reported:
    """The content that counts as its laboratory wrote it, and what it was expressed as there."""
    for version in versions:
        if not version.in_force or version.assay.id != content.assay:
            continue
        for result in version.assay.results:
            if _is_content(result):
                basis = result.expressed_as or Basis.UNKNOWN
                return _Reported(result.content_percent, basis.value)
    return _Reported()


def _is_content(result: Result) -> bool:
    return result.substance == "cocaine" and result.content_percent is not None


def _believed(beliefs: Beliefs) -> Iterable[str] | None:
    """The cuts that the person believed in; that ammonia was left in it is such a belief."""
    if beliefs.believed_cuts is None:
        return None

    believed = {str(cut) for cut in beliefs.believed_cuts}
    if beliefs.ammonia_left:
        believed.add("ammonia")
    return believed


def _text(code: StrEnum | None) -> str | None:
    return code.value if code else None


def _lines(codes: Iterable[str]) -> str:
    return "\n".join(sorted(map(str, codes)))

"""An answer that was replaced: whose person has to hear of it, and how urgently."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.evidence.classify import find
from service.evidence.groups import present_in
from service.intake.held import Held
from service.intake.sample import Sample
from service.lab.assay import AssayVersion
from service.vocabulary.substances import is_alarming


@dataclass(frozen=True, slots=True)
class Changed:
    """A sample whose answer was replaced since its person was last told."""

    held: Held
    changed_at: datetime
    grave: bool
    """A warning came or went with the change."""


def is_grave(sample: Sample, versions: Sequence[AssayVersion]) -> bool:
    """Whether a warning came or went between the versions that stand and those before."""
    finding = find(sample, versions)
    before = present_in(versions, in_force=False)
    came = [name for name in finding.seen if is_alarming(name) and name not in before]

    return bool(finding.warned or came)

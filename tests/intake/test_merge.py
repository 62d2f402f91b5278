"""What a tablet sent, against what we hold: each outcome by name, and a model that any order of
sends obeys."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.intake.merge import MergeOutcome, Tombstone, outcome


@dataclass(frozen=True)
class Thing:
    revision: int
    content: str


def decide(held: Thing | Tombstone | None, sent: Thing) -> MergeOutcome:
    return outcome(held, sent, lambda one: one.revision)


@pytest.mark.parametrize(
    ("held", "sent", "named"),
    [
        (None, Thing(1, "a"), MergeOutcome.NEW),
        (None, Thing(7, "a"), MergeOutcome.NEW),
        (Thing(1, "a"), Thing(1, "a"), MergeOutcome.IDENTICAL),
        (Thing(1, "a"), Thing(1, "b"), MergeOutcome.CONFLICT),
        (Thing(1, "a"), Thing(2, "b"), MergeOutcome.UPDATED),
        (Thing(1, "a"), Thing(2, "a"), MergeOutcome.UPDATED),
        (Thing(2, "a"), Thing(1, "a"), MergeOutcome.STALE),
        (Tombstone(), Thing(9, "a"), MergeOutcome.WITHDRAWN),
    ],
)
def test_each_outcome_has_its_name(
    held: Thing | Tombstone | None, sent: Thing, named: MergeOutcome
) -> None:
    assert decide(held, sent) is named


@given(st.lists(st.builds(Thing, st.integers(1, 4), st.sampled_from("ab")), max_size=12))
def test_however_sends_are_ordered_the_held_revision_never_falls(sends: list[Thing]) -> None:
    held: Thing | None = None
    for sent in sends:
        before = held
        verdict = decide(held, sent)
        if verdict in (MergeOutcome.NEW, MergeOutcome.UPDATED):
            held = sent
        assert held is not None
        assert before is None or held.revision >= before.revision
        assert (verdict is MergeOutcome.IDENTICAL) == (before == sent)
        again = decide(held, sent)
        assert again is MergeOutcome.IDENTICAL or verdict in (
            MergeOutcome.CONFLICT,
            MergeOutcome.STALE,
        )

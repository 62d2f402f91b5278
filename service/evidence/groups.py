"""Which substances are there: each that was spoken of, in the one group that it belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from service.evidence.standing import Standing, standings
from service.lab.assay import AssayVersion
from service.vocabulary.products import WATCHED_CLASSES
from service.vocabulary.stems import class_by_stem
from service.vocabulary.substances import is_alarming


@dataclass(frozen=True, slots=True)
class Groups:
    """Every substance that was spoken of, in the one group that it belongs to."""

    standings: Mapping[str, Standing]
    found: tuple[str, ...]
    """Confirmed by an analysis that is signed."""
    found_early: tuple[str, ...]
    """Confirmed by a preliminary one alone."""
    indicated: tuple[str, ...]
    """A method that can be wrong reacted, and nothing has settled it."""
    ruled_out: frozenset[str]
    """It was indicated, and is settled."""
    not_found: frozenset[str]
    """Looked for by a signed analysis, and found by none at all."""
    first_not_found: frozenset[str]
    """Looked for by an unsigned first test alone, in vain."""
    not_tested: frozenset[str]
    """Said not to have been looked for, and found or looked for by none."""

    @property
    def present(self) -> frozenset[str]:
        """What any analysis says is there, surely or not."""
        return frozenset((*self.found, *self.found_early, *self.indicated))


def group(versions: Sequence[AssayVersion]) -> Groups:
    """Put each substance that an assay in force speaks of into one group, by its standing."""
    reached = standings(versions)
    signed = standings([version for version in versions if version.published])
    confirmed = _with(reached, Standing.CONFIRMED)
    denied = _with(reached, Standing.NOT_FOUND)

    return Groups(
        standings=reached,
        found=tuple(name for name in confirmed if signed.get(name) is Standing.CONFIRMED),
        found_early=tuple(name for name in confirmed if signed.get(name) is not Standing.CONFIRMED),
        indicated=_with(reached, Standing.INDICATED),
        ruled_out=frozenset(_with(reached, Standing.RULED_OUT)),
        not_found=frozenset(name for name in denied if signed.get(name) is Standing.NOT_FOUND),
        first_not_found=frozenset(
            name for name in denied if signed.get(name) is not Standing.NOT_FOUND
        ),
        not_tested=frozenset(_with(signed, Standing.NOT_LOOKED_FOR)).intersection(
            _with(reached, Standing.NOT_LOOKED_FOR)
        ),
    )


def _with(reached: Mapping[str, Standing], wanted: Standing) -> tuple[str, ...]:
    return tuple(name for name, standing in reached.items() if standing is wanted)


def classes_not_looked_for(reached: Mapping[str, Standing]) -> tuple[str, ...]:
    """The watched classes that no row and no panel looked for, each by the code of its entry.

    A class counts as looked for once one member was, and none is said not to have been. A name
    that nobody knows belongs to the class that its end tells of.
    """
    return tuple(name for name in WATCHED_CLASSES if not _looked_for(reached, name))


def _looked_for(reached: Mapping[str, Standing], watched: str) -> bool:
    members = WATCHED_CLASSES[watched]
    spoken = {
        standing
        for name, standing in reached.items()
        if name in members or class_by_stem(name) == watched
    }
    present = {Standing.CONFIRMED, Standing.INDICATED} & spoken
    denied = {Standing.NOT_FOUND, Standing.RULED_OUT} & spoken
    return bool(present) or (bool(denied) and Standing.NOT_LOOKED_FOR not in spoken)


def present_in(versions: Sequence[AssayVersion], *, in_force: bool) -> set[str]:
    """What the versions that stand say is there, or what those said that stand no longer."""
    chosen = [
        replace(version, in_force=True) for version in versions if version.in_force is in_force
    ]
    return {
        name
        for name, standing in standings(chosen).items()
        if standing in (Standing.CONFIRMED, Standing.INDICATED)
    }


def no_longer_warned_of(versions: Sequence[AssayVersion], groups: Groups) -> frozenset[str]:
    """Alarming substances that a version named that no longer stands, and none in force names.

    What was ruled out is told in its own words.
    """
    gone = present_in(versions, in_force=False) - groups.present - groups.ruled_out
    return frozenset(substance for substance in gone if is_alarming(substance))

"""What a written sample or assay sets off: it is counted, and what that calls for is proposed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from service.access.site import SYNTHETIC
from service.evidence.classify import find
from service.evidence.finding import Finding
from service.foundation.projections import Projection
from service.intake import store as intake
from service.lab import store as lab
from service.observatory.alerts import proposals, rules, store, tallies
from service.observatory.alerts.counting.counts import count_of
from service.observatory.alerts.proposal import figures_of
from service.observatory.alerts.rules import (
    BEFORE_WEEKS,
    CLUSTER_DAYS,
    Cause,
    Tallies,
    Why,
    has_risen,
    week_of,
)
from service.observatory.alerts.samples import store as samples
from service.observatory.alerts.store import HeldProposal
from service.vocabulary.codes import State


@dataclass(frozen=True, slots=True)
class _Rock:
    """A rock as it stands now. `lost`: what was found in it before, and is not any more."""

    sample: UUID
    site: str
    finding: Finding
    beyond_survey: bool
    lost: frozenset[str]

    @property
    def subjects(self) -> set[str]:
        """What it is counted by; what is no crack rock is not counted."""
        return set(self.finding.sure) if self.finding.crack_rock else set()


def keep(connection: Connection, sample: UUID, now: datetime) -> None:
    """A sample or an assay of it was written: count it anew, and propose what that calls for."""
    glance = samples.glance(connection, sample)
    if glance is None or glance.site == SYNTHETIC:
        return

    adverse = rules.is_adverse(glance.reason, glance.unexpected_effects)
    rock = _waiting(sample, glance.site)
    if glance.has_assays:
        rock = _counted_anew(connection, sample, glance.site)

    if glance.is_ground:
        _review_ground(connection, rock, now, adverse=adverse)
    proposals.review_rises(connection, rock.lost, rock.site, now)

    if glance.has_assays:
        _propose_of_rock(connection, rock, now)
    if adverse:
        _propose_cluster(connection, rock.site, now)


def forget(connection: Connection, sample: UUID, now: datetime) -> None:
    """A sample is about to be erased: count it no longer, and take back what rests on it."""
    before = tallies.forget(connection, sample)
    proposals.take_ground_away(connection, sample, now, lambda proposal: False)
    if before:
        proposals.review_rises(connection, before.found(), before.site, now)


PROJECTION = Projection("tallied", keep, forget, tallies.fill, tallies.rebuild)


def _waiting(sample: UUID, site: str) -> _Rock:
    """A rock that nobody has analysed."""
    return _Rock(sample, site, Finding(state=State.WAITING), False, frozenset())


def _counted_anew(connection: Connection, sample: UUID, site: str) -> _Rock:
    """What is known of the rock, once it is counted."""
    held = intake.find(connection, sample)
    statements = lab.of_sample(connection, sample)
    finding = find(held.sample if held else None, statements)

    after = count_of(sample, site, finding, statements)
    before = tallies.keep(connection, sample, after)
    found_before = before.found() if before else set()
    found_now = after.found() if after else set()

    beyond_survey = rules.is_beyond_survey(finding)
    return _Rock(sample, site, finding, beyond_survey, frozenset(found_before - found_now))


def _review_ground(connection: Connection, rock: _Rock, now: datetime, *, adverse: bool) -> None:
    def calls_for(proposal: HeldProposal) -> bool:
        return rules.still_called_for(
            proposal.cause, rock.finding, adverse=adverse, beyond_survey=rock.beyond_survey
        )

    proposals.take_ground_away(connection, rock.sample, now, calls_for)


def _propose_of_rock(connection: Connection, rock: _Rock, now: datetime) -> None:
    """What this rock calls for by itself, and the rises that it may be the last of."""
    counted = tallies.look(connection, rock.subjects, rock.site, week_of(now))
    causes = rules.causes(rock.finding, rock.site, counted, beyond_survey=rock.beyond_survey)
    for cause in causes:
        proposals.propose(connection, cause, [rock.sample], {}, now)
    _propose_rises(connection, rock, counted, now)


def _propose_rises(connection: Connection, rock: _Rock, counted: Tallies, now: datetime) -> None:
    # Few rises pass even without regard to how many are looked at; only those cost that question.
    likely = {cause for cause, _ in rules.rising(rock.subjects, rock.site, counted, 1)}
    if not likely or likely <= store.open_causes(connection, likely):
        return

    watched = tallies.number_watched(connection, week_of(now))
    for cause, tally in rules.rising(rock.subjects, rock.site, counted, watched):
        proposals.propose(connection, cause, [], figures_of(tally.recent, tally.before), now)


def _propose_cluster(connection: Connection, site: str, now: datetime) -> None:
    """Whether more people of this site told of bad effects lately than in the months before."""
    since = now - timedelta(days=CLUSTER_DAYS)
    first = since - timedelta(weeks=BEFORE_WEEKS)
    recent, before = samples.adverse_shares(connection, site, first=first, since=since)

    if not has_risen(recent, before, 1):
        return
    if not has_risen(recent, before, tallies.number_watched(connection, week_of(now))):
        return

    adverse = samples.adverse_samples(connection, site, first=first, since=since)
    cause = Cause(Why.EFFECTS, None, site)
    proposals.propose(connection, cause, adverse, figures_of(recent, before), now)

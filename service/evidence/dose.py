"""How much cocaine a rock holds: from its weight alone before the laboratory answers, and measured after.

Amount = weight x content. Before an answer the content is that of the published survey, near to normal with
mean 0.57 and standard deviation 0.145, so a weight of w mg gives 0.57 w, and in 8 rocks of 10 between
0.57 w - z s w and 0.57 w + z s w with z = 1.2816: 0.38 w to 0.76 w.
"""

from dataclasses import dataclass
from statistics import NormalDist

from service.evidence.reference import MEAN_CONTENT, SD_CONTENT

LEVEL = 0.8


@dataclass(frozen=True, slots=True)
class Amount:
    """Cocaine in mg with the interval that holds it at `level`; None where no uncertainty was given."""

    middle_mg: float
    low_mg: float | None = None
    high_mg: float | None = None
    level: float | None = None


def expected(weight_mg: float) -> Amount:
    """What the published survey leads us to expect of a rock of this weight, as base where it was base."""
    spread = NormalDist().inv_cdf((1 + LEVEL) / 2) * SD_CONTENT
    return Amount(
        middle_mg=MEAN_CONTENT * weight_mg,
        low_mg=(MEAN_CONTENT - spread) * weight_mg,
        high_mg=(MEAN_CONTENT + spread) * weight_mg,
        level=LEVEL,
    )


def measured(weight_mg: float, content_percent: float, uncertainty_percent: float | None) -> Amount:
    """What was measured; the uncertainty is percent of the value at k = 2 (about 95 %), capped by the weight."""
    middle = weight_mg * content_percent / 100
    if uncertainty_percent is None:
        return Amount(middle)
    margin = middle * uncertainty_percent / 100
    return Amount(middle, max(0.0, middle - margin), min(weight_mg, middle + margin), 0.95)

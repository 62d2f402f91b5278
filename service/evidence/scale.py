"""How much this rock holds among the others, drawn: to be understood by whoever reads nothing.

Rocks of growing size stand along a line, from the published survey's smallest amount of cocaine
to its largest and a fifth more. A band under them is where this one's amount is expected or was
measured, a triangle its middle. What is more than the line holds ends in an arrow.
"""

from service.evidence.dose import Amount
from service.evidence.reference import MAX_COCAINE_MG, MEDIAN_COCAINE_MG

WIDTH, HEIGHT = 320, 72
_LEFT, _RIGHT, _GROUND = 16.0, 304.0, 38.0
_MOST_MG = MAX_COCAINE_MG * 1.2
_CORNERS = (
    (-1, 0),
    (-0.8, -0.9),
    (-0.1, -1.5),
    (0.7, -1.2),
    (1, -0.3),
    (0.8, 0),
)
"""Of a rock of size 1: to the right, and down."""
_ROCKS_MG = (10.0, 45.0, MEDIAN_COCAINE_MG, 120.0, 165.0, MAX_COCAINE_MG)


def said(amount: Amount) -> str:
    """What the drawing shows, for whoever cannot see it."""
    if amount.low_mg is None or amount.high_mg is None:
        return f"{amount.middle_mg:.0f} mg"

    return f"{amount.low_mg:.0f}\u2013{amount.high_mg:.0f} mg"


def drawn(amount: Amount) -> str:
    """SVG, 320 x 72, on white; its title says the same in mg."""
    low, high = amount.bounds
    start = _place(low)
    middle = _place(amount.middle_mg)
    end = _place(high)
    width = max(end - start, 3)

    rocks = "".join(map(_rock, _ROCKS_MG))
    tip = ""
    if high > _MOST_MG:
        tip = f'<path d="M{_RIGHT} {_GROUND + 2}l13 9-13 9Z"/>'

    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{said(amount)}</title>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        f'<path d="M{_LEFT} {_GROUND}H{_RIGHT}" stroke="#000" stroke-width="1.5"/>{rocks}'
        f'<rect x="{start:.1f}" y="{_GROUND + 5}" '
        f'width="{width:.1f}" height="12" rx="3"/>'
        f'<path d="M{middle:.1f} {_GROUND + 19}l8 12h-16Z"/>{tip}'
        "</svg>"
    )


def _place(mg: float) -> float:
    shown = min(max(mg, 0.0), _MOST_MG)
    return _LEFT + (_RIGHT - _LEFT) * shown / _MOST_MG


def _rock(mg: float) -> str:
    """An angular rock that stands on the line; its width is twice its size."""
    middle = _place(mg)
    size = 3 + 18 * (mg / MAX_COCAINE_MG) ** 0.5

    corners = []
    for right, down in _CORNERS:
        x = middle + size * right
        y = _GROUND + size * down
        corners.append(f"{x:.1f},{y:.1f}")

    points = " ".join(corners)
    look = 'fill="#d9d2c4" stroke="#000" stroke-width="1.5" stroke-linejoin="round"'
    return f'<polygon points="{points}" {look}/>'

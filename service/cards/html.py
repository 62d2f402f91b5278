"""The card on a screen: every row it would have on paper, and none gives way."""

import base64
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from service.cards.card import Card
from service.cards.pdf import qr_svg

_TEMPLATE = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
).get_template("card.html")


def render(card: Card) -> str:
    qr = base64.b64encode(qr_svg(card.url).encode()).decode()
    return _TEMPLATE.render(card=card, qr=f"data:image/svg+xml;base64,{qr}")

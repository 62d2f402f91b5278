"""The card on a screen: every row it would have on paper, and none gives way."""

import base64
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from service.cards.card import Card
from service.foundation.paper import square_code


def data_uri(svg: str) -> str:
    """A drawing inside the page, so that nothing else has to be fetched."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


_TEMPLATES = FileSystemLoader(Path(__file__).parent / "templates")
_ENVIRONMENT = Environment(loader=_TEMPLATES, autoescape=True)
_ENVIRONMENT.filters["drawing"] = data_uri
_TEMPLATE = _ENVIRONMENT.get_template("card.html")


def render(card: Card) -> str:
    return _TEMPLATE.render(card=card, qr=data_uri(square_code(card.url)))

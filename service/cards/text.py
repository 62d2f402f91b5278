"""The card as plain text: for a message on a phone, or to be read aloud. One language after the other."""

from service.cards.card import Card
from service.wording.catalogue import plain


def render(card: Card) -> str:
    """Every row, none gives way; alerts stand first. What a language may not say is left to French."""
    parts = []
    for place, column in enumerate(card.columns):
        said = (row.texts[place] for row in card.rows)
        lines = [
            column.title,
            column.answer_of,
            column.come_back,
            column.interpreter,
            *said,
            column.mark,
        ]
        parts.append("\n".join(plain(line) for line in lines if line))
    return "\n\n".join([*parts, f"{card.code}\n{card.url}"]) + "\n"

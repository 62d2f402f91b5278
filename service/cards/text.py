"""The card as plain text, for a message on a phone. One language after the other."""

from service.cards.card import Card, Column
from service.wording.catalogue import plain


def render(card: Card) -> str:
    """Every row, none gives way; alerts stand first.

    What a language may not say is left to French.
    """
    parts = []
    for index, column in enumerate(card.columns):
        texts = [row.texts[index] for row in card.rows]
        parts.append(_part(column, texts))

    parts.append(f"{card.code}\n{card.url}")
    return "\n\n".join(parts) + "\n"


def _part(column: Column, texts: list[str | None]) -> str:
    """One language of the card, a line a text."""
    head = [column.title, column.answer_of, column.come_back, column.interpreter]
    return "\n".join(plain(line) for line in [*head, *texts, column.mark] if line)

"""Words that stand in the place of a substance's name and name none.

"No active component" tells that nothing was found, "uncertain match" that nobody can tell what it
is. Neither is a substance that was found.
"""

from typing import Literal

from service.vocabulary.spelling import plain

Said = Literal["nothing", "doubt"]
"""Nothing of what was looked for was found, or something that could not be told."""

_ALONE: dict[str, Said] = {
    **dict.fromkeys(("neg", "nd", "n d", "ras", "r a s", "nil", "none", "nothing"), "nothing"),
    **dict.fromkeys(("rien", "rien a signaler", "nichts", "nada", "aucune", "ohne"), "nothing"),
    **dict.fromkeys(("negative", "negatif", "negativo", "negativ", "negativa"), "nothing"),
    **dict.fromkeys(("unable to identify", "could not be identified", "n a", "tbd"), "doubt"),
    **dict.fromkeys(("invalid", "pending", "no identification possible"), "doubt"),
}


def words_in(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(text.split())


_NO = words_in(
    "no not non none nothing without aucun aucune pas sans kein keine keinen nicht ohne ningun"
    " ninguna sin nao nenhum nenhuma sem"
)
_DOUBT = words_in(
    "unknown unidentified unidentifiable uncertain unclear inconclusive indeterminate undetermined"
    " unresolved ambiguous inconnu inconnue inconnus inconnues indetermine indeterminee"
    " indeterminado indeterminada incertain incertaine incierto incierta incerto incerta"
    " desconocido desconocida desconhecido desconhecida unbekannt unbekannte unbekannter"
    " unbestimmt unklar"
)
_TOLD_APART = words_in(
    "identified identify identification identifie identifiee identificado identificada"
    " identifiziert identifizierbar match matches determined determine determinee determinado"
    " determinada conclusive concluant concluante concluyente conclusivo specific specifique"
    " especifico assigned"
)
_FOUND = words_in(
    "detected found present seen detecte detectee detectes detectees decelee decele trouve trouvee"
    " presente nachweisbar nachgewiesen gefunden detectado detectada detectados detectadas"
    " detetado detetada encontrado encontrada"
)
_THINGS = words_in(
    "active actif psychoactive psychoactif psychotropic activo activa ativo ativa psicoactiva"
    " psicoativa component components compound compounds substance substances ingredient"
    " ingredients drug drugs drogue drogen produit composant principe molecule substanz wirkstoff"
    " wirkstoffe sustancia sustancias substancia substancias principio componente componentes"
    " controlled interest"
)
_BESIDE = words_in(
    "a an any of the in it is was were has been library peak peaks spectrum result results sample"
    " de d la le un une n ete est se other salt hydrocarbon organic acid acids material powder"
    " pic spectre autre es e wurde wurden pico to be foi"
)
_EVERY = _NO | _DOUBT | _TOLD_APART | _FOUND | _THINGS | _BESIDE


def outcome_of(name: str) -> Said | None:
    """What a word in the place of a name says; None where it may name a substance."""
    written = plain(name)
    if written in _ALONE:
        return _ALONE[written]
    if name.strip() and not written:
        return "doubt"  # a mark alone: "?"

    words = frozenset(written.split())
    if not words or words - _EVERY:
        return None

    if words & _DOUBT:
        return "doubt"
    if not words & _NO:
        return None

    return _denied(words)


def _denied(words: frozenset[str]) -> Said | None:
    if words & (_THINGS | _FOUND):
        return "nothing"

    return "doubt" if words & _TOLD_APART else None

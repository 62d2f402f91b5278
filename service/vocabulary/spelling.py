"""How one name is written in many ways: by country, by salt, by isomer, by hyphen and by accent.

Every way has a key; two names with one key are the same name. Nothing here knows a substance, and
nothing is left out of a name but what stands in the closed lists below.
"""

import re
import unicodedata
from collections.abc import Iterator

FEWEST_LETTERS = 7
"""A shorter word is often an abbreviation, where each letter counts: MDMA is not MDA."""

_GREEK = str.maketrans({"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ω": "omega"})
# What differs between the languages that write with Latin letters, in this order.
_SAID_ALIKE = "ph f, th t, ch c, qu c, k c, y i, nf mf"
_COUNTRIES = tuple(pair.split(" ") for pair in _SAID_ALIKE.split(", "))
_WORD = re.compile(r"[^\W\d_]+|\d+")
_BETWEEN = re.compile(r"[\W_]+")
_TWICE = re.compile(r"([a-z])\1(?=[a-z])")
_LAST_VOWEL = re.compile(r"[aeo]$")

# A salt is the same substance to the person who takes it.
_SALT = re.compile(
    "(?:hydrochlorid[eo]?|chlorhydrate?|clorhidrato|cloridrato|hcl|hydrobromid[eo]?|bromhydrate?"
    "|bromhidrato|bromidrato|hbr|sulfat[eo]?|sulphate|citrat[eo]?|phosphate?|fosfato|tartrat[eo]?"
    "|fumarat[eo]?|maleat[eo]?|mesylate?|mesilato|acetat[eo]?|lactate?|oxalate?|succinate?"
    "|nitrate?|sodium|sodico|sodique|natrium|potassium|salt|salz|free ?base|base libre"
    "|base livre|base)$"
)
_TIMES = re.compile("(?:mono|di|tri|tetra|hemi|sesqui|bi)$")
_WATER = re.compile(
    "(?:mono|di|tri|tetra|hemi|sesqui)?hydrat(?:[eo]|ed)?$|(?:mono|di)?hidrat(?:o|ado)$"
    "|(?:anhydrous|anhydre|anhidr[ao]|anidr[ao]|wasserfrei)$"
)
_SALT_FIRST = re.compile(
    r"(?:(?:chlorhydrate|bromhydrate|sulfate|citrate|phosphate|tartrate|base)\s+d(?:e\s+|['’])"
    r"|(?:clorhidrato|cloridrato|sulfato|citrato|fosfato|tartrato)\s+d[ea]\s+|anhydrous\s+)",
    re.IGNORECASE,
)
# Which mirror image it is: d-, l-, dl-, (±)-, (R)-, racemic.
_MIRROR = re.compile(
    r"(?:(?:d,l|dl|[dl]|rac|R,S|RS|[RS]|±|[+]/-|[+-])(?=[-(])"
    r"|\((?:±|[+]/-|[+−–-]|dl|[dl]|rac|(?:\d*[RS],?\s?)+)\)|rac[eé]mi[cq](?:ue)?\s)-?",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(para|ortho|meta|[pom])[- ]", re.IGNORECASE)
_NUMBERS = {"p": "4-", "o": "2-", "m": "3-"}
_INVERTED = re.compile(r"([^,]{4,}), ?([^,]+)")


def key(name: str) -> str:
    """What the ways of writing one name have in common.

    Phénacétine, Fenacetin and fenacetina share theirs. Accents, capitals, spaces, dashes and
    brackets are left out; of a word of seven letters or more also a letter's double and, at the
    end of the name, its vowel.
    """
    words = _WORD.findall(plain(name))
    joined = "".join(_TWICE.sub(r"\1", word) if _is_long(word) else word for word in words)
    if words and _is_long(words[-1]):
        joined = _LAST_VOWEL.sub("", joined)

    if sum(map(str.isalpha, joined)) >= FEWEST_LETTERS - 1:
        for written, read in _COUNTRIES:
            joined = joined.replace(written, read)

    return joined


def plain(name: str) -> str:
    """A name without accents and capitals, Greek letters spelled out, one space for all between."""
    letters = unicodedata.normalize("NFKD", name.casefold()).translate(_GREEK)
    unmarked = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _BETWEEN.sub(" ", unmarked).strip()


def _is_long(word: str) -> bool:
    return len(word) >= FEWEST_LETTERS and word.isalpha()


def readings(name: str) -> Iterator[str]:
    """The keys by which a name may be known, as it is written first.

    Then without water of crystallisation, or which mirror image it is; with numbers for para,
    ortho and meta; and "Cocaine, Nor" put the right way round.
    """
    for written in _ways(name):
        yield key(written)
        yield key(_WATER.sub("", plain(written)))


def readings_of_base(name: str) -> Iterator[str]:
    """The keys by which the name may be known once its salt is left out."""
    for written in _ways(_SALT_FIRST.sub("", name, count=1)):
        spaced = plain(written)

        yield from _bases(spaced)
        yield from _bases(_WATER.sub("", spaced).strip())


def _bases(spaced: str) -> Iterator[str]:
    yield key(spaced)

    while match := _SALT.search(spaced):
        spaced = spaced[: match.start()].strip()
        yield key(spaced)
        yield key(_TIMES.sub("", spaced))


def _ways(name: str) -> Iterator[str]:
    """The name as it is written, and as it might have been written."""
    for ordered in _orders(name):
        for mirrored in _without_mirror(ordered):
            yield mirrored
            if _PLACE.match(mirrored):
                yield _PLACE.sub(_number, mirrored, count=1)


def _orders(name: str) -> Iterator[str]:
    yield name

    inverted = _INVERTED.fullmatch(name)
    if inverted:
        head, rest = inverted.groups()
        yield f"{rest}{head}"


def _without_mirror(name: str) -> Iterator[str]:
    yield name

    while match := _MIRROR.match(name):
        name = name[match.end() :]
        yield name


def _number(place: re.Match[str]) -> str:
    return _NUMBERS[place[1][0].lower()]

"""What a product is sold as: how that is called on a card, and what is no surprise in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.vocabulary.codes import SoldAs
from service.vocabulary.substances import SUBSTANCES, Family, codes_in

_COCA = codes_in(Family.COCAINE, Family.NOTHING_TO_SAY)
_OPIOIDS = codes_in(Family.OPIOID, Family.VERY_STRONG_OPIOID)
_POPPY = frozenset(
    {
        "heroin",
        "monoacetylmorphine",
        "acetylcodeine",
        "morphine",
        "codeine",
        "noscapine",
        "papaverine",
    }
)


@dataclass(frozen=True, slots=True)
class Product:
    """`name` is the substance or the class whose name stands for it on a card.

    `expected` is no surprise in it; `sold` is what was promised, by any of these.
    """

    name: str
    sold: frozenset[str]
    expected: frozenset[str]


def _product(name: str, *sold: str, beside: frozenset[str] = frozenset()) -> Product:
    promised = frozenset(sold) or frozenset({name})
    return Product(name, promised, promised | beside)


def _class(name: str, family: Family) -> Product:
    return _product(name, *codes_in(family))


PRODUCTS: Mapping[SoldAs, Product] = {
    SoldAs.CRACK: _product("cocaine", beside=_COCA),
    SoldAs.FREE_BASE: _product("cocaine", beside=_COCA),
    SoldAs.POWDER_COCAINE: _product("cocaine", beside=_COCA),
    SoldAs.HEROIN: _product("heroin", "heroin", "monoacetylmorphine", beside=_POPPY),
    SoldAs.OTHER_OPIOID: Product("opioids", _OPIOIDS, codes_in(Family.OPIOID)),
    SoldAs.MDMA: _product("mdma", beside=frozenset({"mda"})),
    SoldAs.AMPHETAMINE: _product("amphetamine"),
    SoldAs.METHAMPHETAMINE: _product("methamphetamine", beside=frozenset({"amphetamine"})),
    SoldAs.CATHINONE: _class("cathinones", Family.CATHINONE),
    SoldAs.KETAMINE: _product("ketamine"),
    SoldAs.GHB_GBL: _product("ghb", *codes_in(Family.GHB)),
    SoldAs.LSD: _product("lsd"),
    SoldAs.CANNABIS: _product("thc", beside=codes_in(Family.CANNABINOID)),
    SoldAs.SYNTHETIC_CANNABINOID: _class("synthetic_cannabinoids", Family.SYNTHETIC_CANNABINOID),
    SoldAs.BENZODIAZEPINE: _class("benzodiazepines", Family.BENZODIAZEPINE),
}
"""What was promised and what is no surprise; a product that is not here promises nothing known."""


def product(sold_as: SoldAs | None, name: str | None) -> Product | None:
    """What a product was sold as; `name` is the substance where it was sold as something else.

    None where nobody knows what it was sold as, and for a name that is no substance's: what
    somebody wrote is not printed on a card.
    """
    if sold_as is SoldAs.OTHER and name in SUBSTANCES:
        return _product(name)
    return PRODUCTS.get(sold_as) if sold_as else None


WATCHED_CLASSES: Mapping[str, frozenset[str]] = {
    "fentanyls": frozenset(
        code for code in codes_in(Family.VERY_STRONG_OPIOID) if "fentan" in code
    ),
    "nitazenes": frozenset(
        code for code in codes_in(Family.VERY_STRONG_OPIOID) if "nitazene" in code
    ),
    "opioids": codes_in(Family.OPIOID),
    "benzodiazepines": codes_in(Family.BENZODIAZEPINE),
}
"""What a card names where nobody looked for it: the class's entry, and its members."""

"""The substances we know by code: what family each belongs to, and how it is spelled elsewhere.

Families drive what is said, never a substring of a name. A name that is not here is not an error: it is
kept as the laboratory wrote it and treated as unexpected (see evidence/finding.py).
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Family(StrEnum):
    COCAINE = "cocaine"
    COCA_ALKALOID = "coca_alkaloid"
    LEVAMISOLE = "levamisole"
    PHENACETIN = "phenacetin"
    LOCAL_ANAESTHETIC = "local_anaesthetic"
    CAFFEINE = "caffeine"
    PARACETAMOL = "paracetamol"
    HEART_SLEEP_MEDICINE = "heart_sleep_medicine"
    FILLER = "filler"
    STIMULANT = "stimulant"
    OPIOID = "opioid"
    VERY_STRONG_OPIOID = "very_strong_opioid"
    BENZODIAZEPINE = "benzodiazepine"
    SEDATIVE = "sedative"
    SYNTHETIC_CANNABINOID = "synthetic_cannabinoid"
    RESIDUE = "residue"
    OTHER_ACTIVE = "other_active"


# What is announced as a warning wherever it is found.
ALARMING = frozenset(
    {
        Family.OPIOID,
        Family.VERY_STRONG_OPIOID,
        Family.SYNTHETIC_CANNABINOID,
        Family.BENZODIAZEPINE,
        Family.SEDATIVE,
        Family.STIMULANT,
        Family.OTHER_ACTIVE,
        Family.RESIDUE,
    }
)


@dataclass(frozen=True, slots=True)
class Substance:
    """One entry: our code, its family, its CAS registry number and its English name."""

    code: str
    family: Family
    cas: str
    name: str


_TABLE: dict[Family, tuple[tuple[str, str, str], ...]] = {
    Family.COCAINE: (("cocaine", "50-36-2", "cocaine"),),
    Family.COCA_ALKALOID: (
        ("benzoylecgonine", "519-09-5", "benzoylecgonine"),
        ("ecgonine_methyl_ester", "7143-09-1", "ecgonine methyl ester"),
        ("norcocaine", "18717-72-1", "norcocaine"),
        ("tropacocaine", "537-26-8", "tropacocaine"),
        ("cinnamoylcocaine", "521-67-5", "cinnamoylcocaine"),
        ("ecgonine", "481-37-8", "ecgonine"),
        ("ecgonidine", "484-93-5", "ecgonidine"),
        ("methylecgonidine", "43021-26-7", "methyl ecgonidine"),
    ),
    Family.LEVAMISOLE: (
        ("levamisole", "14769-73-4", "levamisole"),
        ("tetramisole", "5036-02-2", "tetramisole"),
    ),
    Family.PHENACETIN: (("phenacetin", "62-44-2", "phenacetin"),),
    Family.LOCAL_ANAESTHETIC: (
        ("lidocaine", "137-58-6", "lidocaine"),
        ("procaine", "59-46-1", "procaine"),
        ("benzocaine", "94-09-7", "benzocaine"),
        ("tetracaine", "94-24-6", "tetracaine"),
        ("prilocaine", "721-50-6", "prilocaine"),
    ),
    Family.CAFFEINE: (("caffeine", "58-08-2", "caffeine"),),
    Family.PARACETAMOL: (("paracetamol", "103-90-2", "paracetamol"),),
    Family.HEART_SLEEP_MEDICINE: (
        ("hydroxyzine", "68-88-2", "hydroxyzine"),
        ("diltiazem", "42399-41-7", "diltiazem"),
    ),
    Family.FILLER: (
        ("creatine", "57-00-1", "creatine"),
        ("glucose", "50-99-7", "glucose"),
        ("lactose", "63-42-3", "lactose"),
        ("sucrose", "57-50-1", "sugar"),
        ("mannitol", "69-65-8", "mannitol"),
        ("inositol", "87-89-8", "inositol"),
        ("bicarbonate", "144-55-8", "bicarbonate"),
        ("sodium_carbonate", "497-19-8", "sodium carbonate"),
        ("chalk", "471-34-1", "chalk"),
        ("salt", "7647-14-5", "salt"),
        ("starch", "9005-25-8", "starch"),
        ("cellulose", "9004-34-6", "cellulose"),
        ("sorbitol", "50-70-4", "sorbitol"),
        ("fructose", "57-48-7", "fructose"),
        ("citric_acid", "77-92-9", "citric acid"),
    ),
    Family.STIMULANT: (
        ("amphetamine", "300-62-9", "amphetamine"),
        ("methamphetamine", "537-46-2", "methamphetamine"),
        ("mdma", "42542-10-9", "MDMA"),
        ("methylphenidate", "113-45-1", "methylphenidate"),
        ("3_mmc", "1246816-62-5", "3-MMC"),
        ("4_mmc", "1189805-46-6", "4-MMC (mephedrone)"),
        ("3_cmc", "1049677-59-9", "3-CMC"),
        ("4_cmc", "1225843-86-6", "4-CMC"),
        ("alpha_pvp", "14530-33-7", "alpha-PVP"),
        ("alpha_php", "13415-86-6", "alpha-PHP"),
        ("mda", "4764-17-4", "MDA"),
        ("ephedrine", "299-42-3", "ephedrine"),
    ),
    Family.OPIOID: (
        ("buprenorphine", "52485-79-7", "buprenorphine (Subutex)"),
        ("codeine", "76-57-3", "codeine"),
        ("heroin", "561-27-3", "heroin"),
        ("methadone", "76-99-3", "methadone"),
        ("monoacetylmorphine", "2784-73-8", "6-monoacetylmorphine (heroin)"),
        ("morphine", "57-27-2", "morphine"),
        ("oxycodone", "76-42-6", "oxycodone"),
        ("tramadol", "27203-92-5", "tramadol"),
        ("acetylcodeine", "6703-27-1", "acetylcodeine (heroin)"),
        ("dihydrocodeine", "125-28-0", "dihydrocodeine"),
        ("hydrocodone", "125-29-1", "hydrocodone"),
        ("hydromorphone", "466-99-9", "hydromorphone"),
        ("tapentadol", "175591-23-8", "tapentadol"),
    ),
    Family.VERY_STRONG_OPIOID: (
        ("fentanyl", "437-38-7", "fentanyl"),
        ("acetylfentanyl", "3258-84-2", "acetylfentanyl"),
        ("carfentanil", "59708-52-0", "carfentanil"),
        ("furanylfentanyl", "101345-66-8", "furanylfentanyl"),
        ("para_fluorofentanyl", "90736-23-5", "para-fluorofentanyl"),
        ("ocfentanil", "101343-69-5", "ocfentanil"),
        ("butonitazene", "95810-54-1", "butonitazene"),
        ("n_desethyl_isotonitazene", "2732926-24-6", "N-desethyl isotonitazene"),
        ("n_pyrrolidino_etonitazene", "2785346-75-8", "N-pyrrolidino etonitazene"),
        ("etonitazene", "911-65-9", "etonitazene"),
        ("isotonitazene", "14188-81-9", "isotonitazene"),
        ("metonitazene", "14680-51-4", "metonitazene"),
        ("protonitazene", "95958-84-2", "protonitazene"),
        ("etodesnitazene", "14030-76-3", "etodesnitazene"),
        ("metodesnitazene", "14030-77-4", "metodesnitazene"),
        ("n_desethyl_etonitazene", "2732926-26-8", "N-desethyl etonitazene"),
        ("n_piperidinyl_etonitazene", "734496-28-7", "N-piperidinyl etonitazene"),
        ("n_pyrrolidino_protonitazene", "2785346-76-9", "N-pyrrolidino protonitazene"),
        ("alfentanil", "71195-58-9", "alfentanil"),
        ("remifentanil", "132875-61-7", "remifentanil"),
        ("sufentanil", "56030-54-7", "sufentanil"),
        ("brorphine", "2244737-98-0", "brorphine"),
    ),
    Family.BENZODIAZEPINE: (
        ("alprazolam", "28981-97-7", "alprazolam"),
        ("bromazepam", "1812-30-2", "bromazepam"),
        ("bromazolam", "71368-80-4", "bromazolam"),
        ("clonazepam", "1622-61-3", "clonazepam"),
        ("diazepam", "439-14-5", "diazepam"),
        ("etizolam", "40054-69-1", "etizolam"),
        ("flualprazolam", "28910-91-0", "flualprazolam"),
        ("lorazepam", "846-49-1", "lorazepam"),
        ("nordazepam", "1088-11-5", "nordazepam"),
        ("oxazepam", "604-75-1", "oxazepam"),
        ("zolpidem", "82626-48-0", "zolpidem"),
        ("zopiclone", "43200-80-2", "zopiclone"),
    ),
    Family.SEDATIVE: (
        ("medetomidine", "86347-14-0", "medetomidine (sedative for animals)"),
        ("xylazine", "7361-61-7", "xylazine (sedative for animals)"),
        ("ghb", "591-81-1", "GHB"),
    ),
    Family.SYNTHETIC_CANNABINOID: (
        ("adb_butinaca", "2682867-55-4", "ADB-BUTINACA (synthetic cannabinoid)"),
        ("mdmb_4en_pinaca", "2504100-70-1", "MDMB-4en-PINACA (synthetic cannabinoid)"),
        ("5f_adb", "1715016-75-3", "5F-ADB (synthetic cannabinoid)"),
        ("5f_mdmb_pica", "1971007-88-1", "5F-MDMB-PICA (synthetic cannabinoid)"),
    ),
    Family.RESIDUE: (
        ("acetone", "67-64-1", "acetone"),
        ("ammonia", "7664-41-7", "ammonia"),
        ("diethyl_ether", "60-29-7", "ether"),
        ("ethyl_acetate", "141-78-6", "ethyl acetate"),
        ("methyl_ethyl_ketone", "78-93-3", "butanone"),
        ("toluene", "108-88-3", "toluene"),
    ),
    Family.OTHER_ACTIVE: (
        ("ketamine", "6740-88-1", "ketamine"),
        ("aspirin", "50-78-2", "aspirin"),
        ("diphenhydramine", "58-73-1", "diphenhydramine"),
        ("ibuprofen", "15687-27-1", "ibuprofen"),
        ("lsd", "50-37-3", "LSD"),
        ("metamizole", "68-89-3", "metamizole"),
        ("noscapine", "128-62-1", "noscapine"),
        ("papaverine", "58-74-2", "papaverine"),
        ("pregabalin", "148553-50-8", "pregabalin (Lyrica)"),
        ("thc", "1972-08-3", "THC (cannabis)"),
    ),
}

_CLASSES: dict[str, tuple[Family, str]] = {
    "nitazenes": (Family.VERY_STRONG_OPIOID, "nitazenes"),
    "fentanyls": (Family.VERY_STRONG_OPIOID, "fentanyls"),
    "opioids": (Family.OPIOID, "other opioids (heroin, morphine)"),
    "benzodiazepines": (Family.BENZODIAZEPINE, "benzodiazepines (Valium, Xanax)"),
    "synthetic_cannabinoids": (Family.SYNTHETIC_CANNABINOID, "synthetic cannabinoids"),
    "cathinones": (Family.STIMULANT, "cathinones (3-MMC)"),
    "sedatives": (Family.SEDATIVE, "other sedatives (xylazine)"),
}
"""What a laboratory says of something whose kind it knows, and not which one it is."""

SUBSTANCES: dict[str, Substance] = {
    code: Substance(code, family, cas, name)
    for family, rows in _TABLE.items()
    for code, cas, name in rows
} | {code: Substance(code, family, "", name) for code, (family, name) in _CLASSES.items()}

# Molar masses of the base and of its hydrochloride, g/mol: 1 mg hydrochloride holds 0.893 mg base.
COCAINE_BASE_PER_HYDROCHLORIDE = 303.35 / 339.81


def is_alarming(name: str) -> bool:
    """Whether finding it calls for a warning: an alarming family, or a name that nobody knows."""
    family = family_of(name)
    return family is None or family in ALARMING


def family_of(name: str) -> Family | None:
    """The family of a substance code; None for a name that the vocabulary does not know."""
    known = SUBSTANCES.get(name)
    return known.family if known else None


def is_class(name: str) -> bool:
    """Whether it stands for a whole class: its kind is known, and not which one it is."""
    return name in _CLASSES


def codes_in(*families: Family) -> frozenset[str]:
    """Every code of the given families."""
    return frozenset(s.code for s in SUBSTANCES.values() if s.family in families)


# Other names, folded as `_folded` folds them: what instruments, laboratories and French reports write.
_SYNONYMS = {
    "4methylmethcathinone": "4_mmc",
    "acetaminophen": "paracetamol",
    "acetylsalicylicacid": "aspirin",
    "acetatedethyle": "ethyl_acetate",
    "acideacetylsalicylique": "aspirin",
    "acidecitrique": "citric_acid",
    "alphapvp": "alpha_pvp",
    "amidon": "starch",
    "anhydroecgonine": "ecgonidine",
    "anhydroecgoninemethylester": "methylecgonidine",
    "aspirine": "aspirin",
    "butanone": "methyl_ethyl_ketone",
    "calciumcarbonate": "chalk",
    "carbonatedecalcium": "chalk",
    "carbonatedesodium": "sodium_carbonate",
    "chlorhydratedecocaine": "cocaine",
    "dipyrone": "metamizole",
    "ammoniac": "ammonia",
    "ammoniaque": "ammonia",
    "bicarbonatedesodium": "bicarbonate",
    "sodiumbicarbonate": "bicarbonate",
    "benzoylmethylecgonine": "cocaine",
    "cafeine": "caffeine",
    "cocainebase": "cocaine",
    "craie": "chalk",
    "crack": "cocaine",
    "diacetylmorphine": "heroin",
    "diamorphine": "heroin",
    "heroine": "heroin",
    "desethylisotonitazene": "n_desethyl_isotonitazene",
    "desmethyldiazepam": "nordazepam",
    "ecgoninemethylester": "ecgonine_methyl_ester",
    "estermethyliquedelecgonine": "ecgonine_methyl_ester",
    "ibuprofene": "ibuprofen",
    "pregabaline": "pregabalin",
    "seldecuisine": "salt",
    "sucre": "sucrose",
    "etazene": "etodesnitazene",
    "etonitazepipne": "n_piperidinyl_etonitazene",
    "fentanil": "fentanyl",
    "mek": "methyl_ethyl_ketone",
    "mephedrone": "4_mmc",
    "metazene": "metodesnitazene",
    "nordiazepam": "nordazepam",
    "protonitazepyne": "n_pyrrolidino_protonitazene",
    "sodiumchloride": "salt",
    "chloruredesodium": "salt",
    "tetrahydrocannabinol": "thc",
    "delta9thc": "thc",
    "gammahydroxybutyricacid": "ghb",
    "6acetylmorphine": "monoacetylmorphine",
    "6mam": "monoacetylmorphine",
    "6monoacetylmorphine": "monoacetylmorphine",
    "mam": "monoacetylmorphine",
    "subutex": "buprenorphine",
    "suboxone": "buprenorphine",
    "etonitazepyne": "n_pyrrolidino_etonitazene",
    "pfluorofentanyl": "para_fluorofentanyl",
    "4fluorofentanyl": "para_fluorofentanyl",
    "lignocaine": "lidocaine",
    "novocaine": "procaine",
    "ethylaminobenzoate": "benzocaine",
    "levamisol": "levamisole",
    "phenacetine": "phenacetin",
    "diethylether": "diethyl_ether",
    "ether": "diethyl_ether",
    "saccharose": "sucrose",
    "ecstasy": "mdma",
    "ritaline": "methylphenidate",
    "ritalin": "methylphenidate",
    "amfetamine": "amphetamine",
    "metamfetamine": "methamphetamine",
    "methamfetamine": "methamphetamine",
    "adbbutinaca": "adb_butinaca",
    "mdmb4enpinaca": "mdmb_4en_pinaca",
}
# A salt is the same substance to the person who takes it.
_SALTS = (
    "hydrochloride",
    "chlorhydrate",
    "hcl",
    "citrate",
    "sulfate",
    "sulphate",
    "phosphate",
    "tartrate",
    "fumarate",
    "acetate",
    "hydrobromide",
    "base",
)


def _folded(name: str) -> str:
    """A name without accents, capitals, spaces, dashes or brackets."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in plain if character.isalnum())


_BY_NAME = {
    **{_folded(substance.code): substance.code for substance in SUBSTANCES.values()},
    **{_folded(substance.name): substance.code for substance in SUBSTANCES.values()},
    **{
        _folded(substance.name.partition(" (")[0]): substance.code
        for substance in SUBSTANCES.values()
    },
    **_SYNONYMS,
}


# An abbreviation in brackets after the name, as in "benzoylecgonine (BZ)".
_ABBREVIATED = re.compile(r"(.+?)\s*\(([A-Z0-9-]{2,6})\)")


@lru_cache(4096)
def resolve(name: str) -> str:
    """Our code for a substance's name, however it is spelled, with or without its salt; else the name itself.

    What stands in brackets is left out only where it is an abbreviation that means no other substance. A name in
    doubt ("fentanyl?") stays as it is written: how sure it is, is for others to say.
    """
    if name in SUBSTANCES:
        return name
    spelled = " ".join(name.split())
    if spelled.endswith("?"):
        return spelled
    if (code := _known(spelled)) or not (bracketed := _ABBREVIATED.fullmatch(spelled)):
        return code or spelled
    code = _known(bracketed[1])
    return code if code and _known(bracketed[2]) in (None, code) else spelled


def _known(name: str) -> str | None:
    name = _folded(name)
    for salt in ("", *_SALTS):
        if name.endswith(salt) and (code := _BY_NAME.get(name.removesuffix(salt))):
            return code
    return None

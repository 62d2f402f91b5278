"""The code lists of a sample and of an assay: what may stand in each field.

A sample's fields are those of the OFDT/Inserm crack study of 2019, and some more.
`unknown` and `not_said` are two answers: the person does not know, or does not want to say.
"""

from enum import StrEnum

from service.vocabulary.languages import Language

NO_ANSWER = frozenset({"unknown", "not_said"})


class Reason(StrEnum):
    """Why the sample is handed in (SINTES: motif de collecte)."""

    UNEXPECTED_EFFECTS = "unexpected_effects"
    MILD_ADVERSE = "mild_adverse"
    SERIOUS_ADVERSE = "serious_adverse"
    NEW_OR_RARE = "new_or_rare"
    WANTS_TO_KNOW = "wants_to_know"
    SURVEY = "survey"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class SoldAs(StrEnum):
    """What the seller called it; `other` may have a name beside it."""

    CRACK = "crack"
    FREE_BASE = "free_base"
    POWDER_COCAINE = "powder_cocaine"
    HEROIN = "heroin"
    OTHER_OPIOID = "other_opioid"
    MDMA = "mdma"
    AMPHETAMINE = "amphetamine"
    METHAMPHETAMINE = "methamphetamine"
    CATHINONE = "cathinone"
    KETAMINE = "ketamine"
    GHB_GBL = "ghb_gbl"
    LSD = "lsd"
    CANNABIS = "cannabis"
    SYNTHETIC_CANNABINOID = "synthetic_cannabinoid"
    BENZODIAZEPINE = "benzodiazepine"
    OTHER_MEDICINE = "other_medicine"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class Form(StrEnum):
    ROCK = "rock"
    POWDER = "powder"
    PASTE = "paste"
    LIQUID = "liquid"
    RESIDUE = "residue"
    PILL = "pill"
    BLOTTER = "blotter"
    USED_PIPE_OR_FILTER = "used_pipe_or_filter"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class Colour(StrEnum):
    WHITE = "white"
    OFF_WHITE = "off_white"
    YELLOW = "yellow"
    BEIGE = "beige"
    BROWN = "brown"
    GREY = "grey"
    PINK = "pink"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class Smell(StrEnum):
    NONE = "none"
    AMMONIA = "ammonia"
    SOLVENT = "solvent"
    VINEGAR = "vinegar"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class Weighed(StrEnum):
    WHOLE_ROCK = "whole_rock"
    PIECE = "piece"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class Size(StrEnum):
    """Under 90 mg, 90 to 220, over 220: ours, provisional; the survey gives no classes."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class NoPrice(StrEnum):
    GIVEN = "given"
    TRADED = "traded"
    SHARED = "shared"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class PlaceType(StrEnum):
    """Types of places, never an address."""

    STREET = "street"
    PARK = "park"
    METRO_OR_STATION = "metro_or_station"
    SQUAT_OR_CAMP = "squat_or_camp"
    HOUSING_ESTATE = "housing_estate"
    HOME_OR_APPOINTMENT = "home_or_appointment"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class SellerType(StrEnum):
    """Types of sellers, never a name, an origin or a nickname."""

    STREET_SELLER = "street_seller"
    ESTATE_SALES_POINT = "estate_sales_point"
    BY_APPOINTMENT = "by_appointment"
    ACQUAINTANCE = "acquaintance"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class Quality(StrEnum):
    """What the person thinks of it before use; not predictive in the survey."""

    GOOD = "good"
    AVERAGE = "average"
    BAD = "bad"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class BlamedEffect(StrEnum):
    """Effects that people put down to the cuts."""

    FAST_HEART = "fast_heart"
    ANXIETY = "anxiety"
    TIGHT_JAW = "tight_jaw"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class Route(StrEnum):
    SMOKED = "smoked"
    INJECTED = "injected"
    SNIFFED = "sniffed"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class Effect(StrEnum):
    """Effects sought and felt."""

    ENERGY = "energy"
    PLEASURE = "pleasure"
    CALM = "calm"
    ESCAPE = "escape"
    COMPANY = "company"
    FAST_HEART = "fast_heart"
    ANXIETY = "anxiety"
    TIGHT_JAW = "tight_jaw"
    NUMB_MOUTH = "numb_mouth"
    SLEEPINESS = "sleepiness"
    FAINTING = "fainting"
    FIT = "fit"
    CHEST_PAIN = "chest_pain"
    HOT = "hot"
    HEADACHE = "headache"
    NAUSEA = "nausea"
    TROUBLE_BREATHING = "trouble_breathing"
    SEEING_THINGS = "seeing_things"
    SUSPICION = "suspicion"
    NOTHING = "nothing"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class AlsoUses(StrEnum):
    ALCOHOL = "alcohol"
    OPIOIDS = "opioids"
    BENZODIAZEPINES = "benzodiazepines"
    OTHER_STIMULANTS = "other_stimulants"
    NONE = "none"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class AgeBand(StrEnum):
    UNDER_18 = "under-18"
    FROM_18 = "18-24"
    FROM_25 = "25-34"
    FROM_35 = "35-44"
    FROM_45 = "45-54"
    FROM_55 = "55-64"
    FROM_65 = "65-over"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class Gender(StrEnum):
    WOMAN = "woman"
    MAN = "man"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_SAID = "not_said"


class Status(StrEnum):
    """Of an assay version, in FHIR DiagnosticReport's words."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class Method(StrEnum):
    """TEDI's list of methods."""

    FTIR = "ftir"
    RAMAN = "raman"
    TLC = "tlc"
    TEST_STRIP = "test_strip"
    HPLC_UV = "hplc_uv"
    LC_MS = "lc_ms"
    GC_MS = "gc_ms"
    LC_HRMS = "lc_hrms"
    DIRECT_MS = "direct_ms"
    OTHER = "other"


class Outcome(StrEnum):
    """Of one substance in one assay. Not tested is not the same as not detected.

    In doubt is a library's proposal under its threshold: the instrument's record, and no more.
    """

    QUANTIFIED = "quantified"
    DETECTED = "detected"
    IN_DOUBT = "in_doubt"
    NOT_DETECTED = "not_detected"
    NOT_TESTED = "not_tested"


class Basis(StrEnum):
    """What a content is expressed as. Crack is base; laboratories differ."""

    BASE = "base"
    HYDROCHLORIDE = "hydrochloride"
    UNKNOWN = "unknown"


class CustodyEvent(StrEnum):
    """What happened to the material.

    Taken and analysed are known from the sample and its assays.
    """

    TAKEN = "taken"
    SENT = "sent"
    RECEIVED = "received"
    ANALYSED = "analysed"
    DESTROYED = "destroyed"


class State(StrEnum):
    """Where a sample's answer stands."""

    WAITING = "waiting"
    FIRST_RESULT = "first_result"
    IN_ANALYSIS = "in_analysis"
    ANSWERED = "answered"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Closing(StrEnum):
    """Why no laboratory will answer for a sample any more."""

    TOO_LITTLE = "too_little"
    LOST = "lost"
    BROKEN = "broken"
    NO_CONFIRMATION = "no_confirmation"


# English labels that are not the code with spaces; every other label is.
ENGLISH = {
    "ftir": "FTIR",
    "raman": "Raman",
    "tlc": "TLC",
    "hplc_uv": "HPLC-UV",
    "lc_ms": "LC-MS",
    "gc_ms": "GC-MS",
    "mdma": "MDMA",
    "ghb_gbl": "GHB or GBL",
    "lsd": "LSD",
    "lc_hrms": "LC-HRMS",
    "direct_ms": "direct mass spectrometry",
    "under-18": "under 18",
    "65-over": "65 and over",
    "mild_adverse": "mild adverse effects",
    "serious_adverse": "serious adverse effects",
    "not_said": "does not want to say",
}

# Field -> list, under the field's name on the wire.
LISTS: dict[str, type[StrEnum]] = {
    "reason": Reason,
    "sold_as": SoldAs,
    "form": Form,
    "colour": Colour,
    "smell": Smell,
    "weighed": Weighed,
    "size": Size,
    "no_price_because": NoPrice,
    "place_type": PlaceType,
    "seller_type": SellerType,
    "quality": Quality,
    "effects_blamed_on_cuts": BlamedEffect,
    "route": Route,
    "effects_sought": Effect,
    "effects_felt": Effect,
    "also_uses": AlsoUses,
    "age_band": AgeBand,
    "gender": Gender,
    "card_languages": Language,
    "status": Status,
    "method": Method,
    "outcome": Outcome,
    "expressed_as": Basis,
    "state": State,
    "custody": CustodyEvent,
    "closing": Closing,
}

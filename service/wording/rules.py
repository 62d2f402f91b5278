"""A finding -> which messages, in reading order. Each rule is a small named predicate that a clinician can read.

The order is: alerts, state, result, cuts, what all rocks teach, care. `Finding` says what is known;
nothing here looks anywhere else, so the same finding always calls for the same messages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from service.evidence.finding import Finding
from service.evidence.reference import LOWEST_CONTENT_PERCENT, MEAN_WEIGHT_MG, MEDIAN_COCAINE_MG
from service.vocabulary.codes import BlamedEffect
from service.vocabulary.substances import Family, codes_in
from service.wording.catalogue import Mg, Names, Value, whole

F = Family
OPIOIDS = (F.OPIOID, F.VERY_STRONG_OPIOID)
MUCH_PHENACETIN_PERCENT = 20.0  # ours; a clinician has to sign it
COCAINES_OWN_EFFECTS = frozenset({BlamedEffect.FAST_HEART, BlamedEffect.ANXIETY, BlamedEffect.TIGHT_JAW})


# --- Alerts -------------------------------------------------------------------------------------------


def opioid_found(f: Finding) -> bool:
    """Any opioid, buprenorphine and methadone too, even traces, even in a preliminary analysis."""
    return bool(f.seen_in(*OPIOIDS))


def opioid_found_and_naloxone_here(f: Finding) -> bool:
    return opioid_found(f) and f.has_naloxone


def opioid_found_and_no_naloxone_here(f: Finding) -> bool:
    return opioid_found(f) and not f.has_naloxone


def very_strong_opioid_found(f: Finding) -> bool:
    """A nitazene, fentanyl or a relative."""
    return bool(f.seen_in(F.VERY_STRONG_OPIOID))


def synthetic_cannabinoid_found(f: Finding) -> bool:
    return bool(f.seen_in(F.SYNTHETIC_CANNABINOID))


def benzodiazepine_found(f: Finding) -> bool:
    return bool(f.seen_in(F.BENZODIAZEPINE))


def unexpected(f: Finding) -> tuple[str, ...]:
    """Another active substance, or a name that nobody knows: never silence."""
    return (*f.seen_in(F.STIMULANT, F.OTHER_ACTIVE), *f.seen_unknown)


def unexpected_found(f: Finding) -> bool:
    return bool(unexpected(f))


def residue_found(f: Finding) -> bool:
    """Ammonia or a solvent."""
    return bool(f.seen_in(F.RESIDUE))


def alarming(f: Finding) -> bool:
    """Any of the alerts above, in this rock."""
    return (
        opioid_found(f)
        or synthetic_cannabinoid_found(f)
        or benzodiazepine_found(f)
        or unexpected_found(f)
        or residue_found(f)
    )


def recent_opioids(f: Finding) -> tuple[str, ...]:
    return tuple(sorted(f.recent & codes_in(*OPIOIDS)))


def opioid_recent_here(f: Finding) -> bool:
    """An opioid in another rock of this network within 90 days (a setting)."""
    return bool(recent_opioids(f))


# --- State --------------------------------------------------------------------------------------------


def replaces_an_answer(f: Finding) -> bool:
    """An answer that was given no longer stands: corrected, or taken back."""
    return f.replaced_at is not None


def waiting(f: Finding) -> bool:
    """No final answer, and no alert from a preliminary one."""
    return not f.answered and not alarming(f)


def in_analysis_with_alert(f: Finding) -> bool:
    """No final answer, but a first alert is known: 'we do not know what is in it' would be untrue."""
    return not f.answered and alarming(f)


def failed(f: Finding) -> bool:
    """A final answer in which nothing was found and nothing was looked for in vain: it tells nothing."""
    return f.inconclusive


# --- Result -------------------------------------------------------------------------------------------


def result_in(f: Finding) -> bool:
    return f.answered and not f.inconclusive


def cocaine_measured(f: Finding) -> bool:
    """More than 6 %: at or under it the answer is 'almost none', without a number."""
    return result_in(f) and f.content is not None and f.content.percent > LOWEST_CONTENT_PERCENT


def amount_known(f: Finding) -> bool:
    """The whole rock was weighed and its cocaine measured."""
    return cocaine_measured(f) and f.amount is not None


def share_of_ten_known(f: Finding) -> bool:
    return cocaine_measured(f) and not share_under_one(f)


def share_under_one(f: Finding) -> bool:
    """Between 6 and 10 %."""
    return cocaine_measured(f) and f.content is not None and f.content.percent < 10


def something_not_found(f: Finding) -> bool:
    """Something was looked for in vain: 'not found' always comes with what the test can miss."""
    return result_in(f) and bool(f.not_found)


def nothing_alarming(f: Finding) -> bool:
    return result_in(f) and not alarming(f)


def hardly_any_cocaine(f: Finding) -> bool:
    return f.hardly_any_cocaine


# --- Cuts ---------------------------------------------------------------------------------------------


def cut_found(*families: Family) -> Callable[[Finding], bool]:
    def found(f: Finding) -> bool:
        return f.answered and bool(f.found_in(*families))

    found.__name__ = f"found_{families[0]}"
    return found


def phenacetin_is_no_reassurance(f: Finding) -> bool:
    """Beside an alert, here or recent, or where there is more than 20 % of it."""
    return alarming(f) or opioid_recent_here(f) or f.contents.get("phenacetin", 0.0) > MUCH_PHENACETIN_PERCENT


def found_phenacetin(f: Finding) -> bool:
    return f.answered and bool(f.found_in(F.PHENACETIN)) and not phenacetin_is_no_reassurance(f)


def found_phenacetin_without_reassurance(f: Finding) -> bool:
    return f.answered and bool(f.found_in(F.PHENACETIN)) and phenacetin_is_no_reassurance(f)


def filler_found_and_nothing_alarming(f: Finding) -> bool:
    return f.answered and bool(f.found_in(F.FILLER)) and not alarming(f)


# --- What all rocks together teach --------------------------------------------------------------------


def breaks_the_rule_of_size(f: Finding) -> bool:
    """A big rock with little cocaine, or a small one with much."""
    if f.weight_mg is None or f.amount is None:
        return False
    big = f.weight_mg > MEAN_WEIGHT_MG
    small = f.weight_mg < MEAN_WEIGHT_MG
    return (big and f.amount.middle_mg < MEDIAN_COCAINE_MG) or (small and f.amount.middle_mg > MEDIAN_COCAINE_MG)


def size_tells(f: Finding) -> bool:
    """Waiting or answered; not beside a rock of which it is untrue, nor beside an alert."""
    return not alarming(f) and not f.hardly_any_cocaine and not breaks_the_rule_of_size(f)


def price_tells_nothing(f: Finding) -> bool:
    return not alarming(f)


def thinks_basing_cleans_or_was_not_asked(f: Finding) -> bool:
    return f.answered and not alarming(f) and f.beliefs.basing_cleans is not False


def blames_cuts_or_was_not_asked(f: Finding) -> bool:
    """Tight jaw, fast heart or worry put down to the cuts, and no other stimulant could explain them."""
    blamed = f.beliefs.effects_blamed_on_cuts
    held_or_not_asked = blamed is None or bool(COCAINES_OWN_EFFECTS.intersection(blamed))
    return (
        result_in(f)
        and held_or_not_asked
        and "amphetamine" in f.not_found
        and not alarming(f)
        and not f.found_in(F.CAFFEINE)
        and not f.recent & codes_in(F.STIMULANT)
        and not opioid_recent_here(f)
    )


def always(f: Finding) -> bool:
    return True


# --- The table ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """`key` is said when `when` holds, with `values` in its braces."""

    key: str
    when: Callable[[Finding], bool]
    values: Callable[[Finding], Mapping[str, Value]] = lambda f: {}

    @property
    def name(self) -> str:
        return self.when.__name__


def _named(*families: Family) -> Callable[[Finding], Mapping[str, Value]]:
    return lambda f: {"name": Names(f.found_in(*families))}


def _seen(*families: Family) -> Callable[[Finding], Mapping[str, Value]]:
    return lambda f: {"name": Names(f.seen_in(*families))}


def _parts(f: Finding) -> int:
    return whole(f.content.percent / 10) if f.content else 0


def _amounts(f: Finding) -> Mapping[str, Value]:
    if f.weight_mg is None or f.amount is None:
        raise ValueError("an amount needs a weight and a content")
    return {"weight": Mg(f.weight_mg), "amount": Mg(f.amount.middle_mg)}


def _replaced_on(zone: ZoneInfo) -> Callable[[Finding], Mapping[str, Value]]:
    def values(f: Finding) -> Mapping[str, Value]:
        if f.replaced_at is None:
            raise ValueError("nothing was replaced")
        return {"date": f.replaced_at.astimezone(zone).date()}

    return values


def rules(zone: ZoneInfo) -> tuple[Rule, ...]:
    """Every rule, in reading order; dates are days in this time zone."""
    return (
        Rule("alert-opioid", opioid_found, _seen(*OPIOIDS)),
        Rule("do-opioid", opioid_found_and_naloxone_here),
        Rule("do-opioid-no-stock", opioid_found_and_no_naloxone_here),
        Rule("alert-very-strong", very_strong_opioid_found),
        Rule(
            "alert-synthetic-cannabinoid",
            synthetic_cannabinoid_found,
            _seen(F.SYNTHETIC_CANNABINOID),
        ),
        Rule("alert-benzodiazepine", benzodiazepine_found, _seen(F.BENZODIAZEPINE)),
        Rule("alert-unexpected", unexpected_found, lambda f: {"name": Names(unexpected(f))}),
        Rule("alert-residue", residue_found, _seen(F.RESIDUE)),
        Rule("alert-recent", opioid_recent_here, lambda f: {"name": Names(recent_opioids(f))}),
        Rule("state-corrected", replaces_an_answer, _replaced_on(zone)),
        Rule("state-waiting", waiting),
        Rule("state-in-analysis", in_analysis_with_alert),
        Rule("state-inconclusive", failed),
        Rule("result-amount", amount_known, _amounts),
        Rule("result-share", share_of_ten_known, lambda f: {"parts": _parts(f)}),
        Rule("result-share-under-one", share_under_one),
        Rule("very-little-cocaine", hardly_any_cocaine),
        Rule("limits-one-piece", result_in),
        Rule("limits-not-detected", something_not_found),
        Rule("never-harmless", nothing_alarming),
        Rule("cut-levamisole", cut_found(F.LEVAMISOLE)),
        Rule("cut-phenacetin", found_phenacetin),
        Rule("cut-phenacetin-plain", found_phenacetin_without_reassurance),
        Rule("cut-local-anaesthetic", cut_found(F.LOCAL_ANAESTHETIC), _named(F.LOCAL_ANAESTHETIC)),
        Rule("cut-caffeine", cut_found(F.CAFFEINE)),
        Rule("cut-paracetamol", cut_found(F.PARACETAMOL)),
        Rule("cut-heart-sleep-medicine", cut_found(F.HEART_SLEEP_MEDICINE), _named(F.HEART_SLEEP_MEDICINE)),
        Rule("cut-filler", filler_found_and_nothing_alarming, _named(F.FILLER)),
        Rule("dose-follows-size", size_tells),
        Rule("basing-keeps-cuts", thinks_basing_cleans_or_was_not_asked),
        Rule("effects-from-cocaine", blames_cuts_or_was_not_asked),
        Rule("price-look-tell-nothing", price_tells_nothing),
        Rule("emergency-signs", always),
        Rule("support-your-choice", always),
        Rule("helpline", always),
    )

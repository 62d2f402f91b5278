"""A finding -> which messages, in reading order.

The order is: alerts, state, result, cuts, what all rocks teach, care. What each rule asks is in
predicates/; the same finding always calls for the same messages.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from service.evidence.finding import Finding
from service.vocabulary.codes import Closing
from service.vocabulary.substances import SEDATIVES, Family
from service.wording import values as v
from service.wording.predicates import alerts, answer, care, lessons, result, state
from service.wording.predicates.alerts import OPIOIDS
from service.wording.predicates.answer import Predicate
from service.wording.values import Values

F = Family


@dataclass(frozen=True, slots=True)
class Rule:
    """`key` is said when `when` holds and none of `unless` does, with `values` in its braces.

    Values raise ValueError where a number would be impossible: such a message is not said.
    """

    key: str
    when: Predicate
    unless: tuple[Predicate, ...] = ()
    values: Values = lambda f: {}

    def applies(self, finding: Finding) -> bool:
        return self.when(finding) and not any(suppressed(finding) for suppressed in self.unless)

    @property
    def name(self) -> str:
        return self.when.__name__


# --- The table ------------------------------------------------------------------------------------


def rules(zone: ZoneInfo) -> tuple[Rule, ...]:
    """Every rule, in reading order; dates are days in this time zone."""
    return (*_ALERTS, *_state(zone), *_RESULT, *_CUTS, *_LESSONS, *_CARE)


_ALERTS = (
    Rule("alert-opioid", alerts.opioid_found, (), v.sure(*OPIOIDS)),
    Rule("first-opioid", alerts.opioid_indicated, (), v.indicated(*OPIOIDS)),
    Rule("expected-opioid", alerts.opioid_expected, (), v.expected_substances(*OPIOIDS)),
    Rule("do-opioid", alerts.opioid_there, (alerts.no_naloxone_here,)),
    Rule("do-opioid-no-stock", alerts.opioid_there, (alerts.naloxone_here,)),
    Rule("alert-very-strong", alerts.very_strong_opioid_there),
    Rule(
        "alert-synthetic-cannabinoid",
        alerts.synthetic_cannabinoid_found,
        (),
        v.sure(F.SYNTHETIC_CANNABINOID),
    ),
    Rule(
        "first-synthetic-cannabinoid",
        alerts.synthetic_cannabinoid_indicated,
        (),
        v.indicated(F.SYNTHETIC_CANNABINOID),
    ),
    Rule("alert-benzodiazepine", alerts.benzodiazepine_found, (), v.sure(F.BENZODIAZEPINE)),
    Rule(
        "first-benzodiazepine",
        alerts.benzodiazepine_indicated,
        (),
        v.indicated(F.BENZODIAZEPINE),
    ),
    Rule(
        "expected-benzodiazepine",
        alerts.benzodiazepine_expected,
        (),
        v.expected_substances(F.BENZODIAZEPINE),
    ),
    Rule("alert-sedative", alerts.sedative_found, (), v.sure(*SEDATIVES)),
    Rule("first-sedative", alerts.sedative_indicated, (), v.indicated(*SEDATIVES)),
    Rule("alert-unexpected", alerts.unexpected_found, (), v.names(alerts.unexpected)),
    Rule("alert-unknown", alerts.unknown_found, (), v.names(alerts.unknown)),
    Rule(
        "first-unexpected",
        alerts.anything_else_indicated,
        (),
        v.names(alerts.unexpected_indicated),
    ),
    Rule("alert-residue", alerts.residue_found, (), v.names(alerts.residues)),
    Rule(
        "alert-recent",
        alerts.opioid_recent_here,
        (answer.result_in,),
        v.names(alerts.recent_opioids),
    ),
    Rule(
        "alert-recent-indicated",
        alerts.opioid_indicated_at_this_site,
        (),
        v.names(alerts.recent_indicated),
    ),
    Rule("warning-taken-back", alerts.warning_taken_back),
    Rule("warning-not-found-again", alerts.warning_looked_for_again),
)


def _state(zone: ZoneInfo) -> tuple[Rule, ...]:
    return (
        Rule("state-corrected", state.replaces_an_answer, (), v.replaced_on(zone)),
        Rule("state-waiting", state.waits, (alerts.any_alert,)),
        Rule("state-in-analysis", state.in_analysis_with_alert),
        Rule("state-first-test", state.only_a_first_test),
        *(
            Rule(f"state-closed-{because.replace('_', '-')}", state.closed_because(because))
            for because in Closing
        ),
        Rule("first-test-reacted", state.first_test_reacted, (), v.names(state.reacted)),
        Rule(
            "first-test-did-not-react",
            state.first_test_did_not_react,
            (),
            v.names(state.did_not_react),
        ),
        Rule("first-test-settled", state.first_test_settled, (), v.names(state.settled)),
        Rule("cocaine-not-measured", state.cocaine_not_measured),
        Rule("state-inconclusive", state.failed),
        Rule(
            "estimate-by-weight",
            state.weight_tells_while_waiting,
            (
                alerts.any_alert,
                alerts.warning_gone,
                state.closed,
                state.estimate_has_not_proved_itself,
            ),
            v.expected_amount,
        ),
        Rule(
            "estimate-may-hold-more",
            state.weight_tells_while_its_estimate_is_unproved,
            (alerts.any_alert, alerts.warning_gone, state.closed),
            v.expected_amount,
        ),
    )


_RESULT = (
    Rule("product-told-found", result.product_is_as_told, (), v.told_and_found),
    Rule("product-told-not-found", result.product_is_another, (), v.told_and_found),
    Rule("product-nothing-found", result.product_holds_nothing_known, (), v.told_alone),
    Rule("product-found", result.product_of_nobody_knows_what, (), v.names(result.named)),
    Rule("product-share", result.product_share_known, (result.share_of_ten_known,), v.share),
    Rule("result-amount", result.amount_known, (result.range_known,), v.amounts),
    Rule("result-amount-range", result.range_known, (), v.amount_range),
    Rule(
        "result-share",
        result.share_of_ten_known,
        (result.range_known,),
        lambda f: {"parts": result.parts(f)},
    ),
    Rule("result-share-under-one", result.share_under_one, (result.range_known,)),
    Rule(
        "found-too-little-to-measure",
        result.found_too_little_to_measure,
        (),
        v.names(result.too_little_to_measure),
    ),
    Rule("cocaine-found-not-measured", result.cocaine_found_not_measured),
    Rule("also-indicated", state.also_indicated, (), v.names(state.reacted)),
    Rule("very-little-cocaine", result.hardly_any_cocaine),
    Rule("share-low", result.low_share, (result.much_cocaine,)),
    Rule(
        "dose-high",
        result.much_cocaine,
        (alerts.strong_warning,),
        lambda f: {"amount": v.amounts(f)["amount"]},
    ),
    Rule(
        "dose-beyond-survey",
        result.beyond_the_survey,
        (alerts.any_alert, result.basis_unknown, result.not_crack),
    ),
    Rule(
        "share-high", result.high_share, (alerts.any_alert, result.basis_unknown, result.not_crack)
    ),
    Rule(
        "compare-reference",
        result.cocaine_measured,
        (alerts.any_alert, result.basis_unknown, result.not_crack),
    ),
    Rule("limits-one-piece", answer.result_in),
    Rule("limits-not-detected", answer.result_in),
    Rule(
        "limits-not-tested",
        result.something_not_looked_for,
        (),
        v.names(result.not_looked_for),
    ),
    Rule(
        "never-harmless",
        answer.result_in,
        (alerts.any_alert, result.no_cocaine_where_none_was_sold),
    ),
    Rule(
        "recent-elsewhere",
        alerts.opioid_recent_here,
        (answer.no_result,),
        v.names(alerts.recent_opioids),
    ),
)

_CUTS = (
    Rule("cut-levamisole", lessons.cut_found(F.LEVAMISOLE)),
    Rule("cut-phenacetin", lessons.phenacetin_found, lessons.PHENACETIN_IS_NO_REASSURANCE),
    Rule("cut-phenacetin-plain", lessons.phenacetin_found_where_nothing_may_reassure),
    Rule(
        "cut-local-anaesthetic",
        lessons.cut_found(F.LOCAL_ANAESTHETIC),
        (),
        v.found(F.LOCAL_ANAESTHETIC),
    ),
    Rule("cut-caffeine", lessons.caffeine_found),
    Rule("cut-paracetamol", lessons.cut_found(F.PARACETAMOL), (), v.found(F.PARACETAMOL)),
    Rule(
        "cut-heart-sleep-medicine",
        lessons.cut_found(F.HEART_SLEEP_MEDICINE),
        (),
        v.found(F.HEART_SLEEP_MEDICINE),
    ),
    Rule("cut-residue", alerts.little_residue_found, (), v.names(alerts.small_residues)),
    Rule(
        "cut-filler",
        lessons.cut_found(F.FILLER),
        (alerts.any_alert, result.not_crack),
        v.found(F.FILLER),
    ),
)

_LESSONS = (
    Rule(
        "dose-follows-size",
        lessons.a_crack_rock,
        (alerts.any_alert, result.hardly_any_cocaine, lessons.breaks_the_rule_of_size),
    ),
    Rule(
        "guess-vs-measured",
        lessons.guess_and_measurement,
        (alerts.any_alert, result.measurements_disagree),
        v.guess_and_parts,
    ),
    Rule(
        "guess-too-low",
        lessons.guessed_too_low,
        (alerts.any_alert, result.measurements_disagree),
    ),
    Rule(
        "quality-vs-measured",
        lessons.judged_its_quality,
        (alerts.any_alert, result.measurements_disagree),
        lambda f: {"parts": result.parts(f)},
    ),
    Rule("basing-keeps-cuts", lessons.thinks_basing_cleans_or_was_not_asked, (alerts.any_alert,)),
    Rule(
        "effects-from-cocaine",
        lessons.blames_cuts_or_was_not_asked,
        (
            alerts.any_alert,
            alerts.warning_gone,
            lessons.caffeine_found,
            result.hardly_any_cocaine,
            alerts.stimulant_recent_here,
        ),
    ),
    Rule(
        "no-amphetamine-subutex",
        lessons.believed_in_what_was_not_found,
        (
            alerts.any_alert,
            alerts.warning_gone,
            alerts.stimulant_recent_here,
            alerts.opioid_recent_here,
        ),
        v.names(lessons.doubted),
    ),
    Rule(
        "residues-not-seen",
        lessons.believed_in_ammonia_that_was_not_found,
        (alerts.any_alert, alerts.warning_gone, alerts.residue_recent_here),
    ),
    Rule("price-look-tell-nothing", lessons.a_crack_rock, (alerts.any_alert,)),
)

_CARE = (
    Rule("emergency-signs", lessons.always),
    Rule("already-used", care.used_some_already, (result.not_crack,)),
    Rule("mix-alcohol", care.uses_alcohol_and_cocaine),
    Rule("mix-opioid", care.uses_opioids_and_cocaine),
    Rule("mix-benzodiazepine", care.uses_benzodiazepines),
    Rule("pipe-own", care.smokes),
    Rule("own-injection-kit", care.injects),
    Rule("own-straw", care.sniffs),
    Rule("body-care", care.rest_here),
    Rule("body-care-no-rest", care.no_rest_here),
    Rule("support-your-choice", lessons.always),
    Rule("helpline", lessons.always),
)


# No finding calls for these: the first waits until the person speaks of it, the second until a card
# is printed.
WHEN_TOLD = (Rule("pregnancy", care.told_to_the_worker),)
ON_PAPER = (Rule("card-no-name", care.on_paper),)

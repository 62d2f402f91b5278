"""Prints docs/what-we-say.md: every message, when, in all languages, why, and its source, for a
clinician.

Run by `make words`. The specs' own rocks are its examples.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from service.cards.card import GIVES_WAY
from service.evidence import reference
from service.evidence.contents import ASSUMED_UNCERTAINTY_PERCENT, MEASURING
from service.evidence.finding import CRACK, RESIDUE_ALARM_PERCENT, ROCKS, TRACES_ONLY_HERE
from service.evidence.standing import CONFIRMATORY
from service.foundation.settings import ROOT
from service.lab.assay import FIRST_TESTS
from service.vocabulary.codes import ENGLISH, NO_ANSWER
from service.vocabulary.products import WATCHED_CLASSES
from service.vocabulary.substances import SUBSTANCES, Family
from service.wording.catalogue import Catalogue
from service.wording.inventory import FRAME, NOTICE, UNSOURCED, Wording
from service.wording.message import MessageComposer
from service.wording.notices import NOTICES
from service.wording.predicates import lessons, result
from service.wording.rules import ON_PAPER, WHEN_TOLD, Rule, rules
from service.wording.talk import TALK
from tests.specs.reading import Spec, specs

PAGE = ROOT / "docs" / "what-we-say.md"
TITLES = {
    "alert": "Alerts",
    "state": "State: where the answer stands",
    "result": "Result: what was measured",
    "cut": "Cutting agents found",
    "belief": "What all rocks together teach",
    "care": "Care",
    "heard": "Talking points for the worker: what was heard",
    "known": "Talking points for the worker: what is known",
    "ask": "Talking points for the worker: what to ask back",
}


OPENING = """\
# What we say, when, and why

This page is printed from the service's own rules and words by `make words`; do not edit it. \
A clinician can review
the service from it: every sentence, when it is said and when not, in every language, \
and its source.

Words version `{version}`. How far each language has been reviewed:

| language | texts | names of substances |
|---|---|---|"""
READING = """
*draft*: nobody has signed it. *reviewed*: a second speaker has. *approved*: so have those named \
under *signs*. A
signature holds for these exact words: `python -m service words sign --help`.

## How to read the rules

A message is said when its *when* holds and none of its *not when* does. The order is that of \
this page. Alerts
come first, in every language that is printed, and paper never goes without what is *vital*: \
if that does not fit,
nothing is printed. Of the rest, the lowest number gives way first. A screen holds everything.

Thresholds of ours, which a clinician has to sign:

- almost no cocaine: at or under {little:g} % (the survey's statistics leave such rocks out)
- little cocaine: under {low:g} %; a high share: over {share:g} %
- a lot of cocaine in a rock: {much:g} mg or more
- much phenacetin: over {phenacetin:g} %
- recent: in the same network within 90 days (a setting)

## How surely a substance is there

Each substance has one standing, of all that assays in force say of it. A chemist and a \
clinician sign this table and the sets under it: each is one name in the code.

| standing | means | said as |
|---|---|---|
| confirmed | {confirmatory} found it; HPLC-UV for what it measures | "We found …" |
| indicated | a method that can be wrong reacted ({first_tests}, direct MS, other; HPLC-UV that \
measured nothing), a name that ends like a known family, or a kind of which nobody knows which \
one | "A test reacted to …" |
| ruled out | it was indicated; then {confirmatory}, signed and with a stated limit, looked for \
it in vain | once, never as an all-clear |
| not found | looked for by the methods that spoke, or by their panels | "did not react", "found \
none" |
| in doubt | a spectrum's library proposed it, under its threshold | nobody is told |
| not looked for | no row and no panel names it | "We did not look for …", by class |

- A first test ({first_tests}) never answers a sample, whatever its status says.
- Cocaine's content counts in the survey and in the estimate from {measuring} alone.
- Two contents by methods of one rank that differ by more than their uncertainties are told as a \
range. A laboratory that states none is taken to err by {assumed:g} % of the value.
- Traces (under what the method can measure) of {traces} warn of their own rock alone.
- Ammonia and solvents are an alert from {residue:g} % on.
- Classes that a card names where nobody looked: {classes}.
- A rock of crack: sold as {crack} or as nobody knows what; a {rocks}, as far as anybody said. \
Nothing else touches the survey, the estimate or what other people are told.

Figures of the published survey that rules rest on: a rock weighs {weight:g} mg on average; \
its cocaine is
{median:g} mg in the middle of all rocks, {most:g} mg at most. While waiting, a rock's weight \
is taken to hold a
share of {mean:g}, with a standard deviation of {spread:g}.

Claims without a source that was read, to be signed first: {unsourced}.
"""


def page(composer: MessageComposer, rocks: Iterable[Spec]) -> str:
    return "\n".join(
        (
            *_head(composer),
            *_messages(composer),
            *_notices(composer.catalogue),
            *_frame(composer),
            *_rocks(composer, rocks),
            *_names(composer),
        )
    )


def _head(composer: MessageComposer) -> Iterator[str]:
    words = composer.catalogue
    yield OPENING.format(version=words.version)
    for language in words.locales:
        names = Counter(words.name_review(code, language).value for code in SUBSTANCES)
        texts = words.reviews(language)
        yield f"| {words.locales[language].name} | {_counts(texts)} | {_counts(names)} |"
    yield READING.format(
        little=reference.LOWEST_CONTENT_PERCENT,
        much=result.MUCH_COCAINE_MG,
        low=result.LOW_SHARE_PERCENT,
        share=result.HIGH_SHARE_PERCENT,
        weight=reference.MEAN_WEIGHT_MG,
        median=reference.MEDIAN_COCAINE_MG,
        most=reference.MAX_COCAINE_MG,
        mean=reference.MEAN_CONTENT,
        spread=reference.SD_CONTENT,
        phenacetin=lessons.MUCH_PHENACETIN_PERCENT,
        confirmatory=_codes(CONFIRMATORY),
        first_tests=_codes(FIRST_TESTS),
        measuring=_codes(MEASURING),
        assumed=ASSUMED_UNCERTAINTY_PERCENT,
        traces=_codes(TRACES_ONLY_HERE),
        residue=RESIDUE_ALARM_PERCENT,
        classes=", ".join(WATCHED_CLASSES),
        crack=_codes(CRACK - NO_ANSWER),
        rocks=_codes(ROCKS - NO_ANSWER),
        unsourced=", ".join(
            f"`{key}`" for key, wording in words.wordings.items() if _unsourced(wording)
        ),
    )


def _codes(codes: Iterable[str]) -> str:
    """Codes as they are called in English, in alphabetical order."""
    return ", ".join(sorted(ENGLISH.get(code, code.replace("_", " ")) for code in codes))


def _messages(composer: MessageComposer) -> Iterator[str]:
    slot = None
    for rule in (*composer.rules, *WHEN_TOLD, *ON_PAPER, *TALK):
        wording = composer.catalogue.wordings[rule.key]
        if wording.slot != slot:
            slot = wording.slot
            yield from (f"## {TITLES[slot]}", "")
        yield from _message(composer.catalogue, rule, wording)


def _message(words: Catalogue, rule: Rule, wording: Wording) -> Iterator[str]:
    yield from (f"### {wording.key}", "", f"- **When**: {_asks(rule.when)}")
    if rule.unless:
        yield f"- **Not when**: {'; '.join(_asks(one) for one in rule.unless)}"
    if wording.severity:
        place = (
            f", gives way as number {GIVES_WAY.index(rule.key) + 1}"
            if rule.key in GIVES_WAY
            else ""
        )
        yield f"- **Severity**: {wording.severity}{place} {_drawing(wording)}"
    yield f"- **Why**: {'; '.join(_source(one) for one in wording.evidence)}"
    yield f"- **Signs**: speaker, {', '.join(wording.review)}"
    if wording.note:
        yield f"- **Note**: {wording.note}"
    yield from _texts(words, wording.key)


def _notices(words: Catalogue) -> Iterator[str]:
    yield from ("## Notices: what a coordinator publishes of all rocks", "")
    for rule in NOTICES:
        wording = words.wordings[rule.key]
        if wording.slot != NOTICE:
            yield from (
                f"After these words, where it applies: `{rule.key}`. **When**: {_asks(rule.when)}",
                "",
            )
            continue
        yield from (f"### {wording.key}", "", f"- **When**: {_asks(rule.when)}")
        yield f"- **Drawing**: {_drawing(wording)}"
        yield f"- **Why**: {'; '.join(_source(one) for one in wording.evidence)}"
        yield f"- **Signs**: speaker, {', '.join(wording.review)}"
        yield f"- **Note**: {wording.note}"
        yield from _texts(words, wording.key)


def _frame(composer: MessageComposer) -> Iterator[str]:
    yield from ("## Words around the messages", "")
    for key, wording in composer.catalogue.wordings.items():
        if wording.slot == FRAME:
            yield from (f"### {key}", "", *([f"{wording.note}"] if wording.note else []))
            yield from _texts(composer.catalogue, key)


def _texts(words: Catalogue, key: str) -> Iterator[str]:
    yield from ("", "| | text | state |", "|---|---|---|")
    for language in words.locales:
        text = words.text(key, language)
        said = _cell(text.text, words, language) if text else "–"
        yield f"| {language} | {said} | {words.review(key, language)} |"
    yield ""


def _rocks(composer: MessageComposer, rocks: Iterable[Spec]) -> Iterator[str]:
    yield from ("## Rocks, and what is said of them", "")
    for spec in rocks:
        yield from (f"### {spec.title}", "")
        yield from (f"- {name}: {_told(value)}" for name, value in spec.told.items())
        yield from ("", "| key | English | français |", "|---|---|---|")
        for message in composer.messages(spec.finding, ("en", "fr")):
            yield f"| `{message.key}` | {message.text['en']} | {message.text['fr']} |"
        yield ""


def _names(composer: MessageComposer) -> Iterator[str]:
    words = composer.catalogue
    yield from (
        "## Names of substances",
        "",
        "A family decides what is said. The registry number is CAS.",
        "",
        f"| family | code | CAS | {' | '.join(words.locales)} |",
        f"|---|---|---|{'---|' * len(words.locales)}",
    )
    translated = (one for one in SUBSTANCES.values() if one.is_translated)
    for substance in translated:
        names = (
            _cell(words.name(substance.code, language), words, language)
            for language in words.locales
        )
        yield f"| {substance.family} | {substance.code} | {substance.cas} | {' | '.join(names)} |"
    yield from _international_names()


def _international_names() -> Iterator[str]:
    yield from (
        "",
        "### Names that are the same in every language",
        "",
        "They are read, and printed in their international form, until somebody translates them.",
        "",
        "| family | names |",
        "|---|---|",
    )
    for family in Family:
        names = [
            one.name
            for one in SUBSTANCES.values()
            if one.family is family and not one.is_translated
        ]
        if names:
            yield f"| {family} | {', '.join(sorted(names, key=str.casefold))} |"
    yield ""


def _asks(predicate: Callable[..., bool]) -> str:
    return f"{in_words(predicate).removesuffix('.')} (`{predicate.__name__}`)"


def in_words(predicate: Callable[..., bool]) -> str:
    """The first paragraph of what a predicate says of itself, on one line."""
    paragraph, _, _ = (predicate.__doc__ or "").partition("\n\n")
    return " ".join(paragraph.split())


def _drawing(wording: Wording) -> str:
    return f"![{wording.pictogram}](../messages/pictograms/{wording.pictogram}.svg)"


def _source(evidence: Mapping[str, str]) -> str:
    source = "**no source read**" if evidence["source"] == UNSOURCED else evidence["source"]
    figure = f" ({evidence['figure']})" if evidence["figure"] != "-" else ""
    return f"{source}: {evidence['place']}{figure}"


def _unsourced(wording: Wording) -> bool:
    return any(one["source"] == UNSOURCED for one in wording.evidence)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in counts.items())


def _cell(text: str, words: Catalogue, language: str) -> str:
    text = text.replace("|", "\\|")
    return f'<span dir="rtl">{text}</span>' if words.is_right_to_left(language) else text


def _told(value: Any) -> str:
    match value:
        case dict():
            return "; ".join(f"{name} {_told(one)}" for name, one in value.items())
        case list():
            return "; ".join(
                " → ".join(one) if isinstance(one, list) else str(one) for one in value
            )
        case _:
            return str(value).lower() if isinstance(value, bool) else str(value)


def _print(path: Path = PAGE) -> None:
    composer = MessageComposer(
        Catalogue(ROOT / "messages"), rules(ZoneInfo("Europe/Paris")), only_approved=False
    )
    path.parent.mkdir(exist_ok=True)
    path.write_text(page(composer, specs()), "utf-8")


if __name__ == "__main__":
    _print()

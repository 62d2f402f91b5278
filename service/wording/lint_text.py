"""What must hold of one text: its numbers, its length, its letters, the words that we agreed on."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from service.wording.inventory import Glossary, Wording, digits, placeholders

# Words; between the twelve of easy-to-read French (FALC) and the twenty of the NHS content manual.
LONGEST_SENTENCE = 14
AIM_SENTENCE = 9  # words, on average over a language
MORE_SENTENCES = 3  # a language may cut a sentence in two; more than that may be advice of its own

_SENTENCE_END = re.compile(r"(?<=[.?!؟])\s+")
_SPACE_IN_NUMBER = re.compile(r"(?<=\d)\s(?=\d)")
_PHONE = re.compile(r"0 800(?: \d\d){3}")
_BRACED = re.compile(r"\{(.*?)\}")
_ALPHABETS = ("LATIN", "CYRILLIC", "GEORGIAN", "ARABIC")
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cn"})
"""Unicode's categories of signs that nobody sees."""


def faults(
    wording: Wording,
    text: str,
    words: Glossary,
    agreed: Mapping[str, re.Pattern[str]],
) -> Iterator[str]:
    """What is wrong with a text that says this wording.

    `agreed`: terms that are to be found in it.
    """
    yield from _faults_of_values(wording.english, text)
    if len(text) > wording.budget:
        yield f"{len(text)} characters, budget {wording.budget}"
    yield from _faults_of_sentences(wording.english, text)
    yield from never_said(text, words)
    yield from _faults_of_terms(wording.english, text, words, agreed)
    yield from faults_of_letters(text)


def _faults_of_values(english: str, text: str) -> Iterator[str]:
    """Placeholders, numbers and telephone numbers that are not the English's."""
    here = braced(text)
    there = braced(english)
    if here != there:
        yield f"placeholders {here}, in English {there}"

    numbers = digits(text)
    wanted = digits(english)
    if numbers != wanted:
        yield f"numbers {numbers}, in English {wanted}"

    breakable = text.replace("\u00a0", " ")
    for number in _PHONE.findall(english):
        if number not in breakable:
            yield f"the telephone number is not {number}"


def _faults_of_sentences(english: str, text: str) -> Iterator[str]:
    """Sentences lost, added or too long."""
    here = len(sentences(text))
    there = len(sentences(english))
    if here < there:
        yield f"{here} sentences, in English {there}: is one lost?"
    if here > there + MORE_SENTENCES:
        yield f"{here} sentences, in English {there}: is one added?"

    for sentence in sentences(text):
        length = words_in(sentence)
        if length > LONGEST_SENTENCE:
            yield f"{length} words in a sentence, at most {LONGEST_SENTENCE}: {sentence}"


def _faults_of_terms(
    english: str,
    text: str,
    words: Glossary,
    agreed: Mapping[str, re.Pattern[str]],
) -> Iterator[str]:
    """Terms of the English for which the text has another word than the one agreed."""
    for term, pattern in agreed.items():
        own = words.terms.get(term, ())
        if not own or not pattern.search(english):
            continue
        if not any(re.search(word, text, re.IGNORECASE) for word in own):
            yield f"{term}: says none of {', '.join(own)}"


def never_said(text: str, words: Glossary) -> Iterator[str]:
    """Words that may never be said of a sample."""
    for pattern in words.never:
        banned = re.search(pattern, text, re.IGNORECASE)
        if banned:
            yield f"never say {banned.group()!r}"


def faults_of_letters(text: str) -> Iterator[str]:
    """What no sentence and no name may hold: letters that look alike, signs that nobody sees."""
    for word in re.findall(r"[^\W\d_]+", text):
        alphabets = {_alphabet(letter) for letter in word}
        alphabets.discard("")
        if len(alphabets) > 1:
            listed = ", ".join(sorted(alphabets))
            yield f"{word!r} mixes alphabets: {listed}"

    for letter in text:
        if letter in "<>" or unicodedata.category(letter) in _UNSEEN:
            name = unicodedata.name(letter, repr(letter))
            yield f"holds {name}: the program inserts what runs otherwise"

    if unicodedata.normalize("NFC", text) != text:
        yield "letters and accents are written apart (not NFC)"


def sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]


def words_in(sentence: str) -> int:
    """Words as a reader counts them: a telephone number is one, a dash is none."""
    joined = _SPACE_IN_NUMBER.sub("", sentence)
    return sum(any(map(str.isalnum, word)) for word in joined.split())


def average_sentence(texts: Iterable[str]) -> float:
    """Words a sentence, on average; 0 where nothing is said."""
    lengths: list[int] = []
    for text in texts:
        lengths += map(words_in, sentences(text))

    if not lengths:
        return 0.0
    return sum(lengths) / len(lengths)


def braced(text: str) -> list[str]:
    """What stands in braces, as often as it does."""
    try:
        placeholders(text)
    except ValueError:
        return ["broken braces"]
    return sorted(_BRACED.findall(text))


def alphabet_of(text: str) -> str:
    """The alphabet that most of a text is written in, its placeholders left out; "" for none."""
    letters = filter(str.isalpha, _BRACED.sub("", text))
    counts = Counter(map(_alphabet, letters))
    for alphabet, _ in counts.most_common(1):
        return alphabet
    return ""


def _alphabet(letter: str) -> str:
    """The alphabet of a letter, by its Unicode name; "" for another alphabet or none."""
    name = unicodedata.name(letter, "")
    for alphabet in _ALPHABETS:
        if name.startswith(alphabet):
            return alphabet
    return ""

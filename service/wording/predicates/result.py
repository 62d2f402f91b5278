"""What was measured, and what it was sold as."""

from service.evidence.finding import Finding
from service.evidence.reference import LOWEST_CONTENT_PERCENT, MAX_COCAINE_MG
from service.vocabulary.codes import Basis
from service.vocabulary.products import WATCHED_CLASSES
from service.vocabulary.stems import warned_family
from service.vocabulary.substances import Family, family_of, is_alarming, is_class
from service.wording.catalogue import whole
from service.wording.predicates.answer import measured_as_cocaine, result_in
from service.wording.predicates.state import first_test_known

F = Family


_SAYS_NOTHING = (F.NOTHING_TO_SAY, F.RESIDUE)
MUCH_COCAINE_MG = 160.0
HIGH_SHARE_PERCENT = 70.0
LOW_SHARE_PERCENT = 30.0


def no_cocaine_where_none_was_sold(f: Finding) -> bool:
    """It was not sold as cocaine, and none was found."""
    return not measured_as_cocaine(f) and "cocaine" not in f.seen


def cocaine_measured(f: Finding) -> bool:
    """Cocaine is confirmed and was measured, and is more than 6 %: at or under it we say
    'almost none', without a number.
    """
    return (
        result_in(f)
        and measured_as_cocaine(f)
        and "cocaine" in f.found
        and f.content is not None
        and f.content.percent > LOWEST_CONTENT_PERCENT
    )


def amount_known(f: Finding) -> bool:
    """The whole rock was weighed and its cocaine measured, more than 6 %."""
    return cocaine_measured(f) and f.amount is not None


def measurements_disagree(f: Finding) -> bool:
    """Two measurements of cocaine by methods of one rank differ by more than they can be wrong."""
    return cocaine_measured(f) and f.disagree


def range_known(f: Finding) -> bool:
    """The same, and the whole rock was weighed: the range in mg is known."""
    return amount_known(f) and f.disagree


def not_crack(f: Finding) -> bool:
    """It is no rock of crack: it was sold as something else, or is no rock."""
    return not f.crack_rock


def product_answered(f: Finding) -> bool:
    """It is no rock of crack, and a final answer tells something."""
    return not_crack(f) and result_in(f)


def told_names(f: Finding) -> tuple[str, ...]:
    return (f.told.product.name,) if f.told.product else ()


def named(f: Finding) -> tuple[str, ...]:
    return tuple(name for name in f.found if warned_family(name) not in _SAYS_NOTHING)


def sold_thing_absent(f: Finding) -> bool:
    """What it was sold as was looked for, and is not there; of a class, all that was looked for."""
    sold_as = f.told.product
    if sold_as is None or sold_as.sold & {*f.seen}:
        return False
    if not is_class(sold_as.name):
        return sold_as.name in f.looked_for_in_vain

    kinds = {family_of(name) for name in sold_as.sold}
    is_one_of_it = any(warned_family(name) in kinds for name in f.seen)
    asked = sold_as.sold & f.looked_for_in_vain and not sold_as.sold & f.not_tested
    return bool(asked) and not is_one_of_it


def product_is_as_told(f: Finding) -> bool:
    """No rock of crack: what it was sold as is known, and was not looked for in vain."""
    known = product_answered(f) and f.told.product is not None
    return known and bool(named(f)) and not sold_thing_absent(f)


def product_is_another(f: Finding) -> bool:
    """No rock of crack: what it was sold as is not in it, and something else is."""
    return product_answered(f) and sold_thing_absent(f) and bool(named(f))


def product_holds_nothing_known(f: Finding) -> bool:
    """No rock of crack: what it was sold as is not in it, and nothing else was found."""
    return product_answered(f) and sold_thing_absent(f) and not named(f)


def product_of_nobody_knows_what(f: Finding) -> bool:
    """No rock of crack, and nobody knows what it was sold as."""
    return product_answered(f) and f.told.product is None and bool(named(f))


def measured_most(f: Finding) -> tuple[str, float] | None:
    """Of what was measured, what it was sold as, else what there is most of."""
    sold = f.told.product.sold if f.told.product else frozenset()
    contents = {name: percent for name, percent in f.contents.items() if name in f.found}
    if not contents:
        return None

    return max(contents.items(), key=lambda content: (content[0] in sold, content[1]))


def product_share_known(f: Finding) -> bool:
    """No rock of crack: what it was sold as, or what there is most of, was measured,
    10 % or more.
    """
    measured = measured_most(f)
    return product_answered(f) and measured is not None and measured[1] >= 10


def share_of_ten_known(f: Finding) -> bool:
    """Cocaine was measured, 10 % or more."""
    return cocaine_measured(f) and not share_under_one(f)


def share_under_one(f: Finding) -> bool:
    """Cocaine was measured, between 6 and 10 %."""
    return cocaine_measured(f) and f.content is not None and f.content.percent < 10


def too_little_to_measure(f: Finding) -> tuple[str, ...]:
    return tuple(name for name in f.found if name in f.below and not is_alarming(name))


def found_too_little_to_measure(f: Finding) -> bool:
    """Something other than an alert was found, under what the method can measure."""
    return bool(too_little_to_measure(f))


def cocaine_found_not_measured(f: Finding) -> bool:
    """Cocaine is confirmed, and nothing says how much."""
    there = "cocaine" in f.found
    return result_in(f) and there and f.content is None and "cocaine" not in f.below


def hardly_any_cocaine(f: Finding) -> bool:
    """Cocaine was looked for and not there, or is at most 6 %, in what was sold as cocaine."""
    return measured_as_cocaine(f) and f.hardly_any_cocaine


def much_cocaine(f: Finding) -> bool:
    """The whole rock holds 160 mg of cocaine or more; said of rocks of crack alone."""
    if not f.crack_rock or not amount_known(f) or f.amount is None:
        return False

    return f.amount.middle_mg >= MUCH_COCAINE_MG


def beyond_the_survey(f: Finding) -> bool:
    """The whole rock holds more cocaine than any of the published survey, 209 mg."""
    return amount_known(f) and f.amount is not None and f.amount.middle_mg > MAX_COCAINE_MG


def high_share(f: Finding) -> bool:
    """Cocaine was measured, more than 70 %."""
    return cocaine_measured(f) and f.content is not None and f.content.percent > HIGH_SHARE_PERCENT


def low_share(f: Finding) -> bool:
    """Cocaine is more than 6 % and less than 30 %, or under a limit of the method in between;
    also where it is only indicated: the advice is the same.
    """
    if not (result_in(f) and measured_as_cocaine(f)):
        return False
    if f.content is None:
        return LOWEST_CONTENT_PERCENT < f.below.get("cocaine", 0.0) <= LOW_SHARE_PERCENT

    return LOWEST_CONTENT_PERCENT < f.content.percent < LOW_SHARE_PERCENT


def basis_unknown(f: Finding) -> bool:
    """The laboratory did not say base or hydrochloride: nothing can be compared."""
    return f.content is None or f.content.basis is Basis.UNKNOWN


def not_looked_for(f: Finding) -> tuple[str, ...]:
    """The classes that nobody looked for, and what would be a warning and was said not to be."""
    covered = {member for name in f.not_looked_for for member in WATCHED_CLASSES[name]}
    named = {name for name in f.not_tested if warned_family(name) and is_alarming(name)}
    return (*f.not_looked_for, *sorted(named - covered))


def something_not_looked_for(f: Finding) -> bool:
    """No row and no panel looked for something that would be a warning: nitazenes, fentanyls,
    other opioids, benzodiazepines, or what the laboratory says that it did not test.
    """
    spoken = result_in(f) or first_test_known(f)
    return spoken and bool(not_looked_for(f))


def parts(f: Finding) -> int:
    """Whole parts of ten. Raises ValueError for a content that cannot be."""
    if f.content is None or not 0 <= f.content.percent <= 100:
        raise ValueError("no content from 0 to 100 %")
    return whole(f.content.percent / 10)


def guess(f: Finding) -> int:
    return whole((f.beliefs.guess_percent or 0.0) / 10)

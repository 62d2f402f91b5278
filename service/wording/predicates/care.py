"""How the person uses, and what the site has for them."""

from service.evidence.finding import Finding
from service.vocabulary.codes import AlsoUses, Route
from service.wording.predicates.alerts import any_alert


def uses_alcohol(f: Finding) -> bool:
    """The person said that they also use alcohol."""
    return AlsoUses.ALCOHOL in (f.use.also_uses or ())


def uses_opioids(f: Finding) -> bool:
    """The person said that they also use opioids."""
    return AlsoUses.OPIOIDS in (f.use.also_uses or ())


def uses_opioids_and_cocaine(f: Finding) -> bool:
    """The person said that they also use opioids; this is, or holds, cocaine."""
    return uses_opioids(f) and (f.crack_rock or "cocaine" in f.seen)


def uses_alcohol_and_cocaine(f: Finding) -> bool:
    """The person said that they also use alcohol; this is, or holds, cocaine."""
    return uses_alcohol(f) and (f.crack_rock or "cocaine" in f.seen)


def uses_benzodiazepines(f: Finding) -> bool:
    """The person said that they also use benzodiazepines."""
    return AlsoUses.BENZODIAZEPINES in (f.use.also_uses or ())


def used_some_already(f: Finding) -> bool:
    """Some of it was used already, and there is an alert."""
    return f.told.already_used is True and any_alert(f)


def injects(f: Finding) -> bool:
    """The person injects."""
    return f.use.route is Route.INJECTED


def sniffs(f: Finding) -> bool:
    """The person sniffs."""
    return f.use.route is Route.SNIFFED


def smokes(f: Finding) -> bool:
    """The person smokes; or it is a rock of crack and nobody said otherwise."""
    if f.use.route in (None, Route.UNKNOWN, Route.NOT_SAID, Route.OTHER):
        return f.crack_rock
    return f.use.route is Route.SMOKED


def rest_here(f: Finding) -> bool:
    """The site has a place to rest."""
    return f.offers.rest


def no_rest_here(f: Finding) -> bool:
    """The site has no place to rest."""
    return not f.offers.rest


def told_to_the_worker(f: Finding) -> bool:
    """The person speaks of it: never recorded, never on paper;
    the worker shows it or reads it out.
    """
    return True


def on_paper(f: Finding) -> bool:
    """A card is printed."""
    return True

"""Whether there are words for everything that may have to be said."""

from service.foundation.problems import RefusesToStart
from service.wording.inventory import FALLBACK
from service.wording.message import MessageComposer
from service.wording.notices import NOTICES
from service.wording.rules import ON_PAPER, WHEN_TOLD
from service.wording.talk import TALK


def check_words(composer: MessageComposer) -> None:
    """Raise RefusesToStart unless every rule has its words and French says them all.

    Under the policy `approved`, the French must be signed, too.
    """
    catalogue = composer.catalogue

    keys = [rule.key for rule in (*composer.rules, *TALK, *WHEN_TOLD, *ON_PAPER)]
    keys += [rule.key for rule in NOTICES]
    missing = [key for key in keys if key not in catalogue.wordings]
    if missing:
        raise RefusesToStart(f"wording.toml lacks {', '.join(missing)}")

    silent = [key for key in catalogue.wordings if catalogue.text(key, FALLBACK) is None]
    if silent:
        raise RefusesToStart(
            f"no French text (missing, fuzzy or stale) for {', '.join(silent)}: "
            "see `words check fr`"
        )

    unsigned = catalogue.unapproved(FALLBACK) if composer.only_approved else ()
    if unsigned:
        more = f" and {len(unsigned) - 3} more" if len(unsigned) > 3 else ""
        raise RefusesToStart(
            f"no approved French text for {', '.join(unsigned[:3])}{more} "
            "(WORDS_POLICY=approved). See `words sign`"
        )

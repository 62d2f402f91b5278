"""What is done with rocks and their codes, each act in one transaction."""

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection

from service.foundation.problems import RefusesToStart
from service.intake import store
from service.intake.pickup import Keys


def check_pickup_key(connection: Connection, keys: Keys) -> None:
    """Raise RefusesToStart for a key that cannot open the codes in this database.

    With such a key every card out there would be dead.
    """
    sealed = store.any_sealed_code(connection)
    if sealed is None:
        return

    try:
        keys.unseal(sealed)
    except InvalidTag:
        raise RefusesToStart("PICKUP_KEY is not the key of the codes in this database") from None

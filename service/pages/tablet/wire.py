"""What crosses HTTP between a tablet and the service, beside rocks and results."""

from typing import Annotated

from pydantic import ConfigDict, Field

from service.foundation.strict import Strict, Text

_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
Digest = Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]


class EnrolIn(Strict):
    """The code that was shown, and the SHA-256 of the token that the tablet has drawn for itself."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"code": "Q7K3-M9XK", "token_sha256": _DIGEST}}
    )

    code: Annotated[Text, Field(max_length=40)]
    token_sha256: Digest


class StandingIn(Strict):
    """The SHA-256 of a token: it opens nothing."""

    model_config = ConfigDict(json_schema_extra={"example": {"token_sha256": _DIGEST}})

    token_sha256: Digest


class PagesIn(Strict):
    """How many codes to take along."""

    model_config = ConfigDict(json_schema_extra={"example": {"count": 50}})

    count: Annotated[int, Field(ge=1, le=100)]


ENROLLED_EXAMPLE = {"label": "red tablet", "site": "lyon-1"}
STANDING_EXAMPLE = {"token_sha256": _DIGEST, "stands": True}
PAD_EXAMPLE = {"codes": [{"code": "7K3M-9QXT-4HBW2", "width": "33", "path": "M2 2.5h7…"}]}

"""What crosses HTTP about names: an explanation in; what is explained, and what is not, out."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from service.foundation.strict import Name, Strict, Text
from service.lab.assay import MAX_NAME
from service.lab.names.meaning import Meaning


class NameIn(Strict):
    """Which substance a name means that laboratories write; none takes an explanation back."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "Substance X-17", "substance": "caffeine"}}
    )

    name: Annotated[Name, Field(min_length=1, max_length=MAX_NAME)]
    substance: Annotated[Text, Field(max_length=40)] | None


class UnknownNameOut(TypedDict):
    """A name that nobody knows, how often it is in force, and a label to look at."""

    name: str
    times: int
    lab_label: str


class ExplainedName(TypedDict):
    """A name, and the code of the substance that it was explained to mean."""

    name: str
    substance: str


class LabNames(TypedDict):
    """Names that nobody knows, and those that a laboratory has explained."""

    names: Sequence[UnknownNameOut]
    explained: list[ExplainedName]


class NameRead(TypedDict):
    """What a name means from now on, and the labels of the samples that were corrected."""

    name: str
    substance: str | None
    corrected: list[str]


LAB_NAMES_EXAMPLE = {
    "names": [{"name": "Substance X-17", "times": 2, "lab_label": "Q7K3-M9XK"}],
    "explained": [{"name": "Kokain", "substance": "cocaine"}],
}
NAME_READ_EXAMPLE = {"name": "Substance X-17", "substance": "caffeine", "corrected": ["Q7K3-M9XK"]}


def explained_out(meanings: Iterable[Meaning]) -> list[ExplainedName]:
    """Names that were explained, as they were spelled."""
    return [{"name": meaning.spelled, "substance": meaning.substance} for meaning in meanings]

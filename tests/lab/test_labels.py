"""Laboratory labels on paper: the right ones, as many as asked for, each on its sticker."""

from collections.abc import Callable
from typing import Any

import pypdfium2 as pdfium
import pytest
import segno

from service.foundation.paper import square_code
from service.intake.pickup import ALPHABET, new_label
from service.lab.labels.sheet import PAPERS, LabelSheet, draw
from tests.conftest import Knocker, Rock

Rocks = Callable[..., Rock]
DOOR = "/v1/lab/labels"
MM = 72 / 25.4


def letters(text: str) -> str:
    """The text without spaces; a dash at a line's end counts as a break that may be left out."""
    return "".join(text.replace("\x02", "-").split())


def pages(pdf: bytes) -> list[str]:
    document = pdfium.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return [letters(text) for text in texts]


def test_the_laboratory_prints_all_that_wait(take_in: Rocks, lab: Knocker) -> None:
    waiting, answered = [take_in(), take_in()], take_in()
    answered.assayed()
    waiting[1].assayed(status="preliminary")
    printed = lab.get(DOOR)
    assert printed.headers["content-type"] == "application/pdf"
    assert pages(printed.content) == [rock.label for rock in waiting]


def test_copies_of_those_named_in_their_order(take_in: Rocks, lab: Knocker) -> None:
    one, two = take_in(), take_in()
    typed = two.label.lower().replace("-", "")
    printed = lab.get(f"{DOOR}?label={typed}&label={one.label}&copies=2")
    assert pages(printed.content) == [two.label, two.label, one.label, one.label]


def test_a_site_prints_its_own_alone(
    take_in: Rocks, worker: Knocker, knock: Callable[[str], Knocker]
) -> None:
    rock = take_in()
    assert pages(worker.get(f"{DOOR}?label={rock.label}").content) == [rock.label]
    assert knock("neighbour").get(f"{DOOR}?label={rock.label}").status_code == 404
    assert knock("neighbour").get(DOOR).status_code == 404


def test_a_slip_of_the_pen_is_told_from_anothers_label(lab: Knocker, take_in: Rocks) -> None:
    assert lab.get(f"{DOOR}?label=AAAA-AAAJ").json()["type"].endswith(":unknown-label")
    assert lab.get(f"{DOOR}?label=AAAA-AAAA").json()["type"].endswith(":mistyped-label")
    assert lab.get(f"{DOOR}?copies=11").status_code == 422
    take_in()
    assert lab.get(f"{DOOR}?skip=1").json()["errors"][0]["pointer"] == "/skip"
    assert lab.get(f"{DOOR}?paper=a4-24&skip=23").status_code == 200
    assert lab.get(f"{DOOR}?paper=a5").status_code == 422


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("skip", [0, 3, 23])
def test_every_label_lies_inside_its_sticker(paper: str, skip: int) -> None:
    shape, symbols = PAPERS[paper], iter("WM80Q" * 900)
    labels = [new_label(lambda _: ALPHABET.index(next(symbols))) for _ in range(shape.places + 2)]
    document = pdfium.PdfDocument(draw(LabelSheet(shape, labels, skip if shape.places > 1 else 0)))
    used = skip if shape.places > 1 else 0
    assert len(document) == -(-(used + len(labels)) // shape.places)
    found = 0
    for number, page in enumerate(document):
        assert page.get_size() == pytest.approx((shape.width * MM, shape.height * MM), abs=0.5)
        text = page.get_textpage()
        for place in range(shape.places):
            left = (shape.left + place % shape.columns * shape.across) * MM
            top = (
                page.get_size()[1] - (shape.top + place // shape.columns * shape.label_height) * MM
            )
            inside = text.get_text_bounded(
                left, top - shape.label_height * MM, left + shape.label_width * MM, top
            )
            nth = number * shape.places + place - used
            assert letters(inside) == (labels[nth] if 0 <= nth < len(labels) else "")
            found += bool(inside.strip())
    assert found == len(labels)
    document.close()


def test_the_square_code_says_the_label_and_nothing_else() -> None:
    code = segno.make("Q7K3-M9XK", error="m", micro=False, mask=2)
    assert (code.version, code.mode) == (1, "alphanumeric")
    drawn: Any = square_code("Q7K3-M9XK")
    assert drawn == square_code("Q7K3-M9XK") != square_code("Q7K3-M9XT")

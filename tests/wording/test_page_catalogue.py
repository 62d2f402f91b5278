"""The French of staff pages, refusals and code labels: all have it, and nothing is left over."""

import ast
from enum import StrEnum

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from service.foundation.problems import FLAWS, PROBLEMS
from service.foundation.settings import ROOT
from service.pages.tablet.shell import said as said_in
from service.vocabulary.codes import ENGLISH, LISTS
from service.wording.catalogue import Catalogue
from service.wording.inventory import placeholders

FRENCH = "fr"
MESSAGES = ROOT / "messages"
PAGE_PO = MESSAGES / FRENCH / "LC_MESSAGES" / "page.po"
TEMPLATES = ROOT / "service" / "pages" / "templates"
TABLET = ROOT / "service" / "pages" / "static" / "tablet"
LABELLED: dict[str, type[StrEnum]] = {
    field: codes for field, codes in LISTS.items() if field != "card_languages"
}

Entry = tuple[str, str]  # context and English


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(MESSAGES)


@pytest.fixture(scope="module")
def french() -> dict[Entry, str]:
    """Every entry of the file, spoken or not."""
    with PAGE_PO.open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id]
    return {(entry.context or "", str(entry.id)): str(entry.string or "") for entry in entries}


def on_pages() -> set[str]:
    """The English of every `_("...")` of templates, the pages' code and the tablet's scripts."""
    environment = Environment(autoescape=True)
    said = set()
    for path in sorted(TEMPLATES.glob("*.html")):
        for _, _, texts in extract_from_ast(environment.parse(path.read_text("utf-8")), ("_",)):
            first = texts[0] if isinstance(texts, tuple) and texts else texts
            if isinstance(first, str):
                said.add(first)
    assert said, "no template says anything"
    for path in sorted(TEMPLATES.parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "_"
            ):
                said.add(ast.literal_eval(node.args[0]))
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "say"
            ):
                said.update(
                    ast.literal_eval(one) for one in node.args[:1] if isinstance(one, ast.Constant)
                )
    in_scripts = {text for path in TABLET.glob("*.js") for text in said_in(path.read_text("utf-8"))}
    assert in_scripts, "the tablet says nothing"
    return said | in_scripts


def said_outside_lists() -> set[Entry]:
    return (
        {("problem", title) for _, title in PROBLEMS.values()}
        | {("flaw", sentence) for sentence in FLAWS.values()}
        | {("page", english) for english in on_pages()}
    )


def in_lists() -> list[tuple[str, str]]:
    return [(field, code.value) for field, codes in LABELLED.items() for code in codes]


def entry_of(field: str, code: str, french: dict[Entry, str]) -> Entry:
    """Where a code's label comes from: the field's own word before the general one."""
    english = ENGLISH.get(code, code.replace("_", " "))
    own = (f"code:{field}", english)
    return own if own in french else ("code", english)


def test_every_title_flaw_and_page_text_has_french(
    catalogue: Catalogue, french: dict[Entry, str]
) -> None:
    assert said_outside_lists() - {entry for entry, text in french.items() if text} == set()
    for context, english in said_outside_lists():
        assert catalogue.page(context, english, FRENCH) == french[context, english]


def test_every_code_has_a_french_label(catalogue: Catalogue, french: dict[Entry, str]) -> None:
    silent = [
        (field, code) for field, code in in_lists() if not french.get(entry_of(field, code, french))
    ]
    assert silent == []
    for field, code in in_lists():
        assert catalogue.label(field, code, FRENCH) == french[entry_of(field, code, french)]


def test_placeholders_are_those_of_the_english(french: dict[Entry, str]) -> None:
    differing = [
        entry for entry, text in french.items() if placeholders(text) != placeholders(entry[1])
    ]
    assert differing == []


def test_no_entry_is_left_over(french: dict[Entry, str]) -> None:
    used = said_outside_lists() | {entry_of(field, code, french) for field, code in in_lists()}
    assert french.keys() - used == set()

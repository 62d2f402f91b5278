"""What mypy cannot see at the edges: what a dependency gives, and the columns that a row names."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from fastapi import params
from sqlmodel import SQLModel

import service.app
from service.access.require import Require
from service.foundation.context import Provided
from service.foundation.settings import ROOT

SERVICE = Path(service.app.__file__).parent
BOUND = "b_"
"""How the parameters of a query begin that are no columns."""


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- What a dependency gives ----------------------------------------------------------------------


def modules() -> list[ModuleType]:
    """Every module of the service that the app is made of."""
    return [module for name, module in sorted(sys.modules.items()) if name.startswith("service.")]


def provided() -> dict[int, Any]:
    """The type of each thing that the app holds, by the identity of what gives it."""
    types = {}
    for module in modules():
        for attribute, hint in getattr(module, "__annotations__", {}).items():
            thing = getattr(module, attribute, None)
            if isinstance(thing, Provided):
                types[id(thing)] = get_args(hint)[0]
    return types


def declared() -> Iterator[tuple[str, Any, Any]]:
    """Each `Name = Annotated[Type, Depends(source)]`: where it stands, its type, what gives it."""
    for module in modules():
        for attribute, alias in list(vars(module).items()):
            if get_origin(alias) is not Annotated:
                continue

            promised, *notes = get_args(alias)
            for note in notes:
                if isinstance(note, params.Depends) and not isinstance(note.dependency, Require):
                    yield f"{module.__name__}.{attribute}", promised, note.dependency


def given_by(source: Any) -> Any:
    """The type of what a dependency gives: of a thing that the app holds, a class, a function."""
    if isinstance(source, Provided):
        return provided()[id(source)]
    return source if isinstance(source, type) else get_type_hints(source)["return"]


def test_what_an_endpoint_is_given_has_the_type_that_it_names() -> None:
    found = {where: (promised, given_by(source)) for where, promised, source in declared()}
    assert "service.intake.context.PickupKeys" in found
    assert {where: types for where, types in found.items() if types[0] != types[1]} == {}


# --- The columns that a row names -----------------------------------------------------------------


def writers() -> list[Path]:
    """The files that write rows."""
    return [
        path
        for path in sorted(SERVICE.rglob("*.py"))
        if path.stem != "tables" and any(source.endswith(".tables") for source in sources(path))
    ]


def sources(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    return [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def keys(tree: ast.AST) -> set[str]:
    """The texts that are keys of a dict."""
    dicts = [node for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    constants = [key for node in dicts for key in node.keys if isinstance(key, ast.Constant)]
    return {key.value for key in constants if isinstance(key.value, str)}


def fields(tree: ast.AST) -> set[str]:
    """The fields of the shapes that a file declares."""
    targets = [node.target for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def strange(tree: ast.AST) -> set[str]:
    """Keys that are neither a column nor a parameter nor a field of a shape."""
    columns = {column.name for table in SQLModel.metadata.tables.values() for column in table.c}
    return {key for key in keys(tree) - columns - fields(tree) if not key.startswith(BOUND)}


@pytest.mark.parametrize("path", writers(), ids=name)
def test_a_row_names_columns_that_are_there(path: Path) -> None:
    assert strange(ast.parse(path.read_text())) == set()


def test_a_column_that_is_not_there_is_found() -> None:
    written = 'connection.execute(_ADD, {"b_id": id, "found_at": now, "foundat": now})'
    assert strange(ast.parse(written)) == {"foundat"}

"""The grain of the house: expressions have types, and no file does the work of two."""

import ast
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from service.foundation.settings import ROOT

SERVICE = ROOT / "service"
TYPED_PERCENT = 98.0
LONGEST_FILE = 300
NO_CODE = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
)


def lines_of_code(path: Path) -> int:
    """How many lines hold code: neither blank nor comment nor docstring."""
    with tokenize.open(path) as file:
        tokens = [
            token for token in tokenize.generate_tokens(file.readline) if token.type not in NO_CODE
        ]
    with_code = {number for token in tokens for number in range(token.start[0], token.end[0] + 1)}
    return len(with_code - lines_of_docstrings(path))


def lines_of_docstrings(path: Path) -> set[int]:
    """The lines of texts that stand alone, as docstrings of modules, functions and fields do."""
    texts = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    return {number for text in texts for number in range(text.lineno, (text.end_lineno or 0) + 1)}


def test_no_file_is_longer_than_one_job_needs() -> None:
    longer = {
        str(path.relative_to(SERVICE)): lines
        for path in sorted(SERVICE.rglob("*.py"))
        if (lines := lines_of_code(path)) > LONGEST_FILE
    }
    assert longer == {}


def test_only_code_is_counted(tmp_path: Path) -> None:
    counted = tmp_path / "counted.py"
    counted.write_text(
        '"""A docstring\n\nof three lines."""\n\n# A comment.\n'
        'text = """one\n\nthree"""  # with a comment\n\n\n'
        'def of_two(self) -> str:\n    """Said."""\n    return text\n'
    )
    assert lines_of_code(counted) == 5


def least_typed(rooms: list[str]) -> str:
    """Where most of what has no type is: lines of the report, the worst ones first."""
    counted = [line for line in rooms if line.split()[1:2] and line.split()[1].isdigit()]
    return "\n".join(sorted(counted, key=lambda line: -int(line.split()[1]))[:10])


@pytest.mark.timeout(600)
def test_what_the_service_handles_has_a_type(tmp_path: Path) -> None:
    """The share of expressions whose type mypy knows: it sees no mistake in what is `Any`."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--cache-dir",
            "/dev/null",
            "--any-exprs-report",
            tmp_path,
            "service",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    *rooms, _, total = (tmp_path / "any-exprs.txt").read_text().splitlines()
    assert float(total.split()[-1].rstrip("%")) >= TYPED_PERCENT, least_typed(rooms)

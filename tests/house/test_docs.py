"""The documents are held to the code: what is told is there, and no reference leads nowhere."""

import re
from pathlib import Path

import pytest

from service.foundation.problems import PROBLEMS
from service.foundation.settings import ROOT, Settings

DOCS = [
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("messages/*.md"))
    if path.name != "CHANGELOG.md"
]
WRITTEN = frozenset({"losses.md"})
"""Documents that the service writes, beside those of the repository."""
READ = (".py", ".toml", ".md", ".js", ".ts", ".css", ".html", ".typ")
PAPER = re.compile(r"[\w-]+\.md\b")
CITED = re.compile(r"\(design\b|\bdesign: |\bhouse rule [A-Z]\d")
"""How papers were cited that only their authors had."""
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
PATH = re.compile(
    r"`((?:service|tests|docs|messages|migrations)/[\w./-]+\.(?:py|toml|md|css|js|html))`"
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def test_every_setting_is_told_to_the_operator() -> None:
    told = (ROOT / "docs" / "operating.md").read_text()
    settings = [setting.upper() for setting in Settings.model_fields]
    assert [setting for setting in settings if f"`{setting}`" not in told] == []


def test_every_refusal_is_told_to_the_programmer() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (\d+) \| (.+) \|$", page("api.md"), re.MULTILINE)
    assert {kind: (int(status), title) for kind, status, title in rows} == PROBLEMS


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_no_link_and_no_path_leads_nowhere(path: Path) -> None:
    text = path.read_text()

    for target in LINK.findall(text):
        if target.startswith(("https://", "mailto:")):
            continue
        file, _, fragment = target.partition("#")
        linked = (path.parent / file).resolve() if file else path
        assert linked.exists(), target
        if fragment:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
            assert fragment in map(anchor, headings), target

    missing = [target for target in PATH.findall(text) if not (ROOT / target).exists()]
    assert missing == []


def texts() -> list[Path]:
    """What people read of the repository: code, words and documents, but no one else's work."""
    folders = [ROOT / name for name in ("service", "tests", "docs", "messages", "migrations")]
    inside = [path for folder in folders for path in folder.rglob("*.*")]
    read = [
        path
        for path in (*ROOT.glob("*.*"), *inside)
        if path.suffix in READ and "vendor" not in path.parts and path != Path(__file__)
    ]
    return [path for path in read if path.name != "CHANGELOG.md"]


def test_no_paper_is_cited_that_is_not_here() -> None:
    here = {path.name for path in texts() if path.suffix == ".md"} | WRITTEN | {"CHANGELOG.md"}
    cited = {name(path): papers_cited(path.read_text()) - here for path in texts()}
    assert {path: papers for path, papers in cited.items() if papers} == {}


def papers_cited(text: str) -> set[str]:
    return {*PAPER.findall(text), *CITED.findall(text)}


def test_a_paper_that_only_its_author_has_is_found() -> None:
    text = "as measured (performance.md, 4), by house rule D6, (design, 2); design: stack"
    assert papers_cited(text) == {"performance.md", "house rule D6", "(design", "design: "}


def test_every_command_is_told_to_the_operator() -> None:
    told = page("operating.md")
    commands = ["enrol site", "enrol tablet", "enrol script", "enrol instrument", "enrol person"]
    for command in [*commands, "site", "revoke", "calibrate", "rebuild"]:
        assert f"caillou {command}" in told, command


def test_each_decision_is_dated_and_names_the_road_not_taken() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(path.name[:3]) for path in decisions]
    assert numbers == list(range(1, len(decisions) + 1))

    for path in decisions:
        text = path.read_text()
        assert re.search(r"^Decided 20\d\d-\d\d-\d\d\.$", text, re.MULTILINE), path.name
        assert "## The road not taken" in text, path.name
        assert len(text.split()) < 500, path.name

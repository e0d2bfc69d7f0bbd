"""What the docs take from code and results is what code and results say; both languages where both are promised."""

import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def scripts():
    """The modules of docs/scripts."""
    sys.path.insert(0, str(DOCS / "scripts"))
    yield {name: importlib.import_module(name) for name in ("refresh", "verdict_pages", "figures")}
    sys.path.remove(str(DOCS / "scripts"))


# Benchmarks are run one by one, by different people: their page and figures are written anew by `make docs`.
LATER = ("docs/reference/benchmarks.md", "README.md", "README.zh.md")


def test_written_pages_are_fresh(scripts):
    stale = [str(path.relative_to(ROOT)) for path in scripts["refresh"].stale()]
    stale = [path for path in stale if path not in LATER]
    assert not stale, f"run `make docs`: {stale}"


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_error_rates_in_the_readme_are_those_that_were_measured(name, scripts):
    marks = list(scripts["figures"].MARK.finditer((ROOT / name).read_text(encoding="utf-8")))
    assert len(marks) > 3
    for mark in marks:
        if mark["kind"] == "rate":
            assert mark["shown"] == scripts["figures"].figure("rate", mark["name"]), mark.group()


def test_every_verdict_has_a_page_that_says_when_to_ignore_it(scripts):
    for kind in scripts["verdict_pages"].findings():
        page = DOCS / "reference" / "verdicts" / f"{scripts['verdict_pages'].page_name(kind)}.md"
        text = page.read_text(encoding="utf-8")
        for heading in ("What the answer means", "Method", "Thresholds", "Measured error rates", "When to ignore it"):
            assert f"## {heading}" in text, f"{page.name}: {heading}"
        assert len(text.partition("## When to ignore it")[2].partition("##")[0].split()) > 10, page.name


def test_every_measured_verdict_stands_on_a_page(scripts):
    from rates import verdict_rows

    pages = scripts["verdict_pages"].pages()
    for name in verdict_rows():
        assert any(f"| {name} |" in text for text in pages.values()), name


@pytest.mark.parametrize("kind", ["start", "guides"])
def test_start_and_guides_are_there_in_both_languages(kind):
    names = {path.name for path in (DOCS / kind).glob("*.md")}
    names = {name for name in names if not name.startswith("walk.")}  # one story, told once
    english = {name for name in names if not name.endswith(".zh.md")}
    assert english
    assert {name.removesuffix(".md") + ".zh.md" for name in english} == names - english


def _commands(path):
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"^\$ playnote ([a-z-]+)", text, re.M)
    return found


@pytest.mark.parametrize(
    "path", sorted((DOCS / "start").glob("*.zh.md")) + sorted((DOCS / "guides").glob("*.zh.md")), ids=lambda p: p.name
)
def test_both_editions_run_the_same_commands(path):
    assert _commands(path) == _commands(path.with_name(path.name.replace(".zh.md", ".md")))


def test_no_page_names_a_command_that_is_not_there():
    from playnote.interfaces.cli.app import VERBS, app

    known = {each.name for each in app.registered_groups} | {name for group, name, *_ in VERBS if group is app}
    for path in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for word in re.findall(r"(?:^\$ |`)playnote ([a-z][a-z-]*)", path.read_text(encoding="utf-8"), re.M):
            assert word in known, f"{path.relative_to(ROOT)}: playnote {word}"

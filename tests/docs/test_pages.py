"""What the docs take from code and results is what code and results say; both languages where both are promised."""

import importlib
import inspect
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
    yield {
        name: importlib.import_module(name)
        for name in ("refresh", "verdict_pages", "procedure_pages", "rule_pages", "figures")
    }
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


def test_every_procedure_has_a_page_that_says_what_it_costs_and_when_not_to_believe_it(scripts):
    from playnote.service.measure import MEASURES

    for name in MEASURES:
        text = (DOCS / "reference" / "procedures" / f"{name}.md").read_text(encoding="utf-8")
        for heading in ("How", "What it needs", "What it costs", "Options", "Thresholds", "When not to believe it"):
            assert f"## {heading}\n" in text, f"{name}: {heading}"
        assert len(text.partition("## When not to believe it")[2].split()) > 12, name


def test_every_option_of_a_procedure_is_on_its_page(scripts):
    written = scripts["procedure_pages"].pages()
    for name, verb, _ in scripts["procedure_pages"].ROWS:
        text = written[f"{name}.md"]
        asked = set(inspect.signature(verb).parameters) - {"project", "as_json", "lang"}
        assert len(re.findall(r"^\| `--[a-z/-]+`", text, re.M)) == len(asked), name


def test_every_rule_has_a_page_in_both_languages_with_what_it_says_now(scripts):
    from playnote.playbook import CATALOG

    pages = scripts["rule_pages"].pages()
    assert len(pages) == 2 * len(CATALOG) + 2
    for rule in CATALOG:
        english, chinese = (pages[f"reference/rules/{rule.id.replace('+', '-')}{end}"] for end in (".md", ".zh.md"))
        assert rule.text.en in english
        assert rule.text.zh in chinese
        assert "| violated |" in english or "| careful |" in english or "| cannot tell |" in english, rule.id
        assert re.search(r"[一-鿿]", chinese.partition("会说什么")[2]), rule.id


def test_the_word_that_bars_a_step_stands_on_the_rules_page(scripts):
    from playnote.playbook import CATALOG

    for rule in CATALOG:
        text = scripts["rule_pages"].page(rule, "en")
        for each in rule.bars:
            assert f"`playnote {each}`" in text, rule.id


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

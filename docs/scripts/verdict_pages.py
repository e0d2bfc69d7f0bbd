"""A page for each verdict, from what its file says, what the settings hold, what was measured, and verdict_notes.toml.

The question, the event and the method stand in the docstring of `diagnosis/<file>.py`; when to ignore an answer is written
by hand in the notes. A finding without a note is an error: nobody said when not to believe it.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from rates import ROOT, missed, verdict_rows

import playnote.diagnosis
from playnote.playbook import CATALOG
from playnote.records.finding import Finding
from playnote.records.settings import TABLE

FOLDER = ROOT / "docs" / "reference" / "verdicts"
NOTES = Path(__file__).with_name("verdict_notes.toml")
_COLUMNS = ("true / false", "recall", "false alarm", "false reassurance", "unknown", "must be unknown", "naive")
_WRITTEN = "<!-- Written by `python docs/scripts/refresh.py` from the code; do not edit. -->\n"


def findings() -> list[type[Finding]]:
    """Every kind of finding, by name."""
    for module in pkgutil.iter_modules(playnote.diagnosis.__path__):
        importlib.import_module(f"playnote.diagnosis.{module.name}")
    return sorted(_below(Finding), key=lambda kind: kind.__name__)


def page_name(kind: type[Finding]) -> str:
    """DivergenceEdgeFinding -> divergence-edge."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__.removesuffix("Finding")).lower()


def pages() -> dict[str, str]:
    """File name -> content, the index included."""
    notes = tomllib.loads(NOTES.read_text(encoding="utf-8"))
    made = {f"{page_name(kind)}.md": page(kind, notes[kind.__name__]) for kind in findings()}
    return {"index.md": _index(), **made}


def page(kind: type[Finding], note: dict[str, object]) -> str:
    """One verdict."""
    said = inspect.getdoc(importlib.import_module(kind.__module__)) or ""
    question, _, method = said.partition("\n\n")
    question = " ".join(question.split())
    parts = [
        f"# {page_name(kind).replace('-', ' ').capitalize()}\n",
        question + "\n",
        "## What the answer means\n",
        f"{inspect.getdoc(kind)}\n",
        "*Unknown* names the missing fact and what getting it would cost; it is never a pass.\n",
        "## Method\n",
        (method or "As the answer says.") + "\n",
        f"Code: [`{kind.__module__.removeprefix('playnote.').replace('.', '/')}.py`]({_source(kind)}).\n",
        "## Thresholds\n",
        _thresholds(kind),
        "## Measured error rates\n",
        _rates([str(name) for name in _listed(note["rates"])]),
        "## When to ignore it\n",
        f"{note['ignore']}\n",
        "## Rules that read it\n",
        _rules(kind),
        _WRITTEN,
    ]
    return "\n".join(parts)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _below(kind: type[Finding]) -> Iterator[type[Finding]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("playnote.diagnosis."):
            yield child
        yield from _below(child)


def _source(kind: type[Finding]) -> str:
    return "../../../src/" + kind.__module__.replace(".", "/") + ".py"


def _thresholds(kind: type[Finding]) -> str:
    source = inspect.getsource(importlib.import_module(kind.__module__))
    words = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    own = {kind.__module__.rpartition(".")[2], page_name(kind).replace("-", "_")}
    used = [name for name in TABLE if name in words or name.partition(".")[0] in own]
    if not used:
        return "No setting decides it alone.\n"
    rows = "".join(f"| `{s.name}` | {s.value:g} | {s.unit} | {s.source} |\n" for s in map(TABLE.__getitem__, used))
    lead = (
        "Change one under `[settings]` of the project file; why each has its value: `playnote doctor --settings`.\n\n"
    )
    return f"{lead}| setting | value | unit | source |\n|---|---|---|---|\n{rows}"


def _rates(names: list[str]) -> str:
    if not names:
        return "Not on the published stream of made-up cases: its tests check it against definitions and laws.\n"
    found = verdict_rows()
    lines = [f"| case | {' | '.join(_COLUMNS)} |", f"|---{'|---' * len(_COLUMNS)}|"]
    lines += [f"| {name} | {' | '.join(found[name][column] for column in _COLUMNS)} |" for name in names]
    late = [f"- {line}" for line in missed() if line.split(":")[0] in names]
    told = ["", "Targets missed:", "", *late] if late else []
    return "\n".join([*lines, *told, "", "What the columns mean: [error rates](../error-rates.md).", ""])


def _rules(kind: type[Finding]) -> str:
    name = kind.__name__
    reads = [rule for rule in CATALOG if re.search(rf"\b{name}s?\b", str(inspect.signature(rule.check)))]
    if not reads:
        return "None directly: it is shown with its number, or read through another fact.\n"
    return "".join(f"- `{rule.id}` {rule.text.en}\n" for rule in reads)


def _index() -> str:
    rows = []
    for kind in findings():
        said = inspect.getdoc(importlib.import_module(kind.__module__)) or ""
        rows.append(
            f"| [{page_name(kind)}]({page_name(kind)}.md) | {' '.join(said.partition(chr(10) * 2)[0].split())} |"
        )
    head = (
        "# Verdicts\n\nOne page for each question that is answered yes, no or unknown: what the answer means, how it is found,\n"
        "its thresholds, its measured error rates, and when to ignore it. How they work together: "
        "[the statistics](../../ideas/statistics.md).\n\n| verdict | question |\n|---|---|\n"
    )
    return head + "\n".join(rows) + "\n\n" + _WRITTEN

"""A page for each `measure` procedure, from its file, its command, the settings, the rules, and procedure_notes.toml.

The question and the method stand in the docstring of `procedures/measure/<file>.py`; what it needs, what it costs and when
not to believe it are written by hand. A procedure without a note is an error.
"""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import typer
from rates import ROOT

from playnote.interfaces.cli.verbs import measure, measure_choices
from playnote.playbook import CATALOG
from playnote.playbook.measured import PROCEDURES
from playnote.procedures.measure import arms, arms_judging, judging
from playnote.records.settings import TABLE
from playnote.service.measure import MEASURES

FOLDER = ROOT / "docs" / "reference" / "procedures"
NOTES = Path(__file__).with_name("procedure_notes.toml")
_WRITTEN = "<!-- Written by `python docs/scripts/refresh.py` from the code; do not edit. -->\n"
_JUDGED_BY_LOSS = {"lr", "stability", "warmup", "clipping", "remedy", "steps"}
_TUNED_EQUALLY = {"batch-size-compare", "transfer-strategy", "domain-weights"}
_SHARED = {"project", "as_json", "lang"}

ROWS = (*measure.ROWS, *measure_choices.ROWS)


def pages() -> dict[str, str]:
    """File name -> content, the index included."""
    notes = tomllib.loads(NOTES.read_text(encoding="utf-8"))
    return {"index.md": _index(), **{f"{name}.md": page(name, notes[name]) for name, _, _ in ROWS}}


def page(name: str, note: dict[str, str]) -> str:
    """One procedure."""
    line = next(text for row, _, text in ROWS if row == name)
    module = _module(name)
    parts = [
        f"# measure {name}\n",
        f"{line.en}\n",
        f"```text\nplaynote measure {name}\n```\n",
        "## How\n",
        _method(module) + "\n",
        f"Code: [`{_place(module)}`](../../../src/playnote/{_place(module)}).\n",
        "## What it needs\n",
        note["needs"] + "\n",
        "## What it costs\n",
        note["cost"]
        + " It is printed by `playnote next` before it is spent; a run that was killed goes on where it stopped.\n",
        "## Options\n",
        _options(name),
        "## Thresholds\n",
        _thresholds(name, module),
        "## What it hands to the rules\n",
        _rules(name),
        "## When not to believe it\n",
        note["ignore"] + "\n",
        _WRITTEN,
    ]
    return "\n".join(parts)


def _module(name: str) -> ModuleType:
    return inspect.getmodule(MEASURES[name]) or judging


def _place(module: ModuleType) -> str:
    return module.__name__.removeprefix("playnote.").replace(".", "/") + ".py"


def _method(module: ModuleType) -> str:
    """The docstring without the name in front of its first sentence."""
    said = (inspect.getdoc(module) or "").partition(": ")[2]
    return said[0].upper() + said[1:]


def _options(name: str) -> str:
    command = next(verb for row, verb, _ in ROWS if row == name)
    lines = []
    for each in inspect.signature(command, eval_str=True).parameters.values():
        told = next((part for part in getattr(each.annotation, "__metadata__", ())), None)
        if each.name not in _SHARED and isinstance(told, typer.models.OptionInfo):
            lines.append(f"| `{told.param_decls[0] if told.param_decls else told.default}` | {told.help} |")
    return "\n".join(["| option | |", "|---|---|", *lines, "", "`--project`, `--json` and `--lang` as everywhere.", ""])


def _thresholds(name: str, module: ModuleType) -> str:
    read = set(_settings(module))
    if name in _JUDGED_BY_LOSS:
        read |= set(_settings(judging))
    if name in _TUNED_EQUALLY:
        read |= set(_settings(arms)) | set(_settings(arms_judging))
    if not read:
        return "No setting decides it alone.\n"
    rows = [
        f"| `{s.name}` | {s.value:g} | {s.unit} | {s.source} | {s.reason} |"
        for s in map(TABLE.__getitem__, sorted(read))
    ]
    return "\n".join(["| setting | value | unit | source | reason |", "|---|---|---|---|---|", *rows, ""])


def _settings(module: ModuleType) -> Iterator[str]:
    """The settings a file names."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Constant) and node.value in TABLE:
            yield str(node.value)


def _rules(name: str) -> str:
    name = next((key for key, row in PROCEDURES.items() if row.verb == f"measure {name}"), name)
    reads = PROCEDURES[name].reads
    told = f'Its answer is an event of the journal ("measurement") with {", ".join(f"`{each}`" for each in reads)}.\n'
    reading = [rule for rule in CATALOG if rule.by == name or _mentions(rule.check, name)]
    lines = [f"- `{rule.id}` {rule.text.en}" for rule in reading]
    none = "No rule reads it by name; verdicts on repeats and on seed noise take its runs."
    return "\n".join([told if reads else "Its runs are trials like others.\n", *(lines or [none]), ""])


def _mentions(check: object, name: str) -> bool:
    """Whether a rule's function asks for the procedure's answer."""
    source = inspect.getsource(check)  # type: ignore[arg-type]
    return re.search(rf'\.(last|all)\("{re.escape(name)}"\)', source) is not None


def _index() -> str:
    rows = [f"| [measure {name}]({name}.md) | {text.en} |" for name, _, text in ROWS]
    head = (
        "# Procedures\n\nA procedure settles one thing by a few planned trials of your own training code, and puts the answer on\n"
        "record, where rules read it. Which one when, and for how much: [which procedure, which budget]"
        "(../../guides/which-budget.md).\n\n| command | settles |\n|---|---|\n"
    )
    return head + "\n".join(rows) + "\n\n" + _WRITTEN

"""Writes the page of all operations, in both languages: what each does, and how it is asked for in every face.

python -m playnote.testing.operations_page
"""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Sequence
from pathlib import Path

from playnote.interfaces.cli.app import VERBS, app
from playnote.interfaces.mcp.absent import ABSENT
from playnote.service.operations import OPERATIONS, Operation
from playnote.text import Language, Text

FOLDER = Path("docs/reference")
PAGES: dict[Language, str] = {"en": "operations.md", "zh": "operations.zh.md"}
_TITLE = Text(en="Everything one can ask for", zh="能做的所有事")
_LEAD = Text(
    en="{n} operations. Each is one function of the service; the command line, the agent door and the Python face only "
    "translate to it. An agent proposes answers and waivers, and a person confirms them (`playnote confirm`).",
    zh="共 {n} 项操作。每项都是 service 里的一个函数，命令行、智能体入口和 Python 接口只做转换。智能体只能提议回答和豁免，"
    "由人确认（`playnote confirm`）。",
)
_WRITTEN = Text(
    en="Written by `python -m playnote.testing.operations_page`; do not edit.",
    zh="由 `python -m playnote.testing.operations_page` 生成，勿手改。",
)
_HEAD = Text(
    en="| operation | does | command | agent door | changes the record |",
    zh="| 操作 | 做什么 | 命令 | 智能体入口 | 会改动记录 |",
)
_CHANGES = {True: Text(en="yes", zh="会"), False: Text(en="no", zh="不会")}
_PERSON = Text(en="a person only", zh="只能由人做")
_NOT_THERE = Text(en="not there: {why}", zh="没有：{why}")

_NO_REASON = Text(en="no reason given", zh="没写原因")


def said(operation: Operation) -> str:
    """What the function says of itself, on one line."""
    told = inspect.getdoc(operation.do) or ""
    return " ".join(told.split("\n\n")[0].split())


def page(language: Language) -> str:
    """The page in one language."""
    rows = [_row(each, language) for each in OPERATIONS]
    head = _HEAD.pick(language)
    parts = [
        f"# {_TITLE.pick(language)}",
        _LEAD.fill(n=len(OPERATIONS)).pick(language),
        "\n".join([head, "|" + " --- |" * (head.count("|") - 1), *rows]),
        f"<!-- {_WRITTEN.pick(language)} -->",
    ]
    return "\n\n".join(parts) + "\n"


def _row(operation: Operation, language: Language) -> str:
    verb, _, option = operation.cli.partition(" --")
    does = _verbs().get(verb)
    words = said(operation) if does is None or (option and language == "en") else does.pick(language)
    cells = (
        f"`{operation.name}`",
        words,
        f"`playnote {operation.cli}`",
        _door(operation).pick(language),
        _CHANGES[operation.changes].pick(language),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _door(operation: Operation) -> Text:
    if operation.agent == "no":
        return _PERSON
    if operation.tool:
        return Text(en="`{tool}`", zh="`{tool}`").fill(tool=operation.tool)
    return _NOT_THERE.fill(why=ABSENT.get(operation.name, _NO_REASON))


def _verbs() -> dict[str, Text]:
    """The line of each verb in `--help`, by how it is typed."""
    groups = {id(each.typer_instance): each.name for each in app.registered_groups}
    return {" ".join(filter(None, (groups.get(id(group)), name))): line for group, name, _, line in VERBS}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write both pages."""
    parser = argparse.ArgumentParser(description="Write the page of all operations.")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder: Path = parser.parse_args(arguments).folder
    for language, name in PAGES.items():
        (folder / name).write_text(page(language), encoding="utf-8")


if __name__ == "__main__":
    main()

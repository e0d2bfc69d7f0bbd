"""A Markdown page as a session: its code blocks run in order, in one folder, and show what they print.

What a block is stands in its fence: `python` runs, `console` holds commands after `$ ` and what they print, `toml` is
read. A comment on the line before it says more:

    <!-- file: NAME -->        the block is the content of a file
    <!-- with: NAME -->        before it, something of `prepared` is put into the folder
    <!-- not run: REASON -->   it needs what a test has not (a cluster, minutes, the network)

In printed text, a line `...` stands for any lines. Everything else must be equal, trailing blanks aside.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"(?:^<!-- (?P<note>[^\n]*) -->\n)?^```(?P<kind>\w*)[^\n]*\n(?P<body>.*?)^```$", re.M | re.S)
QUIET = ("text", "markdown", "")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line it begins on, and the comment before it."""

    kind: str
    body: str
    line: int
    note: str

    def noted(self, word: str) -> str | None:
        """What the comment says after `word:`, None where it says something else."""
        name, _, rest = self.note.partition(":")
        return rest.strip() if name.strip() == word else None


def blocks_of(text: str) -> list[Block]:
    """The blocks of a page, in order."""
    return [
        Block(found["kind"], found["body"], text.count("\n", 0, found.start("kind")) + 1, found["note"] or "")
        for found in _BLOCK.finditer(text)
    ]


def commands_of(body: str) -> Iterator[tuple[str, list[str]]]:
    """(command, lines it prints) of a console block."""
    command, printed = "", []
    for line in body.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, printed
            command, printed = line[2:], []
        else:
            printed.append(line.rstrip())
    if command:
        yield command, printed


def run_command(command: str) -> str:
    """Its output: `playnote` in this process, for speed; anything else by the shell with this Python in front."""
    words = shlex.split(command, comments=True)
    if words[:1] != ["playnote"] or {"|", ">"} & set(words):
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
        return done.stdout + done.stderr
    from playnote.interfaces.cli import app

    out, before = io.StringIO(), sys.argv
    sys.argv = words
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), contextlib.suppress(SystemExit):
            app.main()
    finally:
        sys.argv = before
    return out.getvalue()


def differs(shown: list[str], printed: str) -> str | None:
    """Where what is shown and what was printed part; None where they agree. Shown nothing: nothing is compared."""
    wanted = [line for line in shown if line.strip()]
    got = [line.rstrip() for line in printed.splitlines() if line.strip()]
    if not wanted:
        return None
    at, gap = 0, False
    for line in wanted:
        if line.strip() == "...":
            gap = True
            continue
        while gap and at < len(got) and got[at] != line:
            at += 1
        if at >= len(got) or got[at] != line:
            return f"shown:   {line}\nprinted: {got[at] if at < len(got) else '(nothing more)'}\n\n{printed}"
        at, gap = at + 1, False
    return None if gap or at == len(got) else f"printed, not shown: {got[at]}\n\n{printed}"


def run_python(body: str, names: dict[str, object], page: Path, line: int) -> str:
    """Runs it in the session's names; returns what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile("\n" * line + body, str(page), "exec"), names)
    return out.getvalue()

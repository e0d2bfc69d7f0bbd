"""How a command ends: its value as text or JSON, errors with problem and fix, and the exit code."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

from playnote.errors import InternalError, PlaynoteError
from playnote.text import Language, Text

VIOLATED = 3
# A command of a next step stands at the end of its line: behind the word, or alone and indented by six.
_NEXT = re.compile(r"((?<=Next: )|(?<=下一步：)|(?<=^ {6}))playnote (?!(rule|compare|judge|review)\b)\S.*$", re.M)


@dataclass(slots=True)
class Face:
    """The choices every command shares.

    answers  where a JSON answer goes while standard output is turned away from what others print; None: to it
    """

    json: bool = False
    language: Language = "en"
    project: str | None = None
    answers: TextIO | None = None

    def say(self, text: Text) -> str:
        """The sentence in the chosen language."""
        return text.pick(self.language)

    def line(self, text: Text | str = "") -> None:
        """One line on standard output."""
        said = text if isinstance(text, str) else self.say(text)
        sys.stdout.write((said if self.project is None else _NEXT.sub(self._there, said)) + "\n")

    def answer(self, line: str) -> None:
        """The one line of a JSON answer."""
        (self.answers or sys.stdout).write(line + "\n")

    def _there(self, found: re.Match[str]) -> str:
        """A command of a next step, for the project that was named: as typed, it works from where it was asked."""
        told = found.group()
        return told if "--project" in told else f"{told} --project {shlex.quote(self.project or '')}"

    def done(self, data: Any, lines: Callable[[], None]) -> None:
        """Show a value: as the envelope, or as `lines` print it."""
        if self.json:
            self.answer(json.dumps({"ok": True, "data": data}, ensure_ascii=False, allow_nan=False))
        else:
            lines()


def language_of(asked: str | None) -> Language:
    """`--lang`, then PLAYNOTE_LANG, then the locale; English where none says Chinese."""
    for said in (asked, os.environ.get("PLAYNOTE_LANG"), os.environ.get("LC_ALL"), os.environ.get("LANG")):
        if said:
            return "zh" if said.lower().startswith("zh") else "en"
    return "en"


def fail(error: PlaynoteError, face: Face) -> int:
    """Show an error; its exit code."""
    if face.json:
        envelope = {"ok": False, "error": error.as_json()}
        face.answer(json.dumps(envelope, ensure_ascii=False, allow_nan=False, default=str))
        return error.exit_code
    write = sys.stderr.write
    write(f"{face.say(_PROBLEM)}{face.say(error.problem)}\n")
    for detail in error.details:
        write(f"  {detail.path}: {detail.found}\n")
        write(f"    {face.say(_ALLOWED)}{face.say(detail.allowed)}\n")
        write(f"    {face.say(_FIX)}{face.say(detail.fix)}\n")
    write(f"{face.say(_FIX)}{face.say(error.fix)}\n")
    bar = getattr(error, "bar", None)
    if bar is not None:
        if bar.do_instead:
            write(f"{face.say(_INSTEAD)}{bar.do_instead}\n")
        write(f"{face.say(_WAIVE)}{bar.waiver}\n")
    return error.exit_code


def unexpected(error: Exception) -> PlaynoteError:
    """Our own fault, in words: never a traceback."""
    return InternalError(
        Text(en="Playnote failed: {kind}: {what}", zh="Playnote 自己出错了：{kind}：{what}").fill(
            kind=type(error).__name__, what=error
        ),
        fix=Text(
            en="Nothing recorded is lost. Set PLAYNOTE_TRACEBACK=1 to see where, and report it.",
            zh="已记录的不会丢。设 PLAYNOTE_TRACEBACK=1 可看到出错位置，请报告给我们。",
        ),
    )


_PROBLEM = Text(en="Problem: ", zh="问题：")
_FIX = Text(en="Fix: ", zh="改法：")
_ALLOWED = Text(en="allowed: ", zh="允许：")
_INSTEAD = Text(en="Do instead: ", zh="先做：")
_WAIVE = Text(en="Or set the rule aside, with a reason: ", zh="或写明原因豁免：")

"""A command line that cannot be read, as an input error with problem and fix."""

from __future__ import annotations

from typing import Any

import typer

from playnote.errors import InputError
from playnote.text import Text

# typer brings its own parser or takes click's, by version; the parent of its one public error is every usage error.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]

_PROBLEMS = {
    "NoSuchOption": Text(en="There is no option {word}.", zh="没有 {word} 这个选项。"),
    "NoSuchCommand": Text(en="There is no verb {word}.", zh="没有 {word} 这个命令。"),
    "MissingParameter": Text(en="{word} is missing.", zh="缺少 {word}。"),
    "BadParameter": Text(en="{word} does not fit: {why}", zh="{word} 不合适：{why}"),
}
_OTHER = Text(en="The command line cannot be read: {why}", zh="命令行读不懂：{why}")
_FIX = Text(en="See `{path} --help`.", zh="见 `{path} --help`。")
_LIKELY = Text(en="Did you mean {words}? See `{path} --help`.", zh="是不是想写 {words}？见 `{path} --help`。")


def usage_error(error: Exception) -> InputError:
    """From the parser's own error to ours; the parser's words appear only where it says why a value does not fit."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "playnote"
    why = str(getattr(error, "message", None) or error)
    kind = _kind(error, why)
    problem = _PROBLEMS.get(kind, _OTHER).fill(word=_word(error, why), why=why)
    likely = [str(each) for each in getattr(error, "possibilities", None) or ()]
    if likely:
        return InputError(problem, fix=_LIKELY.fill(words=", ".join(likely), path=path))
    return InputError(problem, fix=_FIX.fill(path=path))


def _kind(error: Exception, why: str) -> str:
    names = [each.__name__ for each in type(error).__mro__]
    if "No such command" in why:
        return "NoSuchCommand"
    return next((name for name in names if name in _PROBLEMS), "")


def _word(error: Exception, why: str) -> str:
    """What the error is about: an option as written, a parameter's name, or the quoted word of the message."""
    option = getattr(error, "option_name", None)
    if option:
        return str(option)
    parameter: Any = getattr(error, "param", None)
    if parameter is not None:
        return str(parameter.opts[-1] if parameter.opts else parameter.name)
    return why.split("'")[1] if why.count("'") > 1 else why

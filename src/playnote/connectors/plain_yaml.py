"""Settings as other tools write them in YAML: mappings, lists and scalars, block style.

Only what settings files hold is understood; an object with a tag of its own, an anchor or a flow collection is kept
as text. Numbers follow YAML 1.2 ("1e-5" is a number), which is what the person who wrote it meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

_MOST = 20_000  # lines of a settings file
_ESCAPE = re.compile(r'\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0abtnvfre "/\\N_LP])')
_LETTERS = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b"}
_LETTERS |= {"N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
_WORDS: dict[str, object] = {"null": None, "~": None, "": None, "true": True, "false": False}
_WORDS |= {".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}
_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#\[{][^:]*?(?::\S[^:]*?)*)\s*:(?:\s+(.*))?$""")
_TAG = re.compile(r"(!\S*|&\S+)\s*")


@dataclass(frozen=True, slots=True)
class _Line:
    indent: int
    text: str
    blanks: int = 0  # empty lines below it: each is a line break of the text that goes on


def read_settings(text: str) -> dict[str, object]:
    """The mapping at the top of a file; {} where there is none."""
    lines = list(_lines(text))
    found, _ = _block(lines, 0, lines[0].indent, 0) if lines else ({}, 0)
    return found if isinstance(found, dict) else {}


def _lines(text: str) -> Iterator[_Line]:
    held: _Line | None = None
    quote = ""
    for raw in re.split(r"\r?\n", text)[:_MOST]:
        stripped = raw.strip(" ")
        inside = quote
        quote = _left_open(stripped, quote)
        if not stripped and held is not None:
            held = replace(held, blanks=held.blanks + 1)
        elif stripped and (inside or not (stripped.startswith("#") or raw.startswith(("---", "...", "%")))):
            if held is not None:
                yield held
            held = _Line(len(raw) - len(raw.lstrip(" ")), stripped)
    if held is not None:
        yield held


def _left_open(text: str, quote: str) -> str:
    """The quote in which a text is still open at the end of its line, "" where it is not."""
    if not quote:
        match = _KEY.match(text)
        rest = (match[2] or "") if match else text
        while rest.startswith("- "):
            rest = rest[2:].lstrip()
        rest = _TAG.sub("", rest, count=1) if rest[:1] in ("!", "&") else rest
        if rest[:1] not in ("'", '"'):
            return ""
        quote, text = rest[0], rest[1:]
    # A quote inside is doubled, or has a backslash before it.
    marks = text.count("'") if quote == "'" else len(re.sub(r"\\.", "", text).split('"')) - 1
    return quote if marks % 2 == 0 else ""


def _block(lines: list[_Line], at: int, indent: int, depth: int) -> tuple[object, int]:
    """The mapping or list that begins at a line, and the line after it."""
    if depth > 40:
        return None, _after(lines, at, indent)
    if lines[at].text == "-" or lines[at].text.startswith("- "):
        return _list(lines, at, indent, depth)
    return _mapping(lines, at, indent, depth)


def _mapping(lines: list[_Line], at: int, indent: int, depth: int) -> tuple[dict[str, object], int]:
    found: dict[str, object] = {}
    while at < len(lines) and lines[at].indent == indent:
        match = _KEY.match(lines[at].text)
        if match is None:
            at += 1
            continue
        rest = match[2] or ""
        value, at = _value(
            lines, at + 1, indent, _TAG.sub("", rest, count=1) if rest[:1] in ("!", "&") else rest, depth
        )
        found[str(_scalar(match[1], key=True))] = value
    return found, max(at, _after(lines, at, indent) if at < len(lines) and lines[at].indent > indent else at)


def _list(lines: list[_Line], at: int, indent: int, depth: int) -> tuple[list[object], int]:
    found: list[object] = []
    while at < len(lines) and lines[at].indent == indent and lines[at].text[:2] in ("-", "- "):
        rest = lines[at].text[1:].strip()
        if rest.startswith("- ") or _KEY.match(rest):
            # A mapping or a list inside a list begins on the line of its dash.
            lines[at] = replace(lines[at], indent=indent + 2, text=rest)
            value, at = _block(lines, at, indent + 2, depth + 1)
        else:
            value, at = _value(lines, at + 1, indent, rest, depth)
        found.append(value)
    return found, at


def _value(lines: list[_Line], at: int, indent: int, rest: str, depth: int) -> tuple[object, int]:
    """What follows a key: a scalar that may go on over more lines, or a deeper block."""
    below = at < len(lines) and (
        lines[at].indent > indent or (lines[at].indent == indent and lines[at].text.startswith("- "))
    )
    if not rest and below:
        return _block(lines, at, lines[at].indent, depth + 1)
    end = _after(lines, at, indent)
    if rest[:1] in ("|", ">"):
        return ("\n" if rest[0] == "|" else " ").join(line.text for line in lines[at:end]), end
    return _scalar(_folded(rest, lines[at - 1 : end])), end


def _after(lines: list[_Line], at: int, indent: int) -> int:
    while at < len(lines) and lines[at].indent > indent:
        at += 1
    return at


def _folded(first: str, lines: list[_Line]) -> str:
    """A text over several lines: a line break inside is a blank, empty lines are line breaks."""
    whole = first
    for above, line in pairwise(lines):
        if whole.endswith("\\") and whole.startswith('"'):
            # In double quotes a backslash at the end joins lines without a blank.
            whole = whole[:-1] + line.text
        else:
            whole += ("\n" * above.blanks or " ") + line.text
    return whole


def _scalar(text: str, *, key: bool = False) -> object:
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPE.sub(_character, text[1:-1])
    text = text.split(" #")[0].rstrip()
    if key:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if text[:1] in ("[", "{"):
        return _flow(text)
    for kind in (int, float):
        try:
            return text if (not text[-1:].isdigit() and text[-1:] != ".") or "_" in text else kind(text)
        except ValueError:
            continue
    return text


def _flow(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _character(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if code[0] in "xuU" else _LETTERS.get(code, code)


__all__ = ["read_settings"]

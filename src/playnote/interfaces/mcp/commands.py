"""From a command a person would type to the call an agent makes: `playnote adopt t0031` -> adopt(trial="t0031")."""

from __future__ import annotations

import shlex
from typing import Any

_RENAMED = {"up-to": "up_to", "trials": "trials_per_value"}


def call_of(command: str) -> dict[str, Any]:
    """`{"tool", "arguments", "cli"}`; the tool is ask_person where only a person can do it, None for no command."""
    tool, arguments = _call(_words(command))
    return {"tool": tool, "arguments": arguments, "cli": command}


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    return words[1:] if words[:1] == ["playnote"] else words


def _call(words: list[str]) -> tuple[str | None, dict[str, Any]]:
    if not words:
        return None, {}
    verb = " ".join(words[:2]) if words[0] == "round" else words[0]
    rest = words[len(verb.split()) :]
    plain, options = _parted(rest)
    first = plain[0] if plain else None
    if verb in _SIMPLE:
        tool, arguments = _SIMPLE[verb]
        return tool, dict(arguments)
    if verb == "round new":
        return "open_round", {"question": first or "...", "scientific": {}}
    if verb == "adopt":
        return "adopt", {**({"trial": first} if first else {}), **_number(options, "up-to")}
    if verb == "widen":
        return "widen", {"name": first, "side": "low" if "low" in options else "high", **_number(options, "to")}
    if verb in ("answer", "waive"):
        return f"propose_{'answer' if verb == 'answer' else 'waiver'}", {"rule": first}
    if verb == "measure":
        return "measure", {"what": first}
    return "ask_person", {}


_SIMPLE: dict[str, tuple[str, dict[str, Any]]] = {
    "baseline": ("measure", {"what": "baseline"}),
    "round run": ("run_round", {}),
    "round show": ("verdicts", {}),
    "check": ("verdicts", {"due": True}),
    "next": ("next_step", {}),
}


def _parted(words: list[str]) -> tuple[list[str], dict[str, str]]:
    plain: list[str] = []
    options: dict[str, str] = {}
    at = 0
    while at < len(words):
        if words[at].startswith("--"):
            name = words[at][2:]
            valued = name not in ("low", "high") and at + 1 < len(words)
            options[name] = words[at + 1] if valued else ""
            at += 1 + valued
        else:
            plain.append(words[at])
            at += 1
    return plain, options


def _number(options: dict[str, str], name: str) -> dict[str, Any]:
    try:
        value = float(options[name])
    except (KeyError, ValueError):
        return {}
    return {_RENAMED.get(name, name): int(value) if value.is_integer() else value}

"""From a command a person would type to the call an agent makes: `playnote adopt t0031` -> adopt(trial="t0031")."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Call = dict[str, Any]


@dataclass(slots=True)
class Words:
    """A command in its parts: plain words, then options with their values ("" for a switch)."""

    plain: list[str] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)

    @property
    def first(self) -> str | None:
        """The first plain word."""
        return self.plain[0] if self.plain else None

    def number(self, name: str, argument: str) -> Call:
        """`{argument: value}` where the option holds a number."""
        try:
            value = float(self.options[name][-1])
        except (KeyError, ValueError):
            return {}
        return {argument: int(value) if value.is_integer() else value}


def call_of(command: str) -> Call:
    """`{"tool", "arguments", "cli"}`, or "read" with the address of a resource; ask_person where only a person can do it."""
    words = _split(command)
    if not words:
        return {"tool": None, "arguments": {}, "cli": command}
    verb = " ".join(words[:2]) if " ".join(words[:2]) in _CALLS else words[0]
    parted = _parted(words[len(verb.split()) :])
    if verb in _READ:
        return {"tool": None, "arguments": {}, "cli": command, "read": _READ[verb].format(parted.first or "")}
    tool, arguments = _CALLS[verb](parted) if verb in _CALLS else ("ask_person", {})
    return {"tool": tool, "arguments": arguments, "cli": command}


def _split(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    return words[1:] if words[:1] == ["playnote"] else words


def _parted(words: list[str]) -> Words:
    found, at = Words(), 0
    while at < len(words):
        if words[at].startswith("--"):
            valued = words[at] not in _SWITCHES and at + 1 < len(words) and not words[at + 1].startswith("--")
            found.options.setdefault(words[at][2:], []).append(words[at + 1] if valued else "")
            at += 1 + valued
        else:
            found.plain.append(words[at])
            at += 1
    return found


def _new(words: Words) -> tuple[str, Call]:
    """A round as the command plans it; `--short` and `--confirm` are a person's, who knows what compute there is."""
    if words.options.keys() & {"short", "confirm"}:
        return "ask_person", {}
    listed = [each.partition("=") for each in words.options.get("scientific", [])]
    values = {name: [_value(one) for one in said.split(",")] for name, _, said in listed if name != "NAME"}
    return "open_round", {
        "question": words.first or "...",
        "scientific": values,
        **words.number("trials", "trials_per_value"),
    }


def _widen(words: Words) -> tuple[str, Call]:
    side = "low" if "low" in words.options else "high"
    return "widen", {"name": words.first, "side": side, **words.number("to", "to")}


def _adopt(words: Words) -> tuple[str, Call]:
    return "adopt", {**({"trial": words.first} if words.first else {}), **words.number("up-to", "up_to")}


def _measure(words: Words) -> tuple[str, Call]:
    if "apply" in words.options:
        return "ask_person", {}
    given = {
        name.replace("-", "_"): words.number(name, name)[name] for name in words.options if words.number(name, name)
    }
    return "measure", {"what": words.first, **({"options": given} if given else {})}


def _value(word: str) -> Any:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(word.lower(), word)


_SWITCHES = ("--low", "--high", "--apply", "--short", "--confirm", "--all")
_CALLS: dict[str, Callable[[Words], tuple[str, Call]]] = {
    "baseline": lambda words: ("measure", {"what": "baseline", **words.number("seeds", "seeds")}),
    "round new": _new,
    "round run": lambda words: ("run_round", words.number("round", "round")),
    "round show": lambda words: ("verdicts", words.number("round", "round")),
    "check": lambda _: ("verdicts", {"due": True}),
    "next": lambda _: ("next_step", {}),
    "widen": _widen,
    "adopt": _adopt,
    "measure": _measure,
    "rerun": lambda words: ("measure", {"what": "rerun", **({"trial": words.first} if words.first else {})}),
    "answer": lambda words: ("propose_answer", {"rule": words.first}),
    "waive": lambda words: ("propose_waiver", {"rule": words.first}),
}
_READ = {
    "rule": "playnote://rule/{}",
    "knowledge": "playnote://knowledge",
    "rank": "playnote://ranking",
    "metric": "playnote://metric",
    "doctor": "playnote://doctor",
}

"""The verdicts of `check` as SARIF 2.1.0, which code hosts show beside the lines of a change.

A violated rule is an error, a warning a warning, and a diagnosis that holds a note: nobody broke a rule. An unknown
gate is kind "open" (evaluation not finished), never a failure and never a pass. Other passes and unknowns are left
out. A waiver is a suppression, with its reason.

Reference: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, 3.27 (result), 3.35 (suppression).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from playnote.text import Language

Json = dict[str, Any]
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# The table of the project file that a chapter's rules are about.
_TABLES = (
    ("C1", "objective"),
    ("C2", "splits"),
    ("D4", "baseline"),
    ("D", "hyperparameters"),
    ("B", "project"),
    ("A", "project"),
)
_KINDS = {"fail": ("fail", "error"), "warn": ("fail", "warning"), "unknown": ("open", "none")}


def sarif_of(
    verdicts: Sequence[Mapping[str, Any]],
    rules: Mapping[str, Mapping[str, Any]],
    *,
    gates: Sequence[str],
    file: str,
    text: str,
    version: str,
    language: Language = "en",
) -> Json:
    """One SARIF log.

    verdicts  as `check --json` shows them
    rules     pages of the rules, by id
    gates     rules whose unknown keeps a gate shut
    file      the project file as the code host names it, relative to the repository, with forward slashes
    text      its content, to find the lines
    """
    shown = [
        v for v in verdicts if v["status"] in ("fail", "warn") or (v["status"] == "unknown" and v["rule"] in gates)
    ]
    ids = sorted({str(v["rule"]) for v in shown})
    driver = {
        "name": "Playnote",
        "version": version,
        "semanticVersion": version,
        "rules": [_rule(rules[name], language) for name in ids],
    }
    results = [_result(v, ids, file, text, language) for v in shown]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Mapping[str, Any], language: Language) -> Json:
    return {
        "id": rule["id"],
        "shortDescription": {"text": rule["text"][language]},
        "help": {"text": f"playnote rule {rule['id']}"},
        "properties": {"level": rule["level"], "sections": list(rule["sections"])},
    }


def _result(verdict: Mapping[str, Any], ids: list[str], file: str, text: str, language: Language) -> Json:
    kind, level = _KINDS[verdict["status"]]
    if level == "error" and verdict["level_of_rule"] == "IF":
        level = "note"
    told: Json = {
        "ruleId": verdict["rule"],
        "ruleIndex": ids.index(verdict["rule"]),
        "kind": kind,
        "level": level,
        "message": {"text": _said(verdict, language)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": file},
                    "region": {"startLine": line_of(str(verdict["rule"]), text)},
                }
            }
        ],
        "partialFingerprints": {"verdict/v1": hashlib.sha256(str(verdict["id"]).encode()).hexdigest()[:16]},
        "properties": {key: verdict[key] for key in ("estimate", "interval", "level", "n", "probability", "target")},
    }
    if verdict["waived"]:
        told["suppressions"] = [{"kind": "external", "justification": str(verdict["waived"])}]
    return told


def _said(verdict: Mapping[str, Any], language: Language) -> str:
    commands = [each["command"] for each in verdict["actions"] if each["command"]]
    message = str(verdict["message"][language])
    return f"{message} ({commands[0]})" if commands else message


def line_of(rule: str, text: str) -> int:
    """The line of the table that a rule is about; 1 where the file does not hold it."""
    chapter = rule.split("-", 1)[0]
    table = next((name for prefix, name in _TABLES if chapter.startswith(prefix)), "workflow")
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"\s*\[{table}\]", line):
            return number
    return 1

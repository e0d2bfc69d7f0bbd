"""Appendix E.3 and body F.3, errors: which gap, and what kinds of examples are wrong."""

from __future__ import annotations

from playnote.playbook.rule import Rule

RULES: tuple[Rule, ...] = ()

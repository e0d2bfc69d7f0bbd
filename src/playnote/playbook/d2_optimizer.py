"""Appendix D.2 and body D.2, the optimizer: an established one, few knobs first."""

from __future__ import annotations

from playnote.playbook.rule import Rule

RULES: tuple[Rule, ...] = ()

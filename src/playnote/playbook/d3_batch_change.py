"""Appendix D.3 and body D.3.4-D.3.5: what a change of the batch size asks for, and batch norm."""

from __future__ import annotations

from playnote.playbook.rule import Rule

RULES: tuple[Rule, ...] = ()

"""Appendix D.3 and body D.3.1-D.3.3, the batch size: what fits, how fast, what it costs."""

from __future__ import annotations

from playnote.playbook.rule import Rule

RULES: tuple[Rule, ...] = ()

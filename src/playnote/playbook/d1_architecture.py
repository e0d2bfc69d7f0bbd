"""Appendix D.1 and body D.1, the architecture: a proven start, a family, a size."""

from __future__ import annotations

from playnote.playbook.rule import Rule

RULES: tuple[Rule, ...] = ()

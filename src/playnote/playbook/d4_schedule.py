"""Appendix D.4 and body 13, schedule and steps: how long, and how the learning rate falls."""

from __future__ import annotations

from playnote.playbook.rule import Rule

RULES: tuple[Rule, ...] = ()

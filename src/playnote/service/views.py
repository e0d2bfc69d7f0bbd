"""Values as every interface shows them: plain data, sentences in both languages."""

from __future__ import annotations

from collections.abc import Iterable

from playnote.diagnosis.isolation import IsolationFacts
from playnote.playbook.catalog import BY_ID
from playnote.playbook.rule import Rule
from playnote.playbook.verdict import Verdict
from playnote.records.objective import Objective
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.service.plain import Json, finding_view, finite, trial_view


def metric_view(objective: Objective) -> Json:
    """The objective of an answer."""
    return {
        "name": objective.formula,
        "direction": objective.direction,
        "min_effect": objective.min_effect,
        "read": objective.read,
        "version": objective.version,
    }


def verdict_view(verdict: Verdict) -> Json:
    """A verdict in the pinned shape; numbers are those of its first finding."""
    first = finding_view(verdict.findings[0]) if verdict.findings else {}
    rule = BY_ID[verdict.rule]
    return {
        "id": verdict.id,
        "rule": verdict.rule,
        "level_of_rule": rule.level.value,
        "sections": list(rule.sections),
        "status": verdict.status,
        "target": finite(dict(verdict.target)),
        "probability": first.get("probability"),
        "estimate": first.get("estimate"),
        "interval": first.get("interval"),
        "level": first.get("level"),
        "n": first.get("n"),
        "message": verdict.message.as_json(),
        "missing": [text.as_json() for text in verdict.missing],
        "actions": [
            {"text": each.text.as_json(), "command": each.command, "runs": each.runs} for each in verdict.actions
        ],
        "evidence": [finding_view(each) for each in verdict.findings],
        "waived": verdict.waived,
    }


def rule_view(rule: Rule) -> Json:
    """A rule's page."""
    return {
        "id": rule.id,
        "level": rule.level.value,
        "scope": rule.scope.value,
        "sections": list(rule.sections),
        "phase": rule.phase,
        "text": rule.text.as_json(),
        "bars": list(rule.bars),
        "on_unknown": rule.on_unknown,
        "asks": rule.asks.as_json() if rule.asks else None,
        "by": rule.by,
        "method": (rule.check.__doc__ or "").strip(),
    }


def counts_view(verdicts: Iterable[Verdict]) -> Json:
    """How many of each status."""
    counts = {"pass": 0, "warn": 0, "fail": 0, "unknown": 0, "not-applicable": 0}
    for verdict in verdicts:
        counts[verdict.status] += 1
    return counts


def round_view(state: ProjectState, each: Round) -> Json:
    """What a round is: question, roles, points and how far it is."""
    trials = state.of_round(each.number)
    return {
        "round": each.number,
        "question": each.question,
        "sampler": each.sampler,
        "closed": each.closed,
        "roles": dict(each.roles),
        "scientific": finite(dict(each.scientific)),
        "fixed": finite(dict(each.fixed)),
        "metric": metric_view(state.project.objective),
        "trials_planned": len(each.planned),
        "trials": [trial_view(trial, state.readings.get(trial.id)) for trial in trials],
    }


def isolation_view(facts: IsolationFacts, sign: float) -> Json:
    """The isolation comparison, in the metric's own direction; gains are improvements."""
    return {
        "baseline": facts.baseline,
        "budget": facts.budget,
        "gain_budget": facts.gain_budget,
        "paired": facts.paired,
        "seed_sd": finite(facts.seed_sd),
        "min_effect": facts.min_effect,
        "levels": [
            {
                "value": level.value,
                "n": level.n,
                "tried": level.tried,
                "best": finite(None if level.best is None else sign * level.best),
                "best_id": level.best_id,
                "expected_best": finite(None if level.expected_best is None else sign * level.expected_best),
                "interval": finite(_turned(level.interval, sign)),
                "gain": finite(level.gain),
                "gain_interval": finite(level.gain_interval),
                "search_sd": finite(level.search_sd),
                "seed_part": finite(level.seed_part),
                "p_best": finite(level.p_best),
                "useful": level.useful,
            }
            for level in facts.levels
        ],
    }


def _turned(interval: tuple[float, float] | None, sign: float) -> tuple[float, float] | None:
    if interval is None:
        return None
    low, high = sorted((sign * interval[0], sign * interval[1]))
    return low, high


__all__ = [
    "Json",
    "counts_view",
    "finding_view",
    "finite",
    "isolation_view",
    "metric_view",
    "round_view",
    "rule_view",
    "trial_view",
    "verdict_view",
]

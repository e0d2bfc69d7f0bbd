"""History read again under the present objective: what is re-scored, what cannot be, which conclusions change.

Non-adaptive trials are as good as if they had been run for the new metric; adaptive ones went where the old one was
good, so their order is marked as biased; trials that never logged a term of the formula stay incomparable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from playnote.diagnosis.isolation import IsolationFinding
from playnote.errors import InputError
from playnote.ledger import Ledger
from playnote.playbook.engine import Facts
from playnote.playbook.facts import ADAPTIVE, Target
from playnote.records.objective import Objective
from playnote.records.round import Round
from playnote.records.state import ProjectState, Reading
from playnote.service.session import PERSON, Session
from playnote.service.views import Json, finite, metric_view
from playnote.text import Text


def rescore(session: Session, because: str, *, version: int | None = None, actor: str = PERSON) -> Json:
    """Read every trial under the present objective and under an earlier version, and say what changes.

    because  why the objective was changed: without a reason one could change it until a favourite wins
    version  the earlier version (default: the one before the present)
    """
    if not because.strip():
        raise InputError(
            Text(en="A changed objective needs its reason.", zh="改目标要写明原因。"),
            fix=Text(en='Add --because "...".', zh='加上 --because "……"。'),
        )
    with session.writing(actor) as ledger:
        now = ledger.state(session.project)
        old = _earlier(ledger, version)
        before = replace(
            now,
            project=replace(now.project, objective=old),
            readings=ledger.readings(old, now.project.splits),
        )
        found = compare_versions(before, now)
        ledger.append("rescored", {"from": found["from"]["version"], "to": found["to"]["version"], "because": because})
        return {**found, "because": because}


def compare_versions(before: ProjectState, now: ProjectState) -> Json:
    """What two versions of the objective say of the same trials."""
    scored = [t.id for t in now.trials if _has(before.readings, t.id) and _has(now.readings, t.id)]
    lost = {
        t.id: list(now.readings[t.id].missing)
        for t in now.trials
        if _has(before.readings, t.id) and not _has(now.readings, t.id)
    }
    rounds = [_round(before, now, each) for each in now.rounds]
    return {
        "from": metric_view(before.project.objective),
        "to": metric_view(now.project.objective),
        "rescored": len(scored),
        "incomparable": lost,
        "order_kept": finite(_order_kept(before, now, scored)),
        "rounds": rounds,
        "changed": [each["round"] for each in rounds if each["changed"]],
    }


def _earlier(ledger: Ledger, version: int | None) -> Objective:
    known = ledger.objectives()
    earlier = [each for each in known[:-1] if version is None or each.version == version]
    if earlier:
        return earlier[-1]
    raise InputError(
        Text(en="There is no earlier objective to compare with.", zh="没有可比的旧目标。")
        if version is None
        else Text(en="There is no earlier objective version {v}.", zh="没有第 {v} 版旧目标。").fill(v=version),
        fix=Text(
            en="Change [objective] in playnote.toml, then run this again; versions on record: {v}.",
            zh="先在 playnote.toml 里改 [objective]，再运行一次；已有版本：{v}。",
        ).fill(v=", ".join(str(each.version) for each in known) or "-"),
    )


def _has(readings: Mapping[str, Reading], name: str) -> bool:
    reading = readings.get(name)
    return reading is not None and reading.score is not None


def _order_kept(before: ProjectState, now: ProjectState, names: list[str]) -> float | None:
    """Kendall's tau-b between the two orders; None for fewer than three trials."""
    if len(names) < 3:
        return None
    from scipy.stats import kendalltau

    def errors(state: ProjectState) -> list[float]:
        return [state.project.objective.sign * float(state.readings[name].score or 0.0) for name in names]

    return float(kendalltau(errors(before), errors(now)).statistic)


def _round(before: ProjectState, now: ProjectState, each: Round) -> Json:
    was, is_ = _conclusion(before, each), _conclusion(now, each)
    return {
        "round": each.number,
        "question": each.question,
        "before": was,
        "after": is_,
        "changed": (was["winner"], was["label"]) != (is_["winner"], is_["label"]) or was["best"] != is_["best"],
        "biased": each.sampler in ADAPTIVE,
    }


def _conclusion(state: ProjectState, each: Round) -> Json:
    """Best trial of a round, and which scientific value leads and how surely."""
    sign = state.project.objective.sign
    ids = {planned.id for planned in each.planned}
    feasible = [
        (sign * reading.score, name)
        for name, reading in state.readings.items()
        if name in ids and reading.score is not None and reading.feasible is not False
    ]
    best = min(feasible)[1] if feasible else None
    if not each.scientific or not feasible:
        return {"best": best, "winner": None, "label": "unknown"}
    finding = Facts(state).give(IsolationFinding, Target(round=each.number))
    return {"best": best, "winner": finite(finding.value), "label": finding.label}

"""Where the whole project stands, on one page: chapters, rounds, what waits, what happened last, and the next step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playnote.guide.stage import due, stage_of, unfinished
from playnote.ledger.events import KINDS
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.engine import Facts, judge_rules
from playnote.playbook.rule import Level
from playnote.playbook.verdict import Verdict
from playnote.records.state import JournalEvent, ProjectState
from playnote.service.guidance import next_view
from playnote.service.proposals import pending_of
from playnote.service.session import Session
from playnote.service.views import Json, counts_view, finite, metric_view
from playnote.text import Text

LATEST = 12  # journal entries shown


def overview(session: Session) -> Json:
    """The project's state: stage, next step, verdicts that are due by chapter, rounds, proposals, the last entries."""
    state = session.state()
    project = state.project
    now = due(CATALOG, state)
    facts = Facts(state)
    verdicts = judge_rules(now, state, facts, rounds=[each.number for each in state.rounds[-1:]])
    return {
        "project": project.name,
        "goal": project.goal,
        "stage": stage_of(state),
        "metric": metric_view(project.objective),
        "next": next_view(state, facts=facts),
        "counts": counts_view(verdicts),
        "later": len(CATALOG) - len(now),
        "chapters": _chapters(verdicts),
        "baseline": finite(dict(project.baseline)),
        "rounds": [_round(state, number) for number in range(len(state.rounds))],
        "waiting": pending_of(state),
        "latest": [_entry(event) for event in list(_told(state))[:LATEST]],
    }


def _chapters(verdicts: Sequence[Verdict]) -> list[Json]:
    """Every chapter in the playbook's order, with the verdicts that are due in it and the rules that want a look."""
    found = []
    for name, title in CHAPTERS.items():
        rules = [rule for rule in CATALOG if rule.chapter == name]
        held = [verdict for verdict in verdicts if BY_ID[verdict.rule].chapter == name]
        found.append(
            {
                "chapter": name,
                "title": title.as_json(),
                "rules": len(rules),
                "counts": counts_view(held),
                "violated": sorted({v.rule for v in held if _violated(v)}),
            }
        )
    return found


def _violated(verdict: Verdict) -> bool:
    return verdict.status == "fail" and not verdict.waived and BY_ID[verdict.rule].level is not Level.IF


def _round(state: ProjectState, at: int) -> Json:
    each = state.rounds[at]
    return {
        "round": each.number,
        "question": each.question,
        "closed": each.closed,
        "planned": len(each.planned),
        "left": unfinished(state, each),
    }


def _told(state: ProjectState) -> Iterator[JournalEvent]:
    """Newest first; of a trial's attempts only how they ended: a round would fill the page with beginnings."""
    return (event for event in reversed(state.journal) if event.kind != "attempt-started")


def _about(event: JournalEvent) -> str | None:
    """What it happened to, where a trial or a category says it."""
    about = event.data.get("trial") or event.data.get("category") or event.data.get("name")
    return about if isinstance(about, str) else None


def _entry(event: JournalEvent) -> Json:
    kind = KINDS.get(event.kind)
    text = kind.text if kind is not None else Text(en=event.kind, zh=event.kind)
    return {
        "number": event.number,
        "kind": event.kind,
        "time": event.time,
        "actor": event.actor,
        "text": text.as_json(),
        "rule": event.data.get("rule"),
        "about": _about(event),
    }


CHAPTERS: dict[str, Text] = {
    "A": Text(en="General principles", zh="总原则"),
    "B": Text(en="Prerequisites", zh="项目前提"),
    "C1": Text(en="Metric", zh="评估指标"),
    "C2": Text(en="Splits", zh="数据划分"),
    "D1": Text(en="Architecture", zh="模型架构"),
    "D2": Text(en="Optimizer", zh="优化器"),
    "D3": Text(en="Batch size", zh="批大小（Batch Size）"),
    "D4": Text(en="Baseline", zh="初始配置"),
    "E0": Text(en="The loop", zh="调优循环"),
    "E1": Text(en="Goal of the round", zh="本轮目标"),
    "E2": Text(en="Study design", zh="设计研究"),
    "E3": Text(en="Analysis", zh="分析实验"),
    "E4": Text(en="Adoption", zh="是否上线"),
    "F1": Text(en="Bias, variance, mismatch", zh="偏差、方差、数据不匹配"),
    "F2": Text(en="Labels", zh="标注质量"),
    "F3": Text(en="Transfer and end to end", zh="迁移学习与端到端"),
    "G1": Text(en="Training steps", zh="训练步数"),
    "G2": Text(en="Stability", zh="优化稳定性"),
    "H1": Text(en="Input pipeline", zh="输入管道"),
    "H2": Text(en="Evaluation and checkpoints", zh="评估与 checkpoint"),
    "H3": Text(en="Tracking", zh="实验追踪"),
    "H4": Text(en="Several hosts", zh="多机多设备"),
    "I": Text(en="Agents", zh="给 Agent 的提示"),
    "X": Text(en="What a right reading needs besides", zh="要读对还需要的"),
}

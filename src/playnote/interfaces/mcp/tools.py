"""The tools: one row each, over the operations of the service. What is said of a tool is what an agent reads first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from playnote.interfaces.mcp import answers, asks
from playnote.interfaces.mcp.commands import call_of
from playnote.service import agent_step, agent_verdicts, evidence, jobs, proposals, rounds
from playnote.service import charts as charting
from playnote.service import compare as comparing
from playnote.service import review as reviewing
from playnote.service.agent_measure import measure_job
from playnote.service.door import AGENT
from playnote.service.inside import numbers_inside, source_inside
from playnote.service.session import Session
from playnote.service.views import Json, finite
from playnote.text import Language, Text

PICTURE = "picture"  # what a tool hands over beside its answer: a function from the language to the bytes of a PNG
_NEXT = {"tool": "next_step", "arguments": {}, "cli": "playnote next"}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool.

    trains  it leads to training runs: the objective must be the one the work began with
    """

    name: str
    says: Text
    ask: type[asks.Ask]
    answer: type[answers.Answer]
    do: Callable[[Session, Any], Json]
    trains: bool = False

    @property
    def changes(self) -> bool:
        """Whether it changes the record."""
        return "state_id" in self.ask.model_fields or self.name == "ask_person"


def _next_step(session: Session, _: asks.Nothing) -> Json:
    found = agent_step.agent_step(session)
    asked = found.pop("asks")
    do = call_of(found.pop("command"))
    if asked and do["tool"] == "verdicts":
        do = {"tool": "ask_person", "arguments": {}, "cli": do["cli"]}
    if do["tool"] == "ask_person":
        what = Text(en=found["headline"]["en"], zh=found["headline"]["zh"])
        do["arguments"] = {"question": _TO_PERSON.fill(what=what, cli=do["cli"]).as_json()}
    job = _job_of(do, found["round"])
    poll = {"poll": {"tool": "status", "arguments": {"job": job}}, "runs_as": "job"} if job else {}
    return {**found, "do": do, **poll}


_TO_PERSON = Text(en="{what} Please run: {cli}", zh="{what}请运行：{cli}")


def _job_of(do: Json, number: int | None) -> str | None:
    """The name of the job that a call starts."""
    given = do["arguments"]
    if do["tool"] == "measure":
        what = str(given["what"])
        return {"baseline": what, "rerun": f"rerun-{given.get('trial', 'latest')}"}.get(what, f"measure-{what}")
    return {"run_round": f"round-{number}", "adopt": f"adopt-{given.get('trial', 'best')}"}.get(str(do["tool"]))


def _open_round(session: Session, ask: asks.OpenRound) -> Json:
    plan = rounds.round_new(
        session,
        ask.question,
        ask.scientific,
        ask.trials_per_value,
        nuisance=ask.nuisance,
        seed=ask.seed,
        workers=ask.workers,
        sampler=ask.search,
        actor=AGENT,
        dry=ask.dry,
    )
    small = plan.smallest
    return {
        "round": plan.round.number,
        "question": plan.round.question,
        "stored": not ask.dry,
        "trials": plan.trials,
        "per_value": plan.per_value,
        "hours": finite(plan.hours),
        "coverage": {"of_best_share": plan.coverage_share, "probability": plan.coverage},
        "smallest_effect": small and {"effect": small.effect, "interval": list(small.interval), "power": small.power},
        "min_effect": plan.min_effect,
        "roles": dict(plan.round.roles),
        "fixed": finite(dict(plan.caveats)),
        "lines": [line.as_json() for line in plan.lines()],
        "do": call_of("playnote round run") if not ask.dry else {"tool": "open_round", "arguments": {"dry": False}},
    }


def _started(job: Json) -> Json:
    return {"job": job, "poll": {"tool": "status", "arguments": {"job": job["job"]}}}


def _run_round(session: Session, ask: asks.RunRound) -> Json:
    number = rounds.chosen_round(session.state(), ask.round).number
    rounds.may_run(session, number)
    asked = {"number": number, "workers": ask.workers}
    return _started(jobs.start_job(session, f"round-{number}", "run_round", asked, AGENT))


def _adopt(session: Session, ask: asks.Adopt) -> Json:
    asked = {"trial": ask.trial, "seeds": ask.up_to, "workers": ask.workers}
    return _started(jobs.start_job(session, f"adopt-{ask.trial or 'best'}", "adopt", asked, AGENT))


def _measure(session: Session, ask: asks.Measure) -> Json:
    return _started(
        measure_job(session, ask.what, ask.options, seeds=ask.seeds, trial=ask.trial, workers=ask.workers, actor=AGENT)
    )


def _status(session: Session, ask: asks.Status) -> Json:
    found = [jobs.job_status(session, ask.job, wait=ask.wait_s)] if ask.job else jobs.jobs(session)
    return {"jobs": found, **proposals.proposals(session)}


def _verdicts(session: Session, ask: asks.Verdicts) -> Json:
    return agent_verdicts.agent_verdicts(session, ask.round, due=ask.due)


def _evidence(session: Session, ask: asks.Evidence) -> Json:
    return evidence.evidence(session, ask.handle)


def _charts(session: Session, ask: asks.ChartOf) -> Json:
    found = charting.charts(session, ask.round)
    if ask.chart is None:
        return found
    kept = [each for each in found["charts"] if each["chart"] == ask.chart]
    return {**found, "charts": kept, "image": ask.chart, PICTURE: partial(_png, session, ask)}


def _png(session: Session, ask: asks.ChartOf, language: Language) -> bytes:
    return charting.chart_png(session, ask.chart or "", ask.round, language=language)


def _widen(session: Session, ask: asks.Widen) -> Json:
    wider = rounds.round_widen(session, ask.name, ask.side, to=ask.to, actor=AGENT)
    return {"round": wider.number, "trials": len(wider.planned), "do": call_of("playnote round run")}


def _compare(session: Session, ask: asks.Compare) -> Json:
    objective = session.project.objective
    found = comparing.compare(
        numbers_inside(session, ask.baseline),
        numbers_inside(session, ask.candidate),
        direction=ask.direction or objective.direction,
        min_effect=ask.min_effect or objective.min_effect,
        paired=ask.paired,
        up_to=ask.up_to,
        settings=session.project.settings,
    )
    return dict(finite(found.as_json()))


def _review(session: Session, ask: asks.Review) -> Json:
    found = reviewing.review(
        source_inside(session, ask.source, ask.metric),
        direction=ask.direction,
        min_effect=ask.min_effect,
        metric=ask.metric,
        scientific=ask.scientific,
        study=ask.study,
    )
    source_inside(session, ask.source, found.imported.metric)
    told = found.as_json()
    kept = set(answers.ReviewOf.model_fields) - set(answers.Answer.model_fields)
    return {key: finite(value) for key, value in told.items() if key in kept}


def _propose_answer(session: Session, ask: asks.ProposeAnswer) -> Json:
    return {"waits": proposals.propose_answer(session, ask.rule, ask.answer), "poll": _NEXT}


def _propose_waiver(session: Session, ask: asks.ProposeWaiver) -> Json:
    return {"waits": proposals.propose_waiver(session, ask.rule, ask.because), "poll": _NEXT}


def _ask_person(session: Session, ask: asks.AskPerson) -> Json:
    return {"waits": proposals.ask_person(session, ask.question, ask.rule), "poll": _NEXT}


TOOLS: tuple[Tool, ...] = (
    Tool(
        "next_step",
        Text(
            en="The one next step by the playbook: what, why, cost, what is barred now, what waits for a person. "
            "Begin here and come back after every act.",
            zh="手册给出的下一步：做什么、为什么、花多少、现在不许做什么、在等人做什么。从这里开始，每做完一步再回来。",
        ),
        asks.Nothing,
        answers.NextStep,
        _next_step,
    ),
    Tool(
        "open_round",
        Text(
            en="Plan and store a round: one question, its values, equal trials for each; says cost, coverage and power. "
            "dry=true shows the plan and stores nothing.",
            zh="计划并存下一轮：一个问题、几个取值、试验数相同；给出花费、覆盖和能看出的最小差别。dry=true 只看计划。",
        ),
        asks.OpenRound,
        answers.Plan,
        _open_round,
        trains=True,
    ),
    Tool(
        "run_round",
        Text(
            en="Run what is left of the open round, as a job that outlives this call; poll status.",
            zh="把这一轮剩下的试验作为后台任务跑完；用 status 看进度。",
        ),
        asks.RunRound,
        answers.Started,
        _run_round,
        trains=True,
    ),
    Tool(
        "status",
        Text(
            en="How far jobs are, what waits for a person, and what persons replied.",
            zh="任务跑到哪了、在等人做什么、人回复了什么。",
        ),
        asks.Status,
        answers.StatusOf,
        _status,
    ),
    Tool(
        "verdicts",
        Text(
            en="Verdicts of a round (or with due=true of all rules that are due) that are not passes, worst first, with "
            "estimate, interval, n, what is missing and what to do.",
            zh="一轮（due=true：所有该看的规则）里没通过的结论，最糟的在前；带估计、区间、n、缺什么、该做什么。",
        ),
        asks.Verdicts,
        answers.VerdictsOf,
        _verdicts,
    ),
    Tool(
        "evidence",
        Text(
            en="What stands behind a handle: ev:r1, ev:r1/trials, ev:r1/isolation, ev:t0001, ev:t0001/dev/error, "
            "ev:seeds, ev:thresholds, ev:RULE.",
            zh="句柄背后的内容：ev:r1、ev:r1/trials、ev:r1/isolation、ev:t0001、ev:t0001/dev/error、ev:seeds、"
            "ev:thresholds、ev:规则。",
        ),
        asks.Evidence,
        answers.EvidenceOf,
        _evidence,
    ),
    Tool(
        "chart",
        Text(
            en="A picture of a round's report as an image: isolation, an axis, curves, the variance budget. Without a name: "
            "which there are and what each shows.",
            zh="一轮报告里的一张图（作为图片返回）：隔离图、参数轴、曲线、方差构成。不写名字就列出有哪些、各画了什么。",
        ),
        asks.ChartOf,
        answers.ChartsOf,
        _charts,
    ),
    Tool(
        "measure",
        Text(
            en='Get a measured answer as a job: what="baseline" runs the baseline\'s seeds; "seeds", "lr" and other procedures '
            "settle one thing each.",
            zh='用后台任务得到实测结论：what="baseline" 跑 baseline 的种子；"seeds"、"lr" 等流程各解决一件事。',
        ),
        asks.Measure,
        answers.Started,
        _measure,
        trains=True,
    ),
    Tool(
        "widen",
        Text(
            en="Move one end of a range of the open round; only the new part is to be run.",
            zh="扩大这一轮某个范围的一端；只需跑新增的部分。",
        ),
        asks.Widen,
        answers.Widened,
        _widen,
        trains=True,
    ),
    Tool(
        "adopt",
        Text(
            en="Fresh seeds of a candidate and of the baseline, one by one until it is decided, as a job: adopted, "
            "candidate or rejected.",
            zh="候选和 baseline 都用新种子逐个跑到能定为止（后台任务）：adopted、candidate 或 rejected。",
        ),
        asks.Adopt,
        answers.Started,
        _adopt,
        trains=True,
    ),
    Tool(
        "compare",
        Text(
            en="Two sets of final numbers: is the difference real, and if undecided, how many more runs would decide.",
            zh="两组最终的数：差别是不是真的；定不了的话还要跑几次。",
        ),
        asks.Compare,
        answers.Compared,
        _compare,
    ),
    Tool(
        "review",
        Text(
            en="What trials made by another tool show, from a file or folder inside the project.",
            zh="别的工具跑的试验能看出什么；来源是项目里的文件或文件夹。",
        ),
        asks.Review,
        answers.ReviewOf,
        _review,
    ),
    Tool(
        "propose_answer",
        Text(
            en="Propose an answer to a rule's question; a person confirms it.",
            zh="提议如何回答一条规则的问题，由人确认。",
        ),
        asks.ProposeAnswer,
        answers.Proposed,
        _propose_answer,
    ),
    Tool(
        "propose_waiver",
        Text(en="Propose to set a rule aside; a person confirms it.", zh="提议豁免一条规则，由人确认。"),
        asks.ProposeWaiver,
        answers.Proposed,
        _propose_waiver,
    ),
    Tool(
        "ask_person",
        Text(
            en="Ask a person: a declaration, a decision to close the round, anything that is not yours to decide.",
            zh="向人提问：要声明的内容、结束一轮的决定，以及一切不该由你决定的事。",
        ),
        asks.AskPerson,
        answers.Proposed,
        _ask_person,
    ),
)
BY_NAME: dict[str, Tool] = {tool.name: tool for tool in TOOLS}

__all__ = ["BY_NAME", "TOOLS", "Tool"]

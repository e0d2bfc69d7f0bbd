"""end-to-end-or-pipeline: one model from input to answer, or stages? The conditions are asked, the advice comes with reasons.

Nothing is trained and nothing is decided: the playbook leans one way where its conditions hold, and software cannot see them.
Answers come from the project's `task`, or from the options of the command, which are then proposed for the project file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import Found, Steps
from playnote.records.finding import Label
from playnote.text import Text, same

Lean = Literal["end-to-end", "pipeline", "none"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One question: its key in `task`, the word for a yes and for a no, the options of the command, and what is asked."""

    key: str
    yes: str
    no: str
    flag: str
    asks: Text


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "pairs",
        "huge",
        "limited",
        "--huge-data or --limited-data",
        Text(
            en="Examples from raw input to final answer: a huge amount, or limited?",
            zh="从原始输入直到最终答案的样本：巨量，还是有限？",
        ),
    ),
    Condition(
        "intermediate_labels",
        "hard",
        "easy",
        "--hard-labels or --easy-labels",
        Text(en="Labels of the intermediate steps: hard or easy to get?", zh="中间步骤的标注：难得，还是好标？"),
    ),
    Condition(
        "compute",
        "ample",
        "limited",
        "--ample-compute or --limited-compute",
        Text(en="Compute: enough for one large model, or limited?", zh="算力：够训一个大模型，还是有限？"),
    ),
    Condition(
        "rules",
        "required",
        "free",
        "--rules or --no-rules",
        Text(en="Must rules be put between the steps?", zh="中间需要插入规则吗？"),
    ),
    Condition(
        "explanations",
        "required",
        "free",
        "--explanations or --no-explanations",
        Text(en="Must intermediate results be explained?", zh="需要解释中间结果吗？"),
    ),
)
Answers = Mapping[str, bool | None]


@dataclass(frozen=True, slots=True)
class Advice:
    """Where the answers lean, what speaks for and against one model end to end, and which answers are missing."""

    lean: Lean
    pro: tuple[Text, ...]
    contra: tuple[Text, ...]
    missing: tuple[Condition, ...]


def end_to_end_or_pipeline(bench: Bench) -> Steps:
    """Ask, weigh, advise; no trial is run."""
    yield from ()
    answers = {each.key: _answer(bench, each) for each in CONDITIONS}
    advice = advise(answers)
    label: Label = "yes" if advice.lean != "none" else "unknown" if advice.missing else "no"
    words = {
        each.key: each.yes if answers[each.key] else each.no for each in CONDITIONS if answers[each.key] is not None
    }
    return Found(
        label=label,
        message=_said(advice, label),
        results=(("end-to-end-or-pipeline", {"lean": advice.lean, **words}),),
        edits={
            ("project", "task", key): word
            for key, word in words.items()
            if key in bench.options and bench.project.task.get(key) != word
        },
        notes=(
            *(_ASK.fill(question=each.asks, flag=same(each.flag)) for each in advice.missing),
            *((_COSTS,) if advice.lean == "end-to-end" else ()),
            _YOURS,
        ),
        rows=tuple({"condition": each.key, "answer": words.get(each.key, "-")} for each in CONDITIONS),
    )


def advise(answers: Answers) -> Advice:
    """Weigh the answers. True stands for huge, hard, ample and required.

    Stages where data are limited and steps easy to label: no other answer speaks against them. End to end where data are
    huge, labels hard to get, compute ample and neither rules nor explanations are asked for. Anything else, and any answer
    that is missing and could turn it: no clear lean.
    """
    favour = {"pairs": True, "intermediate_labels": True, "compute": True, "rules": False, "explanations": False}
    pro = tuple(_PRO[key] for key, wanted in favour.items() if answers.get(key) is wanted and key in _PRO)
    contra = tuple(_CONTRA[key] for key, wanted in favour.items() if answers.get(key) is (not wanted))
    missing = tuple(each for each in CONDITIONS if answers.get(each.key) is None)
    if answers.get("pairs") is False and answers.get("intermediate_labels") is False:
        return Advice("pipeline", pro, contra, ())
    if not contra and not missing:
        return Advice("end-to-end", pro, contra, ())
    # What is missing matters only while it could still give a clear lean.
    return Advice("none", pro, contra, missing if _may_turn(answers, favour) else ())


def _may_turn(answers: Answers, favour: Mapping[str, bool]) -> bool:
    end_to_end = all(answers.get(key) in (wanted, None) for key, wanted in favour.items())
    stages = all(answers.get(key) in (False, None) for key in ("pairs", "intermediate_labels"))
    return end_to_end or stages


def _answer(bench: Bench, condition: Condition) -> bool | None:
    """The command's own answer, else what the project declares; None where neither says one of the two words."""
    if condition.key in bench.options:
        return bench.options[condition.key] > 0
    said = bench.project.task.get(condition.key, "").strip().lower()
    return True if said == condition.yes else False if said == condition.no else None


def _said(advice: Advice, label: Label) -> Text:
    if advice.lean == "pipeline":
        return _PIPELINE
    if advice.lean == "end-to-end":
        return _END_TO_END
    if label == "unknown":
        return _MISSING.fill(n=len(advice.missing))
    return _CONTRARY.fill(pro=_listed(advice.pro), contra=_listed(advice.contra))


def _listed(parts: Sequence[Text]) -> Text:
    return Text(en=", ".join(each.en for each in parts) or "-", zh="、".join(each.zh for each in parts) or "-")


_PRO: Mapping[str, Text] = {
    "pairs": Text(en="a huge amount of end-to-end data", zh="端到端数据巨量"),
    "intermediate_labels": Text(en="intermediate labels hard to get", zh="中间标注难得"),
    "compute": Text(en="ample compute", zh="算力充足"),
}
_CONTRA: Mapping[str, Text] = {
    "pairs": Text(en="limited data", zh="数据有限"),
    "intermediate_labels": Text(en="intermediate steps easy to label", zh="中间步骤好标"),
    "compute": Text(en="limited compute", zh="算力有限"),
    "rules": Text(en="rules needed between the steps", zh="中间要插规则"),
    "explanations": Text(en="explanations needed", zh="要能解释"),
}
_PIPELINE = Text(
    en="Leans to stages: the data are limited and the intermediate steps are easy to label; stages are usually steadier.",
    zh="倾向分阶段 pipeline：数据有限，中间步骤好标注；这种情况下分阶段往往更稳。",
)
_END_TO_END = Text(
    en="Leans to end to end: data are huge, intermediate labels hard to get, compute is ample, and neither rules nor "
    "explanations are asked for.",
    zh="倾向端到端：数据巨量、中间标注难得、算力充足，也不要求插规则或解释。",
)
_CONTRARY = Text(
    en="No clear lean. For end to end: {pro}. Against: {contra}.",
    zh="没有明显倾向。支持端到端：{pro}。反对：{contra}。",
)
_MISSING = Text(
    en="No clear lean yet: {n} answers that could turn it are missing.",
    zh="还没有明显倾向：还差 {n} 个会影响结论的回答。",
)
_ASK = Text(en="{question} ({flag})", zh="{question}（{flag}）")
_COSTS = Text(
    en="It eats data and compute, and is hard to debug, to hold to rules and to explain: accept that knowingly "
    "(`playnote rule F3-e2e-costs`).",
    zh="代价：吃数据、吃算力，难调试、难插规则、难解释。要认这个账（`playnote rule F3-e2e-costs`）。",
)
_YOURS = Text(
    en='This is advice; the decision is yours: write it down as task.design ("end-to-end" or "staged").',
    zh='这只是建议，由你来定：写进 task.design（"end-to-end" 或 "staged"）。',
)

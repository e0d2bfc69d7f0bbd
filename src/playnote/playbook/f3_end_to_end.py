"""Appendix F.3 and body 12.2: end to end, or in stages. Advice under stated conditions; a person decides."""

from __future__ import annotations

from playnote.playbook.examples import answers, project
from playnote.playbook.facts import Answers
from playnote.playbook.measured import measure
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_no, is_yes
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, passes, warns
from playnote.records.project import Project
from playnote.text import Text, same

_DESIGN = Text(en='`task.design`: "end-to-end" or "staged"', zh='`task.design`："end-to-end" 或 "staged"')
_PAIRS = Text(en='`task.pairs`: "huge" or "limited"', zh='`task.pairs`：端到端数据 "huge" 或 "limited"')
_STAGES = Text(
    en='`task.intermediate_labels`: "easy" or "hard"', zh='`task.intermediate_labels`：中间标注 "easy" 或 "hard"'
)


@rule(
    "F3-e2e-when",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:12.2", "app:F.3"),
    phase="transfer",
    text=Text(
        en="With huge end-to-end data and intermediate labels hard to get, lean towards end to end.",
        zh="数据巨量、中间标注难得，倾向 End-to-End。",
    ),
    asks=Text(en="One model end to end or several stages, and why?", zh="端到端一个模型，还是分阶段？为什么？"),
    examples=(
        silent(lambda: (_of("end-to-end", "huge", "hard"), answers())),
        silent(lambda: (_of("staged", "limited", "easy"), answers())),
        silent(lambda: (_of("end-to-end", "limited", "hard"), answers(F3_e2e_when="end to end: one sensor"))),
        fires("warn", lambda: (_of("end-to-end", "limited", "hard"), answers())),
        fires("unknown", lambda: (project(), answers())),
    ),
)
def e2e_when(project: Project, answers: Answers) -> Judgement:
    """Warn on end to end with limited data and no reason; never decides by itself."""
    task, reason = project.task, answers.to("F3-e2e-when")
    if is_yes(reason):
        return passes(Text(en="Reason: {said}", zh="理由：{said}").fill(said=same(reason or "")))
    lacking = tuple(
        text
        for key, text in (("design", _DESIGN), ("pairs", _PAIRS), ("intermediate_labels", _STAGES))
        if not task.get(key)
    )
    if lacking:
        return cannot_tell(
            Text(en="The conditions are not declared.", zh="条件还没声明。"),
            missing=lacking,
            actions=(ask("F3-e2e-when"), measure("end-to-end-or-pipeline")),
        )
    if task["design"] == "end-to-end" and task["pairs"] != "huge":
        return warns(
            Text(en="End to end, and the data are limited.", zh="数据有限，却选了端到端。"),
            actions=(ask("F3-e2e-when"),),
        )
    return passes(Text(en="{design}: fits the conditions.", zh="{design}：和条件相符。").fill(design=task["design"]))


@rule(
    "F3-e2e-costs",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:12.2", "app:F.3"),
    phase="transfer",
    text=Text(
        en="End to end eats data and compute, is harder to debug, to hold to rules and to explain: accept that knowingly.",
        zh="端到端吃数据、吃算力，难调试、难插规则、难解释：要认这个账。",
    ),
    yes_or_no=True,
    asks=Text(
        en="Are the costs of end to end (data, debugging, rules, explanations) accepted?",
        zh="端到端的代价（数据、调试、规则、解释）都接受吗？",
    ),
    examples=(
        silent(lambda: (_of("staged", "limited", "easy"), answers()), "not-applicable"),
        silent(lambda: (_of("end-to-end", "huge", "hard"), answers(F3_e2e_costs="yes, no rules needed"))),
        fires("warn", lambda: (_of("end-to-end", "huge", "hard"), answers(F3_e2e_costs="no"))),
        fires("warn", lambda: (_of("end-to-end", "huge", "hard", explanations="required"), answers(F3_e2e_costs="ok"))),
        fires("unknown", lambda: (_of("end-to-end", "huge", "hard"), answers())),
    ),
)
def e2e_costs(project: Project, answers: Answers) -> Judgement:
    """Acknowledged; warn where explanations or rules are required all the same."""
    if project.task.get("design") != "end-to-end":
        return does_not_apply(Text(en="Not declared as end to end.", zh="没声明为端到端。"))
    answer = answers.to("F3-e2e-costs")
    if answer is None:
        return cannot_tell(
            Text(en="The costs are not acknowledged yet.", zh="还没认下这些代价。"),
            missing=(Text(en="an acknowledgement", zh="一句确认"),),
            actions=(ask("F3-e2e-costs"),),
        )
    if is_no(answer) or project.task.get("explanations") == "required" or project.task.get("rules") == "required":
        return warns(
            Text(
                en="Explanations, rules or the costs speak against end to end: {said}",
                zh="解释、规则或代价上都不利于端到端：{said}",
            ).fill(said=same(answer))
        )
    return passes(Text(en="Acknowledged: {said}", zh="已确认：{said}").fill(said=same(answer)))


@rule(
    "F3-pipeline-when",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:12.2", "app:F.3"),
    phase="transfer",
    text=Text(
        en="With limited data and intermediate steps that are easy to label, prefer stages.",
        zh="数据有限、中间步骤好标注，优先分阶段 pipeline。",
    ),
    asks=Text(en="Why end to end rather than stages?", zh="为什么不分阶段，而用端到端？"),
    examples=(
        silent(lambda: (_of("staged", "limited", "easy"), answers())),
        silent(lambda: (_of("end-to-end", "huge", "hard"), answers()), "not-applicable"),
        silent(lambda: (_of("end-to-end", "limited", "easy"), answers(F3_pipeline_when="latency"))),
        fires("warn", lambda: (_of("end-to-end", "limited", "easy"), answers())),
        fires("unknown", lambda: (project(), answers())),
    ),
)
def pipeline_when(project: Project, answers: Answers) -> Judgement:
    """Warn on end to end where the conditions for stages hold and no reason is given."""
    pairs, stages = project.task.get("pairs"), project.task.get("intermediate_labels")
    if not pairs or not stages:
        return cannot_tell(
            Text(en="The conditions are not declared.", zh="条件还没声明。"),
            missing=(_PAIRS, _STAGES),
            actions=(measure("end-to-end-or-pipeline"),),
        )
    if pairs != "limited" or stages != "easy":
        return does_not_apply(Text(en="The conditions do not hold.", zh="条件不成立。"))
    reason = answers.to("F3-pipeline-when")
    if project.task.get("design") != "end-to-end":
        return passes(Text(en="In stages.", zh="分阶段。"))
    if is_yes(reason):
        return passes(Text(en="Reason: {said}", zh="理由：{said}").fill(said=same(reason or "")))
    return warns(
        Text(en="End to end where stages are easy to label.", zh="中间步骤好标，却选了端到端。"),
        actions=(ask("F3-pipeline-when"),),
    )


def _of(design: str, pairs: str, stages: str, **more: str) -> Project:
    return project(task={"design": design, "pairs": pairs, "intermediate_labels": stages, **more})


RULES: tuple[Rule, ...] = (e2e_when, e2e_costs, pipeline_when)

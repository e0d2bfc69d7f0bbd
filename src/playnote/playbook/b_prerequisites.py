"""Appendix B and body 0, prerequisites: what must be true before tuning is worth it."""

from __future__ import annotations

from playnote.playbook.engine import EarlierVerdicts
from playnote.playbook.examples import answers, project, splits, state, trial
from playnote.playbook.facts import Answers
from playnote.playbook.facts.splits import SplitAudit
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, Verdict, cannot_tell, fails, passes, warns
from playnote.records.project import Project, Split
from playnote.records.state import ProjectState
from playnote.text import Text, same


@rule(
    "B-scope",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:0",),
    phase="prerequisites",
    text=Text(
        en="Written for supervised and self-supervised learning; elsewhere most of it holds, with judgement.",
        zh="方法针对监督和自监督任务；别的场景多数也适用，但要自己掂量。",
    ),
    asks=Text(
        en="How does it learn: supervised, self-supervised, reinforcement ...?", zh="怎么学：监督、自监督、强化……？"
    ),
    examples=(
        silent(lambda: (project(), answers())),
        silent(lambda: (project(task={}), answers(B_scope="自监督预训练"))),
        silent(lambda: (project(task={"paradigm": "from-scratch", "supervision": "labels"}), answers())),
        fires("warn", lambda: (project(task={"paradigm": "reinforcement"}), answers())),
        fires("unknown", lambda: (project(task={}), answers())),
    ),
)
def scope(project: Project, answers: Answers) -> Judgement:
    """Declared in `task.paradigm` or answered; another paradigm makes verdicts on train and dev error advice."""
    said = (answers.to("B-scope") or project.task.get("paradigm", "")).strip()
    if not said:
        return _declared(None, None, "task.paradigm")
    trained = said.lower() in ("from-scratch", "from scratch", "fine-tuning", "transfer", "从头训练", "微调")
    if trained and project.task.get("supervision"):
        said = f"{said}, {project.task['supervision']}"
    elif trained:
        return _declared(None, None, "task.supervision")
    supervised = any(word in said.lower() for word in ("supervised", "监督")) and "unsupervised" not in said.lower()
    if supervised or trained:
        return passes(Text(en="{how} learning.", zh="{how}。").fill(how=same(said)))
    return warns(
        Text(
            en="{how}: read what is said of train and dev error as advice.",
            zh="{how}：凡是看 Train、Dev 误差的判断，只当参考。",
        ).fill(how=same(said))
    )


@rule(
    "B-task-type",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:0", "app:B"),
    phase="prerequisites",
    text=Text(en="The kind of task is written down.", zh="任务类型明确：分类、回归、检测、序列等。"),
    asks=Text(en="What kind of task is it: classification, regression ...?", zh="任务类型是什么：分类、回归……？"),
    examples=(
        silent(lambda: (project(), answers())),
        fires("unknown", lambda: (project(task={}), answers())),
        fires("fail", lambda: (project(task={}), answers(B_task_type="no"))),
    ),
)
def task_type(project: Project, answers: Answers) -> Judgement:
    """Declared in `task.type` or answered."""
    return _declared(project.task.get("type"), answers.to("B-task-type"), "task.type")


@rule(
    "B-supervision",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:B",),
    phase="prerequisites",
    text=Text(en="What the labels mean, and how noisy they are, is known.", zh="清楚标签是什么意思、噪声怎样。"),
    asks=Text(en="What do the labels mean, and how reliable are they?", zh="标签是什么含义，有多可靠？"),
    examples=(
        silent(lambda: (project(), answers())),
        fires("unknown", lambda: (project(task={}), answers())),
    ),
)
def supervision(project: Project, answers: Answers) -> Judgement:
    """Declared in `task.supervision` or answered."""
    return _declared(project.task.get("supervision"), answers.to("B-supervision"), "task.supervision")


@rule(
    "B-data-cleaned",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:0", "app:B"),
    phase="prerequisites",
    text=Text(
        en="Plainly dirty records, duplicates and gross outliers are dealt with.",
        zh="明显的脏数据、重复和严重异常已处理。",
    ),
    yes_or_no=True,
    asks=Text(en="Has basic cleaning been done?", zh="基本清洗做完了吗？"),
    examples=(
        silent(lambda: (answers(B_data_cleaned="yes"), SplitAudit())),
        fires("unknown", lambda: (answers(), SplitAudit())),
        fires("warn", lambda: (answers(B_data_cleaned="yes"), SplitAudit(True, within={"train": 12}))),
        fires("fail", lambda: (answers(B_data_cleaned="no"), SplitAudit())),
        fires("fail", lambda: (answers(B_data_cleaned="yes"), _leaking())),
    ),
)
def data_cleaned(answers: Answers, audit: SplitAudit) -> Judgement:
    """Answered; an audit that finds copies of Train in Dev or Test overrules the answer, copies inside a split warn."""
    if leaks := audit.leaks():
        shown = ", ".join(f"{pair}: {count}" for pair, count in leaks.items())
        return fails(
            Text(en="Copies shared between splits ({shown}).", zh="划分之间有重复样本（{shown}）。").fill(shown=shown),
            actions=(
                Action(Text(en="Make the splits anew without them.", zh="去重后重新划分。"), "playnote data make"),
            ),
        )
    found = _declared(None, answers.to("B-data-cleaned"), "answer B-data-cleaned")
    inside = sum(audit.within.values())
    if inside and found.status == "pass":
        return warns(Text(en="{n} copies inside the splits.", zh="划分内部还有 {n} 个重复样本。").fill(n=inside))
    return found


@rule(
    "B-data-scale",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:B",),
    phase="prerequisites",
    text=Text(en="There are enough data for a model of this size.", zh="数据量撑得起这么大的模型。"),
    asks=Text(
        en="Are the training data enough for the model you plan? What makes you think so?",
        zh="训练数据够不够喂这个模型？凭什么这么说？",
    ),
    examples=(
        silent(lambda: (state(), answers(B_data_scale="yes, a model of this size learned from fewer"))),
        silent(lambda: (_sized(parameters=60_000, train=1000, pretrained=True), answers())),
        fires("fail", lambda: (state(), answers(B_data_scale="no"))),
        fires("warn", lambda: (_sized(parameters=11_000_000, train=1000), answers())),
        fires("unknown", lambda: (state(), answers())),
    ),
)
def data_scale(state: ProjectState, answers: Answers) -> Judgement:
    """Answered; a count of parameters far above the examples only warns, no ratio of the two ever fails."""
    said = answers.to("B-data-scale")
    if said is not None and said.strip():
        return _declared(None, said, "answer B-data-scale")
    parameters, train = _parameters(state), state.project.splits.get("train")
    pretrained = state.project.task.get("pretrained", "").strip().lower() not in ("", "no", "none", "false", "否", "无")
    if parameters is None or train is None or not train.n:
        return cannot_tell(
            Text(en="Whether the data are enough has not been said.", zh="数据够不够还没说明。"),
            missing=(Text(en="an answer to B-data-scale", zh="回答 B-data-scale"),),
            actions=(Action(Text(en="Answer it.", zh="回答它。"), 'playnote answer B-data-scale "..."'),),
        )
    ratio = parameters / train.n
    counted = Text(en="{ratio} parameters a training example.", zh="每个训练样本对应 {ratio} 个参数。").fill(
        ratio=f"{ratio:,.0f}"
    )
    if ratio > state.project.settings["rule_parameters_per_example"] and not pretrained:
        return warns(counted)
    if pretrained:
        return passes(
            Text(en="{counted} It starts pretrained.", zh="{counted}起点是预训练模型。").fill(counted=counted)
        )
    return cannot_tell(counted, missing=(Text(en="an answer to B-data-scale", zh="回答 B-data-scale"),))


def _parameters(state: ProjectState) -> float | None:
    """Number of the model's parameters: declared, or as the training code noted it."""
    declared = state.project.task.get("parameters", "").replace(",", "").replace("_", "")
    if declared.isdigit():
        return float(declared)
    noted = [trial.facts["parameters"] for trial in state.trials if "parameters" in trial.facts]
    return float(noted[-1]) if noted and isinstance(noted[-1], int | float) else None


@rule(
    "B-one-click",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:0", "app:B"),
    phase="prerequisites",
    text=Text(
        en="One command trains and evaluates, with no step by hand.", zh="一条命令就能训练加评估，中间不用手动。"
    ),
    examples=(
        silent(lambda: (state(),)),
        fires("warn", lambda: (state(trials=()),)),
        fires("unknown", lambda: (state(project=project(workflow=None), trials=()),)),
    ),
)
def one_click(state: ProjectState) -> Judgement:
    """Shown by any trial that ended with a score; declared only until then."""
    if any(reading.score is not None for reading in state.readings.values()):
        return passes(Text(en="Trials have trained and evaluated unattended.", zh="试验已经自动训练并评估。"))
    if state.project.workflow is None:
        return cannot_tell(
            Text(en="No workflow is declared.", zh="还没声明工作流。"),
            missing=(Text(en="[workflow] function or command", zh="[workflow] 的 function 或 command"),),
        )
    return warns(
        Text(
            en="A workflow is declared; no trial has shown that it works.", zh="声明了工作流，但还没有试验证明能跑通。"
        ),
        actions=(Action(Text(en="Run the baseline.", zh="先跑 baseline。"), "playnote baseline", 3),),
    )


@rule(
    "B-batch-trials",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:B",),
    phase="prerequisites",
    text=Text(en="Many trials can run in a queue or side by side.", zh="能排队或并行地跑一批试验。"),
    examples=(
        silent(lambda: (state(trials=(trial("t1"), trial("t2"))),)),
        fires("unknown", lambda: (state(trials=()),)),
    ),
)
def batch_trials(state: ProjectState) -> Judgement:
    """Two unattended trials show it."""
    ended = sum(trial.outcome == "ok" for trial in state.trials)
    if ended >= 2:
        return passes(Text(en="{n} trials ran unattended.", zh="已有 {n} 个试验自动跑完。").fill(n=ended))
    return cannot_tell(
        Text(en="Fewer than two trials have run unattended.", zh="自动跑完的试验还不到两个。"),
        missing=(Text(en="two finished trials", zh="两个跑完的试验"),),
        actions=(Action(Text(en="Run the baseline.", zh="先跑 baseline。"), "playnote baseline", 3),),
    )


@rule(
    "B-metric-ready",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:0",),
    phase="prerequisites",
    text=Text(
        en="A sensible metric exists, as close as can be to what deployment cares about.",
        zh="已有合理的指标，尽量贴近部署时真正关心的东西。",
    ),
    asks=Text(
        en="How does the metric relate to what matters once deployed?", zh="这个指标和部署后真正关心的事是什么关系？"
    ),
    examples=(
        silent(lambda: (answers(B_metric_ready="errors cost a manual re-sort"),)),
        fires("unknown", lambda: (answers(),)),
        fires("fail", lambda: (answers(B_metric_ready="no"),)),
    ),
)
def metric_ready(answers: Answers) -> Judgement:
    """Answered in words."""
    return _declared(None, answers.to("B-metric-ready"), "answer B-metric-ready")


@rule(
    "B-gate",
    Level.MUST,
    Scope.PROJECT,
    sections=("app:B",),
    phase="prerequisites",
    text=Text(en="An unmet prerequisite is fixed before tuning starts.", zh="前提有一项不满足，就先解决，不急着调参。"),
    bars=("round new", "round run", "adopt"),
    examples=(
        silent(lambda: (EarlierVerdicts((_made("B-task-type", "pass"),)),)),
        fires("fail", lambda: (EarlierVerdicts((_made("B-task-type", "fail"),)),)),
        fires("unknown", lambda: (EarlierVerdicts((_made("B-task-type", "unknown"),)),)),
    ),
)
def gate(earlier: EarlierVerdicts) -> Judgement:
    """Rolls up the other rules of this chapter; an unknown lets a round pass, a fail bars it."""
    of = [verdict for verdict in earlier.of("B-") if not verdict.waived]
    failed = [verdict.rule for verdict in of if verdict.status == "fail"]
    unknown = [verdict.rule for verdict in of if verdict.status == "unknown"]
    if failed:
        return fails(
            Text(en="Not met: {rules}.", zh="未满足：{rules}。").fill(rules=", ".join(failed)),
            actions=(Action(Text(en="Look at what is missing.", zh="看看缺什么。"), f"playnote rule {failed[0]}"),),
        )
    if unknown:
        return cannot_tell(
            Text(en="Not answered yet: {rules}.", zh="还没回答：{rules}。").fill(rules=", ".join(unknown)),
            missing=tuple(same(name) for name in unknown),
            actions=(Action(Text(en="Answer it.", zh="回答它。"), f'playnote answer {unknown[0]} "..."'),),
        )
    return passes(Text(en="All prerequisites are met.", zh="前提都满足。"))


def _declared(value: str | None, answer: str | None, where: str) -> Judgement:
    """Pass on a declaration or an answer, fail on a plain no, unknown on silence."""
    said = answer if answer is not None else value
    if said is None or not said.strip():
        return cannot_tell(
            Text(en="Not declared yet ({where}).", zh="还没声明（{where}）。").fill(where=where),
            missing=(same(where),),
        )
    if said.strip().lower() in ("no", "否", "没有", "不"):
        return fails(Text(en="Declared as not so.", zh="已声明：不满足。"))
    return passes(Text(en="Declared: {said}", zh="已声明：{said}").fill(said=said))


def _leaking() -> SplitAudit:
    return SplitAudit(True, across={frozenset({"train", "dev"}): 3})


def _sized(parameters: int, train: int, pretrained: bool = False) -> ProjectState:
    task = {"parameters": str(parameters), "pretrained": "yes" if pretrained else ""}
    made = {**splits(), "train": Split(name="train", source="line", n=train)}
    return state(project=project(task=task, splits=made))


def _made(name: str, status: str) -> Verdict:
    return Verdict(id=name, rule=name, status=status, message=same("-"))  # type: ignore[arg-type]


RULES: tuple[Rule, ...] = (
    scope,
    task_type,
    supervision,
    data_cleaned,
    data_scale,
    one_click,
    batch_trials,
    metric_ready,
    gate,
)

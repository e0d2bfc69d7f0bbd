"""Appendix C.2 and body 2.2, the splits: who is fitted, chosen and reported on what."""

from __future__ import annotations

from playnote.playbook.examples import answers, event, objective, project, splits, state, trial
from playnote.playbook.examples_seen import ladder
from playnote.playbook.facts import Answers
from playnote.playbook.facts.ladder import Ladder
from playnote.playbook.facts.splits import Shift, SplitAudit
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_no, is_yes
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.recorder.formula import parse
from playnote.records.naming import declared_name
from playnote.records.project import Project, Split
from playnote.records.state import ProjectState
from playnote.text import Text


@rule(
    "C2-train-role",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:2.2", "app:C.2"),
    phase="splits",
    text=Text(en="Parameters are fitted on Train and on nothing else.", zh="拟合参数只用 Train。"),
    yes_or_no=True,
    asks=Text(
        en="Is Train the only split that parameters, statistics and vocabularies are fitted on?",
        zh="参数、归一化统计、词表这些，是不是只在 Train 上拟合的？",
    ),
    examples=(
        silent(lambda: (_fitted("train"), answers())),
        silent(lambda: (state(), answers(C2_train_role="yes"))),
        fires("fail", lambda: (_fitted("train", "dev"), answers())),
        fires("fail", lambda: (state(), answers(C2_train_role="no, the scaler saw all"))),
        fires("unknown", lambda: (state(), answers())),
    ),
)
def train_role(state: ProjectState, answers: Answers) -> Judgement:
    """Trials that note `fitted_on` show it; else a person says so."""
    noted = {name for trial in state.trials for name in _noted(trial.facts.get("fitted_on"))}
    wrong = sorted(noted & {"dev", "test"})
    if wrong:
        return fails(Text(en="Fitted on {names} too.", zh="还在 {names} 上拟合了。").fill(names=", ".join(wrong)))
    said = answers.to("C2-train-role")
    if is_no(said):
        return fails(Text(en="Answered: {said}", zh="回答是：{said}").fill(said=said))
    if noted or is_yes(said):
        return passes(Text(en="Only Train is fitted on.", zh="只在 Train 上拟合。"))
    return cannot_tell(
        Text(en="Nothing says what the parameters were fitted on.", zh="没有记录说明参数在什么数据上拟合。"),
        missing=(Text(en='`trial.facts["fitted_on"]`, or an answer', zh='`trial.facts["fitted_on"]`，或者一个回答'),),
        actions=(ask("C2-train-role"),),
    )


def _noted(value: object) -> tuple[str, ...]:
    """Names of splits: one, or a list."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()


@rule(
    "C2-dev-role",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:2.2", "app:C.2"),
    phase="splits",
    text=Text(en="Models and configurations are chosen on Dev.", zh="选模型、选配置用 Dev。"),
    bars=("round new", "round run", "adopt"),
    examples=(
        silent(lambda: (project(),)),
        fires("fail", lambda: (project(objective=objective(formula="test/error")),)),
        fires("fail", lambda: (project(objective=objective(formula="train/error")),)),
        fires("fail", lambda: (_renamed(),)),
    ),
)
def dev_role(project: Project) -> Judgement:
    """Fail where the objective reads Train or Test, by their own names or as they are logged."""
    terms = parse(project.objective.formula).terms
    wrong = [term for term in terms if declared_name(term, project.splits).split("/")[0] in ("train", "test")]
    if wrong:
        return fails(
            Text(
                en="The objective reads {terms}: choosing on it would fit the choice to that split.",
                zh="目标用的是 {terms}：照它来选，等于把选择拟合到这个划分上。",
            ).fill(terms=", ".join(wrong))
        )
    return passes(Text(en="The objective is read on Dev.", zh="目标在 Dev 上读。"))


def _renamed() -> Project:
    """The objective reads Test under the name that it is logged by."""
    return project(
        objective=objective(formula="holdout/error"),
        splits={"test": Split(name="test", source="line", n=5000, logged_as="holdout")},
    )


@rule(
    "C2-test-role",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:2.2", "app:C.2"),
    phase="splits",
    text=Text(
        en="Test is read at declared milestones only, for reporting.", zh="Test 只在声明过的里程碑读，用于报告。"
    ),
    examples=(
        silent(lambda: (state(),), "not-applicable"),
        silent(lambda: (state(journal=(event("test-read", milestone="paper", metric="test/error"),)),)),
        fires(
            "warn",
            lambda: (
                state(
                    journal=tuple(event("test-read", at, milestone="paper", metric="test/error") for at in (1, 2)),
                ),
            ),
        ),
    ),
)
def test_role(state: ProjectState) -> Judgement:
    """Warn where one milestone was read more than once."""
    reads = [str(each.data.get("milestone", "")) for each in state.events("test-read")]
    refused = sum(int(str(trial.facts.get("test_refused", 0))) for trial in state.trials)
    if not reads and not refused:
        return does_not_apply(Text(en="Test has not been read.", zh="还没有读过 Test。"))
    if "" in reads:
        return fails(Text(en="Test was read without a milestone.", zh="没声明里程碑就读了 Test。"))
    again = sorted({name for name in reads if reads.count(name) > 1})
    if again or refused:
        return warns(
            Text(
                en="Test reads: {n} for {again}; {refused} attempts refused.",
                zh="Test 读取：{again} 共 {n} 次；另有 {refused} 次被拒绝。",
            ).fill(n=len(reads), again=", ".join(again) or "-", refused=refused)
        )
    return passes(Text(en="{n} read(s), one a milestone.", zh="读了 {n} 次，每个里程碑一次。").fill(n=len(reads)))


@rule(
    "C2-deploy-dist",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:2.2", "app:C.2"),
    phase="splits",
    text=Text(
        en="Dev and Test come from what the model will meet once deployed.", zh="Dev 和 Test 来自未来真实部署的分布。"
    ),
    examples=(
        silent(lambda: (project(),)),
        fires("unknown", lambda: (project(deployment=None),)),
        fires("fail", lambda: (project(deployment="phones"),)),
    ),
)
def deploy_dist(project: Project) -> Judgement:
    """Declared sources compared by name; only data can show more."""
    held = [project.splits[name] for name in ("dev", "test") if name in project.splits]
    if project.deployment is None or not held or any(split.source is None for split in held):
        return cannot_tell(
            Text(en="Where the data of deployment come from is not declared.", zh="没声明部署时的数据来自哪里。"),
            missing=(Text(en="`deployment` and the sources in [splits]", zh="[splits] 里的 `deployment` 和各 source"),),
        )
    other = [split.name for split in held if split.source != project.deployment]
    if other:
        return fails(
            Text(
                en="{names} do not come from the deployment source ({source}).",
                zh="{names} 不来自部署分布（{source}）。",
            ).fill(names=", ".join(other), source=project.deployment)
        )
    return passes(Text(en="Dev and Test are declared to come from deployment.", zh="Dev、Test 声明为部署分布。"))


@rule(
    "C2-dev-test-same",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:2.2", "app:C.2"),
    phase="splits",
    text=Text(en="Dev and Test share one distribution.", zh="Dev 与 Test 同分布。"),
    examples=(
        silent(lambda: (project(), SplitAudit())),
        silent(lambda: (project(), _apart("no", 0.51))),
        silent(
            lambda: (project(splits={k: v for k, v in splits().items() if k != "test"}), SplitAudit()), "not-applicable"
        ),
        fires("warn", lambda: (project(), _apart("yes", 0.56))),
        fires("fail", lambda: (project(), _apart("yes", 0.72))),
        fires("fail", lambda: (project(splits=splits(test=Split(name="test", source="web"))), SplitAudit())),
        fires("unknown", lambda: (project(splits=splits(test=Split(name="test"))), SplitAudit())),
    ),
)
def dev_test_same(project: Project, audit: SplitAudit) -> Judgement:
    """Declared sources compared by name, and the data themselves where they were audited."""
    if not {"dev", "test"} <= set(project.splits):
        return does_not_apply(Text(en="There is no Dev and Test pair.", zh="没有成对的 Dev 和 Test。"))
    dev, test = project.splits["dev"].source, project.splits["test"].source
    if dev is not None and test is not None and dev != test:
        return fails(
            Text(en="Dev comes from {dev}, Test from {test}.", zh="Dev 来自 {dev}，Test 来自 {test}。").fill(
                dev=dev, test=test
            )
        )
    shift = audit.shifts.get(frozenset({"dev", "test"}))
    if shift is not None and shift.label == "yes":
        said = Text(
            en="A classifier tells Dev from Test (AUC {auc}).", zh="分类器能把 Dev 和 Test 分开（AUC {auc}）。"
        ).fill(auc="?" if shift.auc is None else f"{shift.auc:.2f}")
        return fails(said) if shift.auc is None or shift.auc >= project.settings["rule_shift_auc"] else warns(said)
    if shift is not None and shift.label == "no":
        return passes(Text(en="Their data cannot be told apart.", zh="两边的数据分不出差别。"))
    if dev is None or test is None:
        return cannot_tell(
            Text(en="The sources of Dev and Test are not declared.", zh="没声明 Dev、Test 的来源。"),
            missing=(Text(en="`source` of dev and test, or an audit", zh="dev 和 test 的 `source`，或审计一次"),),
            actions=(_AUDIT,),
        )
    return passes(Text(en="Declared to come from one source ({dev}).", zh="声明来自同一来源（{dev}）。").fill(dev=dev))


_AUDIT = Action(Text(en="Audit the splits.", zh="审计各个划分。"), "playnote data audit")


@rule(
    "C2-train-dev",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:2.2", "app:C.2"),
    phase="splits",
    text=Text(
        en="Where Train differs from deployment, a slice of Train is held out as Train-Dev.",
        zh="Train 与部署分布不同时，从 Train 里再分出一份 Train-Dev。",
    ),
    examples=(
        silent(lambda: (project(),), "not-applicable"),
        fires("fail", lambda: (project(splits=splits(train=Split(name="train", source="web"))),)),
        silent(
            lambda: (
                project(
                    splits=splits(
                        train=Split(name="train", source="web"), train_dev=Split(name="train_dev", source="web")
                    )
                ),
            )
        ),
        fires("unknown", lambda: (project(deployment=None),)),
    ),
)
def train_dev(project: Project) -> Judgement:
    """Needed only where the declared sources differ."""
    train = project.splits.get("train")
    if train is None or train.source is None or project.deployment is None:
        return cannot_tell(
            Text(en="Whether Train matches deployment is not declared.", zh="没声明 Train 和部署是否同分布。"),
            missing=(Text(en="source of train, and `deployment`", zh="train 的 source，以及 `deployment`"),),
        )
    if train.source == project.deployment:
        return does_not_apply(Text(en="Train is declared to match deployment.", zh="声明 Train 与部署同分布。"))
    carved = project.splits.get("train_dev")
    if carved is None:
        return fails(
            Text(
                en="Train comes from {train}, deployment from {deployment}, and there is no Train-Dev: overfitting and "
                "mismatch cannot be told apart.",
                zh="Train 来自 {train}，部署来自 {deployment}，却没有 Train-Dev：分不清是过拟合还是分布不匹配。",
            ).fill(train=train.source, deployment=project.deployment)
        )
    if carved.source not in (None, train.source):
        return fails(Text(en="Train-Dev does not come from Train's source.", zh="Train-Dev 和 Train 不同源。"))
    return passes(Text(en="Train-Dev is held out of Train's source.", zh="已从 Train 同源数据留出 Train-Dev。"))


@rule(
    "C2-compare-three",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:2.2",),
    phase="diagnosis",
    text=Text(
        en="Train, Train-Dev and Dev side by side: the first jump is variance, the second a different distribution.",
        zh="Train、Train-Dev、Dev 放在一起比：前一段差是方差，后一段差是分布不匹配。",
    ),
    examples=(
        silent(lambda: (ladder(high_variance="yes", data_mismatch="no"),)),
        fires("warn", lambda: (ladder(high_variance="yes", data_mismatch="yes"),)),
        fires("unknown", lambda: (ladder(data_mismatch="unknown"),)),
        fires("unknown", lambda: (Ladder((), shares=False),)),
    ),
)
def compare_three(ladder: Ladder) -> Judgement:
    """Name the larger of the two jumps; warn where both are there and neither is surely the larger."""
    steps = [each for each in (ladder.of("high_variance"), ladder.of("data_mismatch")) if each is not None]
    if len(steps) < 2 or any(each.label == "unknown" for each in steps):
        return cannot_tell(
            Text(en="The two jumps cannot be told apart yet.", zh="两段差还分不开。"),
            *steps,
            missing=()
            if any(each.missing for each in steps)
            else (
                Text(
                    en="errors on Train (evaluation mode), Train-Dev and Dev, and the size of each",
                    zh="Train（评估模式）、Train-Dev、Dev 的错误率和各自的样本数",
                ),
            ),
        )
    variance, mismatch = steps
    if variance.label == mismatch.label == "no":
        return passes(Text(en="Neither jump is large.", zh="两段差都不大。"), *steps)
    first = variance if (variance.largest or 0.0) >= (mismatch.largest or 0.0) else mismatch
    said = _JUMPS.fill(what=_VARIANCE if first is variance else _MISMATCH, gap=f"{first.estimate or 0.0:.3f}")
    if variance.label == mismatch.label and _overlap(variance.interval, mismatch.interval):
        return warns(
            Text(en="{said} The other is about as large.", zh="{said}另一段也差不多大。").fill(said=said), *steps
        )
    return passes(said, *steps)


_JUMPS = Text(en="The larger jump is {what} ({gap}).", zh="较大的一段差是{what}（{gap}）。")
_VARIANCE = Text(en="variance, from Train to Train-Dev", zh="方差，从 Train 到 Train-Dev")
_MISMATCH = Text(en="mismatch, from Train-Dev to Dev", zh="分布不匹配，从 Train-Dev 到 Dev")


def _overlap(first: tuple[float, float] | None, second: tuple[float, float] | None) -> bool:
    return first is None or second is None or (first[0] <= second[1] and second[0] <= first[1])


def _apart(label: str, auc: float) -> SplitAudit:
    return SplitAudit(True, shifts={frozenset({"dev", "test"}): Shift(label, auc)})


def _fitted(*names: str) -> ProjectState:
    return state(trials=(trial(facts={"fitted_on": list(names)}),))


RULES: tuple[Rule, ...] = (
    train_role,
    dev_role,
    test_role,
    deploy_dist,
    dev_test_same,
    train_dev,
    compare_three,
)

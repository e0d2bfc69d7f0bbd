"""What a correct reading of the playbook also needs, about studies: steps, batch, divergence, noise, what was fixed."""

from __future__ import annotations

from playnote.diagnosis.infeasible import InfeasibleFinding
from playnote.playbook.examples import event, planned_round, project, state, trial
from playnote.playbook.examples_seen import found, length, measured, still
from playnote.playbook.facts.lengths import LengthInUse
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.state import JournalEvent, ProjectState
from playnote.records.trial import DIVERGED
from playnote.space.hyperparameter import Integer
from playnote.space.space import Space
from playnote.text import Text, same

_STEPS = ("steps", "max_train_steps", "train_steps", "epochs", "max_epochs")
_NOISE = ("dropout", "batch_size", "augment", "augmentation", "label_smoothing", "mixup", "noise")
_ADAPTIVE = ("bayes", "imported")


@rule(
    "X+steps-not-searched",
    Level.MUST,
    Scope.ROUND,
    sections=("body:8.1", "app:G.1"),
    phase="study-design",
    text=Text(
        en="Training steps are not searched inside a study: one value for all its trials.",
        zh="训练步数不放进搜索：一个研究里所有试验步数相同。",
    ),
    examples=(
        silent(lambda: (planned_round(),)),
        silent(lambda: (planned_round(scientific={"epochs": (10, 20)}),)),
        fires("fail", lambda: (planned_round(space=Space((Integer(name="epochs", low=1, high=30),))),)),
    ),
)
def steps_not_searched(round: Round) -> Judgement:
    """Fail where steps are among the searched (nuisance) hyperparameters; a round may compare lengths as its question."""
    searched = [name for name in round.space.names if name in _STEPS and name not in round.scientific]
    if searched:
        return fails(
            Text(en="{names} is searched along with the rest.", zh="{names} 和别的超参一起搜了。").fill(
                names=same(", ".join(searched))
            ),
            actions=(Action(Text(en="Fix it for the round.", zh="这一轮把它固定。")),),
        )
    return passes(Text(en="One length for all trials.", zh="所有试验步数相同。"))


@rule(
    "X+grad-accum",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.3.1", "app:D.3"),
    phase="baseline",
    text=Text(
        en="Gradient accumulation does not raise throughput: an accumulated batch is no larger batch that fits.",
        zh="梯度累积不提高吞吐：累积出来的不算“能放下的更大 batch”。",
    ),
    by="batch-size",
    examples=(
        silent(lambda: (measured(**{"batch-size": {"accumulated": False}}),)),
        fires("fail", lambda: (measured(**{"batch-size": {"accumulated": True}}),)),
        fires("unknown", lambda: (measured(),)),
    ),
)
def grad_accum(measured: Measured) -> Judgement:
    """Whether a rung of the batch ladder was made of accumulated micro-batches."""
    last = measured.last("batch-size")
    if last is None or last.flag("accumulated") is None:
        return cannot_tell(
            Text(en="Not said how the ladder's batches were made.", zh="没说各档 batch 是怎么凑的。"),
            missing=(not_measured("batch-size"),),
            actions=(measure("batch-size"),),
        )
    if last.flag("accumulated"):
        return fails(Text(en="A rung of the ladder was accumulated.", zh="有一档是累积出来的。"))
    return passes(Text(en="No rung was accumulated.", zh="没有累积出来的档。"))


@rule(
    "X+reprobe",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.3.1", "app:D.3"),
    phase="baseline",
    text=Text(
        en="The batch ladder is measured again whenever the model or the optimizer changes.",
        zh="模型或优化器一变，就重测 batch 阶梯。",
    ),
    examples=(
        silent(lambda: (measured(), state()), "not-applicable"),
        silent(lambda: (measured(**{"batch-size": {}}), state())),
        fires("warn", lambda: (measured(**{"batch-size": {}}), state(journal=_CHANGED))),
    ),
)
def reprobe(measured: Measured, state: ProjectState) -> Judgement:
    """Warn where a later baseline differs in a hyperparameter of the model or the optimizer's kind."""
    last = measured.last("batch-size")
    if last is None:
        return does_not_apply(Text(en="The ladder was never measured.", zh="还没测过 batch 阶梯。"))
    kinds = {h.name for h in state.project.space if h.group in ("architecture", "model")} | {"optimizer", "model"}
    before: dict[str, object] = dict(state.project.baseline)
    for each in state.events("baseline"):
        now = each.data.get("configuration")
        now = dict(now) if isinstance(now, dict) else {}
        changed = [name for name in sorted(kinds & set(now)) if name in before and before[name] != now[name]]
        if changed and each.number > last.number:
            return warns(
                Text(en="{names} changed since (journal {n}).", zh="之后 {names} 变了（日志 {n}）。").fill(
                    names=same(", ".join(changed)), n=each.number
                ),
                actions=(measure("batch-size"),),
            )
        before = now or before
    return passes(Text(en="Measured with the present model and optimizer.", zh="是用现在的模型和优化器测的。"))


@rule(
    "X+caveats",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:E.4", "app:E.2"),
    phase="analysis",
    text=Text(
        en="What was held fixed is a caveat of the conclusion, and is shown with it.",
        zh="固定不动的超参是结论的前提，要和结论一起写出来。",
    ),
    examples=(
        silent(lambda: (planned_round(fixed={"optimizer": "sgd"}), project())),
        silent(lambda: (planned_round(), project())),
        fires(
            "warn",
            lambda: (
                planned_round(roles={"lr": "nuisance", "weight_decay": "nuisance", "dropout": "fixed"}, scientific={}),
                project(),
            ),
        ),
    ),
)
def caveats(round: Round, project: Project) -> Judgement:
    """Says them; warn where a declared hyperparameter was neither varied nor has a fixed value on record."""
    known = {*round.fixed, *round.scientific, *round.space.names}
    lost = [name for name in project.space.names if name not in known]
    if lost:
        return warns(
            Text(en="Neither varied nor recorded as fixed: {names}.", zh="既没变、也没记下固定值：{names}。").fill(
                names=same(", ".join(lost))
            )
        )
    if not round.fixed:
        return passes(Text(en="Nothing declared was held fixed.", zh="声明的超参都参与了。"))
    held = same(", ".join(f"{name} = {value}" for name, value in round.fixed.items()))
    return passes(Text(en="It holds at {held}.", zh="结论成立的前提：{held}。").fill(held=held))


@rule(
    "X+infeasible-bug",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:G.1", "app:E.3"),
    phase="analysis",
    text=Text(
        en="Many diverged trials without an order in any hyperparameter look like a bug, not like a range that is too wide.",
        zh="大量试验发散、又和哪个超参都没关系，多半是训练代码有 bug，不是范围的问题。",
    ),
    examples=(
        silent(lambda: (found(InfeasibleFinding, "no", pattern="none", estimate=0.0),)),
        silent(lambda: (found(InfeasibleFinding, "yes", pattern="ordered", estimate=0.4),)),
        fires("warn", lambda: (found(InfeasibleFinding, "no", pattern="suspect-bug", estimate=0.7),)),
        fires("unknown", lambda: (found(InfeasibleFinding, "unknown", pattern="unknown", estimate=None),)),
    ),
)
def infeasible_bug(finding: InfeasibleFinding) -> Judgement:
    """Warn on the pattern that suggests one."""
    if finding.pattern == "suspect-bug":
        return warns(
            Text(en="{share:.0%} diverged, in no order.", zh="{share:.0%} 发散，没有规律。").fill(
                share=finding.estimate or 0.0
            ),
            finding,
            actions=(
                Action(
                    Text(en="Train one diverged trial by hand and look.", zh="挑一个发散的试验单独跑，看看原因。"),
                    runs=1,
                ),
            ),
        )
    if finding.pattern == "unknown":
        return cannot_tell(Text(en="Too few trials to tell.", zh="试验太少，说不清。"), finding)
    return passes(Text(en="No sign of a bug.", zh="没有 bug 的迹象。"), finding)


@rule(
    "X+bo-infeasible",
    Level.MUST,
    Scope.ROUND,
    sections=("body:E.5", "app:E.2"),
    phase="study-design",
    text=Text(
        en="A searcher that looks at results is told which trials diverged, not fed a made-up score.",
        zh="会看结果的搜索器要知道哪些试验发散了，而不是喂它一个编出来的分数。",
    ),
    examples=(
        silent(lambda: (planned_round(), state()), "not-applicable"),
        silent(lambda: (planned_round(sampler="bayes"), state())),
        fires("fail", lambda: (planned_round(sampler="imported"), state(trials=(trial(outcome="nan"),)))),
        fires(
            "unknown", lambda: (planned_round(sampler="imported"), state(trials=(trial(outcome="nan"),), readings={}))
        ),
    ),
)
def bo_infeasible(round: Round, state: ProjectState) -> Judgement:
    """Fail where a diverged trial of an adaptive search carries a score."""
    if round.sampler not in _ADAPTIVE:
        return does_not_apply(Text(en="The search does not look at results.", zh="这种搜索不看结果。"))
    lost = [t for t in state.of_round(round.number) if t.outcome in DIVERGED]
    scored = [t.id for t in lost if (r := state.readings.get(t.id)) is not None and r.score is not None]
    if scored:
        return fails(
            Text(en="{n} diverged trials carry a score.", zh="{n} 个发散的试验带着分数。").fill(n=len(scored)),
            actions=(Action(Text(en="Record them as diverged.", zh="把它们记为发散。")),),
        )
    if round.sampler == "imported" and lost:
        return cannot_tell(
            Text(en="What the other tool was told is not on record.", zh="不知道另一个工具收到了什么。"),
            missing=(Text(en="what its searcher was told of diverged trials", zh="它的搜索器怎么得知发散试验"),),
        )
    return passes(Text(en="Diverged trials reach the searcher as such.", zh="发散试验如实告诉了搜索器。"))


@rule(
    "X+extra-noise-steps",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:8.2", "app:G.1"),
    phase="steps",
    text=Text(
        en="Augmentation, dropout or a smaller batch add noise and may need more steps.",
        zh="加数据增强、dropout 或减小 batch 会增加噪声，可能需要更多步数。",
    ),
    examples=(
        silent(lambda: (planned_round(), length("fine", "no"))),
        silent(lambda: (planned_round(scientific={"depth": (1, 2)}), length("fine", "no")), "not-applicable"),
        fires("warn", lambda: (planned_round(), length("too-short", "yes"))),
        fires("warn", lambda: (planned_round(), LengthInUse(improving=(still("yes"),), round=1))),
        fires("unknown", lambda: (planned_round(), LengthInUse(round=1))),
    ),
)
def extra_noise_steps(round: Round, use: LengthInUse) -> Judgement:
    """For rounds that compare noise: warn where runs were still improving at their end."""
    added = [name for name in round.scientific if any(word in name for word in _NOISE)]
    if not added or use.round != round.number:
        return does_not_apply(Text(en="The round adds no noise.", zh="这一轮没有增加噪声。"))
    about = same(", ".join(added))
    short = use.finding is not None and use.finding.verdict == "too-short"
    if short or any(each.label == "yes" for each in use.improving):
        return warns(
            Text(en="{about}: runs still improve at their end.", zh="{about}：到末尾还在变好。").fill(about=about),
            actions=(
                Action(Text(en="Compare at more steps before turning it down.", zh="否定它之前，先用更多步数比一次。")),
            ),
        )
    if use.finding is None or use.finding.label == "unknown":
        listed = () if use.finding is None else (use.finding,)
        return cannot_tell(
            Text(en="{about}: whether the length is enough cannot be told.", zh="{about}：步数够不够说不清。").fill(
                about=about
            ),
            *listed,
            missing=(Text(en="the best step of three top trials", zh="三个最优试验的最佳步数"),),
        )
    return passes(Text(en="{about}: the length is enough.", zh="{about}：步数够。").fill(about=about), use.finding)


_CHANGED: tuple[JournalEvent, ...] = (
    event("baseline", 9, configuration={"lr": 0.1, "optimizer": "sgd"}),
    event("baseline", 10, configuration={"lr": 0.1, "optimizer": "adamw"}),
)

RULES: tuple[Rule, ...] = (
    steps_not_searched,
    grad_accum,
    reprobe,
    caveats,
    infeasible_bug,
    bo_infeasible,
    extra_noise_steps,
)

"""Appendix H.2 and body 10.3, checkpoints: saved often, chosen afterwards, with predictions kept."""

from __future__ import annotations

from playnote.diagnosis.checkpoint_bias import CheckpointBiasFinding
from playnote.playbook.examples import objective, planned_round, project, state, trial
from playnote.playbook.examples_seen import found, measured
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.running import BestPoint, Kept
from playnote.playbook.measured import measure
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.objective import Objective
from playnote.records.project import Project, Workflow
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text, same

_SAVE = Text(en="`trial.checkpoint(step, state)` at evaluations", zh="评估时调用 `trial.checkpoint(step, state)`")
_NO_TRIAL = Text(en="No trial has finished yet.", zh="还没有跑完的试验。")
_COMMAND = Workflow(command="sh train.sh {lr}", metrics="stdout")
_FULL = Kept(
    trials=3, with_checkpoints=3, best_trial="t1", best_step=80.0, best_saved=True, best_scored=True, best_kept=True
)


@rule(
    "H2-save-ckpt",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:10.3", "app:H.2"),
    phase="infrastructure",
    text=Text(
        en="Model states are saved regularly: to recover, and to analyse later.",
        zh="定期保存模型状态：容错，也便于后续分析。",
    ),
    examples=(
        silent(lambda: (_FULL, measured(resume={"works": True}))),
        silent(lambda: (Kept(), measured()), "not-applicable"),
        fires("warn", lambda: (_FULL, measured())),
        fires("fail", lambda: (Kept(3, 3, 3), measured())),
        fires("unknown", lambda: (Kept(trials=3), measured())),
    ),
)
def save_ckpt(kept: Kept, measured: Measured) -> Judgement:
    """Fail where each trial saved its last state alone; warn where nobody has gone on from a checkpoint."""
    if not kept.trials:
        return does_not_apply(_NO_TRIAL)
    if not kept.with_checkpoints:
        return cannot_tell(Text(en="No checkpoint is on record.", zh="没有检查点的记录。"), missing=(_SAVE,))
    said = Text(en="{k} of {n} trials saved checkpoints.", zh="{n} 个试验里 {k} 个存了检查点。").fill(
        k=kept.with_checkpoints, n=kept.trials
    )
    if kept.single == kept.with_checkpoints:
        return fails(
            Text(en="Only final weights were saved.", zh="只存了最后的权重。"),
            actions=(Action(Text(en="Save at every evaluation.", zh="每次评估时存一次。")),),
        )
    last = measured.last("resume")
    if kept.resumed or (last is not None and last.flag("works")):
        return passes(said)
    return warns(
        Text(en="{said} Going on from one is untested.", zh="{said}还没试过从中恢复。").fill(said=said),
        actions=(measure("resume", 1),),
    )


@rule(
    "H2-retro-select",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:10.3", "app:H.2"),
    phase="run",
    text=Text(
        en="After training, the checkpoint that was best on Dev is chosen, not simply the last.",
        zh="训完回顾式选 Dev 最优的 checkpoint，不一定是最后一步。",
    ),
    examples=(
        silent(lambda: (_FULL, BestPoint(), objective(), measured())),
        silent(lambda: (Kept(), BestPoint(), objective(), measured()), "not-applicable"),
        fires("warn", lambda: (_FULL, _last(as_good=True), objective(read="last"), measured())),
        fires("fail", lambda: (_FULL, _last(as_good=False), objective(read="last"), measured())),
        fires("fail", lambda: (_FULL, BestPoint(), objective(formula="test/error"), measured())),
        fires("unknown", lambda: (Kept(trials=3, best_trial="t1"), BestPoint(), objective(), measured())),
        fires("unknown", lambda: (_FULL, BestPoint(), objective(read="last"), measured())),
        fires("warn", lambda: (_FULL, BestPoint(), objective(read="last"), _looked_back(as_good=True))),
        fires("fail", lambda: (_FULL, BestPoint(), objective(read="last"), _looked_back(as_good=False))),
    ),
)
def retro_select(kept: Kept, point: BestPoint, objective: Objective, measured: Measured) -> Judgement:
    """Decided by how the objective reads a curve, and where it reads the end by what runs say, or the best trial's curve."""
    if not kept.trials:
        return does_not_apply(_NO_TRIAL)
    if objective.formula.startswith("test/"):
        return fails(Text(en="Chosen on Test.", zh="拿 Test 选的。"))
    if objective.read == "best":
        return _at_the_best(kept)
    finding = point.finding
    looked_back = measured.last("checkpoint-selection")
    as_good = looked_back.flag("last_as_good") if looked_back is not None else None
    as_good = finding.last_as_good if as_good is None and finding is not None else as_good
    if as_good is None:
        return cannot_tell(
            Text(
                en="The end is read; whether an earlier step was better cannot be told.",
                zh="读的是末尾；早些的步数是否更好说不清。",
            ),
            missing=(Text(en="the best trial's dev curve", zh="最优试验的 Dev 曲线"),),
            actions=(measure("checkpoint-selection"),),
        )
    said = Text(en="The end of training is read.", zh="读的是训练末尾。")
    seen = (finding,) if finding is not None else ()
    if as_good:
        return warns(
            Text(en="{s} It is as good as the best, within noise.", zh="{s}和最佳点在噪声内一样好。").fill(s=said),
            *seen,
        )
    return fails(
        Text(en="{s} An earlier checkpoint was clearly better.", zh="{s}早些的检查点明显更好。").fill(s=said),
        *seen,
        actions=(Action(Text(en='Set `read = "best"`.', zh='改为 `read = "best"`。'), "playnote rescore"),),
    )


def _at_the_best(kept: Kept) -> Judgement:
    """The objective reads the best point of a curve: its step must be known."""
    if kept.best_step is None:
        return cannot_tell(
            Text(en="No Dev score is tied to a step.", zh="Dev 分数没有对应到步数。"),
            missing=(Text(en="Dev evaluated during training", zh="训练中评估 Dev"),),
        )
    return passes(
        Text(en="Best on Dev: trial {t}, step {s:g}.", zh="Dev 最优：试验 {t} 第 {s:g} 步。").fill(
            t=same(kept.best_trial or "?"), s=kept.best_step
        )
    )


@rule(
    "H2-no-early-stop",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:10.3",),
    phase="run",
    text=Text(
        en="With a number of steps agreed beforehand and a checkpoint chosen afterwards, early stopping is not needed.",
        zh="事先约定步数、事后回顾选点，一般不再需要复杂的 early-stop。",
    ),
    examples=(
        silent(lambda: (planned_round(), _of(100, 100))),
        silent(lambda: (planned_round(), _of(100)), "not-applicable"),
        fires("warn", lambda: (planned_round(), _of(100, 20))),
        fires("warn", lambda: (planned_round(), state(trials=(trial("a", outcome="pruned"), trial("b"))))),
        fires("unknown", lambda: (planned_round(), _of(None, None))),
    ),
)
def no_early_stop(round: Round, state: ProjectState) -> Judgement:
    """Warn where trials of one round ended at different lengths, or were pruned."""
    trials = [t for t in state.of_round(round.number) if t.outcome in ("ok", "pruned")]
    if len(trials) < 2:
        return does_not_apply(Text(en="Fewer than two trials.", zh="试验不到两个。"))
    cut = sum(t.outcome == "pruned" for t in trials)
    if cut:
        return warns(
            Text(en="{k} of {n} trials were stopped early.", zh="{n} 个试验里 {k} 个被提前停了。").fill(
                k=cut, n=len(trials)
            )
        )
    steps = {t.total_steps for t in trials if t.total_steps is not None}
    if not steps:
        return cannot_tell(
            Text(en="How long the trials trained is not recorded.", zh="没记试验跑了多少步。"),
            missing=(Text(en="metrics logged with their step", zh="带步数记录指标"),),
        )
    every = state.project.workflow.evaluate_every if state.project.workflow is not None else None
    if max(steps) - min(steps) > (every or 0):
        return warns(
            Text(en="Trials end between step {a} and {b}.", zh="试验结束于第 {a} 到 {b} 步。").fill(
                a=min(steps), b=max(steps)
            )
        )
    return passes(Text(en="All trials train {n} steps.", zh="试验都跑 {n} 步。").fill(n=max(steps)))


@rule(
    "H2-example-preds",
    Level.SHOULD,
    Scope.PROJECT,
    sections=("app:H.2",),
    phase="tracking",
    text=Text(en="Some predictions are kept, example by example.", zh="记录部分样本级预测，方便误差分析和调试。"),
    examples=(
        silent(lambda: (Kept(trials=3, best_trial="t1", predictions=(("dev", 500),)), project())),
        silent(lambda: (Kept(), project()), "not-applicable"),
        fires("warn", lambda: (Kept(trials=3, best_trial="t1", predictions=(("dev", 40),)), project())),
        fires("fail", lambda: (Kept(trials=3, best_trial="t1"), project())),
        fires("unknown", lambda: (Kept(trials=3, best_trial="t1"), project(workflow=_COMMAND))),
    ),
)
def example_preds(kept: Kept, project: Project) -> Judgement:
    """Of the best trial on dev: all of it, or enough to find about 100 errors."""
    if not kept.trials or kept.best_trial is None:
        return does_not_apply(_NO_TRIAL)
    n = max((n for split, n in kept.predictions if split == "dev"), default=0)
    workflow = project.workflow
    if not n and workflow is not None and workflow.command is not None:
        return cannot_tell(
            Text(
                en="No predictions of the best trial are on record; the command may keep its own.",
                zh="没有最优试验的样本级预测；命令自己也许存了。",
            ),
            missing=(Text(en="predictions on Dev, example by example", zh="Dev 上的样本级预测"),),
        )
    if not n:
        return fails(
            Text(en="No predictions of the best trial are kept.", zh="最优试验没有留下样本级预测。"),
            actions=(
                Action(Text(en='Call `trial.predictions("dev", ...)`.', zh='调用 `trial.predictions("dev", ...)`。')),
            ),
        )
    dev = project.splits.get("dev")
    said = Text(en="{n} predictions on Dev are kept.", zh="留下了 {n} 条 Dev 预测。").fill(n=n)
    whole = dev is not None and dev.n is not None and n >= dev.n
    return passes(said) if whole or n >= project.settings["rule_error_sample"] else warns(said)


def _last(*, as_good: bool) -> BestPoint:
    return BestPoint(found(CheckpointBiasFinding, "no", last_as_good=as_good))


def _looked_back(*, as_good: bool) -> Measured:
    return measured(**{"checkpoint-selection": {"last_as_good": as_good}})


def _of(*steps: int | None) -> ProjectState:
    return state(trials=tuple(trial(f"t{at}", total_steps=each) for at, each in enumerate(steps)))


RULES: tuple[Rule, ...] = (save_ckpt, retro_select, no_early_stop, example_preds)
